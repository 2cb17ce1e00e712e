"""Run the activation flow on a session of made-up steps; a program, so that Prefect stays out of the tests.

usage: python activation_of_fakes.py STATE SERVER_DIRECTORY [PHASE]; prints how each step ended as JSON.
With a phase, the first step of that phase kills the server.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from flows import prefect_client
from flows.asked import Asked
from flows.running import orchestrated
from flows.session import Learned, Session, opened
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


def a_step(name: str, phase: Phase, looks: Looks, **more: Any) -> Step[str]:
    return Step(
        name=name,
        phase=phase,
        title=name.title(),
        look=looks,
        decide=lambda seen: Decision(why=seen),
        act=lambda _change, _seen: None,
        retries=1,
        **more,
    )


def killing(server: PrefectServer, look: Callable[[], str]) -> Callable[[], str]:
    """Return a look that kills the server before it looks."""

    def kill() -> str:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(server.pid)
            process.kill()
            process.wait(10)
        return look()

    return kill


def main(state: Path, server_directory: Path, kill_in: Phase | None) -> None:
    server = prefect_server.find(server_directory)
    assert server is not None
    looks = {"fine": Looks(None, 0), "flaky": Looks(Flaky, 1), "denied": Looks(Denied, 9)}
    steps = {
        Phase.PREFLIGHT: (a_step("fine", Phase.PREFLIGHT, looks["fine"]),),
        Phase.PROVISIONING: (
            a_step("flaky", Phase.PROVISIONING, looks["flaky"]),
            a_step("denied", Phase.PROVISIONING, looks["denied"]),
        ),
        Phase.FIRST_RUN: (a_step("later", Phase.FIRST_RUN, Looks(None, 0), after=("denied",)),),
    }
    if kill_in is not None:
        first, *others = steps[kill_in]
        steps[kill_in] = (replace(first, look=killing(server, first.look)), *others)
    clock = SystemClock()
    files = repository_state(state, "test", "acme", "moon")
    session = Session(
        asked=Asked(command="activate"),
        settings=Settings(
            world=WorldKind.EMBEDDED,
            repository_path=state,
            owner="acme",
            name="moon",
            branch="main",
            state_directory=state,
            until=Phase.RELEASE,
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
    main(Path(sys.argv[1]), Path(sys.argv[2]), Phase(sys.argv[3]) if sys.argv[3:] else None)
