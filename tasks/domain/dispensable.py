"""What may be empty without harm: a word of a message, options that a lane of a matrix would add."""

from __future__ import annotations

import re

from tasks.domain.use import Read, Use
from tasks.domain.workflow import Workflow

_MESSAGES = frozenset(
    {
        "body",
        "commit-message",
        "commit_message",
        "comment",
        "description",
        "message",
        "msg",
        "summary",
        "text",
    }
)
_SPAN = re.compile(r"\$\{\{.*?\}\}")


def is_in_message(workflow: Workflow, use: Use) -> bool:
    """Tell whether it stands in a sentence that an action writes for people: one word is missing there."""
    if use.key not in _MESSAGES or "with" not in use.way:
        return False
    line = workflow.source.line(use.line) or ""
    around = _SPAN.sub("", line.replace(f"{use.key}:", "", 1))
    return len(re.findall(r"[^\W\d_]{2,}", around)) > 1


_MORE = re.compile(r"(?:\w+[-_])?(?:features?|flags?|args?|options?|opts|extra)", re.IGNORECASE)
_OF_OPTION = re.compile(r"(?:^|\s)(?:-[A-Za-z]|--[\w-]*(?:features?|flags?|args?|options?|opts|extra))$")


def only_adds_words(workflow: Workflow, read: Read) -> bool:
    """Tell whether it is a word of its own in a command, to which lanes would add options or features."""
    name, line = str(read.name), workflow.source.line(read.use.line) or ""
    if read.context != "matrix" or read.use.key != "run" or not _MORE.fullmatch(name):
        return False
    places = [
        found
        for found in re.finditer(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", line)
        if found[1].lower() == name.lower()
    ]
    return bool(places) and all(
        line[: one.start()].endswith(" ")
        and line[one.end() : one.end() + 1] in ("", " ")
        and line[: one.start()].count('"') % 2 == 0
        and _OF_OPTION.search(line[: one.start()].rstrip()) is None
        for one in places
    )
