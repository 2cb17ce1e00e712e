"""What `preflight --fix` puts right by itself: only what is local, and can be taken back with a command.

Nothing is committed and nothing leaves the machine. What a person has not committed is never overwritten.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.domain.finding import Finding, Verdict
from tasks.domain.tree import EXECUTABLE
from tasks.systems.shell import ProgramMissing, Shell

_MADE_EXECUTABLE = "--chmod=+x"  # of `git update-index`; the path comes next


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """One thing that was put right, what was run for it, and what takes it back."""

    finding: str
    ran: str
    undo: str

    def __str__(self) -> str:
        """Render for a report's notes."""
        return f"put right {self.finding}: `{self.ran}`; `{self.undo}` takes it back"


@dataclass(frozen=True, kw_only=True)
class Unfixed:
    """One thing that could have been put right and was not, and why."""

    finding: str
    why: str

    def __str__(self) -> str:
        """Render for a report's notes."""
        return f"did not put right {self.finding}: {self.why}"


Outcome = Fixed | Unfixed
Fix = Callable[[Finding, Path, Shell], Outcome | None]


def fix(findings: Iterable[Finding], directory: Path, shell: Shell) -> tuple[Outcome, ...]:
    """Put right what can be; each command is run once, however many findings ask for it."""
    return tuple(_outcomes(findings, directory, shell))


def _outcomes(findings: Iterable[Finding], directory: Path, shell: Shell) -> Iterator[Outcome]:
    done: set[str] = set()
    for finding in findings:
        known = FIXES.get(finding.check)
        if known is None or finding.verdict is not Verdict.BROKEN or finding.waived is not None:
            continue
        try:
            outcome = known(finding, directory, shell)
        except (ProgramMissing, OSError) as refused:
            outcome = Unfixed(finding=finding.check, why=str(refused))
        if outcome is not None and str(outcome) not in done:
            done.add(str(outcome))
            yield outcome


def _executable(finding: Finding, directory: Path, shell: Shell) -> Outcome | None:
    """Make a script executable, in the index and where it lies."""
    for command in finding.remedy.commands if finding.remedy else ():
        words = shlex.split(command)
        if _MADE_EXECUTABLE not in words[:-1]:
            continue
        path = words[words.index(_MADE_EXECUTABLE) + 1]
        name = f"{finding.check} of {path}"
        place = directory / path
        if not place.is_file() or place.is_symlink():
            return Unfixed(finding=name, why="it is no plain file here")
        staged = shell.run("git", "ls-files", "--stage", "--", path, cwd=directory).out.split()
        mode = place.stat().st_mode
        if len(staged) < 2:
            return Unfixed(finding=name, why="git does not know it yet")
        if staged[0] == EXECUTABLE and mode & 0o100:
            return Unfixed(finding=name, why="it is executable by now, and only has to be committed")
        place.chmod(mode | 0o111)
        # `update-index --chmod` would also stage what a person has changed in the file.
        before, after = (
            shlex.join(("git", "update-index", "--cacheinfo", f"{bits},{staged[1]},{path}"))
            for bits in (staged[0], EXECUTABLE)
        )
        ended = shell.run(*shlex.split(after), cwd=directory)
        if not ended.ok:
            place.chmod(mode)
            return Unfixed(finding=name, why=ended.err.strip())
        undo = f"{before} && chmod {mode & 0o777:o} {shlex.quote(path)}"
        return Fixed(finding=name, ran=after, undo=undo)
    return None


def _locked(finding: Finding, directory: Path, shell: Shell) -> Outcome | None:
    """Write a lock file where there is none, from what this machine already has of the dependencies."""
    path = finding.subject
    place = directory / path
    if place.exists():
        return Unfixed(finding=finding.check, why=f"{path} lies there; it only has to be committed")
    command = ("cargo", "generate-lockfile", "--offline")
    ended = shell.run(*command, cwd=place.parent, timeout=120)
    if not ended.ok or not place.is_file():
        last = (ended.err.strip().splitlines() or ["no lock file came of it"])[-1]
        return Unfixed(finding=finding.check, why=last)
    return Fixed(finding=finding.check, ran=shlex.join(command), undo=f"rm {shlex.quote(path)}")


def _formatted(finding: Finding, directory: Path, shell: Shell) -> Outcome | None:
    """Format every file, if none of them holds changes that git has not."""
    if lying := _uncommitted(directory, shell):
        return Unfixed(finding=finding.check, why=f"{lying[0]} is changed and not committed")
    command = ("cargo", "fmt", "--all")
    ended = shell.run(*command, cwd=directory, timeout=120)
    files = _uncommitted(directory, shell)
    if not ended.ok or not files:
        why = (ended.err.strip().splitlines() or ["rustfmt changes nothing"])[-1]
        if files:
            shell.check("git", "restore", "--", *files, cwd=directory)
        return Unfixed(finding=finding.check, why=why)
    return Fixed(
        finding=finding.check, ran=shlex.join(command), undo=shlex.join(("git", "restore", "--", *files))
    )


def _uncommitted(directory: Path, shell: Shell) -> list[str]:
    """Return the files of Rust that are not as committed; those that git does not know would be lost."""
    status = ("git", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "*.rs")
    rows = shell.check(*status, cwd=directory).out.split("\0")
    return [row[3:] for row in rows if row]


FIXES: Mapping[str, Fix] = {
    "workflow-script-executable": _executable,
    "cargo-lock-committed": _locked,
    "cargo-fmt": _formatted,
}
"""Check -> what puts its findings right."""
