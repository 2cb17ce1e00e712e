"""Whether jobs can sign in to AWS with GitHub's token: it is asked for, and the role trusts its subject."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.cloud import CloudRoles, Role
from tasks.domain.cloud_names import ISSUER
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy
from tasks.domain.forge import ForgeOidc
from tasks.domain.key_edit import permitted
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.settings import SecretSource, Settings
from tasks.domain.token_sign_in import token_sign_ins
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.workflow_phase import stopped


@check(
    "identity-token-allowed",
    phase=Phase.DEPLOYMENT,
    remedy=Remedy(
        summary="Add `id-token: write` (and `contents: read` for the checkout) to the job's permissions",
        minutes=3,
    ),
)
def identity_token_allowed(workflows: Workflows, settings: Settings | Unseen) -> Iterator[Answer]:
    """Every job that assumes a role with GitHub's token has the permission `id-token: write`."""
    known = settings if isinstance(settings, Settings) else None
    yield from merged(_tokens(workflows, known))


def _tokens(workflows: Workflows, settings: Settings | None) -> Iterator[Answer]:
    """Tell of each workflow once: its jobs lack the permission for one reason, and get it in one place."""
    lacking: dict[tuple[str, bool], list[tuple[Job, Evidence]]] = defaultdict(list)
    for workflow, job, step in token_sign_ins(workflows):
        granted = workflow.permission(job, "id-token")
        written = "permissions" in job.root or "permissions" in workflow.root
        if not written and "workflow_call" in workflow.events:
            continue  # the caller decides
        if granted == "write":
            yield holds(f"{workflow.file}: {job.id}", "may ask for a token")
        else:
            place = workflow.source.at(step.inputs.line_of("role-to-assume"))
            lacking[workflow.path, written].append((job, place))
    for (path, written), found in lacking.items():
        workflow = next(one for one in workflows if one.path == path)
        names = [str(job.id) for job, _ in found]
        places = [place for _, place in found]
        if written:
            roots = [job.root if "permissions" in job.root else workflow.root for job, _ in found]
            places += [workflow.source.at(root.line_of("permissions")) for root in roots]
        who = f"{names[0]} assumes" if len(set(names)) == 1 else f"{listed(names)} assume"
        has = "the permissions leave it out" if written else "no default grants it"
        told = f"{who} an AWS role without `id-token: write`: {has}, so GitHub gives no token"
        phase, weight = stopped(workflow, settings)
        subject = f"{workflow.file}: {'permissions' if written else 'no permissions'}"
        each = [permitted(workflow, job, {"id-token": "write"}) for job, _ in found]
        edits = tuple(dict.fromkeys(edit for one in each for edit in one)) if all(each) else ()
        yield broken(subject, told, *dict.fromkeys(places), phase=phase, weight=weight, edits=edits)


@check(
    "identity-subject-trusted",
    phase=Phase.DEPLOYMENT,
    remedy=Remedy(
        summary="Let the job run in one of the deployment's environments, or trust its subject in the role",
        owner="repository",
        minutes=10,
    ),
)
def identity_subject_trusted(
    workflows: Workflows, settings: Settings, oidc: ForgeOidc | Unseen, roles: CloudRoles | Unseen
) -> Iterator[Answer]:
    """Every job that assumes the deploy role has a subject that the role trusts once it is provisioned."""
    if settings.aws.deploy_role is None or (isinstance(oidc, ForgeOidc) and not oidc.use_default):
        return
    prefix = (oidc.prefix if isinstance(oidc, ForgeOidc) else None) or f"repo:{settings.full_name}"
    role = roles.roles.get(settings.aws.deploy_role) if isinstance(roles, CloudRoles) else None
    trusted = [f"{prefix}:environment:{one.name}" for one in settings.environments]
    trusted = trusted or [f"{prefix}:ref:refs/heads/*"]
    trusted += _trusted(role) if isinstance(role, Role) else []
    yield from merged(_subjects(workflows, settings, prefix, trusted))


def _subjects(workflows: Workflows, settings: Settings, prefix: str, trusted: list[str]) -> Iterator[Answer]:
    for workflow, job, step in token_sign_ins(workflows):
        if not _is_deploy_role(step, settings):
            continue
        for predicted in _predicted(workflow, job, prefix):
            subject = f"{workflow.file}: {job.id}: {predicted}"
            if any(fnmatch.fnmatchcase(predicted, pattern) for pattern in trusted):
                yield holds(subject, "is trusted")
                continue
            alike = [one for one in trusted if one.lower() == predicted.lower()]
            why = f"AWS minds letter case: {alike[0]}" if alike else f"it trusts {', '.join(trusted)}"
            told = f"{job.id} signs in as {predicted}, which {settings.aws.deploy_role} does not trust; {why}"
            line = job.environment.line if job.environment else job.line
            phase, weight = stopped(workflow, settings)
            yield broken(subject, told, workflow.source.at(line), phase=phase, weight=weight)


def _predicted(workflow: Workflow, job: Job, prefix: str) -> Iterator[str]:
    """Go through the subjects a job signs in with, as far as they are certain."""
    if job.environment is not None:
        names = values(job.environment.name, lanes(workflow, job))
        yield from (f"{prefix}:environment:{name}" for name in names or () if name)
        return
    for event in workflow.events:
        if event == "pull_request":
            yield f"{prefix}:pull_request"
        elif event in ("push", "workflow_dispatch", "schedule"):
            push = workflow.event("push") if event == "push" else None
            only_tags = push is not None and "tags" in push and "branches" not in push
            yield f"{prefix}:ref:refs/{'tags' if only_tags else 'heads'}/..."


def _is_deploy_role(step: Step, settings: Settings) -> bool:
    written = (step.inputs.text("role-to-assume") or "").replace(" ", "")
    names = [one.name for one in settings.secrets if one.source is SecretSource.ROLE_ARN]
    if any(written.upper() == f"${{{{SECRETS.{name.upper()}}}}}" for name in names):
        return True
    return written.endswith(f":role/{settings.aws.deploy_role}")


def _trusted(role: Role) -> list[str]:
    """Return the patterns of subjects that a role's trust policy lets in already."""
    found: list[str] = []
    statements = role.trust.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") != "Allow":
            continue
        conditions: Mapping[str, Any] = statement.get("Condition", {})
        for operator, keys in conditions.items():
            given = keys.get(f"{ISSUER}:sub") if isinstance(keys, Mapping) else None
            if given is None or operator.rpartition(":")[2] not in ("StringEquals", "StringLike"):
                continue
            patterns = given if isinstance(given, list) else [given]
            found += [p if operator.endswith("Like") else _exactly(p) for p in patterns]
    return found


def _exactly(text: str) -> str:
    return text.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
