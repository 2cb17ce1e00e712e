"""Releases: drafted, filled, published; and downloads of what they hold."""

import hashlib
from dataclasses import replace
from typing import Any

from deployments.embedded.github.git.bare import GitError
from deployments.embedded.github.records.releases import Asset, Release
from deployments.embedded.github.shapes.releases import asset, release
from deployments.embedded.github.web.access import changes_workflows, granted, writes
from deployments.embedded.github.web.answers import Answer, invalid, not_found, redirect
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write
from tasks.domain.trigger import Happening

_LINK_SECONDS = 300


def list_releases(call: Call) -> Answer:
    """List the releases, newest first; drafts only for those who may push."""
    return call.page(_seen(call), lambda item: release(call.forge, call.repository, item))


def get_release(call: Call) -> Answer:
    """Return a release by its number."""
    return Answer(body=release(call.forge, call.repository, _release(call)))


def get_latest(call: Call) -> Answer:
    """Return the newest release that is neither draft nor pre-release."""
    for item in _seen(call):
        if not item.draft and not item.prerelease:
            return Answer(body=release(call.forge, call.repository, item))
    raise not_found()


def get_by_tag(call: Call) -> Answer:
    """Return the release of a tag; a draft has none yet."""
    for item in _seen(call):
        if item.tag == call.values["tag"] and not item.draft:
            return Answer(body=release(call.forge, call.repository, item))
    raise not_found()


def create_release(call: Call) -> Answer:
    """Make a release, as a draft or published at once."""
    body, tag = call.json(), call.wanted("tag_name", str)
    draft = bool(body.get("draft"))
    if not draft:
        _tag_is_free(call, tag, None)
    target = str(body.get("target_commitish") or call.repository.default_branch)
    _may_target(call, tag, target)
    made = Release(
        id=call.forge.store.next_id(),
        repository_id=call.repository.id,
        tag=tag,
        target=target,
        name=body.get("name"),
        body=body.get("body"),
        draft=True,
        prerelease=bool(body.get("prerelease")),
        immutable=False,
        author=call.user.login,
        created_at=call.forge.now(),
        published_at=None,
    )
    if not draft:
        made = _publish(call, made)
    call.forge.store.releases.put(made)
    if not draft:
        _announce(call, made, ("created", "published"))
    return Answer(
        status=201,
        body=release(call.forge, call.repository, made),
        headers={"Location": call.forge.urls.repository(call.repository, "releases", made.id)},
    )


def update_release(call: Call) -> Answer:
    """Change a release; `draft: false` publishes it."""
    body, before = call.json(), _release(call)
    if before.immutable and (body.get("tag_name", before.tag) != before.tag or body.get("draft")):
        raise invalid("Cannot change the tag of an immutable release")
    changed = replace(
        before,
        tag=str(body.get("tag_name", before.tag)),
        target=str(body.get("target_commitish", before.target)),
        name=body.get("name", before.name),
        body=body.get("body", before.body),
        prerelease=bool(body.get("prerelease", before.prerelease)),
    )
    publishes = before.draft and body.get("draft") is False
    if publishes:
        _tag_is_free(call, changed.tag, changed.id)
        _may_target(call, changed.tag, changed.target)
        changed = _publish(call, changed)
    call.forge.store.releases.put(changed)
    if publishes:
        _announce(call, changed, ("created", "published"))
    elif not changed.draft:
        _announce(call, changed, ("edited",))
    return Answer(body=release(call.forge, call.repository, changed))


def delete_release(call: Call) -> Answer:
    """Remove a release; its tag stays, and an immutable one's name is never free again."""
    found = _release(call)
    if found.immutable:
        call.forge.store.repositories.change(
            call.repository.id, lambda item: replace(item, burnt_tags=(*item.burnt_tags, found.tag))
        )
    call.forge.store.releases.remove(found.id)
    for item in found.assets:
        call.forge.file("assets", item.id).unlink(missing_ok=True)
    return Answer(status=204)


def list_assets(call: Call) -> Answer:
    """List the files of a release."""
    found = _release(call)
    return call.page(found.assets, lambda item: asset(call.forge, call.repository, found, item))


