"""Git's smart HTTP protocol, served by git's own upload-pack and receive-pack."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal

from deployments.embedded.github.git import proc_receive
from deployments.embedded.github.git.bare import BareRepository, environment

Service = Literal["git-upload-pack", "git-receive-pack"]
_CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class RefRules:
    """The active rules of one ruleset, in the form that the hook reads."""

    target: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    types: tuple[str, ...]
    parameters: dict[str, Any]  # by type


@dataclass(frozen=True, kw_only=True)
class PushRights:
    """What the hook has to know about who pushes and about the repository."""

    kind: Literal["classic", "oauth", "app"]
    workflows: bool
    default_branch: str
    rulesets: tuple[RefRules, ...]


def install_hook(folder: Path) -> None:
    """Write the hooks directory that every push uses; the paths in it are those of this start."""
    folder.mkdir(parents=True, exist_ok=True)
    hook = folder / "proc-receive"
    # Without site packages the interpreter starts in a third of the time.
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{proc_receive.__file__}"\n', encoding="utf-8")
    hook.chmod(0o755)


def advertise(repository: BareRepository, service: Service, protocol: str) -> bytes:
    """Return the first answer of a fetch or a push: the refs."""
    refs = repository.run(
        service.removeprefix("git-"),
        "--stateless-rpc",
        "--advertise-refs",
        str(repository.path),
        extra={"GIT_PROTOCOL": protocol} if protocol else None,
    )
    if "version=2" in protocol and service == "git-upload-pack":
        return refs
    banner = f"# service={service}\n".encode()
    return b"%04x" % (len(banner) + 4) + banner + b"0000" + refs


def serve(
    repository: BareRepository,
    service: Service,
    body: IO[bytes],
    *,
    protocol: str,
    zipped: bool,
    hooks: Path,
    rights: PushRights | None,
) -> Iterator[bytes]:
    """Hand the client's request to git and yield git's answer.

    The request is taken in whole before git starts to answer: neither side of the protocol interleaves.
    """
    extra = {"GIT_PROTOCOL": protocol} if protocol else {}
    if rights is not None:
        extra["EMBEDDED_PUSH"] = json.dumps(asdict(rights))
    process = subprocess.Popen(
        [
            "git",
            "-c",
            f"core.hooksPath={hooks}",
            service.removeprefix("git-"),
            "--stateless-rpc",
            str(repository.path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(extra),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        source: IO[bytes] = gzip.GzipFile(fileobj=body) if zipped else body  # type: ignore[assignment]
        try:
            while chunk := source.read(_CHUNK):
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # Git has heard enough: its answer says why.
        while chunk := process.stdout.read(_CHUNK):
            yield chunk
    finally:
        process.stdout.close()
        if process.poll() is None and process.stdin.closed is False:
            process.stdin.close()
        process.wait()
