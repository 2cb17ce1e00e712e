from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.systems.workshop import Workshop

ROOT = Path(__file__).parents[2]


def test_two_runs_at_once_get_two_directories_and_the_next_finds_what_the_first_left(tmp_path: Path) -> None:
    first, second = Workshop(tmp_path / "work"), Workshop(tmp_path / "work")
    (first.directory / "built").write_text("x")
    assert second.directory != first.directory
    assert first.directory == first.directory
    first.leave()
    third = Workshop(tmp_path / "work")
    assert (third.directory / "built").read_text() == "x"
    third.leave()
    second.leave()


def test_only_the_first_stays(tmp_path: Path) -> None:
    first, second = Workshop(tmp_path / "work"), Workshop(tmp_path / "work")
    kept, gone = first.directory, second.directory
    (gone / "built").write_text("x")
    second.leave()
    first.leave()
    assert [one for one in (kept, gone) if one.is_dir()] == [kept]


def test_nothing_is_made_before_it_is_asked_for(tmp_path: Path) -> None:
    Workshop(tmp_path / "work").leave()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_was_taken_away_under_its_lock_is_made_anew(tmp_path: Path) -> None:
    first, second = Workshop(tmp_path / "work"), Workshop(tmp_path / "work")
    first.directory.rmdir()
    assert second.directory.is_dir()
    first.leave()
    second.leave()


@pytest.mark.processes
def test_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal\n"
        "from tasks.systems.workshop import Workshop\n"
        f"workshop = Workshop(pathlib.Path({str(tmp_path / 'work')!r}))\n"
        "print(workshop.directory, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL
    mine = Workshop(tmp_path / "work")
    assert str(mine.directory) == killed.stdout.strip()
    mine.leave()
