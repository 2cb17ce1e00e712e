"""An interrupted rehearsal ends the runs it waited for; a live activation leaves GitHub's alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from flows import interruption
from flows.interruption import on_interruption
from tasks.domain.run import Run
from tasks.domain.settings import Settings, WorldKind
from tasks.systems.github import GitHub, Unreachable
from tasks.systems.github.errors import Rejected

COMMIT = "a" * 40
RUN = Run(
    id=7,
    workflow=".github/workflows/ci.yml",
    name="CI",
    event="push",
    sha=COMMIT,
    ref="main",
    status="in_progress",
    conclusion=None,
    attempt=1,
    title="A change",
    url="",
    created_at="2026-11-22T12:00:00Z",
)


class Forge:
    """Runs that end as soon as they are cancelled, unless ``stubborn``."""

    def __init__(self, *runs: Run, stubborn: bool = False) -> None:
        self.all = {run.id: run for run in runs}
        self.stubborn = stubborn
        self.cancelled: list[int] = []
        self.runs = self.repository = self
        self.git_url = "https://forge.test/acme/moon.git"

    def tag_commit(self, _tag: str) -> str:
        return "b" * 40

    def of_commit(self, sha: str) -> tuple[Run, ...]:
        return tuple(run for run in self.all.values() if run.sha == sha)

    def cancel(self, run: int) -> None:
        self.cancelled.append(run)
        if not self.stubborn:
            self.all[run] = replace(self.all[run], status="completed", conclusion="cancelled")


def told(forge: Any, world: WorldKind = WorldKind.EMBEDDED) -> str:
    settings = Settings(
        world=world,
        repository_path=Path(),
        owner="acme",
        name="moon",
        branch="main",
        state_directory=Path(),
        commit=COMMIT,
        tag="v0.1.0",
    )
    github: Callable[[], GitHub] = lambda: cast("GitHub", forge)  # noqa: E731 - typed so
    return on_interruption(settings, github)


def test_what_runs_at_the_commit_and_at_the_tag_is_cancelled_and_nothing_else() -> None:
    forge = Forge(
        RUN,
        replace(RUN, id=8, status="completed", conclusion="success"),
        replace(RUN, id=9, status="waiting"),
        replace(RUN, id=10, name="Release", sha="b" * 40, status="queued"),
        replace(RUN, id=11, sha="c" * 40),
    )
    assert told(forge) == "cancelled in the embedded GitHub: CI (run 7), Release (run 10)"
    assert forge.cancelled == [7, 10]


def test_a_run_that_does_not_end_in_time_is_named_and_asked_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interruption, "SECONDS", 0.3)
    monkeypatch.setattr(interruption, "LOOK_AGAIN", 0.05)
    forge = Forge(RUN, stubborn=True)
    assert told(forge) == "cancelled in the embedded GitHub: CI (run 7); still ending: CI"
    assert forge.cancelled == [7]


def test_a_run_that_ended_by_itself_meanwhile_is_not_called_cancelled() -> None:
    class Late(Forge):
        def cancel(self, run: int) -> None:
            self.all[run] = replace(self.all[run], status="completed", conclusion="success")
            raise Rejected("it is completed", 409)

    assert told(Late(RUN)) == "no run of the embedded GitHub was going on"


def test_a_github_that_does_not_answer_is_said_and_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Forge):
        def of_commit(self, sha: str) -> tuple[Run, ...]:
            raise Unreachable("nobody answers")

    assert "nobody answers" in told(Gone(RUN))
    asleep = threading.Event()
    monkeypatch.setattr(interruption, "SECONDS", -0.9)
    forge = Forge(RUN)
    monkeypatch.setattr(forge, "tag_commit", lambda _tag: asleep.wait(5))
    assert "did not end its runs" in told(forge)
    asleep.set()


def test_runs_at_the_real_github_go_on_and_the_page_that_shows_them_is_named() -> None:
    github = SimpleNamespace(git_url="https://forge.test/acme/moon.git")
    assert told(github, WorldKind.LIVE).endswith("go on at GitHub: https://forge.test/acme/moon/actions")
