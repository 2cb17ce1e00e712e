"""``${{ }}`` stands in no grammar of bash: each becomes a mark before parsing."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.use import spans


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A text whose ``${{ }}`` are marks, and what each of them was."""

    text: str
    expressions: tuple[str, ...]
    breaks: tuple[tuple[int, int], ...]  # row of the marked text -> lines that expressions before it had

    def added(self, row: int) -> int:
        """Return how many lines the expressions before a row had that their marks have not."""
        return sum(count for at, count in self.breaks if at < row)

    def restored(self, text: str) -> str:
        """Return a piece of the text as it was written."""
        if "\ue000" not in text:
            return text
        for number, written in enumerate(self.expressions):
            text = text.replace(f"\ue000{number}\ue001", written)
        return text


def marked(text: str) -> Marked:
    """Replace each expression by a mark that bash reads as part of a word."""
    made: list[str] = []
    expressions: list[str] = []
    breaks: list[tuple[int, int]] = []
    at = 0
    for start, end in spans(text):
        stop = end if end >= 0 else len(text)
        made += [text[at:start], f"\ue000{len(expressions)}\ue001"]
        expressions.append(text[start:stop])
        if lines := text.count("\n", start, stop):
            breaks.append(("".join(made).count("\n"), lines))
        at = stop
    made.append(text[at:])
    return Marked(text="".join(made), expressions=tuple(expressions), breaks=tuple(breaks))
