"""Policies that Terraform has as a text: heredocs and quoted strings of JSON.

What is interpolated is an open value: a text in which it stands is an Expression, as in ``jsonencode``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tasks.domain.terraform import Expression, Value

_OPEN = "\ue000"
"""Stands for what is interpolated while the text is read as JSON."""
_BARE = re.compile(rf"(?<=[:\[,])(\s*){_OPEN}(?=\s*[,\]}}])")
"""An interpolation without quotes, which fills in a whole value."""


def document_of(value: Value) -> Mapping[str, Any] | None:
    """Return the policy that a text is; None for any other value, and for what is no JSON."""
    parts = value.parts if isinstance(value, Expression) else (value,)
    if not any(isinstance(part, str) and '"Statement"' in part for part in parts):
        return None
    line = value.line if isinstance(value, Expression) else 0
    text = "".join(part if isinstance(part, str) else _OPEN for part in parts)
    try:
        document = json.loads(_BARE.sub(rf'\1"{_OPEN}"', text))
    except (json.JSONDecodeError, RecursionError):
        return None
    return {key: _opened(one, line) for key, one in document.items()} if isinstance(document, dict) else None


def _opened(value: Any, line: int) -> Any:
    """Return a part of the document with an Expression for every text in which something is filled in."""
    if isinstance(value, dict):
        return {_opened_key(key): _opened(one, line) for key, one in value.items()}
    if isinstance(value, list):
        return [_opened(one, line) for one in value]
    if not isinstance(value, str) or _OPEN not in value:
        return value
    pieces = re.split(f"({_OPEN})", value)
    parts = tuple(None if one == _OPEN else one for one in pieces if one)
    return Expression(text=value.replace(_OPEN, "${...}"), line=line, parts=parts)


def _opened_key(key: str) -> str:
    return key.replace(_OPEN, "${...}")
