"""A matrix makes the jobs that GitHub makes of it."""

from typing import Any

import pytest

from tasks.domain.matrix import MatrixError, combinations, label

FRUITS: dict[str, Any] = {"fruit": ["apple", "pear"], "animal": ["cat", "dog"]}


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (None, [{}]),
        ({"a": [1, 2]}, [{"a": 1}, {"a": 2}]),
        (
            {"a": [1, 2], "b": ["x", "y"]},
            [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}],
        ),
        ({"a": [1, 2], "exclude": [{"a": 1}]}, [{"a": 2}]),
        (
            {"a": [1, 2], "b": [1, 2], "exclude": [{"a": 1, "b": 2}]},
            [{"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 2}],
        ),
        ({"include": [{"x": 1}, {"x": 2, "y": 3}]}, [{"x": 1}, {"x": 2, "y": 3}]),
        ({"a": [{"k": 1, "l": 2}, {"k": 3}], "exclude": [{"a": {"k": 1}}]}, [{"a": {"k": 3}}]),
        ({"a": [True, 1], "exclude": [{"a": 1}]}, [{"a": True}]),
    ],
)
def test_product_exclude_and_include(matrix: Any, expected: list[dict[str, Any]]) -> None:
    assert [dict(row) for row in combinations(matrix)] == expected


def test_the_example_of_githubs_documentation_comes_out_as_documented() -> None:
    include = [
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    assert [dict(row) for row in combinations({**FRUITS, "include": include})] == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


@pytest.mark.parametrize(
    "matrix",
    [
        {"a": []},
        {"a": "x"},
        [1],
        {"a": [1], "exclude": [{"a": 1}]},
        {"include": "x"},
        {"a": list(range(257))},
    ],
)
def test_a_matrix_that_github_refuses_is_refused(matrix: Any) -> None:
    with pytest.raises(MatrixError):
        combinations(matrix)


def test_a_name_lists_the_values_as_github_does() -> None:
    assert (
        label({"os": "ubuntu", "n": 2, "flag": True, "deep": {"a": 1, "b": ["x"]}, "none": None})
        == "ubuntu, 2, true, 1, x"
    )
