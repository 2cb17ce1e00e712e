"""Ask one check about literal files: the three lines that a check's test is made of.

def test_a_binary_that_no_crate_builds_is_named():
    found = ask("workflow-binary-exists", {"Cargo.toml": CRATE, ".github/workflows/ci.yml": CI})
    assert places(found) == [(".github/workflows/ci.yml", 7)]
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from tasks.checks import load
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Finding, Verdict
from tasks.facts.collect import collect
from tasks.facts.tree import LiteralFiles

CI = ".github/workflows/ci.yml"

CRATE = """\
[package]
name = "app"
version = "0.1.0"
edition = "2021"
"""


def snapshot(files: Mapping[str, str | bytes], *facts: object, executable: Iterable[str] = ()) -> Snapshot:
    """Collect literal files, dedented, and add facts of other systems."""
    texts = {path: textwrap.dedent(c) if isinstance(c, str) else c for path, c in files.items()}
    return collect(LiteralFiles(texts, executable=executable)).with_facts(*facts)


def ask(
    check: str, files: Mapping[str, str | bytes], *facts: object, executable: Iterable[str] = ()
) -> list[Finding]:
    """Return what a check finds that does not hold."""
    found = answers(check, files, *facts, executable=executable)
    return [one for one in found if one.verdict in (Verdict.BROKEN, Verdict.UNKNOWN)]


def answers(
    check: str, files: Mapping[str, str | bytes], *facts: object, executable: Iterable[str] = ()
) -> list[Finding]:
    """Return everything a check answers, also what holds."""
    one = next(one for one in load() if one.id == check)
    seen = snapshot(files, *facts, executable=executable)
    assert one.applies(seen), f"{check} asks for facts that the test does not give: {one.unseen(seen)}"
    found = one.evaluate(seen)
    crashed = [finding.message for finding in found if "the check itself failed" in finding.message]
    assert not crashed, crashed
    return found


def places(found: Iterable[Finding]) -> list[tuple[str | None, int | None]]:
    """Return file and line of each finding's first evidence."""
    return [(one.evidence[0].file, one.evidence[0].line) if one.evidence else (None, None) for one in found]


def job(steps: str, *, on: str = "push", extra: str = "") -> str:
    """Return a workflow with one job ``build``: its first step is on line 6, plus the lines of ``extra``."""
    body = textwrap.indent(textwrap.dedent(steps).strip("\n"), " " * 6)
    middle = textwrap.indent(textwrap.dedent(extra).strip("\n"), " " * 4)
    head = f"on: {on}\njobs:\n  build:\n    runs-on: ubuntu-latest\n"
    return f"{head}{middle}{chr(10) if middle else ''}    steps:\n{body}\n"
