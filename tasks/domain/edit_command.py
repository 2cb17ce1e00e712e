"""The command that writes one word for another on a line of a file, and the one that opens a line.

``sed -i`` is GNU's. Where the file's text is known it looks for what stands there (``edit_address``), else it
replaces on the line named and only where the word still stands. Each line that is replaced is shown; a
command that replaces none fails, by the ``grep`` behind it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tasks.domain.edit_address import located, replaced
from tasks.domain.evidence import Evidence
from tasks.domain.source import LONGEST_EXCERPT, Source, Sources
from tasks.domain.spelling import fumbled, misspelled, slips

OPENS = '"${EDITOR:-vi}"'
EDITS = "sed -i "
_SHOWN = "w /dev/stdout"
_DELIMITERS = "/|,#@%"
_NAME = re.compile(r"[\w./:@+-]+")
_ALIKE = 2  # letters to change: words further apart are only a question
_WORD = r"[\w-]"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One word for another on a line.

    ``found`` is what stands there ``times``: the word, with as much beside it as tells it apart. ``written``
    and ``meant`` are for people, and empty where the remedy says itself what is done.
    """

    file: str
    line: int
    found: str
    put: str
    written: str = ""
    meant: str = ""
    times: int = 1

    @property
    def expression(self) -> str:
        """The substitution as sed reads it, not yet quoted for a shell."""
        return f"{self.line}{replaced(self.found, self.put)}{'g' if self.times > 1 else ''}"

    def addressed(self, text: Source | None, others: Sequence[int]) -> str:
        """Return the substitution at its place, by the file's text if that is known; others are its lines."""
        beside = [one for one in others if one != self.line or others.count(one) > 1]
        place = (self.line, self.found, self.put)
        by_text = None if text is None else located(text, *place, times=self.times, others=beside)
        return by_text or self.expression


def corrected(
    written: str, meant: str, *places: Evidence, after: Iterable[str] = (), often: bool = False
) -> tuple[Edit, ...]:
    """Return the edit of each place; none at all when one of them cannot be made with certainty.

    The word has to stand on the line exactly once as a word of its own, or once behind one of ``after``;
    ``often`` allows for more where each of them is certainly wrong.
    """
    tried = ["", *after]
    made: list[Edit] = []
    for place in dict.fromkeys(places):
        found = (_edit(written, meant, place, before, often=often) for before in tried)
        first = next((one for one in found if one is not None), None)
        if first is None:
            return ()
        made.append(first)
    return tuple(made)


def respelled(
    word: str, known: Collection[str], *places: Evidence, after: Iterable[str] = ()
) -> tuple[Edit, ...]:
    """Return the edit that writes the known word of which one is a slip; none when nothing is so near.

    A word that another one only goes on from is a name of its own (``moon`` beside ``moond``), but for a
    letter struck twice and an ``s``.
    """
    meant = misspelled(word, known)
    if meant is None or not _NAME.fullmatch(meant):
        return ()
    goes_on = meant.startswith(word) or word.startswith(meant)
    twice = len(word) > len(meant) and fumbled(word, (meant,)) is not None
    slip = twice or "s" in (meant.removeprefix(word), word.removeprefix(meant))
    return () if goes_on and not slip else corrected(word, meant, *places, after=after)


_QUESTION = re.compile(r"'([^']+)'(?: is not known here)?; did (?:you|it|'[^']+') mean '([^']+)'\?")


def suggested(told: str, *places: Evidence) -> tuple[Edit, ...]:
    """Return the edit that a message asks about in its own words; none where the two are not much alike."""
    found = _QUESTION.search(told)
    if found is None:
        return ()
    written, meant = found[1], found[2]
    alike = slips(written.lower(), meant.lower()) <= _ALIKE or written in meant or meant in written
    return corrected(written, meant, *places) if alike else ()


