"""`softprops/action-gh-release`: a draft, its assets, and then the release is published."""

import mimetypes
import urllib.parse
from pathlib import Path
from typing import Any

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.errors import StepFailedError
from deployments.embedded.runner.loopback import send, send_json
from deployments.embedded.runner.selection import files


def run(call: ActionCall) -> None:
    """Make the release of the run's tag, or go on with the one that is there."""
    tag = call.get("tag_name") or call.request.ref
    tag = tag.removeprefix("refs/tags/")
    if tag.startswith("refs/"):
        raise StepFailedError("GitHub Releases requires a tag")
    patterns = [line.strip() for line in call.get("files").splitlines() if line.strip()]
    assets = _assets(call, patterns)
    base = f"{call.request.api_url}/repos/{call.get('repository', call.request.repository)}/releases"
    release = _find(call, base, tag)
    wanted = _wanted(call, tag)
    if release is None:
        # As a draft first, so that nobody ever sees a release without its assets.
        release = _ask(call, "POST", base, {**wanted, "draft": True})
    else:
        release = _ask(call, "PATCH", f"{base}/{release['id']}", {**wanted, "draft": release["draft"]})
    uploaded = [_upload(call, base, release, asset) for asset in assets]
    if not call.flag("draft") and release["draft"]:
        release = _ask(call, "PATCH", f"{base}/{release['id']}", {"draft": False, **_latest(call)})
    call.out.write(f"Release ready at {release['html_url']}")
    call.outputs["url"] = str(release["html_url"])
    call.outputs["id"] = str(release["id"])
    call.outputs["upload_url"] = str(release["upload_url"])
    call.outputs["assets"] = ", ".join(str(asset["name"]) for asset in uploaded)


def _token(call: ActionCall) -> str:
    return call.get("token") or call.environment.get("GITHUB_TOKEN") or call.token


def _ask(call: ActionCall, method: str, url: str, payload: Any) -> Any:
    status, answer = send_json(method, url, token=_token(call), payload=payload)
    if status >= 400:
        detail = answer.get("message") if isinstance(answer, dict) else answer
        errors = answer.get("errors") if isinstance(answer, dict) else None
        raise StepFailedError(f"GitHub release failed with status: {status} {detail} {errors or ''}".strip())
    return answer


def _assets(call: ActionCall, patterns: list[str]) -> list[Path]:
    chosen: dict[Path, None] = {}
    for pattern in patterns:
        found = files(call, [pattern], hidden=True)
        if not found:
            if call.flag("fail_on_unmatched_files"):
                raise StepFailedError(f"Pattern '{pattern}' does not match any files.")
            call.out.warning(f"Pattern '{pattern}' does not match any files.")
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def _find(call: ActionCall, base: str, tag: str) -> Any:
    """Look through the list: a draft is not found by its tag."""
    page = 1
    while True:
        found = _ask(call, "GET", f"{base}?per_page=100&page={page}", None)
        for release in found:
            if release["tag_name"] == tag:
                return release
        if len(found) < 100:
            return None
        page += 1


def _wanted(call: ActionCall, tag: str) -> dict[str, Any]:
    body = call.inputs.get("body", "")
    if call.get("body_path"):
        body = call.inside(call.get("body_path")).read_text(encoding="utf-8")
    wanted: dict[str, Any] = {
        "tag_name": tag,
        "name": call.get("name", tag),
        "prerelease": call.flag("prerelease"),
    }
    if body:
        wanted["body"] = body
    if call.get("target_commitish"):
        wanted["target_commitish"] = call.get("target_commitish")
    if call.flag("generate_release_notes"):
        wanted["generate_release_notes"] = True
    return wanted


def _latest(call: ActionCall) -> dict[str, str]:
    word = call.get("make_latest")
    return {"make_latest": word} if word else {}


def _upload(call: ActionCall, base: str, release: Any, path: Path) -> Any:
    existing = next((asset for asset in release.get("assets", []) if asset["name"] == path.name), None)
    if existing is not None:
        if not call.flag("overwrite_files", default=True):
            call.out.write(f"Asset {path.name} already exists and overwrite_files is false...")
            return existing
        _ask(call, "DELETE", f"{base}/assets/{existing['id']}", None)
    call.out.write(f"Uploading {path.name}...")
    url = f"{str(release['upload_url']).partition('{')[0]}?name={urllib.parse.quote(path.name)}"
    headers = {
        "Authorization": f"Bearer {_token(call)}",
        "Content-Type": mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        "User-Agent": "embedded-host-runner",
    }
    status, answer = send("POST", url, headers=headers, body=path.read_bytes())
    if status != 201:
        raise StepFailedError(
            f"Failed to upload release asset {path.name}. received status code {status}: {answer[:500]!r}"
        )
    return {"name": path.name}
