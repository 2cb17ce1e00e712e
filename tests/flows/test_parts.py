"""Which parts of a world are looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.parts import parts_of
from flows.worlds import Place, World
from tasks.domain.forge_access import ForgeAccess
from tasks.domain.forge_used_action import ForgeUsedActions
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.unpushed import UnpushedFiles
from tasks.systems.shell import Shell
from tasks.systems.state import RepositoryState
from tasks.systems.workshop import Workshop
from tests.checks.testing import CI, job, snapshot


def kinds(kind: WorldKind, directory: Path) -> set[type]:
    url = None if kind is WorldKind.OFFLINE else "http://127.0.0.1:9"
    settings = Settings(
        world=kind,
        repository_path=directory,
        owner="acme",
        name="moon",
        branch="main",
        state_directory=directory,
    )
    world = World(
        settings=settings,
        place=Place(kind=kind, key="x", repository=directory, api_url=url, token="ghp_x"),
        static=snapshot({CI: job("- uses: actions/checkout@v6")}),
        static_seconds=0.0,
        shell=Shell({"PATH": os.environ["PATH"]}),
        files=RepositoryState(directory=directory),
        workshop=Workshop(directory / "work"),
        variables={},
    )
    return {kind for part in parts_of(world) for kind in part.kinds}


@pytest.mark.parametrize("kind", list(WorldKind))
def test_actions_of_others_are_looked_for_only_where_the_real_github_answers(
    kind: WorldKind, tmp_path: Path
) -> None:
    looked_at = kinds(kind, tmp_path)
    assert (ForgeUsedActions in looked_at) is (kind is WorldKind.LIVE)
    assert (ForgeAccess in looked_at) is (kind is not WorldKind.OFFLINE)
    assert UnpushedFiles in looked_at
