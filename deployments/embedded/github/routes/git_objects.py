"""Git's own objects and refs through the API."""

import base64
from typing import Any

from deployments.embedded.github.git.bare import BareRepository, GitError, Signature
from deployments.embedded.github.shapes.commits import git_commit, ref, tag, tree
from deployments.embedded.github.web.access import BY_SCOPE, changes_workflows, not_accessible
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write


def get_ref(call: Call) -> Answer:
    """Return one ref, named without `refs/`."""
    name = f"refs/{call.values['ref']}"
    git = call.forge.git(call.repository)
    sha = git.ref(name)
    if sha is None:
        raise not_found()
    return Answer(body=_ref(call, git, name, sha))


def list_matching_refs(call: Call) -> Answer:
    """List the refs whose names begin with something."""
    git = call.forge.git(call.repository)
    wanted = f"refs/{call.values.get('ref', '')}"
    found = sorted((name, sha) for name, sha in git.refs().items() if name.startswith(wanted))
    return call.page(found, lambda item: _ref(call, git, *item))


def create_ref(call: Call) -> Answer:
    """Make a branch or a tag."""
    name, sha = call.wanted("ref", str), call.wanted("sha", str)
    git = call.forge.git(call.repository)
    if not name.startswith("refs/") or name.count("/") < 2:
        raise invalid("Reference name is not valid")
    if git.ref(name) is not None:
        raise invalid("Reference already exists")
    _guard(call, git, sha)
    before = git.refs()
    try:
        git.update_ref(name, sha, "0" * 40)
    except GitError as problem:
        raise invalid("Reference update failed") from problem
    _pushed(call, before)
    return Answer(
        status=201,
        body=_ref(call, git, name, sha),
        headers={"Location": call.forge.urls.repository(call.repository, "git", name)},
    )


def update_ref(call: Call) -> Answer:
    """Move a ref; without `force` only forward."""
    name, sha = f"refs/{call.values['ref']}", call.wanted("sha", str)
    git = call.forge.git(call.repository)
    old = git.ref(name)
    if old is None:
        raise invalid("Reference does not exist")
    _guard(call, git, sha)
    if not call.json().get("force") and not git.is_ancestor(old, sha):
        raise invalid("Update is not a fast forward")
    before = git.refs()
    git.update_ref(name, sha, old)
    _pushed(call, before)
    return Answer(body=_ref(call, git, name, sha))


def delete_ref(call: Call) -> Answer:
    """Remove a branch or a tag."""
    name = f"refs/{call.values['ref']}"
    git = call.forge.git(call.repository)
    if git.ref(name) is None:
        raise invalid("Reference does not exist")
    before = git.refs()
    git.delete_ref(name)
    _pushed(call, before)
    return Answer(status=204)


def get_git_commit(call: Call) -> Answer:
    """Return a commit object."""
    git = call.forge.git(call.repository)
    _must_be(git, call.values["sha"], "commit")
    return Answer(body=git_commit(call.forge, call.repository, git.commit(call.values["sha"])))


def create_commit(call: Call) -> Answer:
    """Store a commit object; no ref moves."""
    body, git = call.json(), call.forge.git(call.repository)
    me = _me(call)
    try:
        made = git.write_commit(
            call.wanted("tree", str), body.get("parents") or [], call.wanted("message", str), me, me
        )
    except GitError as problem:
        raise invalid("Tree SHA is not a tree object") from problem
    return Answer(status=201, body=git_commit(call.forge, call.repository, git.commit(made)))


def get_tree(call: Call) -> Answer:
    """List a tree, all of it with `recursive`."""
    git = call.forge.git(call.repository)
    wanted = call.values["sha"]
    sha = git.resolve(wanted) or (wanted if git.type_of(wanted) == "tree" else None)
    if sha is None:
        raise not_found()
    entries = git.entries(sha, recursive=call.query("recursive") is not None)
    own = git.text("rev-parse", sha + "^{tree}")
    return Answer(body=tree(call.forge, call.repository, own, entries))


def create_tree(call: Call) -> Answer:
    """Store a tree made of another and some changes."""
    git, changes = call.forge.git(call.repository), []
    for item in call.wanted("tree", list):
        blob = item.get("sha")
        if "content" in item:
            blob = git.write_blob(str(item["content"]).encode())
        changes.append((str(item["path"]), str(item.get("mode", "100644")), blob))
    try:
        made = git.write_tree(call.json().get("base_tree"), changes)
    except GitError as problem:
        raise invalid("tree.sha is not a valid blob") from problem
    return Answer(status=201, body=tree(call.forge, call.repository, made, git.entries(made)))


