"""What cargo says of uncommitted files beside what it says of the commit, in real little workspaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.flows.test_odd_repositories import git, look, repository

pytestmark = pytest.mark.processes
MANIFEST = '[package]\nname = "moon"\nversion = "0.1.0"\nedition = "2021"\n'
LOCK = 'version = 3\n\n[[package]]\nname = "moon"\nversion = "0.1.0"\n'
GOOD = "pub fn one() -> u8 {\n    1\n}\n"
BAD = "pub fn one() -> u8 {\n    uno\n}\n"
CHECK = "work-tree-builds"


def told(place: Path, capsys: Any) -> dict[str, Any]:
    _, report = look(place, capsys)
    return {one["check"]: one for one in report["findings"] if one["check"] in ("cargo-build", CHECK)}


def crate(place: Path, library: str) -> Path:
    return repository(place, {"Cargo.toml": MANIFEST, "Cargo.lock": LOCK, "src/lib.rs": library})


def test_a_fault_of_the_work_tree_alone_is_told_beside_a_commit_that_builds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = crate(tmp_path / "moon", GOOD)
    assert told(place, capsys) == {}
    (place / "src/lib.rs").write_text(BAD)
    found = told(place, capsys)
    assert list(found) == [CHECK]
    (at,) = found[CHECK]["evidence"]
    assert (at["file"], at["line"], at["committed"]) == ("src/lib.rs", 2, False)
    assert (place / "src/lib.rs").read_text() == BAD
    (place / "src/lib.rs").write_text(GOOD)
    assert told(place, capsys) == {}


def test_a_commit_that_the_work_tree_mends_is_told_as_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = crate(tmp_path / "moon", "mod two;\n" + BAD)
    (place / "src/lib.rs").write_text("mod two;\n" + GOOD)
    (place / "src/two.rs").write_text("")
    found = told(place, capsys)
    assert list(found) == ["cargo-build"]
    assert "src/two.rs" in found["cargo-build"]["message"]
    (place / "src/two.rs").unlink()
    found = told(place, capsys)
    assert "fixed in the work tree" not in found["cargo-build"]["message"]
    (place / "src/lib.rs").write_text(GOOD)
    found = told(place, capsys)
    assert "; fixed in the work tree (src/lib.rs), not committed" in found["cargo-build"]["message"]
    assert found["cargo-build"]["message"].count("not committed") == 1


def test_a_file_that_is_deleted_or_new_in_the_work_tree_is_compiled_as_it_lies_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = crate(tmp_path / "moon", GOOD)
    (place / "src/lib.rs").unlink()
    (place / "src/main.rs").write_text("fn main() {}\n")
    assert told(place, capsys) == {}
    (place / "src/main.rs").write_text("fn main() { nothing() }\n")
    assert list(told(place, capsys)) == [CHECK]


def test_what_lies_beside_a_commit_that_could_not_be_built_here_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "https://127.0.0.1:9/star"
    place = crate(tmp_path / "moon", GOOD)
    (place / "Cargo.toml").write_text(f'{MANIFEST}\n[dependencies]\nstar = {{ git = "{address}" }}\n')
    star = f'\n[[package]]\nname = "star"\nversion = "0.1.0"\nsource = "git+{address}#{"a" * 40}"\n'
    (place / "Cargo.lock").write_text(f'{LOCK}dependencies = ["star"]\n{star}')
    git(place, "commit", "--quiet", "--all", "--message", "A star")
    (place / "src/lib.rs").write_text(BAD)
    _, report = look(place, capsys, "--all")
    found = [one for entry in report["findings"] for one in (entry, *entry["likewise"])]
    verdicts = {one["check"]: one["verdict"] for one in found}
    assert (verdicts["cargo-build"], verdicts[CHECK]) == ("unknown", "unknown")
