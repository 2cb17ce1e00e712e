"""The five phases on the way from written to live."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """A stage of an activation; members are in the order in which they run."""

    PREFLIGHT = "preflight"
    PROVISIONING = "provisioning"
    FIRST_RUN = "first-run"
    RELEASE = "release"
    DEPLOYMENT = "deployment"

    @property
    def order(self) -> int:
        """Position in the running order, from 0."""
        return list(Phase).index(self)


def up_to(last: Phase | None) -> tuple[Phase, ...]:
    """Return the phases from the first to ``last`` inclusive; all of them for None."""
    phases = tuple(Phase)
    return phases if last is None else phases[: last.order + 1]
