import os
from pathlib import Path

import pytest

from tasks.domain.source import Source, Sources
from tasks.facts.audit import workflow_audit
from tasks.systems.shell import ProgramFailed, Shell
from tasks.systems.zizmor import Zizmor

pytestmark = pytest.mark.processes

CI = ".github/workflows/ci.yml"
UNSAFE = """\
on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ github.event.head_commit.message }}
"""


@pytest.fixture
def zizmor() -> Zizmor:
    return Zizmor(Shell(os.environ))


def sources(**files: str) -> Sources:
    return Sources(files={path: Source(path=path, text=text) for path, text in files.items()})


def test_an_injection_is_found_with_file_and_line(zizmor: Zizmor, tmp_path: Path) -> None:
    seen = workflow_audit(zizmor, sources(**{CI: UNSAFE}), tmp_path / "audit")
    found = {(one.rule, one.file, one.line, one.severity) for one in seen.findings}
    assert ("template-injection", CI, 7, "high") in found
    assert seen.tool.startswith("zizmor ")


def test_each_expression_of_a_block_is_found_on_its_own_line(zizmor: Zizmor, tmp_path: Path) -> None:
    name = "${{ github.event.head_commit.message }}"
    lines = ["echo a", *(f"  echo {number}" for number in range(20)), f"echo {name} {name}", "", f"x {name}"]
    for begin, first in (("|", 8), ("|-", 8), ("| # why", 8)):
        block = f"- run: {begin}\n" + "\n".join(f"          {one}" if one else "" for one in lines)
        text = UNSAFE.partition("- run:")[0] + block + f"\n      - run: echo {name}\n"
        seen = workflow_audit(zizmor, sources(**{CI: text}), tmp_path / "audit")
        found = [one for one in seen.findings if one.rule == "template-injection"]
        assert [one.line for one in found] == [first + 21, first + 21, first + 23, first + 24]
        assert {one.expression for one in found} == {"github.event.head_commit.message"}


def test_the_program_it_names_is_that_of_a_persons_path_and_never_the_one_of_this_installation(
    tmp_path: Path,
) -> None:
    theirs = tmp_path / "bin"
    theirs.mkdir()
    for path, named in ((f"{theirs}", "uvx zizmor"), (f"{theirs}:/nowhere", "zizmor")):
        if named == "zizmor":
            (theirs / "zizmor").write_text("#!/bin/sh\n")
            (theirs / "zizmor").chmod(0o755)
        zizmor = Zizmor(Shell({"PATH": path}))
        seen = workflow_audit(zizmor, sources(**{CI: UNSAFE}), tmp_path / "audit")
        assert seen.program == named
        assert seen.findings


def test_what_a_comment_allows_is_left_out(zizmor: Zizmor, tmp_path: Path) -> None:
    allowed = UNSAFE.replace("message }}", "message }} # zizmor: ignore[template-injection]")
    seen = workflow_audit(zizmor, sources(**{CI: allowed}), tmp_path / "audit")
    assert "template-injection" not in {one.rule for one in seen.findings}


def test_files_of_an_earlier_look_are_gone(zizmor: Zizmor, tmp_path: Path) -> None:
    workflow_audit(zizmor, sources(**{CI: UNSAFE}), tmp_path / "audit")
    seen = workflow_audit(zizmor, sources(**{"README.md": "x"}), tmp_path / "audit")
    assert seen.findings == ()


def test_a_file_that_the_linter_cannot_read_hides_no_other(zizmor: Zizmor, tmp_path: Path) -> None:
    folded = UNSAFE.replace("    steps:", '    env:\n      FULL: "${{\n        true\n      }}"\n    steps:')
    other = CI.replace("ci", "other")
    seen = workflow_audit(zizmor, sources(**{CI: UNSAFE, other: folded}), tmp_path / "audit")
    assert seen.unread == (other,)
    assert {one.file for one in seen.findings} == {CI}
    assert workflow_audit(zizmor, sources(**{other: folded}), tmp_path / "audit").unread == (other,)


def test_a_look_that_fails_is_no_empty_answer(zizmor: Zizmor, tmp_path: Path) -> None:
    broken = sources(**{CI: UNSAFE, "zizmor.yml": "rules: 7\n"})
    with pytest.raises(ProgramFailed):
        workflow_audit(zizmor, broken, tmp_path / "audit")
