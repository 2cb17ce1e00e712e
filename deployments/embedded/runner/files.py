"""The files through which a step tells the runner things.

GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH, GITHUB_STATE, summary.
"""

from dataclasses import dataclass
from pathlib import Path

MOST_SUMMARY_BYTES = 1024 * 1024


class FileCommandError(Exception):
    """A step wrote something to one of its files that GitHub's runner refuses."""


@dataclass(frozen=True, kw_only=True)
class StepFiles:
    """The five files of one step."""

    env: Path
    path: Path
    output: Path
    state: Path
    summary: Path

    @classmethod
    def create(cls, directory: Path, mark: str) -> "StepFiles":
        """Make the empty files of a step under a directory."""
        directory.mkdir(parents=True, exist_ok=True)
        made = {}
        for name in ("env", "path", "output", "state", "summary"):
            made[name] = directory / f"{name}_{mark}"
            made[name].touch()
        return cls(**made)

    def variables(self) -> dict[str, str]:
        """Give the environment variables under which the step finds its files."""
        return {
            "GITHUB_ENV": str(self.env),
            "GITHUB_PATH": str(self.path),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STATE": str(self.state),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }


def read_pairs(path: Path) -> dict[str, str]:
    """Read `name=value` and `name<<DELIMITER` entries. Raises FileCommandError in GitHub's words."""
    pairs: dict[str, str] = {}
    lines = _text(path).split("\n")
    at = 0
    while at < len(lines):
        line = lines[at].removesuffix("\r")
        at += 1
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, delimiter = line[:heredoc], line[heredoc + 2 :]
            if not name or not delimiter:
                raise FileCommandError(f"Invalid format '{line}'. Name and delimiter must not be empty")
            at, value = _until(lines, at, delimiter)
        elif equals > 0:
            name, value = line[:equals], line[equals + 1 :]
        else:
            raise FileCommandError(f"Invalid format '{line}'")
        pairs[name] = value
    return pairs


def _until(lines: list[str], at: int, delimiter: str) -> tuple[int, str]:
    for end in range(at, len(lines)):
        if lines[end].removesuffix("\r") == delimiter:
            return end + 1, "\n".join(lines[at:end])
    raise FileCommandError(f"Invalid value. Matching delimiter not found '{delimiter}'")


def read_paths(path: Path) -> list[str]:
    """Read the directories a step put on PATH, the last one first as it is searched first."""
    return [line.strip() for line in reversed(_text(path).splitlines()) if line.strip()]


def read_summary(path: Path) -> str:
    """Read a step's summary. Raises FileCommandError when it is larger than GitHub takes."""
    size = path.stat().st_size if path.exists() else 0
    if size > MOST_SUMMARY_BYTES:
        raise FileCommandError(
            f"$GITHUB_STEP_SUMMARY upload aborted, supports content up to 1024k, got {size // 1024}k"
        )
    return _text(path)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace") if path.exists() else ""
