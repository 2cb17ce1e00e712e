"""Whether what calls Lambda functions by Terraform's will is allowed to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.terraform import Attribute, Block, Module, Terraform
from tasks.domain.terraform_values import shown
from tasks.domain.terraform_waits import named, waits_for

_FUNCTION, _PERMISSION = "aws_lambda_function", "aws_lambda_permission"


@dataclass(frozen=True, kw_only=True)
class _Caller:
    """Who calls a function: the service, as a permission names it, and the attribute that names the function.

    ``inner`` is the block in which that stands, ``credentials`` what lets it call by a role instead.
    """

    kind: str
    service: str
    attribute: str
    inner: str = ""
    credentials: str = ""
    only: Mapping[str, str] | None = None


_S3 = _Caller(
    kind="aws_s3_bucket_notification",
    service="s3.amazonaws.com",
    attribute="lambda_function_arn",
    inner="lambda_function",
)
_CALLERS = (
    _Caller(
        kind="aws_sns_topic_subscription",
        service="sns.amazonaws.com",
        attribute="endpoint",
        only={"protocol": "lambda"},
    ),
    _Caller(
        kind="aws_cloudwatch_event_target",
        service="events.amazonaws.com",
        attribute="arn",
        credentials="role_arn",
    ),
    _Caller(
        kind="aws_apigatewayv2_integration",
        service="apigateway.amazonaws.com",
        attribute="integration_uri",
        credentials="credentials_arn",
    ),
    _Caller(
        kind="aws_api_gateway_integration",
        service="apigateway.amazonaws.com",
        attribute="uri",
        credentials="credentials",
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Call:
    block: Block
    function: str  # the label of the function in its module
    at: Evidence


@check(
    "lambda-caller-allowed",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Add an aws_lambda_permission for the function with the caller's service as principal",
        minutes=10,
    ),
)
def lambda_caller_allowed(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every topic, rule and API that calls a function of its module may do so."""
    if not any(module.of("resource", _FUNCTION) for module in terraform) or _by_command(sources):
        return
    for module in terraform:
        calls = [] if module.in_part else [(who, call) for who in _CALLERS for call in _calls(module, who)]
        missing: dict[str, list[_Call]] = defaultdict(list)
        for who, call in calls:
            allowed = _allowed(terraform, module, call.function, who.service)
            if allowed is False:
                missing[who.service].append(call)
            elif allowed:
                yield holds(f"{shown(module.directory)}: {call.block.address}", "may call its function")
        for service, found in missing.items():
            yield _told(module, service, found)


def _by_command(sources: Sources) -> bool:
    """Tell whether a script or document adds permissions: nobody knows when that was run."""
    return any(sources.saying("add-permission"))


def _told(module: Module, service: str, found: list[_Call]) -> Answer:
    verb = "calls" if len(found) == 1 else "call"
    functions = listed([f"{_FUNCTION}.{one.function}" for one in found], 4)
    told = (
        f"{listed([one.block.address for one in found], 4)} {verb} {functions}, and nothing lets {service} "
        "do so: every such call is refused"
    )
    subject = f"{shown(module.directory)}: calls of {service}"
    return broken(subject, told, *dict.fromkeys(one.at for one in found))


def _calls(module: Module, who: _Caller) -> Iterator[_Call]:
    for block in module.of("resource", who.kind):
        if who.credentials and who.credentials in block.attributes:
            continue
        if who.only and any(block.get(name) != value for name, value in who.only.items()):
            continue
        for holder in block.inner(who.inner) if who.inner else (block,):
            given = holder.attributes.get(who.attribute)
            label = None if given is None else _function(module, given)
            if label is not None and holder.type != "dynamic":
                yield _Call(block=block, function=label, at=holder.at(who.attribute))


def _function(module: Module, attribute: Attribute) -> str | None:
    """Return the label of the function of its own module that an attribute names, and nothing else."""
    found = [one for one in attribute.references if one.root == _FUNCTION and len(one.path) > 1]
    others = [one for one in attribute.references if one.root not in (_FUNCTION, "data", "var")]
    if len(found) != 1 or others or not module.of("resource", _FUNCTION, found[0].path[1]):
        return None
    return found[0].path[1]


def _allowed(terraform: Terraform, module: Module, label: str, service: str) -> bool | None:
    """Tell whether a permission lets a service call a function; None when one of elsewhere may."""
    address = f"{_FUNCTION}.{label}"
    handed = False
    for block in module.blocks:
        if block.type in ("module", "output") and any(named(one) == address for _, one in block.references()):
            handed = True
    for other in terraform:
        for block in other.of("resource", _PERMISSION):
            given = block.attributes.get("function_name")
            names = {named(one) for one in given.references} if given is not None else set()
            if other is module and address in names:
                principal = block.get("principal")
                if not isinstance(principal, str) or principal in (service, "*"):
                    return True
            elif other is module and not any(str(one).startswith(f"{_FUNCTION}.") for one in names):
                return None  # by its name, or one of several
            elif other is not module and handed and not any(str(one).startswith(_FUNCTION) for one in names):
                return None
    outside = any(
        block.type == "module" and not str(block.get("source") or "").startswith(".")
        for block in module.blocks
    )
    return None if handed and outside else False


@check(
    "bucket-notification-accepted",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Add an aws_lambda_permission with the principal s3.amazonaws.com, and name it in the "
        "notification's depends_on",
        minutes=10,
    ),
)
def bucket_notification_accepted(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every notification of a bucket is made after the permission to call the function: S3 tries it."""
    if not any(module.of("resource", _S3.kind) for module in terraform) or _by_command(sources):
        return
    for module in terraform:
        refused, early = [], []
        for call in [] if module.in_part else _calls(module, _S3):
            allowed = _allowed(terraform, module, call.function, _S3.service)
            waits = waits_for(module, call.block)
            if allowed is False:
                refused.append(call)
            elif allowed and not any(one.startswith((f"{_PERMISSION}.", "module.")) for one in waits):
                early.append(call)
            elif allowed:
                yield holds(f"{shown(module.directory)}: {call.block.address}", "is accepted")
        subject = f"{shown(module.directory)}: notifications"
        if refused:
            told = f"{_addresses(refused)} would call a function that nothing lets S3 call: {_REFUSAL}"
            yield broken(subject, told, *dict.fromkeys(one.at for one in refused))
        elif early:
            told = (
                f"{_addresses(early)} may be made before the permission to call the function, for nothing "
                f"makes terraform wait: {_REFUSAL}"
            )
            places = dict.fromkeys(place for one in early for place in (one.block.at(), one.at))
            yield broken(subject, told, *places, weight=Weight.WARNING)


_REFUSAL = 'S3 then answers "Unable to validate the following destination configurations", and the apply ends'


def _addresses(calls: list[_Call]) -> str:
    return listed([one.block.address for one in calls], 4)