def upload_asset(call: Call) -> Answer:
    """Attach a file; a name can be used once."""
    found, name = _release(call), call.query("name")
    if found.immutable:
        raise invalid("Cannot upload assets to an immutable release.")
    if name is None:
        raise invalid(
            "Validation Failed", {"resource": "ReleaseAsset", "code": "missing_field", "field": "name"}
        )
    content, store = call.request.get_data(), call.forge.store
    if not content:
        raise invalid("Bad Content-Length: the asset is empty")
    now, number = call.forge.now(), store.next_id()
    made = Asset(
        id=number,
        # GitHub replaces what a file name may not hold.
        name="".join(letter if letter.isalnum() or letter in "-_.+@" else "." for letter in name),
        label=call.query("label") or "",
        content_type=call.request.headers.get("Content-Type", "application/octet-stream"),
        size=len(content),
        digest=f"sha256:{hashlib.sha256(content).hexdigest()}",
        uploader=call.user.login,
        downloads=0,
        created_at=now,
        updated_at=now,
    )
    call.forge.file("assets", number).write_bytes(content)
    with store.lock:
        current = store.releases.get(found.id)
        if current is None or any(item.name == made.name for item in current.assets):
            call.forge.file("assets", number).unlink()
            raise invalid(
                "Validation Failed",
                {"resource": "ReleaseAsset", "code": "already_exists", "field": "name"},
            )
        kept = store.releases.put(replace(current, assets=(*current.assets, made)))
    return Answer(status=201, body=asset(call.forge, call.repository, kept, made))


def get_asset(call: Call) -> Answer:
    """Return a file's description, or with `Accept: application/octet-stream` redirect to its bytes."""
    of, found = _asset(call)
    if "application/octet-stream" in call.request.headers.get("Accept", ""):
        return _bytes(call, of, found)
    return Answer(body=asset(call.forge, call.repository, of, found))


def update_asset(call: Call) -> Answer:
    """Rename or relabel a file."""
    of, found = _asset(call)
    if of.immutable:
        raise invalid("Cannot change assets of an immutable release.")
    body = call.json()
    changed = replace(
        found,
        name=str(body.get("name", found.name)),
        label=str(body.get("label", found.label) or ""),
        updated_at=call.forge.now(),
    )
    _change_assets(call, of, [changed if item.id == found.id else item for item in of.assets])
    return Answer(body=asset(call.forge, call.repository, of, changed))


def delete_asset(call: Call) -> Answer:
    """Remove a file."""
    of, found = _asset(call)
    if of.immutable:
        raise invalid("Cannot delete assets of an immutable release.")
    _change_assets(call, of, [item for item in of.assets if item.id != found.id])
    call.forge.file("assets", found.id).unlink(missing_ok=True)
    return Answer(status=204)


def download(call: Call) -> Answer:
    """Redirect a download link, as browsers and curl use it, to the bytes."""
    for of in _seen(call):
        if not of.draft and of.tag == call.values["tag"]:
            for item in of.assets:
                if item.name == call.values["file"]:
                    return _bytes(call, of, item)
    raise not_found()


def generate_notes(call: Call) -> Answer:
    """Write notes: the subjects of the commits since the tag before."""
    git, tag = call.forge.git(call.repository), call.wanted("tag_name", str)
    target = git.resolve(tag) or git.resolve(str(call.json().get("target_commitish") or "HEAD"))
    if target is None:
        raise invalid("Invalid target_commitish parameter")
    since = call.json().get("previous_tag_name")
    commits = git.commits("--max-count=100", f"{since}..{target}" if since else target)
    lines = [f"* {commit.message.partition(chr(10))[0]}" for commit in commits]
    return Answer(body={"name": tag, "body": "\n".join(["## What's Changed", *lines])})


def _publish(call: Call, draft: Release) -> Release:
    """Give a release its tag, made at its target when there is none; that counts as a push of the tag."""
    git = call.forge.git(call.repository)
    ref = f"refs/tags/{draft.tag}"
    if git.ref(ref) is None:
        before = git.refs()
        target = git.resolve(draft.target)
        assert target is not None
        try:
            git.update_ref(ref, target, "0" * 40)
        except GitError as problem:
            raise invalid("Validation Failed", "tag_name is not a valid tag") from problem
        call.engine.refs_changed(call.repository, before, call.user, call.caller.token)
    current = call.forge.store.repositories.get(call.repository.id)
    return replace(
        draft,
        draft=False,
        published_at=call.forge.now(),
        immutable=bool(current and current.immutable_releases),
    )


