"""Whether the secrets that workflows read are set on GitHub."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.forge import ForgeSecrets
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.use import Read
from tasks.domain.workflow import Workflow, Workflows

_GIVEN = frozenset({"GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"})
"""GitHub makes the first itself; the others are switches that nobody has to set."""


@check("secrets-are-set", phase=Phase.FIRST_RUN)
def secrets_are_set(workflows: Workflows, secrets: ForgeSecrets) -> Iterator[Answer]:
    """Every secret that a workflow reads is set for the repository or the job's environment."""
    read: dict[str, list[tuple[Workflow, Read]]] = defaultdict(list)
    for workflow in workflows:
        # A called workflow gets its secrets from the caller.
        called = workflow.event("workflow_call") is not None
        for one in workflow.reads:
            if one.context == "secrets" and one.name is not None and not called:
                read[one.name.upper()].append((workflow, one))
    known = {name.upper() for name in secrets.repository}
    for name, places in sorted(read.items()):
        lacking = [
            (workflow, one) for workflow, one in places if not _set(name, workflow, one, secrets, known)
        ]
        if name in _GIVEN or not lacking:
            yield holds(name, "is set")
            continue
        where = ", ".join(sorted({workflow.file for workflow, _ in lacking}))
        yield broken(
            name,
            f"{where} reads secrets.{name}, which is not set: it is an empty text there",
            *(workflow.source.at(one) for workflow, one in lacking[:5]),
            remedy=Remedy(
                summary=f"Set the secret {name}",
                commands=(f"gh secret set {name}",),
                owner="github-admin",
                minutes=5,
            ),
        )


def _set(name: str, workflow: Workflow, read: Read, secrets: ForgeSecrets, known: set[str]) -> bool:
    if name in known:
        return True
    job = workflow.jobs.get(read.use.job or "")
    if job is None or job.environment is None:
        return False
    names = values(job.environment.name, lanes(workflow, job))
    if names is None:
        # Which environment it is only a run can tell: one that has the secret is enough.
        return any(name in {one.upper() for one in given} for given in secrets.environments.values())
    return all(name in {one.upper() for one in secrets.environments.get(env, ())} for env in names)
