"""The places outside of Terraform's files that give a variable a value: ``TF_VAR_x`` and ``-var x=``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.evidence import Evidence
from tasks.domain.source import Sources
from tasks.domain.terraform import Expression, Value

_VARIABLE = re.compile(r"var\.([A-Za-z_][\w-]*)")


def variable_of(value: Value) -> str | None:
    """Return the variable that a value is nothing but; None for any other value."""
    found = _VARIABLE.fullmatch(value.text) if isinstance(value, Expression) else None
    return None if found is None else found[1]


def handed(name: str, sources: Sources) -> Iterator[tuple[str, Evidence]]:
    """Go through the lines that give a variable a value, each with the text of the value as it is written."""
    given = re.compile(
        rf"(?:\bTF_VAR_{re.escape(name)}\s*[:=]|-var[ =]+['\"]?{re.escape(name)}=)\s*(?P<value>\S.*)"
    )
    for source in sources.saying(f"TF_VAR_{name}", f"{name}=", told=False):
        for number, line in enumerate(source.lines, 1):
            found = given.search(line) if name in line and not line.lstrip().startswith("#") else None
            if found is not None:
                yield found["value"].partition(" #")[0].rstrip(), source.at(number)
