"""Calls of cargo in recipes, Dockerfiles and scripts."""

from __future__ import annotations

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, places

STEP = """\
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
          - run: {}
    """
WHOLE = {"Cargo.toml": CRATE, "src/main.rs": ""}


def test_a_recipe_that_names_a_package_nobody_has_is_told_at_its_line() -> None:
    makefile = "lint:\n\tcargo fmt --check\n\tcargo clippy -p ap\n"
    found = ask("cargo-build-file-names", {**WHOLE, "Makefile": makefile})
    assert places(found) == [("Makefile", 3)]
    assert found[0].weight is Weight.WARNING


def test_a_recipe_that_a_step_makes_stops_the_run() -> None:
    files = {**WHOLE, "Makefile": "lint:\n\tcargo clippy -p ap\n", CI: STEP.format("make lint")}
    found = ask("cargo-build-file-names", files)
    assert [(one.weight, len(one.evidence)) for one in found] == [(Weight.BLOCKER, 2)]


@pytest.mark.parametrize(
    "recipe",
    [
        "lint:\n\tcargo clippy -p $(CRATE)\n",
        "lint:\n\t-cargo clippy -p ap\n",
        "lint:\n\tcargo clippy -p ap || true\n",
        "lint:\n\tcd other && cargo clippy -p ap\n",
        "cover:\n\tcargo tarpaulin --lib --bin --implicit-test-threads --out xml\n",
    ],
)
def test_a_recipe_is_not_blamed_for_what_is_filled_in_or_tried(recipe: str) -> None:
    assert not ask("cargo-build-file-names", {**WHOLE, "Makefile": recipe})


def test_the_recipes_of_an_unpacked_or_vendored_crate_are_those_of_others() -> None:
    for place in ("benches/typenum-1.18.0", "vendor/typenum"):
        files = {
            **WHOLE,
            f"{place}/Cargo.toml": CRATE,
            f"{place}/justfile": "gen:\n    cargo run -p generate\n",
        }
        assert ask("cargo-build-file-names", files) == []


def test_a_justfile_names_an_example_that_is_not_there() -> None:
    justfile = "set windows-shell := ['powershell']\n\ntour *args:\n    cargo run --example toru {{args}}\n"
    found = ask("cargo-build-file-names", {**WHOLE, "examples/tour.rs": "", "justfile": justfile})
    assert places(found) == [("justfile", 4)]


def test_a_recipe_that_works_elsewhere_or_in_another_language_is_left_alone() -> None:
    justfile = (
        "[no-cd]\nhere:\n  cargo run --example toru\n\npy:\n  #!/usr/bin/env python\n  cargo run --bin x\n"
    )
    assert not ask("cargo-build-file-names", {**WHOLE, "justfile": justfile})


DOCKER = """\
FROM rust:1.90 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/x \\
    # a comment between
    cargo build --profile image \\
    --bin ap
"""


def test_an_instruction_that_builds_what_is_not_there_is_told_at_the_line_of_the_name() -> None:
    (found,) = ask("cargo-build-file-names", {**WHOLE, "Dockerfile": DOCKER})
    assert sorted((one.file, one.line) for one in found.evidence) == [("Dockerfile", 6), ("Dockerfile", 7)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("COPY . .", "RUN git clone https://example.org/a ."),
        ("COPY . .", "COPY . /elsewhere"),
        ("COPY . .", "COPY . .\nRUN cargo new ap"),
    ],
)
def test_an_instruction_that_works_on_other_files_is_left_alone(old: str, new: str) -> None:
    assert not ask("cargo-build-file-names", {**WHOLE, "Dockerfile": DOCKER.replace(old, new)})


def test_an_option_of_a_recipe_that_cargo_does_not_know_is_told() -> None:
    found = ask("cargo-build-file-options", {**WHOLE, "Makefile": "test:\n\tcargo test --locekd\n"})
    assert places(found) == [("Makefile", 2)]


def test_what_a_recipe_gives_to_the_program_is_no_option_of_cargo() -> None:
    makefile = "%.trace: %.bin\n\tcargo run --release $< --trace $@\n\tcargo test -- --nocapture\n"
    assert not ask("cargo-build-file-options", {**WHOLE, "Makefile": makefile})


