"""Commands of which people want to know when they fail: they build, test, deploy or publish something."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from tasks.domain.called import started_file
from tasks.domain.cargo_command import cargo_command
from tasks.domain.publishing import publishes
from tasks.domain.script import Command
from tasks.domain.verification import verifies

_WORK: Mapping[str, frozenset[str]] = {
    "aws": frozenset({"cloudformation deploy", "ecs update-service", "lambda update-function-code"}),
    "cdk": frozenset({"deploy"}),
    "cross": frozenset({"build"}),
    "docker": frozenset({"build", "buildx build", "compose build", "compose up"}),
    "go": frozenset({"build", "test"}),
    "helm": frozenset({"install", "upgrade"}),
    "npm": frozenset({"ci", "publish", "test", "run build", "run test", "run lint"}),
    "pnpm": frozenset({"build", "publish", "test", "run build", "run test"}),
    "podman": frozenset({"build"}),
    "sam": frozenset({"build", "deploy"}),
    "terraform": frozenset({"destroy", "init"}),
    "tofu": frozenset({"apply", "init", "plan", "validate"}),
    "trunk": frozenset({"build"}),
    "wasm-pack": frozenset({"build", "test"}),
    "yarn": frozenset({"build", "publish", "test", "run build", "run test"}),
}
_OF_CARGO = frozenset({"build", "rustc", "run", "bench", "doc", "install"})
_CALLED = re.compile(r"(?:^|[_-])(?:build|compile|deploy|package|publish|release|tests?|upload)(?:[_.-]|$)")


def weighty(command: Command) -> str | None:
    """Return what a command that builds, tests, deploys or publishes is called; None for others."""
    if command.has("--help", "--version", "-V"):
        return None
    name = verifies(command) or publishes(command)
    if name is not None:
        return name
    call = cargo_command(command)
    if call is not None:
        return f"cargo {call.subcommand}" if call.subcommand in _OF_CARGO else None
    known = _WORK.get(command.program or "")
    if known is not None:
        words = [word.text for word in command.arguments if not word.text.startswith("-")]
        first = next((one for one in (" ".join(words[:2]), *words[:1]) if one in known), None)
        return None if first is None else f"{command.program} {first}"
    own = started_file(command)
    return own if own is not None and _CALLED.search(posixpath.basename(own)) else None
