"""A repository of any size: workflows as people write them, crates, scripts, a document."""

from __future__ import annotations

_WORKFLOW = """\
name: Part {n}

on:
  push:
    branches: [main]
    paths: ["crates/**", ".github/workflows/part-{n}.yml"]
  pull_request:
  workflow_dispatch:
    inputs:
      profile:
        type: choice
        options: [dev, release]
        default: dev

permissions:
  contents: read

concurrency:
  group: part-{n}-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

env:
  CARGO_TERM_COLOR: always

jobs:
  build:
    name: Build ${{{{ matrix.crate }}}} (${{{{ matrix.target }}}})
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    strategy:
      fail-fast: false
      matrix:
        crate: [crate-{a}, crate-{b}]
        target: [x86_64-unknown-linux-gnu, x86_64-unknown-linux-musl]
    steps:
      - uses: actions/checkout@v5
      - uses: dtolnay/rust-toolchain@stable
        with:
          targets: ${{{{ matrix.target }}}}
          components: clippy, rustfmt
      - uses: actions/cache@v5
        with:
          path: |
            ~/.cargo/registry
            target
          key: part-{n}-${{{{ runner.os }}}}-${{{{ hashFiles('**/Cargo.lock') }}}}
          restore-keys: part-{n}-${{{{ runner.os }}}}-
      - name: Build
        run: |
          set -euo pipefail
          cargo build --locked --package "$CRATE" --target "$TARGET" --release
          mkdir -p out
          cp "target/$TARGET/release/$CRATE" out/
          sha256sum out/* | tee out/SHA256SUMS
        env:
          CRATE: ${{{{ matrix.crate }}}}
          TARGET: ${{{{ matrix.target }}}}
      - name: Check
        if: github.event_name != 'pull_request'
        run: scripts/check-{n}.sh "${{{{ matrix.crate }}}}"
      - uses: actions/upload-artifact@v6
        with:
          name: part-{n}-${{{{ matrix.crate }}}}-${{{{ matrix.target }}}}
          path: out
          if-no-files-found: error
  test:
    needs: build
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    outputs:
      passed: ${{{{ steps.count.outputs.passed }}}}
    steps:
      - uses: actions/checkout@v5
      - uses: dtolnay/rust-toolchain@stable
      - run: cargo test --locked --workspace --all-targets
      - id: count
        run: |
          passed=$(grep -c 'ok$' log.txt || true)
          echo "passed=$passed" >> "$GITHUB_OUTPUT"
  report:
    needs: [build, test]
    if: ${{{{ always() && needs.test.result == 'success' }}}}
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: echo "passed ${{{{ needs.test.outputs.passed }}}}"
"""
_SCRIPT = """\
#!/usr/bin/env bash
set -euo pipefail
crate=${{1:?usage: check-{n}.sh CRATE}}
for kind in bin lib; do
    if [ -d "crates/$crate/src" ]; then
        echo "checking $crate $kind"
    else
        echo "no such crate" >&2
        exit 1
    fi
done
cargo metadata --format-version 1 --no-deps >metadata.json
"""


def repository(workflows: int, crates: int) -> dict[str, str]:
    """Return the files of a sound repository."""
    members = [f"crate-{n}" for n in range(crates)]
    files = {
        "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\n\n'
        '[workspace.package]\nversion = "0.1.0"\nedition = "2021"\n',
        "Cargo.lock": _lock(members),
        "README.md": "# Generated\n\n" + "".join(f"Run `scripts/check-{n}.sh`.\n" for n in range(workflows)),
    }
    for n, name in enumerate(members):
        needs = f'{members[n - 1]} = {{ path = "../{members[n - 1]}" }}\n' if n else ""
        files[f"crates/{name}/Cargo.toml"] = (
            f'[package]\nname = "{name}"\nversion.workspace = true\nedition.workspace = true\n\n'
            f"[features]\nextra = []\n\n[dependencies]\n{needs}"
        )
        files[f"crates/{name}/src/main.rs"] = "fn main() {}\n"
        files[f"crates/{name}/src/lib.rs"] = ""
    for n in range(workflows):
        files[f".github/workflows/part-{n}.yml"] = _WORKFLOW.format(n=n, a=n % crates, b=(n + 1) % crates)
        files[f"scripts/check-{n}.sh"] = _SCRIPT.format(n=n)
    return files


def executable(workflows: int) -> list[str]:
    """Return the paths that may be executed."""
    return [f"scripts/check-{n}.sh" for n in range(workflows)]


def _lock(members: list[str]) -> str:
    parts = ["version = 4\n"]
    for n, name in enumerate(members):
        needs = f'dependencies = [\n "{members[n - 1]}",\n]\n' if n else ""
        parts.append(f'[[package]]\nname = "{name}"\nversion = "0.1.0"\n{needs}')
    return "\n".join(parts)