def get_blob(call: Call) -> Answer:
    """Return a blob in base64."""
    git, sha = call.forge.git(call.repository), call.values["sha"]
    _must_be(git, sha, "blob")
    content = git.blob(sha)
    return Answer(
        body={
            "sha": sha,
            "node_id": f"B_{sha}",
            "size": len(content),
            "url": call.forge.urls.repository(call.repository, "git/blobs", sha),
            "content": base64.encodebytes(content).decode(),
            "encoding": "base64",
        }
    )


def create_blob(call: Call) -> Answer:
    """Store a blob."""
    content = call.wanted("content", str)
    raw = base64.b64decode(content) if call.json().get("encoding") == "base64" else content.encode()
    sha = call.forge.git(call.repository).write_blob(raw)
    url = call.forge.urls.repository(call.repository, "git/blobs", sha)
    return Answer(status=201, body={"sha": sha, "url": url}, headers={"Location": url})


def get_tag(call: Call) -> Answer:
    """Return an annotated tag object."""
    git = call.forge.git(call.repository)
    _must_be(git, call.values["sha"], "tag")
    return Answer(body=tag(call.forge, call.repository, git.tag(call.values["sha"])))


def create_tag(call: Call) -> Answer:
    """Store an annotated tag object; a ref to it is made separately."""
    git = call.forge.git(call.repository)
    try:
        sha = git.write_tag(
            call.wanted("tag", str),
            call.wanted("object", str),
            call.wanted("type", str),
            call.wanted("message", str),
            _me(call),
        )
    except GitError as problem:
        raise invalid("Object does not exist") from problem
    return Answer(status=201, body=tag(call.forge, call.repository, git.tag(sha)))


def _guard(call: Call, git: BareRepository, sha: str) -> None:
    """Refuse an object that is not there, and new workflow files from a token that may not bring them."""
    token = call.caller.token
    assert token is not None
    if git.type_of(sha) is None:
        raise invalid("Object does not exist")
    commit = git.resolve(sha)
    if commit is None or changes_workflows(token):
        return
    known: set[tuple[str, str]] = set()
    for head in git.refs("refs/heads/").values():
        known |= set(git.workflow_files(head).items())
    if set(git.workflow_files(commit).items()) - known:
        raise not_found() if token.kind in BY_SCOPE else not_accessible(token)


def _pushed(call: Call, before: dict[str, str]) -> None:
    assert call.caller.token is not None
    call.engine.refs_changed(call.repository, before, call.user, call.caller.token)


def _must_be(git: BareRepository, sha: str, kind: str) -> None:
    if len(sha) < 7 or git.type_of(sha) != kind:
        raise RefusedError(404, "Not Found")


def _me(call: Call) -> Signature:
    given: Any = call.json().get("tagger") or call.json().get("committer") or call.json().get("author") or {}
    login = call.user.login
    return Signature(
        name=given.get("name", login),
        email=given.get("email", f"{login}@users.noreply.github.com"),
        when=call.forge.now(),
    )


def _ref(call: Call, git: BareRepository, name: str, sha: str) -> dict[str, Any]:
    return ref(call.forge, call.repository, name, sha, git.type_of(sha) or "commit")


_G = "/repos/{owner}/{repo}/git"
_READ, _WRITE = read("contents"), write("contents")

ROUTES = (
    Route(method="GET", template=f"{_G}/ref/{{ref+}}", handler=get_ref, needs=_READ),
    Route(method="GET", template=f"{_G}/matching-refs/{{ref+}}", handler=list_matching_refs, needs=_READ),
    # Old clients read a list here; PyGithub lists `git/refs` and gets one ref at `git/refs/heads/NAME`.
    Route(method="GET", template=f"{_G}/refs", handler=list_matching_refs, needs=_READ),
    Route(method="GET", template=f"{_G}/refs/{{ref+}}", handler=get_ref, needs=_READ),
    Route(method="POST", template=f"{_G}/refs", handler=create_ref, needs=_WRITE),
    Route(method="PATCH", template=f"{_G}/refs/{{ref+}}", handler=update_ref, needs=_WRITE),
    Route(method="DELETE", template=f"{_G}/refs/{{ref+}}", handler=delete_ref, needs=_WRITE),
    Route(method="GET", template=f"{_G}/commits/{{sha}}", handler=get_git_commit, needs=_READ),
    Route(method="POST", template=f"{_G}/commits", handler=create_commit, needs=_WRITE),
    Route(method="GET", template=f"{_G}/trees/{{sha}}", handler=get_tree, needs=_READ),
    Route(method="POST", template=f"{_G}/trees", handler=create_tree, needs=_WRITE),
    Route(method="GET", template=f"{_G}/blobs/{{sha}}", handler=get_blob, needs=_READ),
    Route(method="POST", template=f"{_G}/blobs", handler=create_blob, needs=_WRITE),
    Route(method="GET", template=f"{_G}/tags/{{sha}}", handler=get_tag, needs=_READ),
    Route(method="POST", template=f"{_G}/tags", handler=create_tag, needs=_WRITE),
)
