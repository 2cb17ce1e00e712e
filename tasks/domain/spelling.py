"""Whether a word is another one with a slip of the fingers in it."""

from __future__ import annotations

from collections.abc import Collection

_SHORTEST = 4  # letters: below that, one slip makes a word of another
_LONG = 9  # letters from which on two slips still leave no doubt what was meant


def slips(one: str, other: str, most: int = 2) -> int:
    """Count the letters to add, leave out, replace or exchange with a neighbour; ``most + 1`` for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return min(last[-1], most + 1)


def misspelled(word: str, known: Collection[str]) -> str | None:
    """Return the known word that was meant: one slip away, two in a long one; None for known ones."""
    if word in known or len(word) < _SHORTEST:
        return None
    most = 2 if len(word) >= _LONG else 1
    near = sorted((slips(word, one, most), one) for one in known if len(one) >= _SHORTEST)
    if not near or near[0][0] > most or (len(near) > 1 and near[1][0] == near[0][0]):
        return None
    return near[0][1]
