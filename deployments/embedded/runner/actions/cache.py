"""`actions/cache`, its `restore` and `save` halves, and `Swatinem/rust-cache`."""

import hashlib
import platform
import tarfile
from collections.abc import Sequence
from pathlib import Path

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.errors import StepFailedError
from deployments.embedded.runner.hashing import hash_files
from deployments.embedded.runner.selection import expand

LONGEST_KEY = 512
MOST_RUST_BYTES = 1024 * 1024 * 1024


def run(call: ActionCall) -> None:
    """Restore now, and save after a job that succeeded, unless the very key was found."""
    key, patterns = _key(call), _patterns(call)
    hit = _restore(call, key, _lines(call.get("restore-keys")), patterns)
    if hit == key:
        return
    call.later("success()", lambda: _save(call, key, patterns))


def restore(call: ActionCall) -> None:
    """Restore only."""
    key = _key(call)
    call.outputs["cache-primary-key"] = key
    _restore(call, key, _lines(call.get("restore-keys")), _patterns(call))


def save(call: ActionCall) -> None:
    """Save only."""
    _save(call, _key(call), _patterns(call))


def rust(call: ActionCall) -> None:
    """Keep the `target` directories of the given workspaces, by compiler, job and lock file.

    The registry is this machine's own and needs no cache.
    """
    spaces = [line.partition("->") for line in _lines(call.get("workspaces", ". -> target"))]
    patterns = [
        f"{root.strip()}/{target.strip() or 'target'}".removeprefix("./") for root, _, target in spaces
    ]
    code, compiler = call.capture(["rustc", "-vV"])
    if code:
        raise StepFailedError(f"rustc -vV failed: {compiler}")
    locks = hash_files(call.rooms.workspace, ["**/Cargo.lock", "**/Cargo.toml", "**/rust-toolchain*"])
    about = hashlib.sha256(
        f"{compiler}{platform.machine()}{call.environment.get('RUSTFLAGS', '')}".encode()
    ).hexdigest()
    prefix = "-".join(
        part
        for part in (
            call.get("prefix-key", "v0-rust"),
            call.get("shared-key") or f"{call.get('key')}{call.record.key.replace('/', '-')}",
            about[:8],
        )
        if part
    )
    key = f"{prefix}-{locks[:8]}"
    if _restore(call, key, [prefix], patterns) == key:
        return
    if call.flag("save-if", default=True):
        call.later("success()", lambda: _save(call, key, patterns, most=MOST_RUST_BYTES))


def _key(call: ActionCall) -> str:
    key = call.required("key")
    if len(key) > LONGEST_KEY or "," in key:
        raise StepFailedError(
            f"Key Validation Error: {key} must be at most {LONGEST_KEY} characters without commas"
        )
    return key


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _patterns(call: ActionCall) -> list[str]:
    return _lines(call.required("path"))


def _version(patterns: Sequence[str]) -> str:
    """Tell caches of different paths apart, as GitHub does.

    The same key with other paths is another cache.
    """
    return hashlib.sha256("|".join(patterns).encode()).hexdigest()


def _restore(call: ActionCall, key: str, others: Sequence[str], patterns: Sequence[str]) -> str | None:
    entry = call.host.find_cache([key, *others], _version(patterns))
    call.outputs["cache-hit"] = "" if entry is None else str(entry.key == key).lower()
    if entry is None:
        call.out.write(f"Cache not found for input keys: {', '.join([key, *others])}")
        if call.flag("fail-on-cache-miss"):
            raise StepFailedError(
                f"Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {key}"
            )
        return None
    call.outputs["cache-matched-key"] = entry.key
    if not call.flag("lookup-only"):
        _unpack(call, entry.archive)
        call.out.write(f"Cache Size: {entry.archive.stat().st_size} B")
    call.out.write(f"Cache restored from key: {entry.key}")
    return entry.key


def _save(call: ActionCall, key: str, patterns: Sequence[str], most: int | None = None) -> None:
    paths = expand(call, patterns)
    if not paths:
        call.out.warning(
            "Path Validation Error: Path(s) specified in the action for caching do(es) not exist"
        )
        return
    archive = call.rooms.temp / f"cache-{hashlib.sha256(key.encode()).hexdigest()[:12]}.tar"
    _pack(call, archive, paths)
    size = archive.stat().st_size
    if most is not None and size > most:
        call.out.warning(
            f"The cache is not saved: {size // 1024 // 1024} MiB are more than a rehearsal keeps"
        )
    elif call.host.save_cache(key, _version(patterns), archive):
        call.out.write(f"Cache saved with key: {key}")
    else:
        call.out.write(
            f"Failed to save: Unable to reserve cache with key {key}, another job may be creating this cache."
        )
    archive.unlink()


def _pack(call: ActionCall, archive: Path, paths: Sequence[Path]) -> None:
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in paths:
            tar.add(path, arcname=_stored(call, path))


def _stored(call: ActionCall, path: Path) -> str:
    for room, root in (("workspace", call.rooms.workspace), ("home", call.rooms.home)):
        if path.is_relative_to(root):
            return f"{room}/{path.relative_to(root).as_posix()}"
    raise StepFailedError(f"{path} is neither in the workspace nor in the job's home and is not cached")


def _unpack(call: ActionCall, archive: Path) -> None:
    rooms = {"workspace": call.rooms.workspace, "home": call.rooms.home}
    with tarfile.open(archive) as tar:
        # The archive is what a job of this very world packed; times and modes must come back as they were.
        trusted = getattr(tarfile, "fully_trusted_filter", None)
        if trusted is not None:
            tar.extraction_filter = staticmethod(trusted)
        for member in tar.getmembers():
            room, _, rest = member.name.partition("/")
            member.name = rest or "."
            if member.islnk():
                member.linkname = member.linkname.partition("/")[2]
            tar.extract(member, rooms[room])
