from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from flows.asked import Asked
from flows.planning import approving, plan_of
from flows.session import Learned, Session
from tasks.domain.change import Change
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.step import Decision
from tasks.steps.step import Blocked, Step
from tasks.systems.clock import SystemClock
from tasks.systems.journal import FileJournal
from tasks.systems.state import repository_state

PUSH = Change(verb="push", target="refs/heads/main")
TAG = Change(verb="create", target="refs/tags/v1")


def a_finding(check: str, phase: Phase = Phase.FIRST_RUN) -> Finding:
    return Finding(
        check=check,
        phase=phase,
        subject="x",
        verdict=Verdict.UNKNOWN,
        weight=Weight.BLOCKER,
        message="nobody knows",
    )


NO_RUN = a_finding("run-started")


def a_step(name: str, decision: Decision | None = None, *after: str) -> Step[Any]:
    """Return a step that comes to a decision, or that a person has to put right when there is none."""

    def look() -> None:
        if decision is None:
            raise Blocked(NO_RUN)

    return Step(
        name=name,
        phase=Phase.FIRST_RUN,
        title=name.title(),
        look=look,
        decide=lambda _: decision or Decision(),
        act=lambda _change, _seen: None,
        after=after,
    )


def planned(where: Path, *steps: Step[Any], findings: tuple[Finding, ...] = ()) -> Any:
    clock = SystemClock()
    files = repository_state(where, "test", "acme", "moon")
    session = Session(
        asked=Asked(command="activate"),
        settings=Settings(
            world=WorldKind.EMBEDDED,
            repository_path=where,
            owner="acme",
            name="moon",
            branch="main",
            state_directory=where,
            until=Phase.DEPLOYMENT,
        ),
        steps={Phase.FIRST_RUN: steps},
        learned=Learned(findings=list(findings)),
        journal=FileJournal(files.journal, clock.now),
        clock=clock,
        emit=lambda _: None,
        files=files,
    )
    plan, stopping = plan_of(session)
    return {one.step: one.changes for one in plan.steps}, stopping


def test_what_comes_after_a_planned_change_stops_nothing(tmp_path: Path) -> None:
    push = a_step("push", Decision(changes=(PUSH,)))
    assert planned(tmp_path, push, a_step("runs", None, "push")) == ({"push": (PUSH,)}, ())


def test_what_comes_after_what_comes_after_a_planned_change_stops_nothing(tmp_path: Path) -> None:
    steps = (
        a_step("push", Decision(changes=(PUSH,))),
        a_step("runs", Decision(), "push"),
        a_step("tag", Decision(changes=(TAG,), blocked=(NO_RUN,)), "runs"),
    )
    assert planned(tmp_path, *steps) == ({"push": (PUSH,), "tag": (TAG,)}, ())


def test_what_comes_after_a_step_that_is_done_speaks_for_itself(tmp_path: Path) -> None:
    assert planned(tmp_path, a_step("push", Decision()), a_step("runs", None, "push")) == ({}, (NO_RUN,))


def test_what_comes_after_no_planned_change_speaks_for_itself(tmp_path: Path) -> None:
    push = a_step("push", Decision(changes=(PUSH,)))
    assert planned(tmp_path, push, a_step("secrets", None)) == ({"push": (PUSH,)}, (NO_RUN,))


def test_a_step_that_is_stopped_is_told_once_and_nothing_is_made_of_what_follows(tmp_path: Path) -> None:
    stop = a_finding("token-works")
    missing = a_step("push", Decision(blocked=(stop,)))
    assert planned(tmp_path, missing, a_step("runs", None, "push")) == ({}, (stop,))


def test_the_path_in_the_command_that_approves_is_one_word_to_a_shell() -> None:
    words = shlex.split(approving(Path("/tmp/my $(touch x) app")))
    assert words[-4:] == ["-m", "flows.activate", "/tmp/my $(touch x) app", "--live"]
    assert "'/tmp/my $(touch x) app'" in approving(Path("/tmp/my $(touch x) app"))
