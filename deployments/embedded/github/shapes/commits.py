"""Git objects as JSON, in the two dialects of the API: commits of a repository, and objects of git."""

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.git.bare import EMPTY_TREE, Commit, Entry, Signature, Tag
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.shapes import Json, moment, node_id

UNSIGNED: Json = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}
_STATUS = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}


def signature(who: Signature) -> Json:
    """Return author, committer or tagger."""
    return {"name": who.name, "email": who.email, "date": moment(who.when)}


def git_commit(forge: Forge, repository: Repository, commit: Commit) -> Json:
    """Return a commit object as `git/commits` has it."""
    url = forge.urls.repository
    return {
        "sha": commit.sha,
        "node_id": node_id("C", commit.sha),
        "url": url(repository, "git/commits", commit.sha),
        "html_url": forge.urls.page(repository, "commit", commit.sha),
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "tree": {"sha": commit.tree, "url": url(repository, "git/trees", commit.tree)},
        "message": commit.message,
        "parents": [
            {
                "sha": parent,
                "url": url(repository, "git/commits", parent),
                "html_url": forge.urls.page(repository, "commit", parent),
            }
            for parent in commit.parents
        ],
        "verification": UNSIGNED,
    }


def commit(forge: Forge, repository: Repository, found: Commit, *, files: bool = False) -> Json:
    """Return a commit as `commits` has it; with `files`, what it changed."""
    url = forge.urls.repository
    body: Json = {
        "sha": found.sha,
        "node_id": node_id("C", found.sha),
        "url": url(repository, "commits", found.sha),
        "html_url": forge.urls.page(repository, "commit", found.sha),
        "comments_url": url(repository, "commits", found.sha, "comments"),
        "commit": {
            "url": url(repository, "git/commits", found.sha),
            "author": signature(found.author),
            "committer": signature(found.committer),
            "message": found.message,
            "comment_count": 0,
            "tree": {"sha": found.tree, "url": url(repository, "git/trees", found.tree)},
            "verification": UNSIGNED,
        },
        # GitHub links a commit to an account by its verified e-mail address; nobody here has one.
        "author": None,
        "committer": None,
        "parents": [
            {
                "sha": parent,
                "url": url(repository, "commits", parent),
                "html_url": forge.urls.page(repository, "commit", parent),
            }
            for parent in found.parents
        ],
    }
    if files:
        before = found.parents[0] if found.parents else None
        body["files"] = changed_files(forge, repository, before, found.sha)
        body["stats"] = {
            "total": sum(item["changes"] for item in body["files"]),
            "additions": sum(item["additions"] for item in body["files"]),
            "deletions": sum(item["deletions"] for item in body["files"]),
        }
    return body


def changed_files(forge: Forge, repository: Repository, before: str | None, after: str) -> list[Json]:
    """Return the files that differ between two commits, with their line counts."""
    git = forge.git(repository)
    letters = {path: letter for letter, path in git.changed(before, after)}
    counted = git.text("diff", "--numstat", "--no-renames", before or EMPTY_TREE, after).splitlines()
    blobs = {entry.path: entry.sha for entry in git.entries(after, recursive=True)}
    files = []
    for line in counted:
        added, deleted, path = line.split("\t", 2)
        plus, minus = (0 if count == "-" else int(count) for count in (added, deleted))
        files.append(
            {
                "sha": blobs.get(path),
                "filename": path,
                "status": _STATUS.get(letters.get(path, "M"), "modified"),
                "additions": plus,
                "deletions": minus,
                "changes": plus + minus,
                "blob_url": forge.urls.page(repository, "blob", after, path),
                "raw_url": forge.urls.page(repository, "raw", after, path),
                "contents_url": forge.urls.repository(repository, "contents", path) + f"?ref={after}",
            }
        )
    return files


def simple_commit(found: Commit) -> Json:
    """Return the head commit of a run."""
    return {
        "id": found.sha,
        "tree_id": found.tree,
        "message": found.message,
        "timestamp": moment(found.committer.when),
        "author": {"name": found.author.name, "email": found.author.email},
        "committer": {"name": found.committer.name, "email": found.committer.email},
    }


def ref(forge: Forge, repository: Repository, name: str, sha: str, kind: str) -> Json:
    """Return a ref and the object it names."""
    return {
        "ref": name,
        "node_id": node_id("REF", name),
        "url": forge.urls.repository(repository, "git", name),
        "object": {
            "sha": sha,
            "type": kind,
            "url": forge.urls.repository(repository, "git", kind + "s", sha),
        },
    }


def tag(forge: Forge, repository: Repository, found: Tag) -> Json:
    """Return an annotated tag."""
    return {
        "node_id": node_id("T", found.sha),
        "tag": found.name,
        "sha": found.sha,
        "url": forge.urls.repository(repository, "git/tags", found.sha),
        "message": found.message,
        "tagger": signature(found.tagger),
        "object": {
            "sha": found.target,
            "type": found.target_type,
            "url": forge.urls.repository(repository, "git", found.target_type + "s", found.target),
        },
        "verification": UNSIGNED,
    }


def tree(forge: Forge, repository: Repository, sha: str, entries: list[Entry]) -> Json:
    """Return a tree with its entries."""
    listed = []
    for entry in entries:
        item: Json = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
        if entry.size is not None:
            item["size"] = entry.size
        if entry.type != "commit":
            item["url"] = forge.urls.repository(repository, "git", entry.type + "s", entry.sha)
        listed.append(item)
    return {
        "sha": sha,
        "url": forge.urls.repository(repository, "git/trees", sha),
        "tree": listed,
        "truncated": False,
    }