def without(text: str, place: Evidence, instead: str = "") -> tuple[Edit, ...]:
    """Return the edit that takes a text out of a line, or puts another there; the remedy says why."""
    line = place.excerpt or ""
    known = place.source == "file" and len(line) < LONGEST_EXCERPT and line.count(text) == 1
    if place.file is None or place.line is None or not known or not _is_plain(text, instead):
        return ()
    return (Edit(file=place.file, line=place.line, found=text, put=instead),)


_CALL = re.compile(r"(?:- )?(?:run: )?(?P<call>(?P<program>[\w-]+) [^+\"'|;&#\\]+)")


def preceded(place: Evidence, program: str, before: str) -> tuple[Edit, ...]:
    """Return the edit that runs something right before, where a line is one plain call of a program."""
    line = _CALL.fullmatch(place.excerpt or "")
    if line is None or line["program"] != program:
        return ()
    call = program if line["call"].count(program) == 1 else line["call"]
    return without(call, place, f"{before} && {call}")


def _edit(written: str, meant: str, place: Evidence, before: str, *, often: bool) -> Edit | None:
    line = place.excerpt or ""
    there = place.source == "file" and place.line is not None and len(line) < LONGEST_EXCERPT
    if place.file is None or place.line is None or not there or not _is_plain(written, meant):
        return None
    whole = before + written
    left = rf"(?<!{_WORD})" if re.match(_WORD, whole) else ""
    right = rf"(?!{_WORD})" if re.match(_WORD, written[-1]) else ""
    found = list(re.finditer(f"{left}{re.escape(whole)}{right}", line))
    if not found or (len(found) > 1 and not (often and line.count(whole) == len(found))):
        return None
    start, end = found[0].span()
    while len(found) == 1 and line.count(line[start:end]) > 1:
        start, end = max(start - 1, 0), min(end + 1, len(line))
    old = line[start:end]
    new = line[start : found[0].start()] + before + meant + line[found[0].end() : end]
    if not old.isprintable() or all(one in old + new for one in _DELIMITERS):
        return None
    return Edit(
        file=place.file, line=place.line, found=old, put=new, written=written, meant=meant, times=len(found)
    )


def _is_plain(written: str, meant: str) -> bool:
    return bool(written.strip()) and written != meant and written.isprintable() and meant.isprintable()


def commands(edits: Iterable[Edit], texts: Sources | None = None) -> tuple[str, ...]:
    """Return one command for each file, which makes all its edits, in the order of the files."""
    by_file: dict[str, list[Edit]] = {}
    for one in sorted(set(edits), key=lambda one: (one.file, one.line, one.found)):
        by_file.setdefault(one.file, []).append(one)
    made = []
    for file, own in by_file.items():
        text, lines = texts.get(file) if texts else None, [one.line for one in own]
        made.append(_sed(file, [one.addressed(text, lines) + _SHOWN for one in own]))
    return tuple(made)


def _sed(file: str, expressions: list[str]) -> str:
    expressions = list(dict.fromkeys(expressions))
    given = [part for one in expressions for part in ("-e", one)] if len(expressions) > 1 else expressions
    return f"{shlex.join(['sed', '-i', *given, path(file)])} | grep ."


def opened(place: Evidence, directory: str = "") -> str | None:
    """Return the command that opens a place of a file in the person's editor; None for what is in no file.

    ``directory`` is what leads to the repository from where the command is typed.
    """
    if place.file is None:
        return None
    whole = f"{directory.rstrip('/')}/{place.file}" if directory else path(place.file)
    at = f" +{place.line}" if place.line is not None else ""
    return f"{OPENS}{at} {shlex.quote(whole)}"


def path(file: str) -> str:
    """Return a path that no program takes for an option."""
    return f"./{file}" if file.startswith(("-", "+")) else file


def summary(edits: Iterable[Edit]) -> str:
    """Say what the edits write, for a remedy's summary; nothing where the remedy says it itself."""
    words = dict.fromkeys((one.written, one.meant) for one in edits)
    if not all(meant for _, meant in words):
        return ""
    return "Write " + ", ".join(f"`{meant}` for `{written}`" for written, meant in words)
