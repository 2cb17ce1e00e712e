"""Other programs, run so that none of them outlives the run that started it.

Each program gets a session of its own. Whatever ends the wait (its end, the timeout, Ctrl-C, an exception)
kills that whole process group. A watcher kills it when this process is gone without a word (SIGKILL).
No program runs without its watcher: it begins as a gate, a `/bin/sh` that waits for a line on its standard
input and then becomes the program. The line is written once the watcher knows of it; at end of file the gate
ends, and nothing was started.
The `sh` package does not serve here: its children survive SIGINT, SIGTERM and SIGKILL of the parent, and it
forks in Python, which a process full of threads must not (Python 3.12 warns about it).
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tasks.systems.watcher import Watcher

LIMIT = 64 * 1024 * 1024  # bytes kept of one stream; what comes later is counted and dropped
GRACE = 2.0  # seconds a group has between SIGTERM and SIGKILL
CHUNK = 65536
_GATE = 'read -r _ || exit; exec "$@"'
_GATE_TO_NOTHING = 'read -r _ || exit; exec "$@" </dev/null'
_OPEN = b"\n"

Line = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a program ended; ``exit`` is negative for a signal, as in subprocess."""

    argv: tuple[str, ...]
    exit: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    dropped: int = 0  # bytes of output beyond the limit

    @property
    def ok(self) -> bool:
        """Tell whether it ended by itself with exit code 0."""
        return self.exit == 0 and not self.timed_out

    @property
    def out(self) -> str:
        """Standard output as text; bytes that are no UTF-8 show as replacement characters."""
        return self.stdout.decode(errors="replace")

    @property
    def err(self) -> str:
        """Standard error as text."""
        return self.stderr.decode(errors="replace")


class ProgramMissing(Exception):  # noqa: N818 - reads as the sentence it is
    """The program is not on the PATH that it was to be started with; ``program`` is what was asked for."""

    retryable = False

    def __init__(self, program: str) -> None:
        super().__init__(f"`{program}` is not installed or not on PATH")
        self.program = program

    def __reduce__(self) -> tuple[type[ProgramMissing], tuple[str]]:
        """Survive pickling with the one argument it is made from."""
        return type(self), (self.program,)


class ProgramFailed(Exception):  # noqa: N818 - reads as the sentence it is
    """A program that had to succeed did not; ``ended`` holds its output."""

    retryable = False

    def __init__(self, ended: Ended) -> None:
        last = (ended.err.strip() or ended.out.strip()).splitlines()[-5:]
        how = f"timed out after {ended.seconds:.0f} s" if ended.timed_out else f"exit {ended.exit}"
        super().__init__(f"`{shlex.join(ended.argv)}`: {how}" + (f": {' | '.join(last)}" if last else ""))
        self.ended = ended

    def __reduce__(self) -> tuple[type[ProgramFailed], tuple[Ended]]:
        """Survive pickling with the one argument it is made from."""
        return type(self), (self.ended,)


