import os
from pathlib import Path

import pytest

from tasks.domain.script import Scripts
from tasks.domain.shell_syntax import ShellFault
from tasks.facts.shell_syntax import shell_syntax
from tasks.systems.bash import Bash
from tasks.systems.shell import Shell
from tests.checks.testing import CI, job, snapshot

pytestmark = pytest.mark.processes


def read(files: dict[str, str], tmp_path: Path) -> tuple[ShellFault, ...]:
    scripts = snapshot(files).get(Scripts)
    assert isinstance(scripts, Scripts)
    return shell_syntax(Bash(Shell(os.environ)), scripts, tmp_path / "shell").faults


def step(text: str, *, shell: str = "", machine: str = "ubuntu-latest") -> dict[str, str]:
    lines = "".join(f"\n    {line}" for line in text.split("\n"))
    written = job(f"- run: |{lines}{shell and f'{chr(10)}  shell: {shell}'}")
    return {CI: written.replace("ubuntu-latest", machine)}


def test_a_step_that_bash_cannot_read_is_told_with_the_line_of_the_file(tmp_path: Path) -> None:
    (found,) = read(step("echo a\nif true; then\n  echo b )\nfi"), tmp_path)
    assert (found.script.path, found.line, "unexpected token `)'" in found.told) == (CI, 9, True)


def test_what_never_ends_is_told_at_a_line_of_the_text(tmp_path: Path) -> None:
    (found,) = read({"a.sh": "#!/bin/bash\nif true; then\n  echo b\n"}, tmp_path)
    assert found.line == 3
    assert "unexpected end of file" in found.told


@pytest.mark.parametrize(
    "text",
    [
        "if ${{ inputs.a }}; then echo; fi",
        "${{ inputs.command }}\necho '${{ toJSON(github) }}'",
        "for one in ${{ inputs.all }}; do echo $one; done",
        "(${{ inputs.command }})",
        "shopt -s extglob\nrm -- !(a|b)",
        "case $a in\n  a) ;;\nesac",
        "x=$(cat << EOF\nb\nEOF)",
        "exit 0\n)",
    ],
)
def test_what_bash_can_read_is_not_accused(text: str, tmp_path: Path) -> None:
    assert read(step(text), tmp_path) == ()


def test_an_indented_end_of_a_here_document_is_told(tmp_path: Path) -> None:
    (found,) = read({"a.sh": "cat << EOF\n  b\n  EOF\necho done\n"}, tmp_path)
    assert (found.line, found.swallowed) == (1, True)


def test_what_another_program_reads_is_not_accused(tmp_path: Path) -> None:
    assert read(step("if ($a) { echo b )", shell="pwsh"), tmp_path) == ()
    assert read(step("if ($a) { echo b )", machine="windows-latest"), tmp_path) == ()
    assert read(step("if ($a) { echo b )", machine="${{ inputs.machine }}"), tmp_path) == ()
    assert read({"a.sh": "#!/usr/bin/env zsh\nif [[ a ]] { echo b )\n"}, tmp_path) == ()
    assert read({"a.sh": "{% if a %}\nfi\n"}, tmp_path) == ()


def test_nothing_of_a_text_is_run(tmp_path: Path) -> None:
    read(step(f"touch {tmp_path}/made"), tmp_path)
    assert not (tmp_path / "made").exists()
