"""Values of the expression language: what is true, equal, greater, and how each becomes a number or a text.

A value is what YAML and JSON have: None, bool, int, float, str, list, dict with str keys.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity)")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_OCTAL = re.compile(r"0o[0-7]+")
# Letters whose upper form GitHub does not use when it folds case (ordinal folding keeps the dotless i).
_KEPT = "\u0131"
_INTEGER_LIMIT = 1e21


class Filtered(list[Any]):
    """What `.*` gives: further steps go into each element rather than into the list."""


class CaseSensitive(dict[str, Any]):
    """A context whose keys are told apart by letter case: `env` on Linux."""


def is_number(value: Any) -> bool:
    """Say whether a value is a number (a bool is not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_primitive(value: Any) -> bool:
    """Say whether a value has a text of its own."""
    return value is None or isinstance(value, bool | int | float | str)


def is_truthy(value: Any) -> bool:
    """Say whether a value counts as true: null, false, 0, NaN and the empty text do not."""
    if value is None or isinstance(value, bool | str):
        return bool(value)
    if is_number(value):
        return not (value == 0 or math.isnan(value))
    return True


def to_number(value: Any) -> float:
    """Turn a value into a number; NaN where it has none."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        return _parse_number(value.strip())
    return math.nan


def _parse_number(text: str) -> float:
    if not text:
        return 0.0
    if _HEX.fullmatch(text):
        return float(int(text, 0))
    if _OCTAL.fullmatch(text):
        return float(int(text, 0))
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def to_text(value: Any) -> str:
    """Turn a value into the text that lands in a workflow's string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(float(value))
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, list) else "Object"


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < _INTEGER_LIMIT:
        return str(int(value))
    text = repr(float(f"{value:.15g}"))
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    if abs(value) < 1 and int(exponent) >= -6:
        return f"{value:.20f}".rstrip("0")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"


def fold(text: str) -> str:
    """Bring a text into the letter case in which texts are compared."""
    return "".join(
        letter if letter in _KEPT or len(letter.upper()) != 1 else letter.upper() for letter in text
    )


def equal(left: Any, right: Any) -> bool:
    """Compare two values as `==` does: texts without regard to case, lists and maps by identity."""
    if isinstance(left, str) and isinstance(right, str):
        return fold(left) == fold(right)
    if left is None and right is None:
        return True
    if is_primitive(left) and is_primitive(right):
        return to_number(left) == to_number(right)
    return left is right


def greater(left: Any, right: Any) -> bool:
    """Compare two values as `>` does; what cannot be ordered is not greater."""
    if isinstance(left, str) and isinstance(right, str):
        return fold(left) > fold(right)
    if is_primitive(left) and is_primitive(right):
        return to_number(left) > to_number(right)
    return False


def lookup(mapping: Mapping[str, Any], key: str) -> tuple[bool, Any]:
    """Find a key as GitHub does, by exact spelling first; the first element says whether it is there."""
    if key in mapping:
        return True, mapping[key]
    if not isinstance(mapping, CaseSensitive):
        wanted = key.lower()
        for name, value in mapping.items():
            if str(name).lower() == wanted:
                return True, value
    return False, None


def step_into(value: Any, key: Any) -> Any:
    """Evaluate `value[key]`; null where there is nothing."""
    if isinstance(value, Filtered):
        return Filtered(found for item in value for found in _step(item, key))
    return next(iter(_step(value, key)), None)


def _step(value: Any, key: Any) -> list[Any]:
    if isinstance(value, Mapping):
        if not is_primitive(key):
            return []
        present, found = lookup(value, to_text(key))
        return [found] if present else []
    if isinstance(value, list):
        index = to_number(key)
        if math.isnan(index) or math.isinf(index) or index < 0 or math.floor(index) >= len(value):
            return []
        return [value[math.floor(index)]]
    return []


def every(value: Any) -> Filtered:
    """Evaluate `value.*`."""
    if isinstance(value, Filtered):
        return Filtered(found for item in value for found in _elements(item))
    return Filtered(_elements(value))


def _elements(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def to_json(value: Any, depth: int = 0) -> str:
    """Write a value as GitHub's toJSON does: two spaces deep, whole numbers without a point."""
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, Mapping):
        pairs = [f"{inner}{_quote(str(key))}: {to_json(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(pairs) + f"\n{outer}}}" if pairs else "{}"
    if isinstance(value, list):
        items = [f"{inner}{to_json(item, depth + 1)}" for item in value]
        return "[\n" + ",\n".join(items) + f"\n{outer}]" if items else "[]"
    if value is None:
        return "null"
    return _quote(value) if isinstance(value, str) else to_text(value)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
