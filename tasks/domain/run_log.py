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
_PASSES = re.compile(
    r"(?:\b50[234]\b.*(?:bad gateway|service unavailable|gateway time-?out|error)"
    r"|connection (?:reset|timed out|refused)|could not resolve host|tls handshake timeout"
    r"|temporary failure in name resolution|spurious network error"
    r"|the runner has received a shutdown signal|lost communication with the server)",
    re.IGNORECASE,
)
BEFORE = 12
_RUN = "##[group]Run "


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line of a log, counted from 1, without time and colours."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class LogExcerpt:
    """The lines that lead to an error; ``command`` is the first line of the script that failed, if shown."""

    line: int
    lines: tuple[str, ...]
    command: str | None

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
    """Return the lines before the first ``##[error]``, None in a log without one.

    GitHub's own closing line about the exit code is no evidence and is left out.
    """
    lines = clean(text)
    errors = [index for index, line in enumerate(lines) if line.text.startswith("##[error]")]
    if not errors:
        return None
    at = errors[0]
    start = _script_start(lines, at)
    said = lines[at].text.removeprefix("##[error]")
    shown = [line.text for line in lines[max(start, at - BEFORE) : at] if not line.text.startswith("##[")]
    return LogExcerpt(
        line=lines[at].number,
        lines=tuple([line for line in shown if line.strip()] + ([] if _EXIT.match(said) else [said])),
        command=_command(lines, at),
    )


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


def _script_start(lines: tuple[LogLine, ...], at: int) -> int:
    """Return the index of the first line of output: the script's echo ends with ``##[endgroup]``."""
    return next((index + 1 for index in range(at, -1, -1) if lines[index].text == "##[endgroup]"), 0)


def _command(lines: tuple[LogLine, ...], at: int) -> str | None:
    groups = (lines[index].text for index in range(at, -1, -1) if lines[index].text.startswith(_RUN))
    return next(groups, "").removeprefix(_RUN).strip() or None
