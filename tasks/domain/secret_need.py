"""Which GitHub secrets the workflows cannot do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.evidence import Evidence
from tasks.domain.forge import ForgeSecrets
from tasks.domain.workflow import Workflow, computed

GIVEN = frozenset({"GITHUB_TOKEN"})  # made by GitHub for every job


@dataclass(frozen=True, kw_only=True)
class SecretNeed:
    """One secret that one workflow reads; ``environment`` is the job's, None when it has none.

    ``optional``: the expression has another value for the case that the secret is not set, or asks whether
    it is. ``anywhere``: the environment's name is computed, so the secret may be set in any of them.
    """

    name: str
    workflow: str
    evidence: Evidence
    environment: str | None = None
    anywhere: bool = False
    optional: bool = False

    def met(self, secrets: ForgeSecrets) -> bool:
        """Tell whether the job finds the secret."""
        if self.anywhere and any(self.name in names for names in secrets.environments.values()):
            return True
        return secrets.has(self.name, self.environment)


def secret_needs(workflows: Iterable[Workflow]) -> tuple[SecretNeed, ...]:
    """Return every secret that is read, once per workflow and environment, at its first line.

    A workflow that is only called by others gets its secrets from them and is passed over.
    """
    found: dict[tuple[str, str, str | None], SecretNeed] = {}
    for workflow in workflows:
        if set(workflow.events) == {"workflow_call"}:
            continue
        for need in _needs(workflow):
            known = found.setdefault((need.name, need.workflow, need.environment), need)
            if known.optional and not need.optional:
                found[(need.name, need.workflow, need.environment)] = need
    return tuple(found.values())


def _needs(workflow: Workflow) -> Iterator[SecretNeed]:
    for read in workflow.reads:
        if read.context != "secrets" or read.name is None or read.name.upper() in GIVEN:
            continue
        job = workflow.jobs.get(read.use.job or "")
        named = job.environment.name if job and job.environment else None
        unknown = named is not None and computed(named)
        yield SecretNeed(
            name=read.name.upper(),
            workflow=workflow.path,
            evidence=workflow.source.at(read.line),
            environment=None if named is None or unknown else str(named),
            anywhere=unknown,
            optional=read.use.condition or any(word in read.use.source for word in ("||", "&&", "==", "!=")),
        )
