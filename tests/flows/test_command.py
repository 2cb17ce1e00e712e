import io
import os
import signal
from typing import Any

import pytest

from flows import command
from tasks.domain.mistake import Mistake, Mistaken


def run(work: Any, *, as_json: Any = False) -> Any:
    errors = io.StringIO()
    return command.run("activate", work, as_json=as_json, errors=errors), errors.getvalue()


def raising(error: Any) -> Any:
    def work() -> None:
        raise error

    return work


def test_the_work_says_the_exit_code() -> None:
    assert run(lambda: 3) == (3, "")


def test_ctrl_c_and_sigterm_end_with_one_line_each() -> None:
    for work, code in ((raising(KeyboardInterrupt()), 130), (raising(command.Terminated()), 143)):
        ended, told = run(work)
        assert ended == code
        assert told.count("\n") == 1


def test_what_became_of_the_runs_is_told_before_the_last_line() -> None:
    error = KeyboardInterrupt()
    error.add_note("cancelled in the embedded GitHub: CI (run 7)")
    first, last = run(raising(error))[1].splitlines()
    assert first == "activate: cancelled in the embedded GitHub: CI (run 7)"
    assert "run it again" in last


def test_sigterm_unwinds_so_that_locks_and_children_are_let_go() -> None:
    released = []

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            released.append(True)

    before = signal.getsignal(signal.SIGTERM)
    assert run(work)[0] == 143
    assert released == [True]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_failure_of_the_program_is_told_once_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(RuntimeError("boom")), as_json=True) == (1, "activate: RuntimeError: boom\n")
    assert '"exit": 1' in capsys.readouterr().out


def test_mistakes_are_told_with_their_places() -> None:
    mistakes = [
        Mistake(place="activation.toml", line=3, message="unknown key a"),
        Mistake(place="x", message="y"),
    ]
    assert run(raising(Mistaken(mistakes))) == (2, "activation.toml:3: unknown key a\nx: y\n")


@pytest.mark.parametrize("error", [SystemExit(5)])
def test_an_exit_that_somebody_asked_for_is_not_swallowed(error: Any) -> None:
    with pytest.raises(SystemExit):
        run(raising(error))
