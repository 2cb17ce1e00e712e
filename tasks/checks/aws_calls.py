"""Whether calls of the AWS command line are written as it reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Scripts, Word

# In the command line's shorthand a key is of [A-Za-z0-9_.#/:-], and "=" follows at once.
_KEY = re.compile(r"(?:^|,)\s*(?P<key>[Nn]ames?|[Vv]alues?)(?P<sign>[!<>~=]=|=)")
_EC2 = frozenset({"Name", "Values"})


@check(
    "aws-filter-parses",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="A filter is Name=KEY,Values=A,B; leave things out with --query, which can compare",
        minutes=10,
    ),
)
def aws_filter_parses(scripts: Scripts) -> Iterator[Answer]:
    """Every `--filters Name=..,Values=..` of an `aws ec2` call is one that the command line and EC2 read."""
    yield from of_one_cause(merged(_filters(scripts)))


def _filters(scripts: Scripts) -> Iterator[Answer]:
    for script, command in scripts.commands("aws"):
        if "ec2" not in command.literals[:6]:
            continue
        for word in _given(command):
            wrong = _wrong(word.text.strip("\"'"))
            subject = f"{script.path}: {word.text.strip(chr(34) + chr(39))}"
            if wrong is None:
                yield holds(subject, "is read")
            else:
                yield broken(subject, f"the filter is refused: {wrong}", script.source.at(word))


def _given(command: Command) -> Iterator[Word]:
    """Go through the words behind ``--filters``, which takes many."""
    inside = False
    for word in command.arguments:
        if word.text.startswith("-"):
            inside = word.text in ("--filters", "--filter")
        elif inside and re.match(r"[\"']?[Nn]ames?\b", word.text):
            yield word


def _wrong(text: str) -> str | None:
    for found in _KEY.finditer(text):
        key, sign = found["key"], found["sign"]
        if sign != "=":
            return f"`{key}{sign}` is no shorthand: `=` is expected, there is no other comparison"
        if key not in _EC2:
            return f"EC2 knows no {key!r} of a filter, only Name and Values, letter case included"
    return None