@pytest.mark.parametrize("name", ["tets", "biuld", "clipy", "checkk", "ftm"])
def test_a_slip_in_a_subcommand_is_told(name: str) -> None:
    found = ask("cargo-subcommand-spelled", {**WHOLE, CI: STEP.format(f"cargo {name}")})
    assert places(found) == [(CI, 7)]
    assert found[0].weight is Weight.BLOCKER


@pytest.mark.parametrize("name", ["test", "nextest", "xbuild", "ctest", "docs", "udeps", "upgrade", "tests"])
def test_another_tool_is_no_slip(name: str) -> None:
    assert not ask("cargo-subcommand-spelled", {**WHOLE, CI: STEP.format(f"cargo {name}")})


def test_an_alias_is_no_slip() -> None:
    files = {**WHOLE, ".cargo/config.toml": '[alias]\ntets = "test"\n', CI: STEP.format("cargo tets")}
    assert not ask("cargo-subcommand-spelled", files)


def test_recipes_that_miss_one_profile_of_a_workspace_are_one_finding() -> None:
    makefile = "build:\n\tcargo build --profile small\n"
    files = {**WHOLE, "Makefile": makefile, "docs/Makefile": makefile}
    (found,) = ask("cargo-build-file-names", files)
    assert [one.file for one in found.evidence] == ["Makefile", "docs/Makefile"]


def test_a_makefile_that_is_read_from_elsewhere_names_what_lies_there() -> None:
    makefile = "# make -f old/docs/Makefile build\nbuild:\n\tcargo build --bin elsewhere\n"
    assert ask("cargo-build-file-names", {**WHOLE, "docs/Makefile": makefile}) == []
    assert len(ask("cargo-build-file-names", {**WHOLE, "docs/Makefile": makefile.replace("-f", "-k")})) == 1


def test_two_names_of_one_call_that_are_not_there_are_one_finding() -> None:
    (found,) = ask(
        "cargo-build-file-names", {**WHOLE, "Makefile": 'x:\n\tcargo test --features "yaml odd"\n'}
    )
    assert "yaml" in found.message
    assert "odd" in found.message


def test_calls_of_one_script_that_lack_the_same_name_are_one_finding() -> None:
    script = "cargo run -p app --bin a --features cli\ncargo run -p app --bin b --features cli\n"
    (found,) = ask("cargo-build-file-names", {**WHOLE, "x.sh": f"#!/bin/bash\n{script}"})
    assert [(one.file, one.line) for one in found.evidence] == [("x.sh", 2), ("x.sh", 3)]
    assert found.subject == "Cargo.toml: cargo run: a, cli, b"
    assert found.message.count("'cli'") == 1
    apart = script.replace("b --features cli", "b")
    assert len(ask("cargo-build-file-names", {**WHOLE, "x.sh": f"#!/bin/bash\n{apart}"})) == 2


def test_what_nightly_rust_is_asked_may_have_options_of_its_day() -> None:
    call = "cargo build -Z unstable-options --out-dir x"
    assert ask("cargo-build-file-options", {**WHOLE, "Makefile": f"x:\n\t{call}\n"}) == []
    plain = call.replace("-Z unstable-options ", "")
    assert len(ask("cargo-build-file-options", {**WHOLE, "Makefile": f"x:\n\t{plain}\n"})) == 1


def test_a_script_that_goes_to_the_root_by_a_path_of_its_own_names_what_the_root_has() -> None:
    script = '#!/bin/bash\nset -e\ncd "$ROOT"\ncargo build --bin gone -p app\n'
    found = ask("cargo-build-file-names", {**WHOLE, "scripts/x.sh": script})
    assert places(found) == [("scripts/x.sh", 4)]
    assert [one.weight for one in found] == [Weight.WARNING]
    for other in ("-p else", "--workspace"):
        elsewhere = script.replace("-p app", other)
        assert ask("cargo-build-file-names", {**WHOLE, "scripts/x.sh": elsewhere}) == []
    asked = script.replace("cd ", "[ -f src/bin/gone.rs ] || exit 2\ncd ")
    assert ask("cargo-build-file-names", {**WHOLE, "scripts/x.sh": asked}) == []
    cloned = script.replace("cd ", "git clone x\ncd ")
    assert ask("cargo-build-file-names", {**WHOLE, "scripts/x.sh": cloned}) == []
