"""How commands reach the embedded world: find it as it was left, or start it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from deployments.embedded import connection as descriptor
from deployments.embedded.connection import Connection, Rehearsal
from deployments.embedded.memory import world_id_in
from deployments.embedded.processes import WORLD_MARKER, end, of_world

STATE_VARIABLE = "ACTIVATION_STATE_DIR"
MAIN = "main"
LOG = "world.log"
START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 20.0
ANSWER_LIMIT_SECONDS = 120.0
ROOT = Path(__file__).parents[2]
# Nothing of the person's credentials or of Git's, GitHub's and AWS's settings reaches a world.
NOT_FOR_WORLDS = ("AWS_", "GH_", "GITHUB_", "GIT_", "PREFECT_", "CARGO_REGISTRY", WORLD_MARKER)


class WorldError(Exception):
    """The world could not be started, reached, or do what it was asked; the message says why."""


class Refused(WorldError):  # noqa: N818 - reads as the state it is
    """The world answers, and says why it does not do what it was asked."""


class NotRunning(WorldError):  # noqa: N818 - reads as the state it is
    """No world runs, and none was to be started."""


def state_directory() -> Path:
    """Return where this user's state is: ACTIVATION_STATE_DIR, else the platform's own place."""
    named = os.environ.get(STATE_VARIABLE)
    return Path(named).absolute() if named else platformdirs.user_state_path("activation")


def world_directory(state: Path, scenario: str | None = None) -> Path:
    """Return where a world lives; each scenario has one of its own."""
    return state / "worlds" / (scenario or MAIN)


def connect(state: Path, *, scenario: str | None = None, start: bool = True) -> Connection:
    """Return the running world of a state directory, started if need be; two at once get the same one.

    Raises NotRunning without ``start``, WorldError when a world cannot be started.
    """
    directory = world_directory(state, scenario)
    if (found := _answering(directory)) is not None:
        return found
    if not start:
        raise NotRunning(f"no embedded world runs in {directory}")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(directory):
        return _answering(directory) or _start(directory, scenario)


def rehearse_sample(connection: Connection) -> Rehearsal:
    """Return the private clone of the bundled sample, made the first time, later as it was left."""
    return _rehearsal(ask(connection, "rehearse-sample"))


def rehearse(connection: Connection, repository: Path) -> Rehearsal:
    """Return a private clone of a repository at its committed HEAD; the repository itself is only read.

    Raises WorldError when it is no repository or has no commit.
    """
    return _rehearsal(ask(connection, "rehearse", path=str(repository.absolute())))


def status(connection: Connection) -> Mapping[str, Any]:
    """Return what a world is doing: busy, idle seconds, token scopes, services with their addresses."""
    return ask(connection, "status")


def running(state: Path) -> list[Connection]:
    """Return every world of a state directory that answers."""
    directories = sorted((state / "worlds").glob("*/"))
    return [found for directory in directories if (found := _answering(directory)) is not None]


def left_behind(state: Path) -> Mapping[str, int]:
    """Return how many processes worlds left behind that were killed, by the names of those worlds."""
    answering = {found.directory for found in running(state)}
    counts = {}
    for directory in sorted((state / "worlds").glob("*/")):
        known = world_id_in(directory) if directory not in answering else None
        if known is not None and (left := of_world(known, nodes=True)):
            counts[directory.name] = len(left)
    return counts


def stop(state: Path, *, scenario: str | None = None, every: bool = True) -> list[str]:
    """End worlds with their runs and services, also what a killed one left; return the names of the ended."""
    chosen = sorted((state / "worlds").glob("*/")) if every else [world_directory(state, scenario)]
    return [directory.name for directory in chosen if directory.is_dir() and _stop(directory)]


def ask(connection: Connection, operation: str, **values: Any) -> Mapping[str, Any]:
    """Have a world do one of its operations; WorldError with its own words when it does not."""
    address = urlsplit(connection.control_url)
    assert address.hostname is not None
    http = HTTPConnection(address.hostname, address.port, timeout=ANSWER_LIMIT_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {connection.control_token}", "Content-Type": "application/json"}
        http.request("POST", f"{address.path}/{operation}", json.dumps(values), headers)
        response = http.getresponse()
        answer = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        raise WorldError(f"the embedded world does not answer: {error}") from error
    finally:
        http.close()
    if response.status == HTTPStatus.BAD_REQUEST:
        raise Refused(str(answer.get("message")))
    if response.status != 200:
        raise WorldError(str(answer.get("message", f"HTTP {response.status}")))
    assert isinstance(answer, dict)
    return answer


def rerun_failed(connection: Connection, repository: str, run: int) -> None:
    """Start the failed jobs of a run again, as its page's button does; WorldError when GitHub refuses."""
    address = urlsplit(connection.github_api_url)
    assert address.hostname is not None
    http = HTTPConnection(address.hostname, address.port, timeout=ANSWER_LIMIT_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {connection.github_token}"}
        http.request("POST", f"/repos/{repository}/actions/runs/{run}/rerun-failed-jobs", headers=headers)
        response = http.getresponse()
        said = response.read()
    except (OSError, HTTPException) as error:
        raise WorldError(f"the embedded GitHub does not answer: {error}") from error
    finally:
        http.close()
    if response.status != 201:
        raise WorldError(f"run {run} is not started again: {json.loads(said).get('message')}")


def _rehearsal(answer: Mapping[str, Any]) -> Rehearsal:
    return Rehearsal(**{**answer, "path": Path(answer["path"]), "notes": tuple(answer["notes"])})


def _answering(directory: Path) -> Connection | None:
    """Return the world of a directory if its process lives and says that it is this world."""
    found = descriptor.read(directory)
    if found is None or not found.process.alive:
        return None
    try:
        return found if ask(found, "status")["world"] == found.world_id else None
    except WorldError:
        return None


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the right to start or end the world of a directory; it is free again when the holder dies."""
    with (directory / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(directory: Path, scenario: str | None) -> Connection:
    """Start the background process and wait until it says that it is ready or is gone."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "deployments.embedded", "serve", str(directory), "--ready", str(writing)]
    command += ["--scenario", scenario] if scenario else []
    log = directory / LOG
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=(writing,),
        )
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        heard, _, _ = select.select([pipe], [], [], START_LIMIT_SECONDS)
        if not heard or not pipe.read():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
            said = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
            raise WorldError(f"the embedded world did not start; the end of {log}:\n{said}")
    found = descriptor.read(directory)
    if found is None:
        raise WorldError(f"the embedded world ended at once; see {log}")
    # The world is to outlive this process: the object is told so, or it would warn of a child still running.
    process.returncode = 0
    return found


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_WORLDS)}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", "PYTHONUNBUFFERED": "1"}


def _stop(directory: Path) -> bool:
    """End one world; False when there was nothing to end."""
    with _alone(directory):
        found = descriptor.read(directory)
        ended = found is not None and found.process.alive
        if found is not None and ended:
            with contextlib.suppress(WorldError):
                ask(found, "stop")
            if not found.process.wait(STOP_LIMIT_SECONDS):
                found.process.end()
        known = world_id_in(directory)
        left = end(of_world(known, nodes=True)) if known is not None else 0
        (directory / descriptor.FILE).unlink(missing_ok=True)
        return ended or left > 0
