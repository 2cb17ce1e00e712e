"""The parts of the world that the preflight looks at, each giving the facts that checks ask for."""

from __future__ import annotations

from collections.abc import Iterable

from flows.looking import Part
from flows.worlds import World
from tasks.domain.fact import Snapshot
from tasks.domain.git_state import GitState


def parts_of(world: World) -> tuple[Part, ...]:
    """Return everything that can be looked at in a world, cheapest first."""

    def git(_: Snapshot) -> Iterable[object]:
        yield world.git.state()

    return (Part(name="git", title="The work tree and its branch", kinds=(GitState,), look=git),)
