from __future__ import annotations

import pytest

from tasks.domain.source import source
from tasks.domain.step_place import line_of
from tasks.facts.workflows import read_workflows

TEXT = b"""\
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo fmt
  test:
    name: Test of ${{ matrix.crate }}
    runs-on: ubuntu-latest
    strategy: {matrix: {crate: [a, b]}}
    steps:
      - uses: actions/checkout@v4
      - name: Test ${{ matrix.crate }}
        run: cargo test
      - run: exit 1
      - run: exit 1
  build:
    runs-on: ${{ matrix.os }}
    strategy: {matrix: {os: [ubuntu-latest]}}
    steps:
      - run: make
"""


@pytest.mark.parametrize(
    ("job", "step", "line"),
    [
        ("lint", "Run actions/checkout@v4", 6),
        ("Test of a", "Run actions/checkout@v4", 13),
        ("Test of b", "Test b", 14),
        ("build (ubuntu-latest)", "Run make", 22),
        ("lint", None, 3),
        ("Test of a", "Run exit 1", None),  # two steps of that name
        ("of another file", "Run actions/checkout@v4", None),
        ("of another file", "Run make", 22),
        ("lint", "Complete job", None),
        ("of another file", None, None),
    ],
)
def test_only_a_place_that_is_certain_is_told(job: str, step: str | None, line: int | None) -> None:
    (workflow,) = read_workflows([source(".github/workflows/ci.yml", TEXT)])
    assert line_of(workflow, job, step) == line
