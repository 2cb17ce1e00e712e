"""Run the activation flow on a session of made-up steps; a program, so that Prefect stays out of the tests.

usage: python activation_of_fakes.py STATE SERVER_DIRECTORY; prints how each step ended as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from flows import prefect_client
from flows.asked import Asked
from flows.session import Learned, Session, opened
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.step import Decision
from tasks.steps.step import Step
from tasks.systems import prefect_server
from tasks.systems.clock import SystemClock
from tasks.systems.journal import FileJournal
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


def main(state: Path, server_directory: Path) -> None:
    looks = {"fine": Looks(None, 0), "flaky": Looks(Flaky, 1), "denied": Looks(Denied, 9)}
    steps = {
        Phase.PREFLIGHT: (a_step("fine", Phase.PREFLIGHT, looks["fine"]),),
        Phase.PROVISIONING: (
            a_step("flaky", Phase.PROVISIONING, looks["flaky"]),
            a_step("denied", Phase.PROVISIONING, looks["denied"]),
        ),
        Phase.FIRST_RUN: (a_step("later", Phase.FIRST_RUN, Looks(None, 0), after=("denied",)),),
    }
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
    server = prefect_server.find(server_directory)
    assert server is not None
    prefect_client.prepare_import(state, os.environ)
    from flows.activation import activation  # noqa: PLC0415 - the environment comes first

    with prefect_client.reporting_to(server), opened(session):
        ended = activation(repository="", return_state=True)
    result = {
        "flow": ended.name,
        "steps": {
            step.step: [step.state.value, step.why]
            for phase in session.results.values()
            for step in phase.steps
        },
        "phases": {phase.value: result.state.value for phase, result in session.results.items()},
        "attempts": {name: one.count for name, one in looks.items()},
    }
    print(json.dumps(result))  # noqa: T201 - the answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
