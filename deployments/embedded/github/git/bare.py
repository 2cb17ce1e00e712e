"""A bare repository on disk, asked through the git program."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
NOWHERE = "0" * 40
_FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"


class GitError(Exception):
    """Git said no; the message is its own."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who made a commit and when."""

    name: str
    email: str
    when: datetime


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit as git has it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a tree; `size` is None for anything but a blob."""

    mode: str
    type: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True, kw_only=True)
class Tag:
    """An annotated tag."""

    sha: str
    name: str
    target: str
    target_type: str
    tagger: Signature
    message: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of every git process: nothing of the user's configuration reaches it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        **(extra or {}),
    }


class BareRepository:
    """The objects and refs of one repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, default_branch: str) -> None:
        """Make an empty repository that lets the proc-receive hook see every ref."""
        self.path.mkdir(parents=True)
        self.run("init", "-q", "--bare", "-b", default_branch, str(self.path))
        for name, value in (
            ("receive.procReceiveRefs", "refs"),
            ("receive.advertisePushOptions", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"),
            ("uploadpack.allowFilter", "true"),
            ("core.logAllRefUpdates", "false"),
            ("gc.auto", "0"),
        ):
            self.run("config", name, value)

    def run(
        self, *arguments: str, given: bytes | None = None, extra: Mapping[str, str] | None = None
    ) -> bytes:
        """Run git here and return what it printed; GitError with its words when it fails."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            env=environment(extra),
            check=False,
        )
        if done.returncode:
            raise GitError(done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed")
        return done.stdout

    def text(self, *arguments: str, given: bytes | None = None) -> str:
        """Run git here and return what it printed, as text without the last line end."""
        return self.run(*arguments, given=given).decode(errors="replace").rstrip("\n")

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Return every ref below a prefix with the object it names (a tag object for an annotated tag)."""
        listed = self.text("for-each-ref", "--format=%(objectname) %(refname)", prefix)
        pairs = (line.split(" ", 1) for line in listed.splitlines())
        return {ref: sha for sha, ref in pairs}

    def ref(self, name: str) -> str | None:
        """Return what one full ref names, or None."""
        return self.refs(name).get(name)

    def resolve(self, revision: str) -> str | None:
        """Return the commit that a branch, a tag or a name of a commit leads to; None when there is none."""
        if revision.startswith("-") or not revision:
            return None
        for candidate in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            try:
                return self.text("rev-parse", "-q", "--verify", "--end-of-options", candidate + "^{commit}")
            except GitError:
                continue
        return None

    def type_of(self, sha: str) -> str | None:
        """Return the type of an object, or None when it is not there."""
        try:
            return self.text("cat-file", "-t", sha)
        except GitError:
            return None

    def entries(self, tree: str, *paths: str, recursive: bool = False) -> list[Entry]:
        """List a tree; with `recursive` every blob and tree below it."""
        flags = ["-r", "-t"] if recursive else []
        listed = self.run("ls-tree", "-z", "-l", *flags, tree, "--", *paths).decode(errors="replace")
        found = []
        for line in filter(None, listed.split("\0")):
            details, path = line.split("\t", 1)
            mode, kind, sha, size = details.split()
            found.append(
                Entry(mode=mode, type=kind, sha=sha, size=None if size == "-" else int(size), path=path)
            )
        return found

    def workflow_files(self, revision: str) -> dict[str, str]:
        """Return the workflow files of a revision: path to blob."""
        return {
            entry.path: entry.sha
            for entry in self.entries(revision, ".github/workflows/")
            if entry.type == "blob" and entry.path.endswith((".yml", ".yaml"))
        }

    def blob(self, sha: str) -> bytes:
        """Return the content of a blob."""
        return self.run("cat-file", "blob", sha)

    def commits(self, *arguments: str) -> list[Commit]:
        """Return what `git log` with these arguments lists."""
        listed = self.run("log", f"--format={_FIELDS}%x1e", *arguments).decode(errors="replace")
        return [_commit(record.lstrip("\n")) for record in listed.split("\x1e") if record.strip("\n")]

    def commit(self, sha: str) -> Commit:
        """Return one commit."""
        return self.commits("-1", "--end-of-options", sha)[0]

    def tag(self, sha: str) -> Tag:
        """Return an annotated tag object."""
        head, _, message = self.text("cat-file", "tag", sha).partition("\n\n")
        fields = dict(line.split(" ", 1) for line in head.splitlines())
        who, _, when = fields["tagger"].rpartition("> ")
        name, _, email = who.partition(" <")
        return Tag(
            sha=sha,
            name=fields["tag"],
            target=fields["object"],
            target_type=fields["type"],
            tagger=Signature(name=name, email=email, when=datetime.fromtimestamp(int(when.split()[0]), UTC)),
            message=message,
        )

    def changed(self, before: str | None, after: str) -> list[tuple[str, str]]:
        """Return status letter and path of every file that differs between two commits."""
        listed = self.run("diff", "--name-status", "--no-renames", "-z", before or EMPTY_TREE, after)
        words = listed.decode(errors="replace").split("\0")
        return list(zip(words[0:-1:2], words[1::2], strict=False))

    def write_blob(self, content: bytes) -> str:
        """Store a blob and return its name."""
        return self.run("hash-object", "-w", "--stdin", given=content).decode().strip()

    def write_tree(self, base: str | None, changes: Sequence[tuple[str, str, str | None]]) -> str:
        """Store the tree that `changes` (path, mode, blob or None to remove) make of `base`."""
        index = self.path / f"index-{os.urandom(6).hex()}"
        extra = {"GIT_INDEX_FILE": str(index)}
        try:
            self.run("read-tree", *([base] if base else ["--empty"]), extra=extra)
            lines = "".join(
                f"{mode if sha else '0'} {sha or NOWHERE}\t{path}\0" for path, mode, sha in changes
            )
            self.run("update-index", "-z", "--index-info", given=lines.encode(), extra=extra)
            return self.run("write-tree", extra=extra).decode().strip()
        finally:
            index.unlink(missing_ok=True)

    def write_commit(
        self, tree: str, parents: Sequence[str], message: str, author: Signature, committer: Signature
    ) -> str:
        """Store a commit and return its name."""
        arguments = [word for parent in parents for word in ("-p", parent)]
        extra = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": f"@{int(author.when.timestamp())} +0000",
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": f"@{int(committer.when.timestamp())} +0000",
        }
        made = self.run("commit-tree", tree, *arguments, given=message.encode(), extra=extra)
        return made.decode().strip()

    def write_tag(self, name: str, target: str, kind: str, message: str, tagger: Signature) -> str:
        """Store an annotated tag object and return its name; no ref is made."""
        body = (
            f"object {target}\ntype {kind}\ntag {name}\n"
            f"tagger {tagger.name} <{tagger.email}> {int(tagger.when.timestamp())} +0000\n\n{message}\n"
        )
        return self.run("mktag", given=body.encode()).decode().strip()

    def update_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Move a ref; with `old`, only from there (all zeros: only when it does not exist)."""
        self.run("update-ref", ref, new, *([old] if old else []))

    def delete_ref(self, ref: str) -> None:
        """Remove a ref."""
        self.run("update-ref", "-d", ref)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Say whether `newer` contains `older`."""
        try:
            self.run("merge-base", "--is-ancestor", older, newer)
        except GitError:
            return False
        return True


def _commit(record: str) -> Commit:
    sha, tree, parents, name, email, when, name2, email2, when2, message = record.split("\0", 9)
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Signature(name=name, email=email, when=datetime.fromtimestamp(int(when), UTC)),
        committer=Signature(name=name2, email=email2, when=datetime.fromtimestamp(int(when2), UTC)),
        message=message.rstrip("\n"),
    )
