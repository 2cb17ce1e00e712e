"""What the JSON schema of workflow files says: a second opinion beside the checks' own grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.domain.located import Map, Seq

_STEP = re.compile(r"\.([A-Za-z_$][\w$-]*)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class SchemaError:
    """One place of a file that the schema refuses; ``path`` is a JSON path such as ``$.jobs.a.needs[2]``."""

    file: str
    path: str
    message: str

    def line(self, root: Map) -> int:
        """Return the line that the path leads to, or of what it can be followed to."""
        value: object = root
        line = root.line
        for name, quoted, index in _STEP.findall(self.path):
            key = name or quoted
            if index and isinstance(value, Seq) and int(index) < len(value):
                line, value = value.places[int(index)], value[int(index)]
            elif key and isinstance(value, Map) and key in value:
                line, value = value.line_of(key), value[key]
            else:
                break
        return line


@dataclass(frozen=True, kw_only=True)
class SchemaErrors:
    """Everything that the schema refuses."""

    tool: str
    found: tuple[SchemaError, ...] = ()
