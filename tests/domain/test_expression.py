"""Expressions agree with GitHub's own evaluator, and say where they are wrong.

`expression_cases.json` holds our own expressions with the answers that GitHub's npm package
`@actions/expressions` gave for them.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.expression import (
    CaseSensitive,
    ExpressionError,
    Reference,
    Scope,
    calls,
    evaluate,
    holds,
    interpolate,
    parse,
    parse_condition,
    parse_template,
    references,
)
from tasks.domain.expression.parser import MAX_DEPTH

TABLE = json.loads((Path(__file__).parent / "expression_cases.json").read_text(encoding="utf-8"))
SCOPE = Scope(contexts=TABLE["contexts"])

# Where the npm package itself is not what GitHub's runner does.
DIFFERENT = {
    "'a''b''c'": "the package unescapes only the first of several quotes",
    "'ß' == 'SS'": "the runner folds letter by letter, as ordinal comparison does",
    "0b1": "the runner knows hexadecimal and octal numbers only",
    "toJSON(NaN)": "JSON has no such number; the runner writes its name",
    "toJSON(Infinity)": "JSON has no such number; the runner writes its name",
}


def plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if math.isnan(value):
        return {"number": "NaN"}
    if math.isinf(value):
        return {"number": "Infinity" if value > 0 else "-Infinity"}
    return float(value)


def answer(expression: str) -> dict[str, Any]:
    try:
        return {"value": plain(evaluate(SCOPE.parse(expression), SCOPE))}
    except ExpressionError:
        return {"error": True}


def test_every_case_has_the_answer_of_githubs_evaluator() -> None:
    wrong = {}
    for expression, expected in TABLE["cases"]:
        wanted = {"value": plain(expected["value"])} if "value" in expected else expected
        if (given := answer(expression)) != wanted and expression not in DIFFERENT:
            wrong[expression] = (wanted, given)
    assert not wrong
    assert len(TABLE["cases"]) > 1900


@pytest.mark.parametrize("expression", DIFFERENT)
def test_the_named_differences_are_still_differences(expression: str) -> None:
    expected = dict(map(tuple, TABLE["cases"]))[expression]
    assert answer(expression) != {"value": plain(expected["value"])}


@pytest.mark.parametrize(
    ("expression", "position"),
    [("a +", 3), ("'x", 1), ("foo(1)", 1), ("contains(1)", 1), ("a.b.", 5), ("  == 1", 3), ("a && 0xg", 6)],
)
def test_an_error_tells_its_place(expression: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(expression)
    assert caught.value.position == position
    assert f"position {position}" in str(caught.value)


def test_a_context_that_the_place_does_not_offer_is_refused() -> None:
    with pytest.raises(ExpressionError, match="Unrecognized named-value: 'secrets'"):
        parse("secrets.X == ''", contexts=("github",))
    assert parse("GitHub.ref", contexts=("github",))


def test_a_function_that_the_place_does_not_offer_is_refused() -> None:
    with pytest.raises(ExpressionError, match="Unrecognized function: 'hashFiles'"):
        parse("hashFiles('a')", functions=())


def test_the_depth_has_githubs_limit() -> None:
    assert parse("!" * (MAX_DEPTH - 1) + "1")
    with pytest.raises(ExpressionError, match="depth"):
        parse("!" * MAX_DEPTH + "1")


def test_a_text_that_doubles_with_every_call_is_stopped() -> None:
    with pytest.raises(ExpressionError, match="memory"):
        evaluate(parse("toJSON(" * 40 + "1" + ")" * 40), Scope(contexts={}))


def test_env_on_linux_is_told_apart_by_letter_case() -> None:
    scope = Scope(contexts={"env": CaseSensitive(Path="x"), "vars": {"Path": "y"}})
    assert evaluate(parse("env.PATH"), scope) is None
    assert evaluate(parse("vars.PATH"), scope) == "y"


def test_references_carry_their_whole_path() -> None:
    found = list(references(parse("secrets.X || needs.a.outputs['b'] || matrix[env.K].v || steps.*.outcome")))
    assert [(item.context, item.path) for item in found] == [
        ("secrets", ("X",)),
        ("needs", ("a", "outputs", "b")),
        ("env", ("K",)),
        ("matrix", (None, "v")),
        ("steps", (None, "outcome")),
    ]
    assert found[1] == Reference(context="needs", path=("a", "outputs", "b"), position=14)


def test_calls_are_found_however_deep() -> None:
    assert [call.name for call in calls(parse("!(a && format('{0}', toJSON(b)))"))] == ["format", "tojson"]


def test_a_template_keeps_text_and_expressions_apart() -> None:
    parts = parse_template("a ${{ b }} c ${{ '}}' }}")
    assert [part if isinstance(part, str) else part.source.strip() for part in parts] == [
        "a ",
        "b",
        " c ",
        "'}}'",
    ]


@pytest.mark.parametrize("text", ["${{ a", "x ${{ '}} y", "${{ }}"])
def test_a_template_that_is_not_closed_or_empty_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_template(text)


def test_an_expression_alone_keeps_its_kind_and_among_text_becomes_text() -> None:
    scope = Scope(contexts={"m": {"list": [1, 2], "n": 1.0}})
    value = {"a": "${{ m.list }}", "b": ["n=${{ m.n }}", 3, None], "c": "${{ m.list }}!"}
    assert interpolate(value, scope) == {"a": [1, 2], "b": ["n=1", 3, None], "c": "Array!"}


@pytest.mark.parametrize(
    ("condition", "success", "expected"),
    [
        (None, True, True),
        (None, False, False),
        ("true", False, False),
        ("${{ always() }}", False, True),
        ("always() && github.x == 'y'", False, True),
        ("failure()", False, True),
        ("github.x == 'y'", True, True),
        ("github.x == 'y'", False, False),
        ("${{ github.x }} == 'no'", True, True),  # text around an expression: GitHub takes the text as true
        ("!cancelled()", False, True),
        ("'always()' == 'x'", False, False),
        (False, True, False),
        (0, True, False),
    ],
)
def test_a_condition_asks_for_success_unless_it_asks_itself(
    condition: Any, success: bool, expected: bool
) -> None:
    functions = {
        "success": lambda: success,
        "failure": lambda: not success,
        "always": lambda: True,
        "cancelled": lambda: False,
    }
    assert holds(condition, Scope(contexts={"github": {"x": "y"}}, functions=functions)) is expected


def test_a_condition_without_a_status_function_starts_with_success() -> None:
    assert [call.name for call in calls(parse_condition("github.x"))] == ["success"]
