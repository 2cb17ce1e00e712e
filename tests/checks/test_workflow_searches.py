import os
from pathlib import Path

import pytest

from tasks.domain.finding import Finding
from tasks.domain.script import Scripts
from tasks.domain.search import searches
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows
from tasks.facts.searches import searched
from tasks.systems.grep import Grep
from tasks.systems.shell import Shell
from tests.checks.testing import CI, ask, job, places, snapshot

pytestmark = pytest.mark.processes

SOURCES = {"src/a.rs": "fn a() {\n    println!();\n}\n", "src/b.rs": "fn b() {}\n"}


def searching(run: str, tmp_path: Path, before: str = "", extra: str = "") -> list[Finding]:
    lines = "".join(f"\n    {line}" for line in run.split("\n"))
    steps = f"- uses: actions/checkout@v4\n{before}{before and chr(10)}- run: |{lines}{extra}"
    files = {**SOURCES, CI: job(steps)}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    seen = snapshot(files)
    facts = [seen.get(kind) for kind in (Workflows, Scripts, Tree)]
    workflows, scripts, tree = facts
    assert isinstance(workflows, Workflows)
    assert isinstance(scripts, Scripts)
    assert isinstance(tree, Tree)
    found = searched(Grep(Shell(os.environ), tmp_path), searches(workflows, scripts, tree))
    return ask("search-can-pass", files, found)


@pytest.mark.parametrize(
    "condition",
    [
        "grep -r 'println!\\|dbg!' --include=\"*.rs\" src/ 2>/dev/null",
        "grep -rq println src",
        "grep -E '^ +print' src/a.rs src/b.rs",
    ],
)
def test_a_step_that_refuses_what_is_committed_is_named_with_the_match(
    condition: str, tmp_path: Path
) -> None:
    (found,) = searching(f"echo a\nif {condition}; then\n  echo no\n  exit 1\nfi", tmp_path)
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 9), ("src/a.rs", 2)]


@pytest.mark.parametrize(
    "run",
    ["grep unsafe src/a.rs", "if ! grep -q unsafe src/b.rs; then\n  exit 1\nfi", "grep -c unsafe src/b.rs"],
)
def test_a_step_that_wants_what_is_not_there_is_named(run: str, tmp_path: Path) -> None:
    assert places(searching(run, tmp_path)) == [(CI, 8)]


@pytest.mark.parametrize(
    "run",
    [
        "if grep -r unsafe src; then\n  exit 1\nfi",
        "if grep -r println src; then\n  echo found\nfi",
        "if grep -r println src; then\n  exit 0\nfi",
        "if grep -r println src | grep -v a.rs; then\n  exit 1\nfi",
        'if grep -r "$WORD" src; then\n  exit 1\nfi',
        "if grep -r println target; then\n  exit 1\nfi",
        "grep println src/a.rs",
        "grep unsafe src/a.rs || true",
        "grep unsafe src/a.rs | wc -l",
        'if [ -n "$A" ]; then\n  grep unsafe src/a.rs\nfi',
        "cargo build > log\ngrep unsafe src/a.rs",
        "sed -i s/println//g src/a.rs\nif grep -r println src; then\n  exit 1\nfi",
    ],
)
def test_a_step_that_can_pass_or_is_not_certain_is_not_accused(run: str, tmp_path: Path) -> None:
    assert searching(run, tmp_path) == []


def test_a_step_that_may_fail_or_is_left_out_is_not_accused(tmp_path: Path) -> None:
    run = "grep unsafe src/a.rs"
    assert searching(run, tmp_path, extra="\n  continue-on-error: true") == []
    assert searching(run, tmp_path, extra="\n  if: inputs.a") == []
    assert searching(run, tmp_path, before="- uses: acme/generate@v1") == []
