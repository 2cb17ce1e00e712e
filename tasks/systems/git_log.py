"""What git knows of unpushed commits, of lines that were added, and of files it ignores; it only reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tasks.domain.unpushed import LargeFile
from tasks.domain.work_tree import Ignored, LocalCommit
from tasks.systems.shell import Shell

LONGEST = 60.0  # seconds for one question
MOST_UNPUSHED = 50
MOST_COMMITS = 1000
"""Commits of recent history that are looked into for credentials."""

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}
_END = "\x01"


class UnreadHistory(Exception):  # noqa: N818 - reads as the sentence it is
    """Recent history was not read to its end, so that nobody can say what is not in it."""

    retryable = False


class GitLog:
    """One repository's history and its list of what is ignored."""

    def __init__(self, shell: Shell, path: Path, longest: float = LONGEST) -> None:
        self._shell = shell
        self._path = path
        self._longest = longest

    def fetched(self) -> bool:
        """Tell whether any branch of ``origin`` is known here."""
        return bool(self._read("for-each-ref", "--count=1", "refs/remotes/origin/").strip())

    def count(self, head: str, *, upstream: str | None) -> int:
        """Count the commits of ``head`` that ``upstream`` lacks; without one, all branches of ``origin``."""
        return int(self._read("rev-list", "--count", head, *_without(upstream), "--"))

    def unpushed(self, head: str, *, upstream: str | None) -> tuple[LocalCommit, ...]:
        """Return the newest of those commits, with the paths they touch."""
        asked = (
            "log",
            f"--max-count={MOST_UNPUSHED}",
            "--no-renames",
            "--name-only",
            f"--format={_END}%H %P%n%s",
        )
        text = self._read(*asked, "-m", "--first-parent", head, *_without(upstream), "--")
        return tuple(_commit(part) for part in text.split(_END) if part.strip())

    def added(self, texts: Iterable[str], count: int = MOST_COMMITS) -> tuple[str, ...]:
        """Return the changes of recent commits to files in whose changes one of these texts occurs.

        The lines are those of ``git log -p`` without context, with ``commit ID`` before each commit. A
        history of which git lacks parts (a partial clone) is told as far as it goes; UnreadHistory when
        there was not the time, or not the room, for all of it.
        """
        pattern = "|".join(_literal(text) for text in texts)
        # A count given to a search bounds what is found: git would read all of a long history.
        recent = self._shell.run(
            "git",
            "rev-list",
            f"--max-count={count}",
            "HEAD",
            "--",
            cwd=self._path,
            env=_QUIET,
            timeout=self._longest,
        )
        asked = ("log", "--no-walk=unsorted", "--stdin", "-p", "-U0", "--no-renames", "--no-color")
        more = ("--no-ext-diff", "--no-textconv", f"-G{pattern}", "--extended-regexp", "--format=commit %H")
        if not recent.timed_out and not recent.out.strip():
            return ()
        ended = self._shell.run(
            "git", *asked, *more, cwd=self._path, env=_QUIET, stdin=recent.out.encode(), timeout=self._longest
        )
        for one in (recent, ended):
            if one.timed_out:
                raise UnreadHistory(f"git did not read the last {count} commits within {self._longest:.0f} s")
        if ended.dropped:
            raise UnreadHistory(f"the last {count} commits changed more than can be kept in memory")
        return tuple(ended.out.splitlines())

    def large(self, at_least: int, *, upstream: str | None) -> tuple[LargeFile, ...]:
        """Return the versions of files of so many bytes in commits that ``upstream`` lacks, largest first.

        Without an upstream it is those that no branch of ``origin`` has. A partial clone tells what it has.
        """
        asked = ("rev-list", "--objects", "--missing=allow-any", "HEAD", *_without(upstream), "--")
        listed = self._read(*asked)
        ended = self._shell.run(
            "git",
            "cat-file",
            "--batch-check=%(objecttype) %(objectsize) %(rest)",
            cwd=self._path,
            env=_QUIET,
            stdin=listed.encode(),
            timeout=self._longest,
        )
        found: dict[str, int] = {}
        for line in ended.out.splitlines():
            kind, _, rest = line.partition(" ")
            size, _, path = rest.partition(" ")
            if kind == "blob" and size.isdigit() and int(size) >= at_least:
                found[path] = max(int(size), found.get(path, 0))
        largest = sorted(found.items(), key=lambda one: (-one[1], one[0]))
        return tuple(LargeFile(path=path, size=size) for path, size in largest)

    def ignored(self, *patterns: str) -> tuple[Ignored, ...]:
        """Return the files of these patterns that lie there and are ignored, each with its rule."""
        listing = self._read("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *patterns)
        paths = [path for path in listing.split("\0") if path]
        if not paths:
            return ()
        ended = self._shell.run(
            "git",
            "check-ignore",
            "-z",
            "--verbose",
            "--stdin",
            cwd=self._path,
            env=_QUIET,
            stdin="\0".join(paths).encode(),
            timeout=self._longest,
        )
        fields = ended.out.split("\0")
        return tuple(
            Ignored(
                path=path,
                rule=rule,
                file=None if file.startswith(("/", "..", ".git/")) else file,
                line=int(line) if line.isdigit() else None,
            )
            for file, line, rule, path in zip(
                fields[::4], fields[1::4], fields[2::4], fields[3::4], strict=False
            )
        )

    def _read(self, *arguments: str) -> str:
        return self._shell.check("git", *arguments, cwd=self._path, env=_QUIET, timeout=self._longest).out


def _without(upstream: str | None) -> tuple[str, str]:
    return ("--not", "--remotes=origin" if upstream is None else upstream)


def _commit(text: str) -> LocalCommit:
    lines = text.strip().split("\n")
    commit, *parents = lines[0].split()
    return LocalCommit(
        id=commit,
        merges=len(parents) > 1,
        title=lines[1] if len(lines) > 1 else "",
        paths=tuple(line for line in lines[2:] if line),
    )


def _literal(text: str) -> str:
    return "".join(f"[{one}]" if one in ".*+?()[]{}|$" else one for one in text)
