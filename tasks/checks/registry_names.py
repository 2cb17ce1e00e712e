"""Whether a job signs in to the registry of AWS to which it pushes: its account and its region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Job, Workflow, Workflows

_REGISTRY = re.compile(
    r"\b(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com"
)
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):role/")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_CREDENTIALS, _LOGIN = "aws-actions/configure-aws-credentials", "aws-actions/amazon-ecr-login"
_SIGNS_IN_ELSEWHERE = re.compile(r"docker login|docker/login-action|get-login|podman login")
_PUSHES = re.compile(r"docker push|docker/build-push-action|docker image push|--push\b")
_NOT_DOCKER = re.compile(
    r"kubectl|helm|image-uri|update-|render|\bsed\b|\byq\b|terraform|TF_VAR|deploy", re.IGNORECASE
)
_RUNS = re.compile(r"\b(?:terraform|tofu)\s+(?:-\S+\s+)*(?:plan|apply|destroy|import|refresh)\b")


@check(
    "registry-signed-in",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(
        summary="Push to the registry that the job signs in to: `steps.ID.outputs.registry`", minutes=5
    ),
)
def registry_signed_in(workflows: Workflows) -> Iterator[Answer]:
    """Every registry of AWS that a job names is in the account and the region that it signs in to."""
    for workflow in workflows:
        if _LOGIN in workflow.source.text and ".dkr.ecr." in workflow.source.text:
            for job in workflow.jobs.values():
                yield from merged(_registries(workflow, job))


def _registries(workflow: Workflow, job: Job) -> Iterator[Answer]:
    logins = [one for one in job.steps if one.action is not None and one.action.name == _LOGIN]
    given = [one for one in job.steps if one.action is not None and one.action.name == _CREDENTIALS]
    lines = list(_lines(workflow, job))
    if len(logins) != 1 or len(given) != 1 or "registries" in logins[0].inputs:
        return
    text = "\n".join(line for _, line in lines)
    if _SIGNS_IN_ELSEWHERE.search(text) or not _PUSHES.search(text):
        return
    region, role = given[0].inputs.text("aws-region"), given[0].inputs.text("role-to-assume")
    assumed = _ROLE.search(role) if role is not None else None
    for number, line in lines:
        for found in _REGISTRY.finditer(line) if not _NOT_DOCKER.search(line) else ():
            subject = f"{workflow.file}: {job.id}: {found[0]}"
            own = region if region is not None and _REGION.fullmatch(region) else None
            account = assumed["account"] if assumed is not None else None
            told, place = None, given[0].line
            if own is not None and own != found["region"]:
                told, place = f"in {own}, and names the one in {found['region']}", own.line
            elif account is not None and role is not None and account != found["account"]:
                told, place = f"of {account}, and names the one of {found['account']}", role.line
            if told is None:
                yield holds(subject, "is the one it signs in to")
            else:
                places = (workflow.source.at(number), workflow.source.at(place))
                yield broken(
                    subject, f"signs in to the registry {told}: docker has no credentials there", *places
                )


def _lines(workflow: Workflow, job: Job) -> Iterator[tuple[int, str]]:
    """Go through the lines of a job, and those of the workflow's variables that it may read."""
    starts = sorted(one.line for one in workflow.jobs.values())
    after = [one for one in starts if one > job.line]
    end = after[0] if after else len(workflow.source.lines) + 1
    for number, line in enumerate(workflow.source.lines, 1):
        if (job.line <= number < end or number < starts[0]) and not line.lstrip().startswith("#"):
            yield number, line


@check(
    "terraform-account-allowed",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Assume a role of the account that the provider allows", minutes=10),
)
def terraform_account_allowed(workflows: Workflows, terraform: Terraform) -> Iterator[Answer]:
    """Every job that runs terraform is in one of the accounts that the provider allows."""
    allowed: dict[str, Evidence] = {}
    for module in terraform.roots:
        for block in module.of("provider", "aws"):
            ids = block.get("allowed_account_ids")
            if not isinstance(ids, tuple) or not all(isinstance(one, str) for one in ids):
                return  # a provider that allows any account, or those that only terraform knows
            allowed |= {str(one): block.at("allowed_account_ids") for one in ids}
    for workflow in workflows if allowed else ():
        for job in workflow.jobs.values():
            if any(_RUNS.search(step.run or "") for step in job.steps):
                yield from merged(_accounts(workflow, job, allowed))


def _accounts(workflow: Workflow, job: Job, allowed: dict[str, Evidence]) -> Iterator[Answer]:
    roles = [
        role
        for step in job.steps
        if step.action is not None and step.action.name == _CREDENTIALS
        if (role := step.inputs.text("role-to-assume")) is not None
    ]
    for role in roles if len(roles) == 1 else ():
        found = _ROLE.search(role)
        if found is None:
            continue
        subject = f"{workflow.file}: {job.id}: {found['account']}"
        if found["account"] in allowed:
            yield holds(subject, "is allowed")
        else:
            has = listed(sorted(allowed))
            told = f"runs terraform in {found['account']}, and its provider allows {has} only"
            yield broken(subject, told, workflow.source.at(role), next(iter(allowed.values())))
