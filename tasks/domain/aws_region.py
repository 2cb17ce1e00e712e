"""The regions of AWS, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

_REGIONS = frozenset(
    {
        "af-south-1",
        *(f"ap-east-{n}" for n in (1, 2)),
        *(f"ap-northeast-{n}" for n in (1, 2, 3)),
        *(f"ap-south-{n}" for n in (1, 2)),
        *(f"ap-southeast-{n}" for n in range(1, 8)),
        *("ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1"),
        *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
        *(f"eu-west-{n}" for n in (1, 2, 3)),
        *("eusc-de-east-1", "il-central-1", "me-central-1", "me-south-1", "me-west-1", "mx-central-1"),
        *("sa-east-1", "sa-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
        *("us-gov-east-1", "us-gov-west-1"),
    }
)
"""Those of botocore's partitions in 2026 without the isolated ones."""
_CALLED = re.compile(
    r"[a-z]{2,4}(?:-gov|-de)?-(?:north|south|east|west|central|(?:north|south)(?:east|west))-\d+"
)
_WORD = re.compile(rf"(?<![\w-]){_CALLED.pattern}(?=[a-f]?(?![\w-]))")
AREAS = ("-east-", "-west-", "-central-", "-north", "-south")
"""What stands in the names of regions: a text without any of them names none."""


def is_no_region(name: str) -> bool:
    """Tell whether a name is made like that of a region, and AWS has none of it."""
    return _CALLED.fullmatch(name) is not None and name not in _REGIONS


def is_region(name: str) -> bool:
    """Tell whether AWS has a region of that name."""
    return name in _REGIONS


def regions_in(text: str) -> Iterator[str]:
    """Go through the regions of AWS that a text names as words of their own, or with a zone's letter."""
    for mark in AREAS:
        at = text.find(mark)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            line = text[text.rfind("\n", 0, at) + 1 : end]
            yield from (found[0] for found in _WORD.finditer(line) if found[0] in _REGIONS)
            at = text.find(mark, end)
