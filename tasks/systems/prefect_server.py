"""The user's own Prefect server, seen from outside: found, started in the background, ended.

Prefect itself is never imported here: a command that only wants to end the server starts at once.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock
import psutil

DESCRIPTOR = "server.json"
MODULE = "deployments.prefect_server"


@dataclass(frozen=True, kw_only=True)
class PrefectServer:
    """A server that answered a moment ago; ``auth`` is its password, None when it wants none."""

    api_url: str
    ui_url: str | None = None
    auth: str | None = None
    pid: int | None = None

    def __repr__(self) -> str:
        """Show everything but the password."""
        return f"PrefectServer(api_url={self.api_url!r}, pid={self.pid})"


class NotServing(Exception):  # noqa: N818 - reads as the sentence it is
    """The server could not be started; the text says what its log says."""


def answers(api_url: str, auth: str | None = None, timeout: float = 2.0) -> bool:
    """Tell whether a Prefect API answers there, and lets us in."""
    request = urllib.request.Request(f"{api_url.rstrip('/')}/admin/version")  # noqa: S310 - a configured URL
    if auth:
        request.add_header("Authorization", f"Basic {base64.b64encode(auth.encode()).decode()}")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310 - as above
            return bool(response.status == 200)
    except (OSError, ValueError, urllib.error.HTTPError):
        return False


def find(directory: Path) -> PrefectServer | None:
    """Return the server that belongs to a directory, if it answers."""
    try:
        about = json.loads((directory / DESCRIPTOR).read_text())
        server = PrefectServer(
            api_url=about["api_url"], ui_url=about["ui_url"], auth=about["auth"], pid=about["pid"]
        )
    except (OSError, ValueError, KeyError):
        return None
    return server if answers(server.api_url, server.auth) else None


class Starting:
    """A server that is starting in the background, so that its start costs nobody time.

    Two servers would share one database file, so a process that lives is waited for even when it does not
    answer now: it may be starting, ending, or on a busy machine.
    """

    def __init__(
        self,
        directory: Path,
        root: Path,
        options: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._command = [sys.executable, "-m", MODULE, "--directory", str(directory), *options]
        self._root = root
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._log = directory / "server.log"
        self._pid: int | None = None
        self._lock = filelock.FileLock(directory / "start.lock")
        self._start_unless_there()

    def _start_unless_there(self) -> None:
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            return  # another command is starting it: wait for that one
        try:
            if find(self._directory) is None and not processes(self._directory):
                (self._directory / DESCRIPTOR).unlink(missing_ok=True)
                self._pid = _spawn(self._command, self._root, self._log)
        finally:
            if self._pid is None:
                self._lock.release()

    def ready(self, patience: float = 180.0) -> PrefectServer:
        """Wait until it answers; raises NotServing when it ends or stays silent."""
        deadline = self._clock() + patience
        try:
            while self._clock() < deadline:
                if server := find(self._directory):
                    return server
                if self._pid is not None and os.waitpid(self._pid, os.WNOHANG)[0]:
                    raise NotServing(f"the Prefect server ended while starting: {self._last_words()}")
                if self._pid is None:
                    self._start_unless_there()  # the one that was waited for may have ended
                time.sleep(0.05)
            raise NotServing(f"the Prefect server did not answer in {patience:.0f} s: {self._silent()}")
        finally:
            if self._lock.is_locked:
                self._lock.release()

    def _silent(self) -> str:
        living = [process.pid for process in processes(self._directory)]
        if self._pid is None and living:
            return f"process {living[0]} lives and is silent; `python -m flows.deactivate` ends it"
        return self._last_words()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        return " | ".join(lines[-3:]) or f"{self._log} is empty"


def _spawn(command: Sequence[str], root: Path, log: Path) -> int:
    """Start the server process with an environment built from nothing: it needs no credential of ours.

    It is meant to outlive this process, so nothing here holds it: no ``Popen`` that wants to be waited for.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "TZ") if name in os.environ}
    read, write = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        sys.executable,
        list(command),
        {**kept, "HOME": str(log.parent), "PYTHONPATH": str(root)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, read, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def stop(directory: Path, patience: float = 10.0) -> bool:
    """End the server of a directory and wait for its end; False when there was none."""
    ended = False
    for process in processes(directory):
        try:
            process.terminate()
            try:
                process.wait(patience)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(patience)
            ended = True
        except psutil.NoSuchProcess:
            continue
    (directory / DESCRIPTOR).unlink(missing_ok=True)
    return ended


def processes(directory: Path) -> list[psutil.Process]:
    """Find the server by its command line: a descriptor may be stale, a pid may be somebody else's by now."""
    wanted = ["-m", MODULE, "--directory", str(directory)]
    found = []
    for process in psutil.process_iter(["cmdline", "uids"]):
        cmdline = process.info["cmdline"] or []
        if cmdline[1:5] == wanted and process.info["uids"].real == os.getuid():
            found.append(process)
    return found
