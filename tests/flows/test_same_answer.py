"""The preflight says the same whatever order files and checks come in, and wherever the commit lies."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows import parts, preflight
from flows.cargo_parts import cargo_parts
from tasks.domain.check import Check
from tasks.facts import scripts
from tasks.facts.tree import LiteralFiles
from tasks.systems import ahead
from tests.benchmarks.benchmark import checks, findings, mutations
from tests.benchmarks.mutation import SAMPLE, sample

BROKEN = 40  # breakages at once, of which one in a file is kept
OF_THE_CLONE = ("commits-pushed", "history-complete", "work-tree-clean")


def broken_sample() -> dict[str, str]:
    """Return the sample's files with several breakages at once, one in a file."""
    whole = sample()
    files = dict(whole.files)
    chance = random.Random(5)
    every = [one for one in mutations(whole) if all(text is not None for text in one.files.values())]
    for one in chance.sample(every, BROKEN):
        files |= {
            path: text
            for path, text in one.files.items()
            if text is not None and files[path] == whole.files[path]
        }
    return files


def told(files: Mapping[str, str], every: Iterable[Check]) -> list[str]:
    """Return what is found, in an order of its own and without the time it took."""
    found = findings(replace(sample(), files=files), every)
    return sorted(
        str((f.check, f.phase, f.subject, f.verdict, f.weight, f.message, f.evidence, f.remedy))
        for f in found
    )


def test_the_order_of_files_and_of_checks_makes_no_difference() -> None:
    files, every = broken_sample(), list(checks())
    expected = told(files, every)
    assert len(expected) > 5
    for seed in range(4):
        chance = random.Random(seed)
        paths = list(files)
        chance.shuffle(paths)
        chance.shuffle(every)
        assert told({path: files[path] for path in paths}, every) == expected
    assert LiteralFiles(files).tree.paths == tuple(sorted(files))


def git(path: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *arguments], cwd=path, check=True, capture_output=True)


def repository(path: Path, files: Mapping[str, str]) -> Path:
    """Make a repository of files; its scripts may be executed."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8", newline="")
        if name in sample().executable:
            (path / name).chmod(0o755)
    git(path, "init", "--quiet", "--initial-branch", "main")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "Begin")
    return path


def answer(output: str, place: Path) -> list[Any]:
    """Return the findings, without the time they took and where the repository lies."""
    # A shell needs quotes around a path with a blank in it.
    report = json.loads(re.sub(r"'PLACE([^']*)'", r"PLACE\1", output.replace(str(place), "PLACE")))
    return [{**one, "seconds": 0} for one in report["findings"] if one["check"] not in OF_THE_CLONE]


@pytest.fixture
def no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what builds: it takes minutes, and says nothing about order."""
    whole = cargo_parts
    monkeypatch.setattr(
        parts, "cargo_parts", lambda world: (one for one in whole(world) if one.name == "cargo-metadata")
    )


@pytest.mark.processes
@pytest.mark.usefixtures("no_build")
def test_every_way_to_have_the_same_commit_gives_the_same_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app", broken_sample())
    git(path, "commit", "--quiet", "--allow-empty", "--message", "More")
    (tmp_path / "sh").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "d\u00e9 p\u00f4t").mkdir()
    git(tmp_path, "clone", "--quiet", "--depth", "1", path.as_uri(), "sh/app")
    git(tmp_path, "clone", "--quiet", path.as_uri(), "d\u00e9 p\u00f4t/app")
    git(path, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked" / "app"))
    for one in ("sh", "d\u00e9 p\u00f4t"):
        git(tmp_path / one / "app", "remote", "remove", "origin")
    answers = {}
    for one in (".", ".", "sh", "linked", "d\u00e9 p\u00f4t"):
        place = (tmp_path / one / "app").resolve()
        code = preflight.main([str(place), "--offline", "--json", "--quiet"])
        assert code == 3
        answers[one] = answer(capsys.readouterr().out, place)
        assert answers[one] == answers["."], one
    assert len({one["check"] for one in answers["."]}) > 5


@pytest.mark.processes
@pytest.mark.usefixtures("no_build")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_as_many_processes_as_there_are_give_the_same_answer_in_the_same_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository(tmp_path / "app", broken_sample())
    monkeypatch.setattr(scripts, "WORTH_A_HELPER", 0)
    answers = []
    for count in (0, 1, 3):
        monkeypatch.setattr(ahead, "helpers", lambda count=count: count)
        assert preflight.main([str(path), "--offline", "--json", "--quiet"]) == 3
        answers.append(answer(capsys.readouterr().out, path))
    assert answers[1:] == [answers[0]] * 2


@pytest.mark.processes
def test_hashes_of_another_seed_give_the_same_answer() -> None:
    script = (
        "import json, sys\nfrom tests.flows.test_same_answer import broken_sample, told\n"
        "from tests.benchmarks.benchmark import checks\nprint(json.dumps(told(broken_sample(), checks())))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=SAMPLE.parents[2],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in (0, 1, 77)
    }
    assert len(said) == 1
