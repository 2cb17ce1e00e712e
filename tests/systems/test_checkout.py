from pathlib import Path

import pytest

from tasks.systems.checkout import clean_checkout
from tasks.systems.git_objects import DamagedClone
from tasks.systems.shell import Shell
from tests.systems.test_git import shell

pytestmark = pytest.mark.processes
MAIN = "fn main() {}\n"


def lacking(runner: Shell, path: Path, lost: str, **files: str) -> str:
    """Make a repository of one commit, take the content of a file away, and return the commit."""
    path.mkdir()
    runner.check("git", "init", "-q", "-b", "main", cwd=path)
    for name, text in {"Cargo.toml": "[package]\n", lost: "lost\n", **files}.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    runner.check("git", "add", ".", cwd=path)
    runner.check("git", "commit", "-q", "-m", "All", cwd=path)
    blob = _said(runner, path, f"HEAD:{lost}")
    (path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    return _said(runner, path, "HEAD")


def _said(runner: Shell, path: Path, revision: str) -> str:
    return runner.check("git", "rev-parse", revision, cwd=path).out.strip()


@pytest.fixture
def runner(tmp_path: Path) -> Shell:
    return shell(tmp_path)


def test_a_picture_that_the_clone_lacks_is_left_out_and_the_rest_checked_out(
    tmp_path: Path, runner: Shell
) -> None:
    commit = lacking(runner, tmp_path / "app", "docs/a [1].gif", main=MAIN)
    for _ in range(2):
        found = clean_checkout(runner, tmp_path / "app", commit, tmp_path / "out")
        assert (found / "main").read_text() == MAIN
        assert not (found / "docs/a [1].gif").exists()
    (tmp_path / "app/docs/a [1].gif").write_text("lost\n")
    runner.check("git", "hash-object", "-w", "docs/a [1].gif", cwd=tmp_path / "app")
    whole = clean_checkout(runner, tmp_path / "app", commit, tmp_path / "out")
    assert (whole / "docs/a [1].gif").read_text() == "lost\n"


@pytest.mark.parametrize(
    ("lost", "main"),
    [("lib.rs", MAIN), ("docs/a.gif", 'include_bytes!("docs/a.gif");\n'), ("tests/data/a.gif", MAIN)],
)
def test_what_a_build_or_a_test_may_read_is_not_left_out(
    lost: str, main: str, tmp_path: Path, runner: Shell
) -> None:
    commit = lacking(runner, tmp_path / "app", lost, **{"main.rs": main})
    with pytest.raises(DamagedClone):
        clean_checkout(runner, tmp_path / "app", commit, tmp_path / "out")
