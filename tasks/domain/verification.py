"""Commands that verify something, and say so with their exit code."""

from __future__ import annotations

import posixpath
import re

from tasks.domain.called import started_file
from tasks.domain.cargo_command import cargo_command
from tasks.domain.script import Command

_VERIFIES = {
    "cargo": frozenset({"test", "nextest", "clippy", "audit", "deny", "fmt", "check", "publish"}),
    "cross": frozenset({"test", "clippy", "check"}),
    "terraform": frozenset({"validate", "plan", "apply"}),
}
_LINTERS = frozenset(
    {"actionlint", "gitleaks", "hadolint", "shellcheck", "tflint", "typos", "yamllint", "zizmor"}
)
"""Programs that do nothing but look for faults, and fail when they find some."""
_HEALTH = re.compile(r"://\S*/(?:health|healthz|ready|readyz|livez|status|ping)\b")
_CHECKING = re.compile(r"(?:^|[_-])(?:check|health|healthcheck|smoke|validate|verify)(?:[_-]|\.|$)")
_SUMS = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum"})


def verifies(command: Command) -> str | None:
    """Return what a command that verifies is called; None for others, and where a failure is no answer."""
    if command.program in _SUMS and command.has("--check", "-c"):
        return f"{command.program} --check"
    if command.program in ("bash", "sh") and command.has("-n"):
        return f"{command.program} -n"
    if command.program == "curl" and any(_HEALTH.search(word.text) for word in command.arguments):
        return "curl --fail" if fails_by_status(command) else None
    own = started_file(command)
    if own is not None and _CHECKING.search(posixpath.basename(own)):
        return own
    if command.program in _LINTERS and not command.has("--version", "-V", "--help", "-h", "--init"):
        return command.program
    known = _VERIFIES.get(command.program or "")
    call = cargo_command(command)
    first = call.subcommand if call is not None else next((one for one in command.literals if one), "")
    return f"{command.program} {first}" if known is not None and first in known else None


def fails_by_status(command: Command) -> bool:
    """Tell whether ``curl`` is told to fail at an answer of 400 and above."""
    short = (word.text for word in command.arguments if re.fullmatch(r"-[A-Za-z]+", word.text))
    return command.has("--fail", "--fail-with-body") or any("f" in one for one in short)
