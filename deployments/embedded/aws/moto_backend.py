"""Moto in this process, asked through its own WSGI application, with what it gets wrong put right.

moto's state is global to a process: one embedded AWS at a time in each process.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.backends import list_of_moto_modules
from moto.budgets.exceptions import DuplicateRecordException, NotFoundException
from moto.budgets.models import BudgetsBackend
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.ec2.responses.instances import InstanceResponse
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeBucket, FakeMultipart, PublicAccessBlock, s3_backends

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.policy import as_list, conditions_hold
from deployments.embedded.aws.wire import Answer, AwsRequest

_PARTITION = "aws"


class MotoBackend:
    """Asks moto; changes are made one at a time, each from a known seed, so that they can be repeated."""

    def __init__(self, account: str) -> None:
        self.account = account
        self._application = _Dispatcher(create_backend_app)
        _correct()

    def reset(self) -> None:
        """Forget everything moto knows, for every account."""
        BackendDict.reset()
        reset_model_data()

    def seed(self, number: int) -> None:
        """Set where moto's next ids come from."""
        mock_random.seed(number)

    def ask(self, request: AwsRequest) -> Answer:
        """Return moto's answer. What it does not implement is a plain refusal, not a server error."""
        heads: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _info: object = None) -> Callable[..., None]:
            heads.append((status, headers))
            return lambda _data: None

        environ = request.environ(account=self.account)
        if not self._application.offers(environ):
            raise _not_offered(request)
        try:
            body: Iterable[bytes] = self._application(environ, start)
            content = b"".join(body)
        except NotImplementedError as error:
            raise _not_offered(request) from error
        status, headers = heads[-1]
        answer = Answer(status=int(status.split()[0]), headers=tuple(headers), body=content)
        if answer.status == 404 and answer.body.lstrip().startswith(b"<!doctype html"):
            raise _not_offered(request)  # Flask's own page: no such route in moto
        if answer.accepted and request.service == "s3" and request.operation == "CreateBucket":
            self._harden_new_bucket(str(request.parameters["Bucket"]))
        return answer

    def _harden_new_bucket(self, name: str) -> None:
        """Give a new bucket the defaults S3 gives since 2023: encrypted, no ACLs, public access blocked."""
        bucket = s3_backends[self.account][_PARTITION].buckets[name]
        if bucket.encryption is None:
            bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}
        if bucket.public_access_block is None:
            bucket.public_access_block = PublicAccessBlock(
                block_public_acls=True,
                ignore_public_acls=True,
                block_public_policy=True,
                restrict_public_buckets=True,
            )


class _Dispatcher(DomainDispatcherApplication):  # type: ignore[misc]
    """Finds the service for a host once: moto looks through its own folders for every request."""

    def __init__(self, create_app: Callable[..., Any]) -> None:
        super().__init__(create_app)
        self._modules = frozenset(list_of_moto_modules())
        self._found: dict[str, str | None] = {}

    def offers(self, environ: dict[str, Any]) -> bool:
        """Tell whether moto has the service that a request is for; asked for one it lacks, it crashes."""
        host = self.infer_service_region_host(environ, environ["PATH_INFO"])
        return host is None or self.get_backend_for_host(host) is not None

    def get_backend_for_host(self, host: str | None) -> str | None:
        """Return the service that answers for a host name such as s3.us-west-2.amazonaws.com."""
        if host is None:
            return None
        if host not in self._found:
            named = host if host == "moto_api" or host in self._modules else None
            patterns = (
                name for name, pattern in self.backend_url_patterns if pattern.match(f"http://{host}")
            )
            self._found[host] = named or next(patterns, None)
        return self._found[host]


def _not_offered(request: AwsRequest) -> AwsError:
    """Refuse with a status that no client tries again."""
    asked = f"{request.service}:{request.operation}"
    return AwsError("NotImplemented", f"the embedded AWS does not offer {asked}", 400)


_correcting = threading.Lock()


def _correct() -> None:
    """Correct moto 5.2 where it differs from AWS in ways that matter here; done once a process."""
    with _correcting:
        if getattr(FakeBucket, "activation_corrected", False):
            return
        FakeBucket.activation_corrected = True
        _respect_policy_conditions()
        _name_uploads_repeatably()
        _refuse_duplicate_notifications()
        _honour_client_tokens()


def _respect_policy_conditions() -> None:
    """Moto applies a statement whose condition is not met: a TLS-only policy locks every object call out.

    Loopback stands for TLS here, so aws:SecureTransport is true.
    """
    original = FakeBucket.get_permission

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return original(self, action, resource)
        kept = self.policy
        document = json.loads(kept)
        document["Statement"] = [
            {k: v for k, v in statement.items() if k != "Condition"}
            for statement in as_list(document.get("Statement", []))
            if conditions_hold(statement.get("Condition", {}), {"aws:SecureTransport": "true"})
        ]
        self.policy = json.dumps(document).encode()
        try:
            return original(self, action, resource)
        finally:
            self.policy = kept

    FakeBucket.get_permission = get_permission


def _name_uploads_repeatably() -> None:
    """Moto names multipart uploads from the system's randomness; a replay needs the same name again."""
    original = FakeMultipart.__init__

    def initialise(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        self.id = mock_random.get_random_string(length=76)

    FakeMultipart.__init__ = initialise


def _refuse_duplicate_notifications() -> None:
    """Moto keeps equal budget notifications twice, and fails on those of a budget that is not there."""
    create, describe = BudgetsBackend.create_notification, BudgetsBackend.describe_notifications_for_budget

    def create_notification(
        self: Any, account_id: str, budget_name: str, notification: Any, subscribers: Any
    ) -> None:
        budget = self.budgets[account_id].get(budget_name)
        if budget and notification in list(budget.get_notifications()):
            raise DuplicateRecordException(record_type="notification", record_name=budget_name)
        create(self, account_id, budget_name, notification, subscribers)

    def describe_notifications_for_budget(self: Any, account_id: str, budget_name: str) -> Any:
        if budget_name not in self.budgets[account_id]:
            raise NotFoundException(f"Unable to get budget: {budget_name} - the budget doesn't exist.")
        return describe(self, account_id, budget_name)

    BudgetsBackend.create_notification = create_notification
    BudgetsBackend.describe_notifications_for_budget = describe_notifications_for_budget


def _honour_client_tokens() -> None:
    """Moto starts new instances for a ClientToken it has seen; EC2 answers with the first ones."""
    original = InstanceResponse.run_instances

    def run_instances(self: Any) -> Any:
        token = self._get_param("ClientToken")
        backend = self.ec2_backend
        answered = backend.__dict__.setdefault("activation_client_tokens", {})
        if token and token in answered:
            return answered[token]
        answer = original(self)
        if token:
            answered[token] = answer
        return answer

    InstanceResponse.run_instances = run_instances
