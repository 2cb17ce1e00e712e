import subprocess
from pathlib import Path

import pytest

from tasks.domain.edit_command import Edit, commands
from tasks.domain.key_edit import needing, permitted, with_key
from tasks.domain.workflow import Workflow, Workflows
from tasks.facts.collect import collect
from tasks.facts.tree import LiteralFiles

CI = ".github/workflows/ci.yml"
pytestmark = pytest.mark.processes


def workflow(text: str) -> Workflow:
    found = collect(LiteralFiles({CI: text})).get(Workflows)
    assert isinstance(found, Workflows)
    (one,) = found
    return one


def edited(text: str, edits: tuple[Edit, ...], tmp_path: Path, times: int = 1) -> str:
    """Return the text as the shell leaves it; without an edit as it was."""
    (tmp_path / CI).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / CI).write_text(text)
    for time in range(times):
        for command in commands(edits):
            ended = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False)
            assert (ended.returncode == 0) == (time == 0), "what is edited already is not edited again, aloud"
    return (tmp_path / CI).read_text()


JOBS = """\
on: push
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps: [{run: x}]
  build:
    runs-on: ubuntu-latest
    steps: [{run: x}]
"""


@pytest.mark.parametrize("times", [1, 2])
def test_a_right_is_given_to_the_job_alone_with_what_it_had_and_once(tmp_path: Path, times: int) -> None:
    one = workflow(JOBS)
    edits = permitted(one, one.jobs["build"], {"id-token": "write", "contents": "write"})
    after = workflow(edited(JOBS, edits, tmp_path, times))
    assert after.jobs["build"].root["permissions"] == {"id-token": "write", "contents": "write"}
    assert "permissions" not in after.jobs["check"].root
    assert not after.repeated


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("permissions: {contents: read}", {"contents": "read", "pages": "write"}),
        ("permissions: {}", {"pages": "write"}),
        ("permissions: {pages: read, contents: read}", {"pages": "write", "contents": "read"}),
        ("permissions:\n      contents: read", {"contents": "read", "pages": "write"}),
        ("permissions: read-all", "read-all"),
    ],
)
def test_a_job_keeps_the_rights_that_it_has_of_its_own(tmp_path: Path, written: str, becomes: object) -> None:
    text = JOBS.replace("  build:\n", f"  build:\n    {written}\n")
    one = workflow(text)
    edits = permitted(one, one.jobs["build"], {"pages": "write"})
    after = workflow(edited(text, edits, tmp_path))
    assert after.jobs["build"].root["permissions"] == becomes


def test_where_nobody_wrote_permissions_nothing_is_taken_away() -> None:
    one = workflow(JOBS.replace("permissions:\n  contents: read\n", ""))
    assert permitted(one, one.jobs["build"], {"pages": "write"}) == ()


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("", ("check",)),
        ("needs: lint", ("lint", "check")),
        ("needs: [lint]", ("check", "lint")),
        ("needs:\n      - lint", ("check", "lint")),
    ],
)
def test_a_job_waits_for_one_more(tmp_path: Path, written: str, becomes: tuple[str, ...], times: int) -> None:
    text = JOBS.replace("  build:\n", f"  build:\n    {written}\n" if written else "  build:\n")
    text += "  lint: {runs-on: ubuntu-latest, steps: [{run: x}]}\n"
    one = workflow(text)
    after = workflow(edited(text, needing(one, one.jobs["build"], "check"), tmp_path, times))
    assert after.jobs["build"].needs == becomes


def test_no_job_is_made_to_wait_for_one_that_waits_for_it() -> None:
    one = workflow(JOBS.replace("  check:\n", "  check:\n    needs: build\n"))
    assert needing(one, one.jobs["build"], "check") == ()
    assert needing(one, one.jobs["build"], "gone") == ()


def test_a_line_that_cannot_be_told_apart_gets_no_key() -> None:
    text = JOBS.replace("  build:\n", "  build:\n    name: 'a name: b'\n")
    one = workflow(text)
    assert with_key(one.source, one.jobs["build"].root, "if: x") == ()
    crlf = workflow(JOBS.replace("\n", "\r\n"))
    assert with_key(crlf.source, crlf.jobs["build"].root, "if: x") == ()
