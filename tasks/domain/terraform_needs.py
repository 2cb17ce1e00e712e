"""The IAM actions that Terraform certainly needs for what a module declares: state, lookups, and creation.

Which those are of each type is in ``terraform_actions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.aws_resource import bucket_arn, object_arn
from tasks.domain.declared_arn import declared_arn, owner_arn
from tasks.domain.evidence import Evidence
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_actions import CREATES, READS
from tasks.domain.terraform_run import ASKS_VARIABLES, TerraformRun
from tasks.domain.terraform_values import reached


@dataclass(frozen=True, kw_only=True)
class TerraformNeed:
    """An action, what it is needed for, and where that is declared.

    ``resource`` is the pattern of ARNs that it is needed on as declared; None when that is not certain.
    ``granted`` is the one to allow it on: a name that a run may still change is good enough for that.
    """

    action: str
    why: str
    at: Evidence
    resource: str | None = None
    granted: str | None = None


def terraform_needs(terraform: Terraform, run: TerraformRun) -> Iterator[TerraformNeed]:
    """Go through what a call of terraform needs of the identity of its job.

    A provider that signs in by itself needs nothing of it, and neither does a block that may be counted away.
    """
    module = run.module
    if module is None or module.in_part or run.action not in ASKS_VARIABLES | {"init"}:
        return
    if _runs_elsewhere(module):
        return
    locks = not any(one.value == "false" for one in run.given("lock"))
    yield from _state(module, run.action, locks=locks)
    if run.action == "init":
        return
    modules = reached(terraform, module)
    if any(_signs_in(block) for one in modules for block in one.of("provider", "aws")):
        return
    certain = _called_for_sure(terraform, module)
    for one in modules:
        if one.directory in certain:
            yield from _declared(terraform, one, creates=run.action == "apply")


def needs_credentials(terraform: Terraform, run: TerraformRun) -> bool:
    """Tell whether a call of terraform cannot go without the credentials of its job.

    ``init`` needs them for a state in S3, all that plans or applies also for what the AWS provider looks at.
    """
    module = run.module
    if module is None or module.in_part or _runs_elsewhere(module):
        return False
    if any(one.value == "false" for one in run.given("backend")):
        return False
    backend = module.backend
    if backend is not None and backend.labels == ("s3",) and not _signs_in(backend):
        return run.action in ASKS_VARIABLES | {"init"}
    modules = reached(terraform, module)
    providers = [block for one in modules for block in one.of("provider", "aws")]
    return (
        run.action in ASKS_VARIABLES
        and bool(providers)
        and not any(
            _signs_in(block) or "skip_credentials_validation" in block.attributes for block in providers
        )
    )


def _state(module: Module, action: str, *, locks: bool) -> Iterator[TerraformNeed]:
    backend = module.backend
    if backend is None or backend.labels != ("s3",) or _signs_in(backend):
        return
    place = backend.at()
    wanted = ["s3:ListBucket", "s3:GetObject"]
    if action == "apply":
        wanted.append("s3:PutObject")
    if action != "init" and locks:
        wanted += ["s3:PutObject", "s3:DeleteObject"] if backend.get("use_lockfile") is True else []
        if "dynamodb_table" in backend.attributes:
            wanted += ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
    bucket, table = backend.get("bucket"), backend.get("dynamodb_table")
    for one in dict.fromkeys(wanted):
        on = None
        if one.startswith("dynamodb:") and isinstance(table, str):
            on = f"arn:*:dynamodb:*:*:table/{table}"
        elif one.startswith("s3:") and isinstance(bucket, str):
            # A workspace puts its name before the key.
            on = bucket_arn(bucket) if one == "s3:ListBucket" else object_arn(bucket, "", whole=False)
        yield TerraformNeed(action=one, why="the state in S3", at=place, resource=on, granted=on)


def _declared(terraform: Terraform, module: Module, *, creates: bool) -> Iterator[TerraformNeed]:
    for block in module.blocks:
        if block.type not in ("data", "resource") or not block.labels or _may_be_none(block):
            continue
        table = READS if block.type == "data" else CREATES if creates else {}
        actions = table.get(block.labels[0], ())
        if block.type == "resource" and creates and _passes_role(block):
            actions = (*actions, "iam:PassRole")
        for action in actions:
            on = _granted(terraform, module, block, action) if block.type == "resource" else None
            yield TerraformNeed(action=action, why=block.address, at=block.at(), granted=on)


def _granted(terraform: Terraform, module: Module, block: Block, action: str) -> str | None:
    """Return what an action is asked for where the block itself tells; of a role handed on, which one."""
    if action == "iam:PassRole":
        is_profile = block.labels[0] == "aws_iam_instance_profile"
        return owner_arn(terraform, module, block, "role", "aws_iam_role") if is_profile else None
    service = action.partition(":")[0]
    return declared_arn(terraform, module, block) if service in ("iam", "s3") else None


def _passes_role(block: Block) -> bool:
    """Tell whether a role is handed on with it; a profile without a role hands on nothing."""
    kind = block.labels[0]
    if kind == "aws_iam_instance_profile":
        return "role" in block.attributes
    given = block.attributes.get("iam_instance_profile")
    return kind == "aws_instance" and given is not None and given.value not in (None, "")


def _runs_elsewhere(module: Module) -> bool:
    """Tell whether HCP Terraform or its like may run what is asked, with credentials of its own."""
    backend = module.backend
    return backend is not None and (backend.type == "cloud" or backend.labels == ("remote",))


def _signs_in(block: Block) -> bool:
    """Tell whether a provider or backend names credentials, another role or another place."""
    names = ("access_key", "profile", "role_arn", "shared_credentials_files", "shared_credentials_file")
    inner = ("assume_role", "assume_role_with_web_identity", "endpoints")
    return any(one in block.attributes for one in (*names, *inner)) or any(block.inner(one) for one in inner)


def _may_be_none(block: Block) -> bool:
    return "count" in block.attributes or "for_each" in block.attributes or "provider" in block.attributes


def _called_for_sure(terraform: Terraform, root: Module) -> frozenset[str]:
    """Return the directories of a module and of those that it calls once, whatever variables say."""
    found = {root.directory}
    waiting = [root]
    while waiting:
        for directory, call in terraform.calls(waiting.pop()).items():
            called = terraform.modules.get(directory)
            if called is None or directory in found or _may_be_none(call) or "providers" in call.attributes:
                continue
            found.add(directory)
            waiting.append(called)
    return frozenset(found)
