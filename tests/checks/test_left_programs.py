"""Programs that are taken from target/."""

from __future__ import annotations

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, places

JOB = """\
    on: push
    jobs:
      package:
        runs-on: ubuntu-24.04
        strategy:
          matrix:
            target: [x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu]
        steps:
          - uses: actions/checkout@v6
          - run: {build}
          - run: ci/package.sh "$TARGET" 1.0
            env:
              TARGET: ${{{{ matrix.target }}}}
    """
PACKAGE = """\
#!/bin/bash
set -euo pipefail
target=${1:?usage}
mkdir -p dist
for binary in app; do
    test -x "target/$target/release/$binary"
done
tar -czf "dist/app-$2.tar.gz" -C "target/$target/release" app
"""
RIGHT = "cargo build --release --target ${{ matrix.target }}"


def files(build: str, package: str = PACKAGE) -> dict[str, str]:
    job = JOB.format(build=build)
    return {"Cargo.toml": CRATE, "src/main.rs": "", "ci/package.sh": package, CI: job}


def test_a_script_finds_what_was_built_for_its_target() -> None:
    assert not ask("taken-program-is-built", files(RIGHT))


@pytest.mark.parametrize(
    "build",
    [
        "cargo build --target ${{ matrix.target }}",
        "cargo build --release",
        "cargo check --release --target ${{ matrix.target }}",
    ],
)
def test_a_script_that_takes_what_lies_in_another_directory_is_told_with_its_caller(build: str) -> None:
    found = ask("taken-program-is-built", files(build))
    assert set(places(found)) == {("ci/package.sh", 6)}
    assert all((CI, 11) in [(e.file, e.line) for e in one.evidence] for one in found)
    assert {one.weight for one in found} == {Weight.BLOCKER}


def test_a_slip_in_a_programs_name_is_told_in_the_script() -> None:
    whole = {**files(RIGHT, PACKAGE.replace("app", "server")), "Cargo.toml": CRATE.replace("app", "server")}
    assert not ask("taken-program-is-built", whole)
    slip = whole["ci/package.sh"].replace('release" server', 'release" servre')
    found = ask("taken-program-is-built", {**whole, "ci/package.sh": slip})
    assert set(places(found)) == {("ci/package.sh", 8)}


def test_another_file_below_target_is_of_another_tool() -> None:
    other = PACKAGE.replace('release" app', 'release" bundle')
    assert not ask("taken-program-is-built", files(RIGHT, other))


@pytest.mark.parametrize(
    "build",
    [
        "make everything",
        "CARGO_TARGET_DIR=x cargo build",
        "cargo xtask build",
        "./build-it",
        "docker run image",
    ],
)
def test_who_may_build_at_will_leaves_nothing_certain(build: str) -> None:
    assert not ask("taken-program-is-built", files(build))


def test_a_script_that_builds_itself_or_only_looks_is_left_alone() -> None:
    assert not ask("taken-program-is-built", files("true", f"cargo build --release\n{PACKAGE}"))
    tried = "if [ -x target/release/app ]; then target/release/app; fi\ncp target/release/app x || true\n"
    assert not ask("taken-program-is-built", files("true", tried))


def test_arguments_of_a_function_are_not_those_of_the_script() -> None:
    script = 'pack() {\n  cp "target/$1/release/app" .\n}\npack x86_64-unknown-linux-gnu\n'
    assert not ask("taken-program-is-built", files("true", script))


def test_a_step_that_takes_a_program_nothing_has_built_is_told_at_its_line() -> None:
    job = JOB.format(build="cargo build").replace("ci/package.sh", "cp target/release/app out #")
    found = ask("taken-program-is-built", {**files(RIGHT), CI: job})
    assert places(found) == [(CI, 11)]


def test_a_script_that_takes_a_program_that_nobody_builds_is_told_with_its_caller() -> None:
    listed = files(RIGHT, PACKAGE.replace("for binary in app;", "for binary in app lunar;"))
    found = ask("taken-program-is-built", listed)
    assert set(places(found)) == {("ci/package.sh", 6)}
    assert {one.subject.rpartition("/")[2] for one in found} == {"lunar"}
    assert "no package builds a program 'lunar' (there are: app)" in found[0].message
    asked = "set -e\nhost=$(rustc -vV | grep host)\ntarget/release/app --version\n"
    assert (
        len(
            ask(
                "taken-program-is-built",
                files("cargo build --release", f"{asked}cp target/release/lunar .\n"),
            )
        )
        == 1
    )
    copied = files("cargo build --release", "set -e\ncp target/release/lunar .\n")
    assert places(ask("taken-program-is-built", copied)) == [("ci/package.sh", 2)]


@pytest.mark.parametrize(
    "package",
    [
        "set -e\nmv target/release/app target/release/lunar\ncp target/release/lunar .\n",
        "set -e\ncurl -o target/release/lunar https://x\ncp target/release/lunar .\n",
        "set -e\ntar -xf lunar.tar -C target/release\ncp target/release/lunar .\n",
        "set -e\nbuild() { cp target/release/lunar .; }\n",
        "set -e\nif test -x target/release/lunar; then cp target/release/lunar .; fi\n",
        "cp target/release/lunar . || true\n",
        "set -e\nls target/release/bundle\ncp target/release/bundle .\n",
        "set -e\ncp target/release/libapp .\n",
        "set -e\n./make-lunar\ncp target/release/lunar .\n",
    ],
)
def test_what_a_script_itself_brings_or_only_tries_is_left_alone(package: str) -> None:
    assert not ask("taken-program-is-built", files("cargo build --release", package))
