"""`actions/upload-artifact` and `actions/download-artifact`, as from their fourth version."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.errors import NotHereError, StepFailedError
from deployments.embedded.runner.interface import Artifact, ArtifactExistsError
from deployments.embedded.runner.selection import files, root_of
from tasks.domain.glob import matches

_FORBIDDEN = set('":<>|*?\r\n\\/')


def upload(call: ActionCall) -> None:
    """Store files under a name that this run has not used yet."""
    name = call.get("name", "artifact")
    if _FORBIDDEN & set(name):
        raise StepFailedError(f"The artifact name is not valid: {name}")
    patterns = [line.strip() for line in call.required("path").splitlines() if line.strip()]
    chosen = files(call, patterns, hidden=call.flag("include-hidden-files"))
    if not chosen:
        _nothing(call, " ".join(patterns))
        return
    archive = call.rooms.temp / f"artifact-{name}.zip"
    root = root_of(call, patterns, chosen)
    level = int(call.get("compression-level", "6"))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as content:
        for path in chosen:
            content.write(path, path.relative_to(root).as_posix())
    days = int(call.get("retention-days", "0")) or None
    try:
        stored = call.host.save_artifact(name, archive, overwrite=call.flag("overwrite"), retention_days=days)
    except ArtifactExistsError as error:
        raise StepFailedError(
            "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: "
            "an artifact with this name already exists on the workflow run"
        ) from error
    archive.unlink()
    call.outputs["artifact-id"] = str(stored.id)
    call.outputs["artifact-digest"] = stored.sha256
    run = f"{call.request.server_url}/{call.request.repository}/actions/runs/{call.request.run_id}"
    call.outputs["artifact-url"] = f"{run}/artifacts/{stored.id}"
    call.out.write(f"With the provided path, there will be {len(chosen)} file(s) uploaded")
    call.out.write(
        f"Artifact {name} has been successfully uploaded! Final size is {stored.size} bytes. ID {stored.id}"
    )


def _nothing(call: ActionCall, path: str) -> None:
    message = f"No files were found with the provided path: {path}. No artifacts will be uploaded."
    match call.get("if-no-files-found", "warn"):
        case "error":
            raise StepFailedError(message)
        case "ignore":
            call.out.write(message)
        case _:
            call.out.warning(message)


def download(call: ActionCall) -> None:
    """Bring artifacts of this run into the workspace: one by name, or those a pattern selects."""
    other = call.get("run-id", str(call.request.run_id))
    if other != str(call.request.run_id):
        raise NotHereError(f"the embedded world downloads artifacts of this run only, not of run {other}")
    target = call.inside(call.get("path", "."))
    name, pattern, ids = call.get("name"), call.get("pattern"), call.get("artifact-ids")
    stored = call.host.artifacts()
    if name:
        found = [artifact for artifact in stored if artifact.name == name]
        if not found:
            raise StepFailedError(f"Unable to download artifact(s): Artifact not found for name: {name}")
        _extract(call, found[-1], target)
        call.outputs["download-path"] = str(target)
        return
    wanted = _wanted(stored, pattern, ids)
    call.out.write(f"Found {len(stored)} artifacts, {len(wanted)} of them wanted")
    merge = call.flag("merge-multiple")
    for artifact in wanted:
        _extract(call, artifact, target if merge else target / artifact.name)
    call.outputs["download-path"] = str(target)


def _wanted(stored: Sequence[Artifact], pattern: str, ids: str) -> list[Artifact]:
    if ids:
        numbers = {part.strip() for part in ids.split(",")}
        return [artifact for artifact in stored if str(artifact.id) in numbers]
    return [artifact for artifact in stored if not pattern or matches(pattern, artifact.name)]


def _extract(call: ActionCall, artifact: Artifact, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    # Modes are not kept, as on GitHub: a program that was uploaded must be made executable again.
    with zipfile.ZipFile(artifact.archive) as content:
        content.extractall(target)
    call.out.write(f"Artifact download completed successfully: {artifact.name} to {target}")
