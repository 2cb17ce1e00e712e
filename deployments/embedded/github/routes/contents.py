"""Files of a repository, read and written through the API."""

import base64
import binascii
from urllib.parse import quote

from deployments.embedded.github.git.bare import BareRepository, Entry, Signature
from deployments.embedded.github.shapes import Json
from deployments.embedded.github.shapes.commits import git_commit
from deployments.embedded.github.web.access import BY_SCOPE, changes_workflows, not_accessible
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write

_TYPES = {"blob": "file", "tree": "dir", "commit": "submodule"}
_INLINE_LIMIT = 1 << 20


def get_contents(call: Call) -> Answer:
    """Return a file with its content, or list a directory."""
    git = call.forge.git(call.repository)
    ref = call.query("ref") or call.repository.default_branch
    sha = git.resolve(ref)
    if sha is None:
        empty = not git.refs("refs/heads/")
        raise RefusedError(
            404, "This repository is empty." if empty else f"No commit found for the ref {ref}"
        )
    path = call.values.get("path", "").strip("/")
    if path:
        found = git.entries(sha, path)
        if not found:
            raise not_found()
        if found[0].type != "tree":
            return _file_answer(call, git, found[0], ref)
    listed = git.entries(sha, *([path + "/"] if path else []))
    return Answer(body=[_item(call, entry, ref) for entry in listed])


def get_readme(call: Call) -> Answer:
    """Return the README of the default branch."""
    git = call.forge.git(call.repository)
    sha = git.resolve(call.query("ref") or call.repository.default_branch)
    for entry in git.entries(sha) if sha else []:
        if entry.type == "blob" and entry.path.lower().startswith("readme"):
            return _file_answer(call, git, entry, call.repository.default_branch)
    raise not_found()


def put_contents(call: Call) -> Answer:
    """Create or update one file by one commit, which is pushed."""
    body = call.json()
    try:
        content = base64.b64decode(call.wanted("content", str), validate=False)
    except binascii.Error:
        raise invalid("content is not valid Base64") from None
    blob = call.forge.git(call.repository).write_blob(content)
    return _commit(call, call.wanted("message", str), body.get("sha"), blob)


def delete_contents(call: Call) -> Answer:
    """Remove one file by one commit."""
    body = {**call.request.args, **call.json()}
    if not body.get("sha") or not body.get("message"):
        raise invalid('Invalid request.\n\n"sha" and "message" weren\'t supplied.')
    return _commit(call, str(body["message"]), str(body["sha"]), None)


def _commit(call: Call, message: str, expected: str | None, blob: str | None) -> Answer:
    path = call.values["path"].strip("/")
    token, user = call.caller.token, call.user
    assert token is not None
    if path.startswith(".github/workflows/") and not changes_workflows(token):
        raise not_found() if token.kind in BY_SCOPE else not_accessible(token)
    repository, git = call.repository, call.forge.git(call.repository)
    body = call.json()
    branch = body.get("branch") or call.query("branch") or repository.default_branch
    before = git.refs()
    head = git.ref(f"refs/heads/{branch}")
    if head is None and git.refs("refs/heads/"):
        raise RefusedError(404, f"Branch {branch} not found")
    existing = git.entries(head, path) if head else []
    if existing and not expected:
        raise invalid('Invalid request.\n\n"sha" wasn\'t supplied.')
    if existing and existing[0].sha != expected:
        raise RefusedError(409, f"{path} does not match {expected}")
    if not existing and (expected or blob is None):
        raise not_found() if blob is None else RefusedError(409, f"{path} does not match {expected}")
    mode = existing[0].mode if existing else "100644"
    tree = git.write_tree(head, [(path, mode, blob)])
    me = Signature(name=user.login, email=f"{user.login}@users.noreply.github.com", when=call.forge.now())
    author, committer = (_person(body.get(part), me) for part in ("author", "committer"))
    made = git.write_commit(tree, [head] if head else [], message, author, committer)
    git.update_ref(f"refs/heads/{branch}", made, head or "0" * 40)
    call.engine.refs_changed(repository, before, user, token)
    content: Json | None = None
    if blob is not None:
        entry = git.entries(made, path)[0]
        content = _item(call, entry, branch)
    return Answer(
        status=200 if existing else 201,
        body={"content": content, "commit": git_commit(call.forge, repository, git.commit(made))},
    )


def _person(given: object, default: Signature) -> Signature:
    if not isinstance(given, dict):
        return default
    return Signature(
        name=str(given.get("name") or default.name),
        email=str(given.get("email") or default.email),
        when=default.when,
    )


def _file_answer(call: Call, git: BareRepository, entry: Entry, ref: str) -> Answer:
    if entry.type == "commit":
        raise invalid("Submodules are not read through the contents of their parent")
    content = git.blob(entry.sha)
    if "raw" in call.request.headers.get("Accept", ""):
        return Answer(raw=content, content_type="application/vnd.github.raw+json; charset=utf-8")
    inline = len(content) <= _INLINE_LIMIT
    return Answer(
        body={
            **_item(call, entry, ref),
            "encoding": "base64" if inline else "none",
            "content": base64.encodebytes(content).decode() if inline else "",
        }
    )


def _item(call: Call, entry: Entry, ref: str) -> Json:
    urls, repository = call.forge.urls, call.repository
    url = urls.repository(repository, "contents", entry.path) + f"?ref={quote(ref, safe='')}"
    is_blob = entry.type == "blob"
    kind = "blob" if is_blob else "tree"
    git_url = urls.repository(repository, f"git/{kind}s", entry.sha)
    page = urls.page(repository, kind, ref, entry.path)
    return {
        "name": entry.path.rsplit("/", 1)[-1],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "type": "symlink" if entry.mode == "120000" else _TYPES[entry.type],
        "url": url,
        "html_url": page,
        "git_url": git_url,
        "download_url": urls.page(repository, "raw", ref, entry.path) if is_blob else None,
        "_links": {"self": url, "git": git_url, "html": page},
    }


_C = "/repos/{owner}/{repo}/contents"

ROUTES = (
    Route(method="GET", template="/repos/{owner}/{repo}/readme", handler=get_readme, needs=read("contents")),
    Route(method="GET", template=_C, handler=get_contents, needs=read("contents")),
    Route(method="GET", template=f"{_C}/{{path+}}", handler=get_contents, needs=read("contents")),
    Route(method="PUT", template=f"{_C}/{{path+}}", handler=put_contents, needs=write("contents")),
    Route(method="DELETE", template=f"{_C}/{{path+}}", handler=delete_contents, needs=write("contents")),
)
