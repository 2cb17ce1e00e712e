import pytest

from tests.checks.testing import ask, places

PATH = ".github/actions/rust/action.yml"
ACTION = """\
name: Rust
description: Installs it
inputs:
  target:
    required: false
runs:
  using: composite
  steps:
    - id: install
      shell: bash
      run: rustup target add ${{ inputs.target }}
    - uses: Swatinem/rust-cache@v2
      if: steps.install.outcome == 'success'
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("using: composite", "using: compsoite", 7),
        ("shell: bash", "shell: bsh", 10),
        ("rust-cache@v2", "rust-cache", 12),
        ("name: Rust", "naem: Rust", 1),
        ("inputs:\n", "inptus:\n", 3),
        ("      run: ", "      rnu: ", None),
        ("      shell: ", "      shlel: ", 10),
    ],
)
def test_what_github_would_not_read_in_an_action_is_named(old: str, new: str, line: int | None) -> None:
    found = ask("local-action-sound", {PATH: ACTION.replace(old, new)})
    assert places(found) == ([] if line is None else [(PATH, line)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("shell: bash", "shell: perl {0}"),
        ("shell: bash", "shell: ${{ inputs.target }}"),
        ("using: composite", "using: node24"),
        ("Swatinem/rust-cache@v2", "./.github/actions/other"),
        ("Swatinem/rust-cache@v2", "docker://alpine"),
        ("Swatinem/rust-cache@v2", "$/.github/actions/other"),
        ("name: Rust", "x-note: Rust"),
    ],
)
def test_what_github_reads_is_accepted(old: str, new: str) -> None:
    assert ask("local-action-sound", {PATH: ACTION.replace(old, new)}) == []


def test_an_input_or_step_that_an_action_does_not_have_is_named() -> None:
    text = ACTION.replace("inputs.target", "inputs.taregt").replace("steps.install", "steps.isntall")
    assert places(ask("local-action-names-exist", {PATH: text})) == [(PATH, 11), (PATH, 13)]


def test_what_is_empty_is_the_name_and_not_the_whole_expression() -> None:
    text = ACTION.replace("inputs.target", "inputs.goal != 'x' && github.ref")
    (found, *_) = ask("local-action-names-exist", {PATH: text})
    assert found.message.startswith("`inputs.goal` is empty: the action declares no input 'goal'")


def test_names_are_compared_without_letter_case_and_computed_ones_left_alone() -> None:
    text = ACTION.replace("inputs.target", "inputs.TARGET || inputs[github.job]")
    assert ask("local-action-names-exist", {PATH: text}) == []
