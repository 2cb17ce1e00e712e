"""Run the activation flow on a session of made-up steps; a program, so that Prefect stays out of the tests.

usage: python activation_of_fakes.py STATE SERVER_DIRECTORY [PHASE | SCENARIO]; prints how each step ended as
JSON. With a phase, the first step of that phase kills the server; with a scenario, nothing fails: a step is
blocked or waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from flows import prefect_client
from flows.asked import Asked
from flows.running import orchestrated
from flows.session import Learned, Session, opened
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.step import Decision
from tasks.steps.step import Step
from tasks.systems import prefect_server
from tasks.systems.clock import SystemClock
from tasks.systems.journal import FileJournal
from tasks.systems.prefect_server import PrefectServer
from tasks.systems.state import repository_state

SECRET = "a-token-that-must-not-be-stored"


class Flaky(Exception):  # noqa: N818 - reads as what it is
    retryable = True


class Denied(Exception):  # noqa: N818 - reads as what it is
    retryable = False


class Looks:
    """A look that fails some times before it works; it holds a secret, as adapters do."""

    def __init__(self, error: type[Exception] | None, times: int) -> None:
        self.error, self.times, self.count, self.secret = error, times, 0, SECRET

    def __call__(self) -> str:
        self.count += 1
        if self.error is not None and self.count <= self.times:
            raise self.error(f"attempt {self.count}")
        return f"seen at attempt {self.count}"


def a_step(name: str, phase: Phase, looks: Looks, decision: Decision | None = None, **more: Any) -> Step[str]:
    return Step(
        name=name,
        phase=phase,
        title=f"The {name} {{step}}",
        look=looks,
        decide=lambda seen: decision or Decision(why=seen),
        act=lambda _change, _seen: None,
        retries=1,
        **more,
    )


def stopped(how: str) -> Decision:
    """Return a decision that stops a step."""
    if how == "waiting":
        return Decision(waiting="an approval is missing")
    return Decision(
        blocked=(
            Finding(
                check="secrets-are-set",
                phase=Phase.PROVISIONING,
                subject="KEY",
                verdict=Verdict.BROKEN,
                weight=Weight.BLOCKER,
                message="KEY is not set",
            ),
        )
    )


def killing(server: PrefectServer, look: Callable[[], str]) -> Callable[[], str]:
    """Return a look that kills the server before it looks."""

    def kill() -> str:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(server.pid)
            process.kill()
            # Who started it may be busy: then it stays as a zombie, which answers nobody.
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
        return look()

    return kill


def main(state: Path, server_directory: Path, kill_in: Phase | None, scenario: str | None) -> None:
    server = prefect_server.find(server_directory)
    assert server is not None
    looks = {"fine": Looks(None, 0), "flaky": Looks(Flaky, 1), "denied": Looks(Denied, 0 if scenario else 9)}
    unneeded = Decision(skipped=True, why="nothing asks for it")
    steps = {
        Phase.PREFLIGHT: (a_step("fine", Phase.PREFLIGHT, looks["fine"]),),
        Phase.PROVISIONING: (
            a_step("flaky", Phase.PROVISIONING, looks["flaky"]),
            a_step("unneeded", Phase.PROVISIONING, Looks(None, 0), unneeded, after=("flaky",)),
            a_step("denied", Phase.PROVISIONING, looks["denied"], stopped(scenario) if scenario else None),
            a_step("next", Phase.PROVISIONING, Looks(None, 0), after=("denied",)),
        ),
        Phase.FIRST_RUN: (a_step("later", Phase.FIRST_RUN, Looks(None, 0), after=("denied",)),),
    }
    if kill_in is not None:
        first, *others = steps[kill_in]
        steps[kill_in] = (replace(first, look=killing(server, first.look)), *others)
    clock = SystemClock()
    name = scenario or "moon"
    files = repository_state(state, "test", "acme", name)
    session = Session(
        asked=Asked(command="activate"),
        settings=Settings(
            world=WorldKind.EMBEDDED,
            repository_path=state,
            owner="acme",
            name=name,
            branch="main",
            state_directory=state,
            until=Phase.RELEASE,
            scenario=scenario,
        ),
        steps=steps,
        learned=Learned(),
        journal=FileJournal(files.journal, clock.now),
        clock=clock,
        emit=lambda _: None,
        files=files,
    )
    prefect_client.prepare_import(state, os.environ)
    with opened(session):
        reported = orchestrated(session, server)
    result = {
        "notes": session.learned.notes,
        "steps": {
            step.step: [step.state.value, step.why]
            for phase in session.results.values()
            for step in phase.steps
        },
        "phases": {phase.value: result.state.value for phase, result in session.results.items()},
        "attempts": {name: one.count for name, one in looks.items()},
    }
    print(json.dumps(result))  # noqa: T201 - the answer
    if not reported:
        prefect_client.leave(0)


if __name__ == "__main__":
    third = sys.argv[3] if sys.argv[3:] else None
    phase = Phase(third) if third in set(Phase) else None
    main(Path(sys.argv[1]), Path(sys.argv[2]), phase, None if phase else third)
