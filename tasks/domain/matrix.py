"""The jobs a `strategy.matrix` stands for, by GitHub's rules for product, exclude and include."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

MOST_JOBS = 256
MOST_COMBINATIONS = 10_000
"""Combinations that are still looked at for those that `exclude` leaves; nobody means more."""


class MatrixError(Exception):
    """A matrix that GitHub refuses."""


def combinations(matrix: Any) -> tuple[Mapping[str, Any], ...]:
    """Give the combinations of an evaluated `matrix:` in GitHub's order; without a matrix, one that is empty.

    First the product of all dimensions with the first varying slowest, less what `exclude` names; then each
    `include` entry extends every combination of the product whose original values it does not contradict,
    or else stands alone.
    """
    if matrix is None:
        return ({},)
    if not isinstance(matrix, Mapping):
        raise MatrixError(f"the matrix must be a map of dimensions, not {type(matrix).__name__}")
    include, exclude = _entries(matrix, "include"), _entries(matrix, "exclude")
    product = [entry for entry in _product(matrix) if not any(_matches(entry, out) for out in exclude)]
    extended = _include(product, include)
    if not extended:
        raise MatrixError("the matrix has no combination left")
    if len(extended) > MOST_JOBS:
        raise MatrixError(f"the matrix makes {len(extended)} jobs, more than {MOST_JOBS}")
    return tuple(extended)


def _entries(matrix: Mapping[Any, Any], key: str) -> list[Mapping[str, Any]]:
    entries = matrix.get(key) or []
    if not isinstance(entries, Sequence) or not all(isinstance(entry, Mapping) for entry in entries):
        raise MatrixError(f"'{key}' must be a list of maps")
    return list(entries)


def _product(matrix: Mapping[Any, Any]) -> list[dict[str, Any]]:
    dimensions = {str(key): values for key, values in matrix.items() if key not in ("include", "exclude")}
    for key, values in dimensions.items():
        if not isinstance(values, list) or not values:
            raise MatrixError(f"dimension '{key}' must be a list with at least one value")
    if not dimensions:
        return []
    count = math.prod(len(values) for values in dimensions.values())
    if count > MOST_COMBINATIONS:
        raise MatrixError(f"the matrix makes {count} combinations before any is left out")
    return [dict(zip(dimensions, row, strict=True)) for row in itertools.product(*dimensions.values())]


def _matches(entry: Any, pattern: Any) -> bool:
    """Say whether everything a pattern names is in an entry.

    A map inside is matched in part, as GitHub does.
    """
    if isinstance(pattern, Mapping):
        return isinstance(entry, Mapping) and all(
            key in entry and _matches(entry[key], value) for key, value in pattern.items()
        )
    if isinstance(pattern, list):
        return (
            isinstance(entry, list)
            and len(entry) == len(pattern)
            and all(_matches(left, right) for left, right in zip(entry, pattern, strict=True))
        )
    if isinstance(entry, bool) is not isinstance(pattern, bool):
        return False
    return bool(entry == pattern)


def _include(product: list[dict[str, Any]], entries: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    originals = [dict(entry) for entry in product]
    alone: list[dict[str, Any]] = []
    for entry in entries:
        fits = False
        for combination, original in zip(product, originals, strict=True):
            shared = {key: value for key, value in entry.items() if key in original}
            # Values that an earlier include added may be overwritten; those of the product may not.
            if _matches(original, shared):
                combination.update(entry)
                fits = True
        if not fits:
            alone.append(dict(entry))
    return product + alone


def label(combination: Mapping[str, Any]) -> str:
    """Name a combination as GitHub does in a job's name.

    Its values joined by commas, maps and lists flattened.
    """
    return ", ".join(_leaves(combination))


def _leaves(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value))]
    return [] if value is None else [str(value)]