class Shell:
    """Runs programs with the environment it is given.

    The gate adds ``PWD``, and may leave out what has a name that is no shell variable's (POSIX lets it).
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._watcher = Watcher()

    def run(
        self,
        *argv: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        timeout: float = 600.0,
        on_line: Line | None = None,
        limit: int = LIMIT,
    ) -> Ended:
        """Run a program to its end and return what it said, whatever its exit code.

        ``env`` is laid over the shell's environment; ``on_line`` is told every line of both streams as it
        comes. Raises ProgramMissing when there is no such program.
        """
        started = time.monotonic()
        environment = {**self.environment, **(env or {})}
        if not _is_there(argv[0], cwd, environment):
            raise ProgramMissing(argv[0])
        gate = _GATE_TO_NOTHING if stdin is None else _GATE
        process = subprocess.Popen(
            ["/bin/sh", "-c", gate, "sh", *argv],
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._watcher.watch(process.pid)
            pump = _Pump(process=process, on_line=on_line, limit=limit)
            timed_out = not pump.drain(_OPEN + (stdin or b""), deadline=started + timeout)
        finally:
            end_group(process)
            self._watcher.let_go(process.pid)
        return Ended(
            argv=argv,
            exit=process.returncode,
            stdout=pump.kept(process.stdout),
            stderr=pump.kept(process.stderr),
            seconds=time.monotonic() - started,
            timed_out=timed_out,
            dropped=pump.dropped,
        )

    def check(
        self,
        *argv: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        timeout: float = 600.0,
    ) -> Ended:
        """Run a program that has to succeed; raises ProgramFailed with its last words otherwise."""
        ended = self.run(*argv, cwd=cwd, env=env, stdin=stdin, timeout=timeout)
        if not ended.ok:
            raise ProgramFailed(ended)
        return ended

    def end_all(self) -> None:
        """Kill every program that is running now; for the handler of a signal."""
        for group in self._watcher.groups:
            _signal_group(group, signal.SIGKILL)


def _is_there(program: str, cwd: Path, environment: Mapping[str, str]) -> bool:
    """Tell whether there is such a program, on the PATH that it is started with or where its path says."""
    if "/" in program:
        return os.access(cwd / program, os.X_OK)
    return shutil.which(program, path=environment.get("PATH", os.defpath)) is not None


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a program and all it started: SIGTERM while it runs, then SIGKILL for whatever is left."""
    if process.poll() is None:
        _signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class _Pump:
    """Moves bytes between a program and this process in one thread, within a limit."""

    def __init__(self, *, process: subprocess.Popen[bytes], on_line: Line | None, limit: int) -> None:
        self.process = process
        self.on_line = on_line
        self.limit = limit
        self.dropped = 0
        self.buffers: dict[IO[bytes], bytearray] = {}
        self.pending: dict[IO[bytes], bytes] = {}

    def kept(self, stream: IO[bytes] | None) -> bytes:
        """Return what was kept of a stream."""
        return bytes(self.buffers.get(stream, b"")) if stream is not None else b""

    def drain(self, stdin: bytes, *, deadline: float) -> bool:
        """Read both streams until the program is over; False when the deadline came first."""
        with selectors.DefaultSelector() as selector:
            for stream in (self.process.stdout, self.process.stderr):
                if stream is not None:
                    os.set_blocking(stream.fileno(), False)
                    self.buffers[stream] = bytearray()
                    selector.register(stream, selectors.EVENT_READ)
            feed = memoryview(stdin)
            if self.process.stdin is not None:
                os.set_blocking(self.process.stdin.fileno(), False)
                selector.register(self.process.stdin, selectors.EVENT_WRITE)
            over_since: float | None = None
            while selector.get_map():
                now = time.monotonic()
                if now >= deadline:
                    return False
                if over_since is None and self.process.poll() is not None:
                    over_since = now
                # Something it left behind may hold the pipes open for ever: the program itself is over.
                if over_since is not None and now - over_since > GRACE:
                    break
                for key, _ in selector.select(min(0.2, deadline - now)):
                    if key.fileobj is self.process.stdin:
                        feed = self._write(selector, self.process.stdin, feed)
                    else:
                        self._read(selector, key.fileobj)  # type: ignore[arg-type]  # only streams are registered
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _write(self, selector: selectors.BaseSelector, stream: IO[bytes], feed: memoryview) -> memoryview:
        try:
            feed = feed[os.write(stream.fileno(), feed[:CHUNK]) :] if feed else feed
        except BrokenPipeError:
            feed = memoryview(b"")
        if not feed:
            selector.unregister(stream)
            stream.close()
        return feed

    def _read(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        data = os.read(stream.fileno(), CHUNK)
        if not data:
            selector.unregister(stream)
            if self.on_line and (rest := self.pending.pop(stream, b"")):
                self.on_line(rest.decode(errors="replace"))
            return
        kept = self.buffers[stream]
        room = max(0, self.limit - len(kept))
        kept += data[:room]
        self.dropped += max(0, len(data) - room)
        if self.on_line:
            *lines, rest = (self.pending.get(stream, b"") + data).split(b"\n")
            self.pending[stream] = rest[-CHUNK:]
            for line in lines:
                self.on_line(line.decode(errors="replace").rstrip("\r"))
