"""The role that the only secret or variable with a role most likely holds: the one that tokens may assume."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.domain.call_way import secret_meant
from tasks.domain.iam_policy import Policies
from tasks.domain.script import Scripts
from tasks.domain.settings import SecretSource, Settings
from tasks.domain.sign_in import role_name
from tasks.domain.terraform import Terraform
from tasks.domain.trusted import Trust, only_trust
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_KEPT = re.compile(r"\$\{\{\s*(?P<kind>secrets|vars)\.(?P<name>\w+)\s*\}\}")
_KINDS = ("secret", "variable")
_RUNS_TERRAFORM = re.compile(r"\b(?:terraform|tofu|terragrunt|cdktf|pulumi)\b")


@dataclass(frozen=True, kw_only=True)
class KeptRole:
    """A role by its ``trust``, the secret or variable that likely holds it, and the steps that assume it."""

    secret: str
    trust: Trust
    uses: tuple[tuple[Workflow, Job, Step], ...]

    def said(self, told: str) -> str:
        """Say what holds under the condition that the secret is that role."""
        return f"if {self.secret} is {self.trust.role}, the only role here that lets tokens in: {told}"


def kept_role(
    workflows: Workflows,
    terraform: Terraform,
    policies: Policies,
    settings: Settings,
    signing: Iterable[tuple[Workflow, Job, Step]],
) -> KeptRole | None:
    """Return the role of the only secret with one, when Terraform makes only one role for tokens.

    Jobs that run Terraform may need another role first, which a secret of their environment may hold: one is
    left out unless it has no environment and others read the same secret of the repository.
    """
    found: dict[str, list[tuple[Workflow, Job, Step]]] = {}
    shared = False
    for workflow, job, step in signing:
        named = _KEPT.fullmatch((step.inputs.text("role-to-assume") or "").strip())
        if named is None:
            return None
        kept = named["kind"] == "secrets"
        names = secret_meant(workflows, workflow, named["name"]) if kept else {named["name"].upper()}
        of_repository = job.environment is None or names != {named["name"].upper()}
        shared = shared or (of_repository and not runs_terraform(job))
        for name in names:
            found.setdefault(f"{named['kind']}.{name}", []).append((workflow, job, step))
    ours = {one.name.upper() for one in settings.secrets if one.source is SecretSource.ROLE_ARN}
    if settings.aws.deploy_role is None:
        ours = set()
    secret = next(iter(found), "")
    name = secret.partition(".")[2]
    trust = only_trust(terraform, policies) if len(found) == 1 and name and name not in ours else None
    if trust is None:
        return None
    uses = (
        (workflow, job, step)
        for workflow, job, step in found[secret]
        if not runs_terraform(job) or (shared and job.environment is None)
    )
    return KeptRole(secret=secret, trust=trust, uses=tuple(uses))


def runs_terraform(job: Job) -> bool:
    """Tell whether a job makes what the repository declares: it may need another role than others."""
    return any(_RUNS_TERRAFORM.search(one.run or "") for one in job.steps)


def given_roles(scripts: Scripts) -> dict[str, str]:
    """Return the roles that scripts put into secrets and variables of the repository, by their context."""
    found: dict[str, set[str | None]] = {}
    for _, command in scripts.commands("gh"):
        words = command.literals
        if len(words) < 3 or words[0] not in _KINDS or words[1] != "set" or words[2] is None:
            continue
        context = "SECRETS" if words[0] == "secret" else "VARS"
        for word in command.options("--body", "-b"):
            arn = "".join("*" if part is None else part for part in word.parts)
            found.setdefault(f"{context}.{words[2].upper()}", set()).add(role_name(arn))
    return {key: one for key, names in found.items() if len(names) == 1 and (one := names.pop()) is not None}
