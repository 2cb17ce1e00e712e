"""What has one cause is told once: places that share a name or a document belong together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Found = TypeVar("Found")


def together(found: Iterable[Found], *keys: Callable[[Found], Hashable]) -> list[list[Found]]:
    """Return groups in which each shares one of its keys with another of the group, in the order found."""
    all_found = list(found)
    group = list(range(len(all_found)))  # the number of the first of its group, for each

    def first(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for key in keys:
        seen: dict[Hashable, int] = {}
        for number, one in enumerate(all_found):
            earlier, here = sorted((first(seen.setdefault(key(one), number)), first(number)))
            group[here] = earlier
    made: dict[int, list[Found]] = {}
    for number, one in enumerate(all_found):
        made.setdefault(first(number), []).append(one)
    return list(made.values())
