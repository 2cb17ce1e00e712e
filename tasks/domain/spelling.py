"""Whether a word is another one with a slip of the fingers in it."""

from __future__ import annotations

import re
from collections.abc import Collection

_SHORTEST = 4  # letters: below that, one slip makes a word of another
_WORD, _WORDS = 6, 2  # letters of a word, and words of a name, that leave no doubt that it is meant
_LONG = 9  # letters from which on two slips still leave no doubt what was meant


def slips(one: str, other: str, most: int = 2) -> int:
    """Count the letters to add, leave out, replace or exchange with a neighbour; ``most + 1`` for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    same = 0
    while same < len(one) and one[same : same + 1] == other[same : same + 1]:
        same += 1
    one, other = one[same:], other[same:]
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > most and min(last) > most:
            return most + 1  # no way leads back
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


def fumbled(word: str, known: Collection[str]) -> str | None:
    """Return the known word that fingers meant: two letters exchanged, one left out or struck twice.

    Stricter than ``misspelled``: no other letter is put in, so that a word of its own is not taken for one.
    """
    if word in known:
        return None
    found = [one for one in known if _is_fumbled(word, one)]
    return found[0] if len(found) == 1 else None


def _is_fumbled(word: str, meant: str) -> bool:
    if word[:1] != meant[:1] or abs(len(word) - len(meant)) > 1:
        return False
    if len(word) == len(meant):
        at = next((n for n, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b), len(word))
        return word[at : at + 2] == meant[at : at + 2][::-1] and word[at + 2 :] == meant[at + 2 :]
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    if len(shorter) < _SHORTEST - (longer is meant):
        return False
    left_out = [n for n in range(len(longer)) if longer[:n] + longer[n + 1 :] == shorter]
    if longer is meant:
        return bool(left_out)
    return any(longer[n] in (longer[n - 1 : n] + longer[n + 1 : n + 2]) for n in left_out)


def variant(name: str, known: Collection[str]) -> str | None:
    """Return the known name of several words of which one word is written in another way.

    The words are joined by dashes, dots or underscores. One has two slips at most and at least six letters,
    and no digit: `state` and `stage`, `1` and `2` are words of their own.
    """
    if name in known:
        return None
    found = [one for one in known if _is_variant(name.lower(), one.lower())]
    return found[0] if len(found) == 1 else None


def near(name: str, known: Collection[str]) -> str | None:
    """Return the only known name that differs in a slip, a plural, letter case or what joins its words.

    Names whose numbers differ are names of two things.
    """
    if name in known:
        return None
    numbers = re.findall(r"\d+", name)
    alike = [one for one in known if re.findall(r"\d+", one) == numbers]
    same = [one for one in alike if _plain(one) == _plain(name)]
    if same:
        return same[0] if len(same) == 1 else None
    return variant(name, alike) or (fumbled(name, alike) if len(name) >= _LONG else None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"s\b", "", name.lower().replace("_", "-")))


def _is_variant(name: str, meant: str) -> bool:
    words, others = re.split(r"[-._]", name), re.split(r"[-._]", meant)
    if len(words) != len(others) or len(words) < _WORDS:
        return False
    apart = [(one, other) for one, other in zip(words, others, strict=True) if one != other]
    if len(apart) != 1:
        return not apart
    one, other = apart[0]
    long = min(len(one), len(other)) >= _WORD and (one + other).isalpha()
    return long and one[0] == other[0] and slips(one, other) <= _WORDS
