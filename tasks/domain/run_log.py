"""What a job's log says: the lines around an error, the command it came from, and how many tests ran."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIME = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ?")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TESTS = re.compile(
    r"^test result: (?:ok|FAILED)\. (?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<ignored>\d+) ignored"
)
_EXIT = re.compile(r"^Process completed with exit code \d+\.?$")
_LOST = re.compile(
    r"the runner has received a shutdown signal|lost communication with the server", re.IGNORECASE
)
_PASSES = re.compile(
    r"(?:\b50[234]\b.*(?:bad gateway|service unavailable|gateway time-?out|error)"
    r"|connection (?:reset|timed out|refused)|could not resolve host|tls handshake timeout"
    r"|temporary failure in name resolution|spurious network error"
    rf"|{_LOST.pattern})",
    re.IGNORECASE,
)
# What says why, best first: a compiler's coded error, a failed test, a panic, a format, an error.
_TELLING = tuple(
    re.compile(pattern)
    for pattern in (
        r"^error\[E\d+\]: ",
        r"^test .+ \.\.\. FAILED$",
        r"\bpanicked at ",
        r"^Diff in ",
        r"^(?:error|fatal|Error|Traceback)\b(?!.*(?:could not compile|aborting due|test failed, to rerun))",
    )
)
_PLACE = re.compile(
    r"(?:panicked at |^\s*--> |^Diff in )(?P<file>[^\s:]+\.rs)(?:(?: at line |:)(?P<line>\d+))"
)
BEFORE = 12
TELLING = 8  # lines kept from further up than that
_RUN = "##[group]Run "


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line of a log, counted from 1, without time and colours."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class LogPlace:
    """A place in the repository's own code that a log states."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class LogExcerpt:
    """The lines that lead to an error, and the places they state.

    ``line`` is the error's own; ``command`` is the first line of the script that failed, if shown.
    """

    line: int
    lines: tuple[str, ...]
    command: str | None
    places: tuple[LogPlace, ...] = ()

    def __str__(self) -> str:
        """Render the lines."""
        return "\n".join(self.lines)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Sums over all `test result:` lines."""

    passed: int
    failed: int
    ignored: int


def clean(text: str) -> tuple[LogLine, ...]:
    """Split a log into lines without times, colours and carriage returns."""
    return tuple(
        LogLine(number=number, text=_COLOUR.sub("", _TIME.sub("", line)).rstrip("\r"))
        for number, line in enumerate(text.split("\n"), start=1)
    )


def excerpt(text: str) -> LogExcerpt | None:
    """Return the lines before the first ``##[error]`` and the telling ones above; None in a log without one.

    GitHub's own closing line about the exit code is no evidence and is left out.
    """
    lines = clean(text)
    errors = [index for index, line in enumerate(lines) if line.text.startswith("##[error]")]
    if not errors:
        return None
    at = errors[0]
    start = _script_start(lines, at)
    said = lines[at].text.removeprefix("##[error]")
    near = max(start, at - BEFORE)
    above = [line.text for line in lines[start:near] if rank(line.text) < len(_TELLING)][:TELLING]
    shown = [line.text for line in lines[near:at] if line.text.strip() and not line.text.startswith("##[")]
    return LogExcerpt(
        line=lines[at].number,
        lines=(*above, *shown, *(() if _EXIT.match(said) else (said,))),
        command=_command(lines, at),
        places=tuple(dict.fromkeys(place for line in lines[start:at] if (place := _place(line.text))))[
            :TELLING
        ],
    )


def rank(line: str) -> int:
    """Return how much a line says about a cause: 0 is most, the number of kinds is nothing."""
    return next((place for place, kind in enumerate(_TELLING) if kind.search(line)), len(_TELLING))


def counted(text: str) -> Counts | None:
    """Add up the test results a log shows, None when it shows none."""
    found = [match for line in clean(text) if (match := _TESTS.match(line.text))]
    if not found:
        return None
    sums = {name: sum(int(match[name]) for match in found) for name in ("passed", "failed", "ignored")}
    return Counts(**sums)


def may_pass_next_time(text: str) -> bool:
    """Tell whether the lines that lead to the error speak of the network or a lost runner."""
    shown = excerpt(text)
    return shown is not None and any(_PASSES.search(line) for line in shown.lines)


def runner_lost(text: str) -> bool:
    """Tell whether a line says that the machine of the job went away, which says nothing about the code."""
    return _LOST.search(text) is not None


def _place(text: str) -> LogPlace | None:
    """Return the place a line states; one outside the repository is none."""
    match = _PLACE.search(text)
    if match is None or match["file"].startswith(("/", "..")) or ".cargo/registry" in match["file"]:
        return None
    return LogPlace(file=match["file"], line=int(match["line"]), text=text.strip())


def _script_start(lines: tuple[LogLine, ...], at: int) -> int:
    """Return the index of the first line of output: the script's echo ends with ``##[endgroup]``."""
    return next((index + 1 for index in range(at, -1, -1) if lines[index].text == "##[endgroup]"), 0)


def _command(lines: tuple[LogLine, ...], at: int) -> str | None:
    groups = (lines[index].text for index in range(at, -1, -1) if lines[index].text.startswith(_RUN))
    return next(groups, "").removeprefix(_RUN).strip() or None
