from __future__ import annotations

import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

CHECK = "trigger-paths-cover-toolchain"
FILES = {"Cargo.toml": CRATE, "src/lib.rs": "", "rust-toolchain.toml": '[toolchain]\nchannel = "1.94"\n'}
PATHS = "{pull_request: {paths: ['**/*.rs', '**/Cargo.toml', '**/Cargo.lock']}}"
BUILD = "- run: cargo test --locked"
FILTER = """\
- uses: dorny/paths-filter@v3
  id: filter
  with:
    filters: |
      rust:
        - '**/*.rs'
        - 'Cargo.lock'
- if: steps.filter.outputs.rust == 'true'
  run: cargo test
"""


def test_paths_without_the_toolchain_file_are_told() -> None:
    (found,) = ask(CHECK, {**FILES, CI: job(BUILD, on=PATHS)})
    assert places([found]) == [(CI, 1)]
    assert "1.94" in found.message
    assert places(ask(CHECK, {**FILES, CI: job(FILTER, on="pull_request")})) == [(CI, 6)]


@pytest.mark.parametrize(
    "text",
    [
        job(BUILD, on=PATHS.replace("'**/Cargo.lock'", "'**/Cargo.lock', rust-toolchain.toml")),
        job(BUILD, on="{pull_request: {paths: ['**']}}"),
        job(BUILD, on="push"),
        job("- run: cargo fmt --check", on=PATHS),
        job(BUILD, on="{pull_request: {paths: ['docs/**']}}"),
        job(BUILD, on="{pull_request: {paths-ignore: ['docs/**']}}"),
        job(FILTER.replace("'Cargo.lock'", "'*.toml'"), on="pull_request"),
        job(FILTER.replace("'Cargo.lock'", "${{ vars.FILES }}"), on="pull_request"),
    ],
)
def test_paths_with_it_and_builds_that_start_anyway_are_not(text: str) -> None:
    assert ask(CHECK, {**FILES, CI: text}) == []


def test_another_workflow_may_build_it() -> None:
    other = ".github/workflows/other.yml"
    assert ask(CHECK, {**FILES, CI: job(BUILD, on=PATHS), other: job(BUILD)}) == []
    assert ask(CHECK, {**FILES, CI: job(BUILD, on=PATHS), other: job("- run: make test")}) == []
