"""The displays follow events from many threads, say each thing once, and clear up."""

from __future__ import annotations

import io
import threading

from rich.console import Console

from tasks.domain.event import Event, PhaseEnded, PhaseStarted, StepEnded, StepStarted, StepTold, Told
from tasks.domain.phase import Phase
from tasks.domain.step import PhaseResult, StepResult, StepState
from tasks.reports.progress import Board, Plain, display, picture

DONE = StepResult(step="tag", phase=Phase.RELEASE, state=StepState.DONE, why="v0.1.0 is there")
STARTED = PhaseStarted(phase=Phase.RELEASE, at=1.0, steps=("tag",))
EVENTS: tuple[Event, ...] = (
    Told(text="starting the embedded world", at=0.5),
    STARTED,
    StepStarted(phase=Phase.RELEASE, step="tag", title="The tag", at=1.5),
    StepTold(phase=Phase.RELEASE, step="tag", text="1 of 2 runs done", at=2.0),
    StepTold(phase=Phase.RELEASE, step="tag", text="1 of 2 runs done", at=3.0),
    StepEnded(phase=Phase.RELEASE, step="tag", result=DONE, at=4.0),
    PhaseEnded(
        phase=Phase.RELEASE,
        result=PhaseResult(phase=Phase.RELEASE, state=StepState.DONE, seconds=3.0, steps=(DONE,)),
        at=4.0,
    ),
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_without_a_terminal_each_change_is_one_line_and_nothing_is_said_twice() -> None:
    stream = io.StringIO()
    with display(stream, environ={}, clock=lambda: 0.0) as emit:
        for event in EVENTS:
            emit(event)
    assert stream.getvalue().splitlines() == [
        "    0.5 s  starting the embedded world",
        "    1.0 s  release: starts, 1 step",
        "    1.5 s  release: tag: The tag",
        "    2.0 s  release: tag: 1 of 2 runs done",
        "    4.0 s  release: tag: done, v0.1.0 is there",
        "    4.0 s  release: done after 3.0 s, 1 step, nothing changed",
    ]


def test_quiet_says_nothing() -> None:
    stream = Terminal()
    with display(stream, environ={"TERM": "xterm"}, quiet=True) as emit:
        for event in EVENTS:
            emit(event)
    assert stream.getvalue() == ""


def test_a_terminal_gets_a_live_picture() -> None:
    stream = Terminal()
    with display(stream, environ={"TERM": "xterm"}, clock=lambda: 5.0) as emit:
        for event in EVENTS[:4]:
            emit(event)
    assert "1 of 2 runs done" in stream.getvalue()


def shown(board: Board, now: float) -> str:
    """Draw a board as plain text."""
    out = io.StringIO()
    Console(file=out, width=120).print(picture(board, now))
    return out.getvalue()


def test_the_picture_tells_elapsed_time_and_what_is_waited_for() -> None:
    board = Board(phases=tuple(Phase))
    for event in EVENTS[:4]:
        board(event)
    text = shown(board, now=11.5)
    assert "running" in text
    assert "10.0 s" in text  # since the step began
    assert "1 of 2 runs done" in text
    assert text.count("to come") == len(Phase) - 1


def test_what_has_ended_is_no_longer_running() -> None:
    board = Board(phases=tuple(Phase))
    for event in EVENTS:
        board(event)
    assert "running" not in shown(board, now=12.0)
    assert "1 step, nothing changed" in shown(board, now=12.0)


def test_a_step_that_never_started_may_end() -> None:
    board = Board(phases=tuple(Phase))
    board(STARTED)
    board(EVENTS[5])
    assert board.steps_ended == 1


def test_lines_of_many_threads_are_not_mixed() -> None:
    stream = io.StringIO()
    plain = Plain(stream=stream, started=0.0)

    def speak(name: str) -> None:
        for number in range(50):
            plain(StepTold(phase=Phase.RELEASE, step=name, text=f"{name} {number}", at=1.0))

    threads = [threading.Thread(target=speak, args=(f"step-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 200
    assert all(line.startswith("    1.0 s  release: step-") for line in lines)
