"""The sample's history is complete, always the same, and only its beginning is live."""

import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from deployments.embedded.scenarios import SCENARIOS, Scenario
from deployments.embedded.seed import CHAPTERS, chapter_of, sample_files, write_history
from deployments.embedded.working_copy import EditDoesNotFit, WorkingCopy

NAMES = {
    "token-without-workflow-scope",
    "broken-build",
    "missing-secret",
    "over-budget",
    "red-tests",
    "unhealthy-release",
}


@pytest.fixture
def copy(tmp_path: Path) -> WorkingCopy:
    return WorkingCopy(tmp_path / "clone")


def files_at(copy: WorkingCopy, revision: str) -> set[str]:
    return set(copy.run("ls-tree", "-r", "--name-only", revision).splitlines())


def test_every_chapter_has_files_of_its_own() -> None:
    assert {chapter_of(path) for path in sample_files()} == set(range(len(CHAPTERS)))


def test_what_tools_left_beside_the_sample_is_no_part_of_it(tmp_path: Path) -> None:
    for name in ("target/debug/moon", "a/__pycache__/b.pyc", ".terraform/lock", "src/lib.rs"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(sample_files(tmp_path)) == [PurePosixPath("src/lib.rs")]


@pytest.mark.processes
def test_two_histories_are_the_same_commits(tmp_path: Path) -> None:
    first, second = (write_history(WorkingCopy(tmp_path / name), None) for name in ("one", "two"))
    assert first == second


@pytest.mark.processes
def test_all_is_written_and_no_workflow_is_live(copy: WorkingCopy) -> None:
    history = write_history(copy, None)
    assert files_at(copy, history.written) == {str(path) for path in sample_files()}
    live = files_at(copy, history.live)
    assert "crates/moond/src/main.rs" in live
    assert not [path for path in live if path.startswith(".github/")]
    assert copy.run("status", "--porcelain") == ""


@pytest.mark.processes
def test_scripts_stay_executable(copy: WorkingCopy) -> None:
    history = write_history(copy, None)
    listed = copy.run("ls-tree", "-r", history.written, "deploy/package.sh")
    assert listed.startswith("100755")


def test_the_scenarios_are_those_that_were_promised() -> None:
    assert set(SCENARIOS) == NAMES


@pytest.mark.processes
@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_scenario_and_its_remedy_fit_the_sample(copy: WorkingCopy, name: str) -> None:
    scenario = SCENARIOS[name]
    history = write_history(copy, scenario)
    assert copy.run("rev-list", "--count", "HEAD") == str(len(CHAPTERS) + (scenario.commit is not None))
    assert history.live != history.written
    if scenario.remedy.commit is not None:
        assert mend(copy, scenario) is not None
        assert mend(copy, scenario) is None, "a second time changes nothing"
        assert copy.run("status", "--porcelain") == ""


@pytest.mark.processes
def test_a_remedy_does_not_guess_when_the_file_was_changed_otherwise(copy: WorkingCopy) -> None:
    scenario = SCENARIOS["broken-build"]
    write_history(copy, scenario)
    (copy.path / "crates/moond/src/check.rs").write_text("fn nothing() {}\n")
    with pytest.raises(EditDoesNotFit, match=r"check\.rs"):
        mend(copy, scenario)


def mend(copy: WorkingCopy, scenario: Scenario) -> str | None:
    assert scenario.remedy.commit is not None
    return copy.apply(scenario.remedy.commit)


def cargo(copy: WorkingCopy, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["cargo", *arguments, "--quiet", "--offline", "--locked"],
        env={**os.environ, "CARGO_TARGET_DIR": str(tmp_path / "target")},
        cwd=copy.path,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.processes
def test_the_broken_build_is_broken_and_its_remedy_mends_it(copy: WorkingCopy, tmp_path: Path) -> None:
    scenario = SCENARIOS["broken-build"]
    write_history(copy, scenario)
    broken = cargo(copy, tmp_path, "check", "--package", "moond")
    assert "error[E0308]" in broken.stderr
    mend(copy, scenario)
    assert cargo(copy, tmp_path, "check", "--package", "moond").returncode == 0


@pytest.mark.processes
def test_the_red_tests_are_red_and_their_remedy_mends_them(copy: WorkingCopy, tmp_path: Path) -> None:
    scenario = SCENARIOS["red-tests"]
    write_history(copy, scenario)
    red = cargo(copy, tmp_path, "test", "--package", "moonphase", "--lib")
    assert "known_eclipses_are_at_new_and_full_moon" in red.stdout
    assert red.returncode != 0
    mend(copy, scenario)
    assert cargo(copy, tmp_path, "test", "--package", "moonphase", "--lib").returncode == 0


@pytest.mark.processes
def test_the_mended_version_has_a_lock_file_that_agrees(copy: WorkingCopy, tmp_path: Path) -> None:
    scenario = SCENARIOS["unhealthy-release"]
    write_history(copy, scenario)
    mend(copy, scenario)
    done = cargo(copy, tmp_path, "pkgid", "--package", "moond")
    assert done.stdout.strip().endswith("0.1.1"), done.stderr
