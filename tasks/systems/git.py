"""git: typed reads that leave the index alone, and the few writes an activation makes."""

from __future__ import annotations

import base64
import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tasks.domain.git_state import GitState
from tasks.systems.shell import Ended, ProgramFailed, Shell

TAGGER = "activation <activation@localhost>"
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_IN_PROGRESS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}


@dataclass(frozen=True, kw_only=True)
class Blob:
    """One file of a commit's tree."""

    path: str
    mode: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One ref the remote did not take, with git's own words about why."""

    ref: str
    reason: str
    remote_lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """What a push came to; ``failure`` is git's last word when the remote could not even be asked."""

    refused: tuple[Refusal, ...] = ()
    failure: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the remote took every ref."""
        return not self.refused and self.failure is None


_MOST_APART = 400
"""Commits of two histories that are compared one by one: nobody makes more of them anew."""


def _as_one(made: str, title: str, files: str) -> frozenset[tuple[str, str, str]]:
    """Return what a commit that was made anew has at least one of in common with the first one."""
    return frozenset({(made, "title", title), (made, "files", files.strip())})


class Git:
    """One repository's work tree."""

    def __init__(self, shell: Shell, path: Path) -> None:
        self._shell = shell
        self.path = path

    def state(self) -> GitState:
        """Look once at everything that matters before a push."""
        status = self._read("status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z").split("\0")
        head, branch, staged, unstaged, untracked, conflicted, gone = _status(status)
        default = self._maybe("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
        default = default.removeprefix("origin/") if default else None
        tracked = branch or default
        upstream = self.commit(f"refs/remotes/origin/{tracked}") if tracked else None
        shallow = self._maybe("rev-parse", "--is-shallow-repository") == "true"
        ahead, behind = (
            (None, None) if shallow or not upstream or not head else self.ahead_behind(head, upstream)
        )
        git_directory = self._directory("--git-dir")
        tags = self._tags()
        return GitState(
            commit=head,
            branch=branch,
            origin=self._maybe("remote", "get-url", "origin"),
            default_branch=default,
            upstream=upstream,
            ahead=ahead,
            behind=behind,
            rewritten=bool(ahead and behind) and self.rewritten(str(head), str(upstream)),
            staged=staged,
            unstaged=unstaged,
            untracked=untracked,
            conflicted=conflicted,
            deleted=gone,
            lacked=self._lacked(frozenset(gone)),
            shallow=shallow,
            linked_worktree=git_directory != self._directory("--git-common-dir"),
            submodules=self._submodules(),
            tags=tuple(tags),
            tags_here=frozenset(name for name, at in tags.items() if head in at),
            remote_branches=frozenset(self._names("refs/remotes/origin/")) - {"HEAD"},
            branches=() if default else self._names("refs/heads/"),
            in_progress=next(
                (word for name, word in _IN_PROGRESS.items() if (git_directory / name).exists()), None
            ),
        )

    def _lacked(self, files: frozenset[str]) -> tuple[str, ...]:
        """Return those files of the commit whose contents the clone lacks: git calls their size BAD."""
        listing = self._git("ls-tree", "-r", "-z", "--long", "--full-tree", "HEAD") if files else None
        rows = (row.partition("\t") for row in (listing.out if listing is not None else "").split("\0"))
        return tuple(path for about, _, path in rows if path in files and about.endswith(" BAD"))

    def _names(self, under: str) -> tuple[str, ...]:
        """List the refs below a prefix, without it."""
        depth = under.count("/")
        return tuple(self._read("for-each-ref", f"--format=%(refname:lstrip={depth})", under).split())

    def _tags(self) -> dict[str, tuple[str, ...]]:
        """List the tags, each with its object and, for an annotated one, the commit that this names."""
        lines = self._read(
            "for-each-ref", "--format=%(refname:lstrip=2) %(objectname) %(*objectname)", "refs/tags/"
        )
        rows = (line.split() for line in lines.splitlines())
        return {name: tuple(at) for name, *at in rows}

    def head(self) -> str | None:
        """Return the commit that is checked out, None before the first one."""
        return self.commit("HEAD")

    def commit(self, revision: str) -> str | None:
        """Return the commit a revision names (tags are followed), None when there is none."""
        return self._maybe("rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}")

    def ahead_behind(self, ours: str, theirs: str) -> tuple[int, int]:
        """Count the commits only we have, and the ones only they have."""
        ahead, behind = self._read("rev-list", "--left-right", "--count", f"{ours}...{theirs}").split()
        return int(ahead), int(behind)

    def rewritten(self, ours: str, theirs: str) -> bool:
        """Tell whether we have made anew each commit that only they have.

        Author and time stay the same then, and either the message or what files it changes.
        """
        shown = "--format=%x00%m%x00%an <%ae> %at%x00%s%x00"
        asked = ("log", f"--max-count={_MOST_APART}", "--left-right", "--name-only", shown)
        fields = self._read(*asked, f"{ours}...{theirs}", "--").split("\0")[1:]
        commits = [*zip(fields[::4], fields[1::4], fields[2::4], fields[3::4], strict=True)]
        own = {mark for side, *rest in commits if side == "<" for mark in _as_one(*rest)}
        other = [_as_one(*rest) for side, *rest in commits if side == ">"]
        return len(commits) < _MOST_APART and bool(other) and all(not own.isdisjoint(one) for one in other)

    def has(self, commit: str) -> bool:
        """Tell whether the commit's object is here."""
        return self._git("cat-file", "-e", f"{commit}^{{commit}}").ok

    def contains(self, descendant: str, ancestor: str) -> bool:
        """Tell whether ``ancestor`` is in the history of ``descendant``."""
        return self._git("merge-base", "--is-ancestor", ancestor, descendant).ok

    def tree(self, commit: str, *under: str) -> tuple[Blob, ...]:
        """List the files of a commit, under the given paths or everywhere."""
        listing = self._read("ls-tree", "-r", "-z", "--full-tree", commit, "--", *under)
        rows = (row.partition("\t") for row in listing.split("\0") if row)
        return tuple(
            Blob(path=path, mode=meta.split()[0], id=meta.split()[2])
            for meta, _, path in rows
            if meta.split()[1] == "blob"
        )

    def show(self, commit: str, path: str) -> bytes | None:
        """Return a file's bytes at a commit, None when it is not there."""
        ended = self._git("cat-file", "blob", f"{commit}:{path}")
        return ended.stdout if ended.ok else None

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """Return the paths that differ between two commits; renames show as both paths."""
        names = self._read("diff", "--no-renames", "--name-only", "-z", before, after)
        return tuple(name for name in names.split("\0") if name)

    def remote_refs(self, url: str, token: str | None = None) -> Mapping[str, str]:
        """Ask a remote for its branches and tags: full ref name -> object id (a tag's commit has ``^{}``)."""
        ended = self._shell.run(
            "git", "ls-remote", "--heads", "--tags", url, cwd=self.path, env=_access(url, token), timeout=120
        )
        if not ended.ok:
            raise ProgramFailed(ended)
        return {ref: sha for sha, _, ref in (line.partition("\t") for line in ended.out.splitlines()) if ref}

    def fetch(self, url: str, ref: str, token: str | None = None) -> None:
        """Bring the objects of one remote ref here without moving any local ref."""
        command = ("git", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", url, ref)
        self._shell.check(*command, cwd=self.path, env=_access(url, token))

    def push(self, url: str, refspec: str, token: str | None = None) -> Pushed:
        """Offer one refspec to a remote, never by force; a refusal is data in git's own words."""
        ended = self._shell.run(
            "git", "push", "--porcelain", url, refspec, cwd=self.path, env=_access(url, token), timeout=600
        )
        return pushed(ended)

    def follow(self, url: str, branch: str, commit: str) -> None:
        """Let ``origin``'s tracking branch show a push to that URL, as a push to ``origin`` by name does.

        Nothing moves when ``origin`` is another repository, or there is none.
        """
        origin = self._maybe("remote", "get-url", "origin")
        if origin is not None and _place(origin) == _place(url):
            tracking = f"refs/remotes/origin/{branch}"
            self._shell.check("git", "update-ref", tracking, commit, cwd=self.path, env=_QUIET)

    def tag_object(self, name: str, commit: str, message: str) -> str:
        """Make an annotated tag's object and return its id; no ref is made here.

        The object depends on nothing but its arguments (the date is the commit's), so making it again
        gives the same id.
        """
        dated = self._read("show", "-s", "--format=%ct", commit).strip()
        text = (
            f"object {commit}\ntype commit\ntag {name}\ntagger {TAGGER} {dated} +0000\n\n{message.rstrip()}\n"
        )
        return self._shell.check("git", "mktag", cwd=self.path, env=_QUIET, stdin=text.encode()).out.strip()

    def message(self, commit: str) -> str:
        """Return a commit's whole message."""
        return self._read("show", "-s", "--format=%B", commit).strip()

    @contextlib.contextmanager
    def worktree(self, commit: str, parent: Path | None = None) -> Iterator[Path]:
        """Give a clean checkout of a commit in a temporary directory; the repository learns nothing of it.

        It is a clone that borrows the objects, not `git worktree add`, which writes into the repository.
        """
        directory = Path(tempfile.mkdtemp(prefix="activation-tree-", dir=parent))
        try:
            target = directory / self.path.resolve().name
            clone = (
                "git",
                "clone",
                "--quiet",
                "--shared",
                "--no-checkout",
                "--no-tags",
                str(self.path),
                str(target),
            )
            self._shell.check(*clone, cwd=directory, env=_QUIET)
            checkout = ("git", "-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", commit)
            self._shell.check(*checkout, cwd=target, env=_QUIET)
            yield target
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _directory(self, which: str) -> Path:
        return (self.path / self._read("rev-parse", which).strip()).resolve()

    def _submodules(self) -> tuple[str, ...]:
        keys = self._git("config", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$")
        return tuple(line.partition(" ")[2] for line in keys.out.splitlines()) if keys.ok else ()

    def _git(self, *arguments: str) -> Ended:
        return self._shell.run("git", *arguments, cwd=self.path, env=_QUIET, timeout=120)

    def _read(self, *arguments: str) -> str:
        return self._shell.check("git", *arguments, cwd=self.path, env=_QUIET, timeout=120).out

    def _maybe(self, *arguments: str) -> str | None:
        ended = self._git(*arguments)
        return ended.out.strip() or None if ended.ok else None


def _place(url: str) -> str:
    """Return host and path of a remote, whichever of git's ways to write it is used."""
    host, colon, path = url.partition(":") if "://" not in url else ("", "", "")
    if colon and "/" not in host:
        place = f"{host.rpartition('@')[2]}/{path.lstrip('/')}"
    else:
        parts = urlsplit(url)
        place = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    return place.removesuffix("/").removesuffix(".git").lower()


def pushed(ended: Ended) -> Pushed:
    """Read the outcome of ``git push --porcelain``."""
    remote = tuple(
        line.removeprefix("remote:").strip() for line in ended.err.splitlines() if line.startswith("remote:")
    )
    refused = tuple(
        Refusal(
            ref=refs.partition(":")[2], reason=reason, remote_lines=tuple(line for line in remote if line)
        )
        for flag, refs, reason in (
            line.split("\t", 2) for line in ended.out.splitlines() if line.count("\t") >= 2
        )
        if flag == "!"
    )
    if refused or ended.ok:
        return Pushed(refused=refused)
    words = [
        line for line in ended.err.splitlines() if line.startswith(("fatal:", "error:"))
    ] or ended.err.splitlines()
    return Pushed(failure="; ".join(words[-3:]) or f"git push ended with exit code {ended.exit}")


def _access(url: str, token: str | None) -> dict[str, str]:
    # In the environment, never in argv: `ps` shows argv to everybody. Stored credentials are left out when a
    # token is given, or a helper's older one would be sent instead.
    settings: dict[str, str] = {}
    if url.startswith("http") and token is not None:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings[f"http.{url}.extraHeader"] = f"Authorization: Basic {basic}"
        settings["credential.helper"] = ""
    if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
        settings["http.proxy"] = ""
    numbered = {
        f"GIT_CONFIG_{what}_{number}": text
        for number, setting in enumerate(settings.items())
        for what, text in zip(("KEY", "VALUE"), setting, strict=True)
    }
    return {**_QUIET, "GIT_CONFIG_COUNT": str(len(settings)), **numbered}


def _status(
    rows: list[str],
) -> tuple[
    str | None,
    str | None,
    tuple[str, ...],
    tuple[str, ...],
    tuple[str, ...],
    tuple[str, ...],
    tuple[str, ...],
]:
    """Return commit, branch, the four kinds of paths, and the deleted ones."""
    head: str | None = None
    branch: str | None = None
    staged, unstaged, untracked, conflicted, deleted = [], [], [], [], []
    queue = iter(rows)
    for row in queue:
        kind, _, rest = row.partition(" ")
        if row.startswith("# branch.oid "):
            head = None if row.endswith("(initial)") else row.split()[-1]
        elif row.startswith("# branch.head "):
            branch = None if row.endswith("(detached)") else row.removeprefix("# branch.head ")
        elif kind in ("1", "2"):
            fields = rest.split(" ", 7 if kind == "1" else 8)
            if kind == "2":
                next(queue, None)  # the path it was renamed from
            if fields[0][0] != ".":
                staged.append(fields[-1])
            if fields[0][1] != ".":
                unstaged.append(fields[-1])
            if "D" in fields[0]:
                deleted.append(fields[-1])
        elif kind == "u":
            conflicted.append(rest.split(" ", 9)[-1])
        elif kind == "?":
            untracked.append(rest)
    return head, branch, tuple(staged), tuple(unstaged), tuple(untracked), tuple(conflicted), tuple(deleted)
