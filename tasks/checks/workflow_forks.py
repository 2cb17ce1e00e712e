"""Whether jobs for pull requests do without what GitHub does not give to those of forks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeRepository
from tasks.domain.job_order import above
from tasks.domain.phase import Phase
from tasks.domain.running_jobs import RunningJobs
from tasks.domain.use import Way
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_SECRET = re.compile(r"\$\{\{\s*secrets\.(?!GITHUB_TOKEN\b)\w+\s*\}\}", re.IGNORECASE)
_SIGNS_IN = {
    "docker/login-action": ("password",),
    "aws-actions/configure-aws-credentials": ("aws-access-key-id", "aws-secret-access-key"),
    "google-github-actions/auth": ("credentials_json",),
    "azure/login": ("creds",),
}
"""Action that signs in -> its inputs that are secrets: it fails when they are empty."""
_BY_TOKEN = {
    "aws-actions/configure-aws-credentials": "role-to-assume",
    "google-github-actions/auth": "workload_identity_provider",
}
"""Action -> the input with which it signs in by GitHub's identity token."""
_HOSTED = ("ubuntu-", "macos-", "windows-")
_ECR = re.compile(r"\.ecr\.|public\.ecr\.aws")
_TOLD = (
    "a pull request from a fork gets neither secrets nor an identity token: signing in fails there, and the "
    "job with it"
)


@check(
    "fork-needs-no-secret",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Leave the step out for forks: "
        "`if: ${{ !github.event.pull_request.head.repo.fork }}`, and what needs it",
        minutes=10,
    ),
)
def fork_needs_no_secret(workflows: Workflows, repository: ForgeRepository | Unseen) -> Iterator[Answer]:
    """No job that pull requests of forks start signs in with what GitHub does not give to them."""
    if isinstance(repository, ForgeRepository) and repository.private:
        return  # there the settings decide what forks are given
    yield from merged(
        answer
        for workflow in workflows
        if "pull_request" in workflow.events and any(name in workflow.source.text for name in _SPELLED)
        for answer in _signing_in(workflow)
    )


_SPELLED = ("login-action", "configure-aws-credentials", "google-github-actions/auth", "azure/login")


def _signing_in(workflow: Workflow) -> Iterator[Answer]:
    running = RunningJobs(workflow)
    filters = workflow.event("pull_request")
    types = [] if filters is None else [str(one) for one in filters.texts("types")]
    if types and not {"opened", "synchronize"} & set(types):
        return
    pulls = [one for one in running.starts if one.event == "pull_request"]
    for job, step in workflow.steps():
        if not pulls or step.action is None or not _needs_secret(workflow, job, step):
            continue
        ways: list[Way] = [("jobs", str(job.id), "steps", step.index)]
        ways += [("jobs", str(one.id)) for one in (job, *above(workflow, job).values())]
        if step.may_fail or job.root.get("continue-on-error") not in (None, False):
            continue
        if all(running.surely(one, *way) for one in pulls for way in ways):
            yield broken("pull requests of forks", _TOLD, workflow.source.at(step.action))
        else:
            yield holds(f"{workflow.file}: {job.id}", "may be left out for forks")


def _needs_secret(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a step signs in with a secret, or with the token that forks are not given."""
    name = step.action.name if step.action is not None else ""
    if name not in _SIGNS_IN or not all(str(one).lower().startswith(_HOSTED) for one in job.runs_on):
        return False  # a machine of one's own may be signed in already
    if name == "docker/login-action" and _ECR.search(step.inputs.text("registry") or ""):
        return False  # it takes what the environment has
    keys = [step.inputs.text(one) for one in _SIGNS_IN[name]]
    if any(one is not None and _SECRET.fullmatch(one.strip()) for one in keys):
        return True
    token = _BY_TOKEN.get(name)
    if token is None or not step.inputs.text(token) or any(keys):
        return False
    return workflow.permission(job, "id-token") == "write"
