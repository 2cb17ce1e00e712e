"""What keeps a test on this side of loopback, and away from processes it does not own up to.

The guard listens to the interpreter's own audit events, so it hears a connection or a new process
whichever library makes it. It refuses the act and remembers it: code that swallows the refusal still
fails its test, at teardown.
"""

from __future__ import annotations

import ipaddress
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

STARTS_A_PROCESS = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)
ADDRESSED = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
RESOLVES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
HEARD = STARTS_A_PROCESS | ADDRESSED | RESOLVES
HERE = Path(__file__).parents[1]


class Refused(Exception):  # noqa: N818 - reads as the sentence it is
    """A test tried to do what its marks do not allow."""


def is_loopback(host: object) -> bool:
    """Tell whether a host, as socket functions take it, is this machine talking to itself."""
    if host is None:
        return True
    name = bytes(host).decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refusal(event: str, arguments: tuple[object, ...], *, processes: bool) -> str | None:
    """Say what is wrong with an audit event, or None when nothing is; ``processes`` is the test's mark."""
    if event in STARTS_A_PROCESS:
        return (
            None
            if processes
            else f"started a process ({event} {arguments[:2]!r}) without the mark `processes`"
        )
    if event in RESOLVES:
        return None if is_loopback(arguments[0]) else f"asked for the address of {arguments[0]!r}"
    if event in ADDRESSED:
        address = arguments[1]
        # AF_UNIX and netlink addresses are no (host, port) pairs; a connected socket's sendmsg has none.
        if not isinstance(address, tuple) or not address or not isinstance(address[0], str | bytes):
            return None
        return None if is_loopback(address[0]) else f"{event.partition('.')[2]} beyond loopback: {address!r}"
    return None


@dataclass(kw_only=True)
class Guard:
    """Listens while a test runs and holds what it must not have done."""

    test: str | None = None
    processes: bool = False
    violations: list[str] = field(default_factory=list)

    def enter(self, test: str, *, processes: bool) -> None:
        """Begin to listen for one test."""
        self.test, self.processes = test, processes
        self.violations.clear()

    def leave(self) -> None:
        """Stop listening."""
        self.test = None

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Refuse what the running test may not do; an audit hook."""
        if event not in HEARD or self.test is None:
            return
        if wrong := refusal(event, arguments, processes=self.processes):
            self.violations.append(f"{wrong}\n{_own_frames()}")
            raise Refused(f"{self.test} {wrong}")


def _own_frames() -> str:
    """Return the last places in this checkout that led here, newest last."""
    frames = [
        f"    {Path(frame.filename).relative_to(HERE)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_stack()
        if frame.filename.startswith(str(HERE))
        and ".venv" not in frame.filename
        and frame.filename != __file__
    ]
    return "\n".join(frames[-4:])


def left_behind(directory: Path, *, patience: float = 3.0) -> list[str]:
    """End and name every process that still lives in a directory of the tests.

    A process belongs to a directory when its working directory, environment or command line mentions it:
    that finds jobs, services and daemons, however they were detached, and nobody else's.
    """
    mine = [process for process in psutil.process_iter() if _mentions(process, str(directory))]
    _, alive = psutil.wait_procs(mine, timeout=patience)
    named = [_named(process) for process in alive]
    for process in alive:
        _end(process)
    psutil.wait_procs(alive, timeout=patience)
    return [name for name in named if name]


def _mentions(process: psutil.Process, directory: str) -> bool:
    me = psutil.Process()
    if process.pid == me.pid or process.pid in {parent.pid for parent in me.parents()}:
        return False
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        texts: Iterable[str] = (process.cwd(), *process.environ().values(), *process.cmdline())
    except psutil.Error:  # gone meanwhile, or somebody else's
        return False
    return any(directory == text or f"{directory}/" in f"{text}/" for text in texts)


def _named(process: psutil.Process) -> str:
    try:
        return f"pid {process.pid} in {process.cwd()}: {' '.join(process.cmdline())[:200]}"
    except psutil.Error:
        return ""


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
