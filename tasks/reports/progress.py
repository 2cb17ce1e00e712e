"""What a command is doing right now, on stderr: live on a terminal, one line per change elsewhere.

A display is a listener of events (`tasks.domain.event`) and a context manager::

    with progress.display(sys.stderr, environ=os.environ, quiet=settings.quiet) as emit:
        run(emit)

Events may come from several threads. The displays never answer and never raise for an event they do
not expect, such as the end of a step that never started.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from tasks.domain.answers import counted
from tasks.domain.event import Emit, Event, PhaseEnded, PhaseStarted, StepEnded, StepStarted, StepTold, Told
from tasks.domain.phase import Phase
from tasks.domain.step import PhaseResult, StepState
from tasks.reports.summary import duration, printable, told
from tasks.reports.terminal import STATE_STYLES, wants_colour

if TYPE_CHECKING:
    from rich.table import Table

REFRESH_PER_SECOND = 8


@contextmanager
def display(
    stream: TextIO,
    *,
    environ: Mapping[str, str],
    quiet: bool = False,
    phases: tuple[Phase, ...] = tuple(Phase),
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Emit]:
    """Open the display that suits the stream and give what takes its events; a live one clears up."""
    if quiet:
        yield lambda _: None
    elif wants_colour(stream, environ):
        with _live(stream, phases, clock) as emit:
            yield emit
    else:
        yield Plain(stream=stream, started=clock())


@dataclass(kw_only=True)
class Plain:
    """One line per change, with the seconds since the start; what is repeated is not printed again."""

    stream: TextIO
    started: float
    _last: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: Event) -> None:
        """Print what changed, if anything did."""
        line = _line(event)
        with self._lock:
            if isinstance(event, StepTold):
                if self._last.get(event.step) == event.text:
                    return
                self._last[event.step] = event.text
            self.stream.write(f"{event.at - self.started:7.1f} s  {printable(line)}\n")
            self.stream.flush()


def _line(event: Event) -> str:
    match event:
        case PhaseStarted():
            return f"{event.phase}: starts" + (
                f", {counted(len(event.steps), 'step')}" if event.steps else ""
            )
        case StepStarted():
            return f"{event.phase}: {event.step}: {event.title}"
        case StepTold():
            return f"{event.phase}: {event.step}: {' '.join(event.text.split())}"
        case StepEnded():
            why = " ".join(event.result.why.split())
            return f"{event.phase}: {event.step}: {event.result.state}" + (f", {why}" if why else "")
        case PhaseEnded():
            rest = told(event.result)
            took = duration(event.result.seconds)
            return f"{event.phase}: {event.result.state} after {took}" + (f", {rest}" if rest else "")
        case Told():
            return " ".join(event.text.split())


@dataclass(kw_only=True)
class Running:
    """A step that has begun and not ended, and the last thing it said."""

    step: str
    since: float
    text: str


@dataclass(kw_only=True)
class Board:
    """Where everything stands: what has ended, what runs, what is being waited for."""

    phases: tuple[Phase, ...]
    ended: dict[Phase, PhaseResult] = field(default_factory=dict)
    current: Phase | None = None
    since: float = 0.0
    expected: int = 0
    steps_ended: int = 0
    running: dict[str, Running] = field(default_factory=dict)
    text: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        with self.lock:
            match event:
                case PhaseStarted():
                    self.current, self.since = event.phase, event.at
                    self.expected, self.steps_ended = len(event.steps), 0
                    self.running.clear()
                    self.text = ""
                case StepStarted():
                    self.running[event.step] = Running(step=event.step, since=event.at, text=event.title)
                case StepTold():
                    if known := self.running.get(event.step):
                        known.text = event.text
                case StepEnded():
                    self.running.pop(event.step, None)
                    self.steps_ended += 1
                case PhaseEnded():
                    self.ended[event.phase] = event.result
                    self.current = None
                    self.running.clear()
                case Told():
                    self.text = event.text


@contextmanager
def _live(stream: TextIO, phases: tuple[Phase, ...], clock: Callable[[], float]) -> Iterator[Emit]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.live import Live  # noqa: PLC0415

    board = Board(phases=phases)
    live = Live(
        console=Console(file=stream, highlight=False),
        get_renderable=lambda: picture(board, clock()),
        refresh_per_second=REFRESH_PER_SECOND,
        transient=True,
        redirect_stdout=False,
    )
    with live:
        yield board


def picture(board: Board, now: float) -> Table:
    """Draw a line per phase, and under the current one what runs, since when, and for what it waits."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table.grid(padding=(0, 2))
    table.add_column(width=8, no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    with board.lock:
        if board.text and board.current is None:
            table.add_row(Text("now", style="cyan"), "", "", Text(printable(board.text)))
        for phase in board.phases:
            if result := board.ended.get(phase):
                state = Text(result.state, style=STATE_STYLES[result.state])
                took = duration(result.seconds) if result.state is not StepState.SKIPPED else ""
                table.add_row(state, phase.value, took, Text(told(result), style="dim"))
            elif phase is board.current:
                of = f" of {board.expected}" if board.expected else ""
                steps = f"{board.steps_ended}{of} steps ended"
                table.add_row(
                    Text("running", style="bold cyan"),
                    Text(phase.value, style="bold"),
                    duration(max(0.0, now - board.since)),
                    Text(steps, style="dim"),
                )
                for one in board.running.values():
                    elapsed = Text(duration(max(0.0, now - one.since)), style="dim")
                    table.add_row(
                        "", Text(f"  {one.step}"), elapsed, Text(printable(" ".join(one.text.split())))
                    )
            else:
                table.add_row(Text("to come", style="dim"), Text(phase.value, style="dim"), "", "")
    return table
