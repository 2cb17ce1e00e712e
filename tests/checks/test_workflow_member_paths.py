import pytest

from tests.checks.testing import CI, CRATE, ask, places

CHECK = "trigger-paths-cover-crates"
OTHER = ".github/workflows/other.yml"
TEXT = """\
on:
  pull_request:
    paths: ['a/**', 'b/**', Cargo.lock]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: cargo test --workspace
"""


def crate(name: str, rest: str = "") -> dict[str, str]:
    return {f"{name}/Cargo.toml": CRATE.replace("app", name) + rest, f"{name}/src/lib.rs": ""}


FILES = {"Cargo.toml": '[workspace]\nmembers = ["a", "b", "c"]\n', **crate("a"), **crate("b"), **crate("c")}


def test_a_crate_that_is_built_and_that_the_paths_forget_is_named() -> None:
    (found,) = ask(CHECK, {**FILES, CI: TEXT})
    assert (places([found]), found.weight) == ([(CI, 3)], "note")
    assert found.message.startswith("ci.yml builds c as well")


def test_a_crate_that_a_named_one_is_built_on_is_named() -> None:
    below = crate("b", '[dependencies]\nc = { path = "../c" }\n')
    (found,) = ask(CHECK, {**FILES, **below, CI: TEXT.replace("--workspace", "-p a -p b")})
    assert found.message.startswith("ci.yml builds c as well")


@pytest.mark.parametrize(
    "files",
    [
        {CI: TEXT.replace("'b/**'", "'b/**', 'c/src/**'")},
        {CI: TEXT.replace("'b/**'", "'**/*.rs'")},
        {CI: TEXT.replace("'b/**'", "'b/**', '!c/**'")},
        {CI: TEXT.replace("--workspace", "-p a -p b")},
        {CI: TEXT.replace("'a/**', 'b/**', ", "")},
        {CI: TEXT.replace("'b/**', ", "")},
        {CI: TEXT.replace("  pull_request:", "  push:\n  pull_request:")},
        {CI: TEXT, OTHER: TEXT.replace("'a/**', 'b/**'", "'c/**'")},
        {CI: TEXT, OTHER: "on: push\njobs: {a: {runs-on: x, steps: [{run: maturin build}]}}\n"},
        {CI: TEXT, "c/src/lib.rs": b"", "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\nexclude = ["c"]\n'},
    ],
)
def test_paths_that_let_all_in_or_leave_it_to_others_are_fine(files: dict[str, str]) -> None:
    assert ask(CHECK, {**FILES, **files}) == []