def _announce(call: Call, made: Release, activities: tuple[str, ...]) -> None:
    sha = call.forge.git(call.repository).resolve(f"refs/tags/{made.tag}")
    if sha is None:
        return
    body: dict[str, Any] = {"release": release(call.forge, call.repository, made)}
    extra = ("prereleased",) if made.prerelease else ("released",)
    for activity in (*activities, *(extra if "published" in activities else ())):
        call.engine.happened(
            call.repository,
            Happening(event="release", ref=f"refs/tags/{made.tag}", activity=activity),
            sha=sha,
            user=call.user,
            token=call.caller.token,
            payload=body,
        )


def _tag_is_free(call: Call, tag: str, own: int | None) -> None:
    taken = call.forge.store.releases.all(
        lambda item: (
            item.repository_id == call.repository.id and item.tag == tag and not item.draft and item.id != own
        )
    )
    if taken:
        raise invalid(
            "Validation Failed", {"resource": "Release", "code": "already_exists", "field": "tag_name"}
        )
    if tag in call.repository.burnt_tags:
        raise invalid(
            "Validation Failed",
            {"resource": "Release", "code": "custom", "message": "tag_name was used by an immutable release"},
        )


def _may_target(call: Call, tag: str, target: str) -> None:
    """Refuse a target that is not there, and one that brings new workflow files without the right to."""
    git, token = call.forge.git(call.repository), call.caller.token
    if git.ref(f"refs/tags/{tag}") is not None:
        return
    commit = git.resolve(target)
    if commit is None:
        raise invalid(
            "Validation Failed", {"resource": "Release", "code": "invalid", "field": "target_commitish"}
        )
    assert token is not None
    known: set[tuple[str, str]] = set()
    for head in git.refs("refs/heads/").values():
        known |= set(git.workflow_files(head).items())
    if not changes_workflows(token) and set(git.workflow_files(commit).items()) - known:
        raise not_found()


def _seen(call: Call) -> list[Release]:
    """Return the releases that the caller sees, newest first."""
    token = call.caller.token
    pushes = token is not None and (
        writes(token, call.repository, "contents") or granted(token, "contents") == "write"
    )
    found = call.forge.store.releases.all(
        lambda item: item.repository_id == call.repository.id and (pushes or not item.draft)
    )
    return sorted(found, key=lambda item: item.id, reverse=True)


def _release(call: Call) -> Release:
    number = call.number("release")
    for item in _seen(call):
        if item.id == number:
            return item
    raise not_found()


def _asset(call: Call) -> tuple[Release, Asset]:
    number = call.number("asset")
    for of in _seen(call):
        for item in of.assets:
            if item.id == number:
                return of, item
    raise not_found()


def _change_assets(call: Call, of: Release, assets: list[Asset]) -> None:
    call.forge.store.releases.change(of.id, lambda item: replace(item, assets=tuple(assets)))


def _bytes(call: Call, of: Release, item: Asset) -> Answer:
    counted = replace(item, downloads=item.downloads + 1)
    _change_assets(call, of, [counted if one.id == item.id else one for one in of.assets])
    return redirect(call.forge.link(f"/assets/{item.id}/{item.name}", seconds=_LINK_SECONDS))


_L = "/repos/{owner}/{repo}/releases"
_ONE = f"{_L}/{{release}}"
_ASSET = f"{_L}/assets/{{asset}}"
_READ, _WRITE = read("contents"), write("contents")

ROUTES = (
    Route(method="GET", template=_L, handler=list_releases, needs=_READ),
    Route(method="POST", template=_L, handler=create_release, needs=_WRITE),
    Route(method="POST", template=f"{_L}/generate-notes", handler=generate_notes, needs=_WRITE),
    Route(method="GET", template=f"{_L}/latest", handler=get_latest, needs=_READ),
    Route(method="GET", template=f"{_L}/tags/{{tag+}}", handler=get_by_tag, needs=_READ),
    Route(method="GET", template=_ASSET, handler=get_asset, needs=_READ),
    Route(method="PATCH", template=_ASSET, handler=update_asset, needs=_WRITE),
    Route(method="DELETE", template=_ASSET, handler=delete_asset, needs=_WRITE),
    Route(method="GET", template=_ONE, handler=get_release, needs=_READ),
    Route(method="PATCH", template=_ONE, handler=update_release, needs=_WRITE),
    Route(method="DELETE", template=_ONE, handler=delete_release, needs=_WRITE),
    Route(method="GET", template=f"{_ONE}/assets", handler=list_assets, needs=_READ),
    Route(method="POST", template=f"{_ONE}/assets", handler=upload_asset, needs=_WRITE),
    Route(
        method="GET",
        template="/{owner}/{repo}/releases/download/{tag+}/{file}",
        handler=download,
        needs=_READ,
    ),
)
