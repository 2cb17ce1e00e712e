import pytest

from tests.checks.testing import CI, ask, job, places

ACTION = """\
inputs:
  who: {required: true}
  how: {required: true, default: fast}
runs: {using: composite, steps: []}
"""
CALLED = """\
on:
  workflow_call:
    inputs:
      who: {type: string, required: true}
      how: {type: string}
    secrets:
      KEY: {required: true}
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}
"""
FILES = {
    ".github/actions/greet/action.yml": ACTION,
    ".github/workflows/called.yml": CALLED,
    ".github/workflows/other.yml": "on: push\njobs: {}\n",
}
CHECKOUT = "- uses: actions/checkout@v4\n"


def ci(steps: str) -> dict[str, str]:
    return {**FILES, CI: job(f"{CHECKOUT}{steps}")}


def caller(uses: str, more: str = "") -> dict[str, str]:
    return {**FILES, CI: f"on: push\njobs:\n  a:\n    uses: {uses}\n    {more}\n"}


@pytest.mark.parametrize("name", ["./.github/actions/gone", "./.github/actions", "./"])
def test_an_action_that_is_not_there_is_named_with_its_line(name: str) -> None:
    found = ask("local-action-exists", ci(f"- uses: {name}"))
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: {name}")


def test_a_step_that_calls_a_workflow_is_told_that_only_a_job_can() -> None:
    other = ".github/workflows/other.yml"
    files = {**ci(f"- uses: ./{other}"), other: job("- run: x", on="workflow_call")}
    (found,) = ask("local-action-exists", files)
    assert (places([found]), "a job can call it" in found.message) == ([(CI, 7)], True)
    assert found.remedy is not None
    assert "jobs.NAME.uses" in found.remedy.summary


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: ./.github/actions/greet",
        "- uses: ./.github/actions/greet/",
        "- {uses: actions/checkout@v4, with: {repository: o/tools, path: tools}}\n- uses: ./tools/x",
        "- {uses: actions/checkout@v4, with: {repository: o/tools}}\n- uses: ./x",
        "- run: git clone https://x/tools\n- uses: ./tools/x",
    ],
)
def test_an_action_that_is_there_or_was_fetched_is_fine(steps: str) -> None:
    assert ask("local-action-exists", ci(steps)) == []


def test_an_input_that_the_action_does_not_declare_is_named() -> None:
    found = ask(
        "local-action-inputs", ci("- uses: ./.github/actions/greet\n  with:\n    who: a\n    whom: b")
    )
    assert (places(found), found[0].subject) == ([(CI, 10)], "ci.yml: ./.github/actions/greet: whom")


def test_an_input_that_the_action_needs_and_nobody_passes_is_named() -> None:
    found = ask("local-action-inputs", ci("- uses: ./.github/actions/greet"))
    assert (places(found), found[0].subject) == ([(CI, 7)], "ci.yml: ./.github/actions/greet: who")
    assert (found[0].weight, found[0].evidence[1].line) == ("note", 2)
    assert found[0].message.endswith("nothing in the action reads it")
    reads = ACTION.replace("steps: []", "steps: [{run: 'echo ${{ inputs.Who }}', shell: sh}]")
    files = {**ci("- uses: ./.github/actions/greet"), ".github/actions/greet/action.yml": reads}
    assert [one.weight for one in ask("local-action-inputs", files)] == ["warning"]


def test_inputs_are_compared_without_letter_case() -> None:
    assert ask("local-action-inputs", ci("- {uses: ./.github/actions/greet, with: {WHO: a, how: b}}")) == []


@pytest.mark.parametrize(
    "name", ["./.github/workflows/gone.yml", "./.github/workflows/other.yml", "./workflows/called.yml"]
)
def test_a_workflow_that_cannot_be_called_is_named(name: str) -> None:
    assert places(ask("called-workflow-exists", caller(name))) == [(CI, 4)]


@pytest.mark.parametrize("name", ["./.github/workflows/called.yml", "o/r/.github/workflows/x.yml@v1"])
def test_a_workflow_that_may_be_called_is_fine(name: str) -> None:
    assert ask("called-workflow-exists", caller(name)) == []


CALL = "./.github/workflows/called.yml"


@pytest.mark.parametrize(
    ("more", "subject"),
    [
        ("with: {who: a, whom: b}\n    secrets: inherit", "ci.yml: a: input whom"),
        ("secrets: inherit", "ci.yml: a: input who"),
        ("with: {who: a}", "ci.yml: a: secret KEY"),
        ("with: {who: a}\n    secrets: {KEY: x, OTHER: y}", "ci.yml: a: secret OTHER"),
    ],
)
def test_what_is_passed_wrongly_is_named(more: str, subject: str) -> None:
    assert [one.subject.lower() for one in ask("called-workflow-inputs", caller(CALL, more))] == [
        subject.lower()
    ]


def test_what_is_declared_and_passed_is_fine() -> None:
    assert ask("called-workflow-inputs", caller(CALL, "with: {Who: a}\n    secrets: {KEY: x}")) == []
    assert ask("called-workflow-inputs", caller(CALL, "with: {who: a}\n    secrets: inherit")) == []
