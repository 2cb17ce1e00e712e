"""Names of targets."""

from __future__ import annotations

import pytest

from tests.checks.testing import CI, ask, places

MATRIX = """\
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        strategy:
          matrix:
            target: [x86_64-unknown-linux-gnu, {}]
        steps:
          - uses: dtolnay/rust-toolchain@stable
            with:
              targets: ${{{{ matrix.target }}}}
          - run: cargo build --target ${{{{ matrix.target }}}}
    """


@pytest.mark.parametrize(
    "target", ["x86_64-unknwon-linux-musl", "aarch64-aplpe-darwin", "aarch64-pc-windwos-msvc"]
)
def test_a_slip_in_a_target_is_told_where_it_is_written(target: str) -> None:
    found = ask("rust-target-named", {CI: MATRIX.format(target)})
    assert [(e.file, e.line) for e in found[0].evidence] == [(CI, 7), (CI, 11), (CI, 12)]


@pytest.mark.parametrize(
    "target",
    [
        "wasm32-wasi",
        "wasm32-wasip1",
        "x86_64-unknown-linux-gnu.2.17",
        "./x86_64-unknwon-none.json",
        "my-own-board",
        "mips-unknown-linux-gnu",
        "${{ inputs.target }}",
    ],
)
def test_a_target_of_another_release_or_of_ones_own_is_no_slip(target: str) -> None:
    assert not ask("rust-target-named", {CI: MATRIX.format(target)})


def test_a_target_that_rustup_adds_is_looked_at() -> None:
    job = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
    job += "      - run: rustup target add wasm32-unknonw-unknown\n"
    assert places(ask("rust-target-named", {CI: job})) == [(CI, 6)]
