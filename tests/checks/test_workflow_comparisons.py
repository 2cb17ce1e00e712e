import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "comparison-can-hold"


@pytest.mark.parametrize(
    "condition",
    [
        "github.ref == 'main'",
        "'v1' != github.ref",
        "github.event_name == 'pull_reuqest'",
        "github.ref == 'refs/head/main'",
        "success() && (github.event_name == 'psuh' || always())",
    ],
)
def test_what_can_never_be_equal_is_named(condition: str) -> None:
    found = ask(CHECK, {CI: job(f'- run: make\n  if: "{condition}"')})
    assert places(found) == [(CI, 7)]


@pytest.mark.parametrize(
    "condition",
    [
        "github.ref == 'refs/heads/main'",
        "github.ref_name == 'main'",
        "github.ref == ''",
        "github.ref != 'refs/tags/v1'",
        "github.ref == 'refs/pull/1/merge'",
        "github.event_name == 'push'",
        "github.event_name == 'some_event_of_next_year'",
        "startsWith(github.ref, 'main')",
        "github.ref == inputs.ref",
        "github.event.ref == 'main'",
    ],
)
def test_what_may_be_equal_is_left_alone(condition: str) -> None:
    assert ask(CHECK, {CI: job(f'- run: make\n  if: "{condition}"')}) == []


def dispatched(condition: str, kind: str) -> str:
    head = f"on:\n  workflow_dispatch:\n    inputs:\n      deep:\n        type: {kind}\n"
    return head + job(f"- run: make\n  if: {condition}").removeprefix("on: push\n")


def test_a_boolean_input_that_is_compared_with_a_text_is_named() -> None:
    for condition in ("inputs.deep == 'true'", "inputs.deep != 'false'"):
        assert places(ask(CHECK, {CI: dispatched(condition, "boolean")})) == [(CI, 11)]


def test_a_boolean_as_itself_as_the_event_has_it_and_an_input_of_text_are_fine() -> None:
    for condition in ("inputs.deep", "inputs.deep == true", "github.event.inputs.deep == 'true'"):
        assert ask(CHECK, {CI: dispatched(condition, "boolean")}) == []
    assert ask(CHECK, {CI: dispatched("inputs.deep == 'true'", "string")}) == []


@pytest.mark.parametrize(
    "condition",
    [
        "inputs.deep == true || inputs.deep == 'true'",
        "inputs.deep == 'true' || inputs.deep",
        "inputs.deep != true && inputs.deep != 'true'",
        "!inputs.deep && inputs.deep != 'true'",
    ],
)
def test_a_text_beside_the_truth_of_the_same_input_decides_nothing(condition: str) -> None:
    assert ask(CHECK, {CI: dispatched(f"${{{{ {condition} }}}}", "boolean")}) == []


@pytest.mark.parametrize(
    "condition",
    [
        "inputs.deep == 'true' || github.event_name == 'push'",
        "inputs.deep == true && inputs.deep == 'true'",
        "inputs.deep == true || inputs.deep != 'true'",
        "inputs.other == true || inputs.deep == 'true'",
    ],
)
def test_a_text_beside_something_else_still_is_never_the_input(condition: str) -> None:
    assert places(ask(CHECK, {CI: dispatched(f"${{{{ {condition} }}}}", "boolean")})) == [(CI, 11)]


@pytest.mark.parametrize("call", ["startsWith('refs/tags', github.ref)", "endsWith('main', github.ref)"])
def test_a_part_of_a_ref_that_is_searched_for_the_whole_is_told_with_the_right_order(call: str) -> None:
    (found,) = ask(CHECK, {CI: job(f'- run: make\n  if: "{call} || inputs.x"')})
    assert places([found]) == [(CI, 7)]
    assert found.message.endswith("is never true: the arguments are exchanged")


@pytest.mark.parametrize(
    "call",
    [
        "startsWith(github.ref, 'refs/tags')",
        "contains('refs/heads/main refs/heads/next', github.ref)",
        "startsWith('release', github.ref_name)",
        "contains(fromJSON('[1]'), github.ref)",
    ],
)
def test_a_ref_that_is_searched_or_that_a_list_may_hold_is_fine(call: str) -> None:
    assert ask(CHECK, {CI: job(f"- run: make\n  if: {call}")}) == []
