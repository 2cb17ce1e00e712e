"""Whoever reads a command's output may go away: the command then ends as other programs do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import command
from tests.flows.test_odd_repositories import repository

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[2]


def unread(*arguments: str, errors: bool = False) -> tuple[int, bytes]:
    """Run a command whose standard output (and error) nobody reads; return its exit code and its errors."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            stdout=writing,
            stderr=writing if errors else subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    return ended.returncode, ended.stderr or b""


@pytest.mark.parametrize(
    "arguments",
    [
        ("flows.preflight", "--list"),
        ("flows.preflight", "--list", "--json"),
        ("flows.deactivate", "--plan"),
        ("deployments.embedded", "scenarios"),
        ("deployments.embedded", "status", "--json"),
    ],
)
def test_a_command_whose_reader_went_away_ends_quietly(arguments: tuple[str, ...], state: Path) -> None:
    assert state.is_dir()  # nothing of the person's own is looked at
    assert unread(*arguments) == (command.UNREAD, b"")


@pytest.mark.parametrize("name", ["preflight", "activate", "journal", "deactivate"])
def test_a_page_of_help_that_nobody_reads_ends_quietly(name: str) -> None:
    code, errors = unread(f"flows.{name}", "--help")
    assert (code in (command.DONE, command.UNREAD), errors) == (True, b"")  # argparse may swallow it


def test_a_report_that_nobody_reads_ends_quietly(tmp_path: Path, state: Path) -> None:
    path = repository(tmp_path / "app")
    asked = ("flows.preflight", str(path), "--offline", "--quiet", "--only", "workflow-parses")
    for more in ((), ("--json",)):
        assert unread(*asked, *more) == (command.UNREAD, b"")
    assert (state / "repositories/offline/local/app/report.html").is_file()


def test_progress_and_mistakes_that_nobody_reads_are_no_failure(tmp_path: Path, state: Path) -> None:
    path = repository(tmp_path / "app")
    asked = ("flows.preflight", str(path), "--offline", "--only", "workflow-parses")
    assert unread(*asked, errors=True)[0] == command.UNREAD
    assert unread("flows.preflight", str(state / "nowhere"), errors=True)[0] == command.UNREAD


def test_a_pipe_to_somebody_else_that_broke_is_a_failure_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise BrokenPipeError("of a program")

    assert command.run("preflight", work, as_json=False) == command.BROKE
    assert "BrokenPipeError: of a program" in capsys.readouterr().err
