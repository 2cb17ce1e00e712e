"""terraform, where this machine has it: formatting and validation without a backend."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.systems.shell import Ended, ProgramFailed, ProgramMissing, Shell

# What ``validate`` complains of when ``init`` could not do its work: it says nothing about the files.
_OF_THIS_MACHINE = frozenset(
    {
        "Missing required provider",
        "Module not installed",
        "Unsupported Terraform Core version",
        "Inconsistent dependency lock file",
    }
)
# Nobody listens on port 9 (discard): whoever is sent there fails at once, and no one is asked.
_NO_NETWORK = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "GIT_ALLOW_PROTOCOL": "file",
    "TF_REGISTRY_DISCOVERY_RETRY": "0",
}


@dataclass(frozen=True, kw_only=True)
class TerraformMessage:
    """One error or warning of ``terraform validate``; the place is None where it states none."""

    severity: str
    summary: str
    detail: str
    file: str | None
    line: int | None


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What terraform says about one directory."""

    valid: bool
    messages: tuple[TerraformMessage, ...]


class Terraform:
    """Runs terraform in one directory; ``data`` keeps its working files out of the checkout.

    Without ``network`` providers and modules come from this machine's mirrors and caches only.
    """

    def __init__(self, shell: Shell, directory: Path, data: Path, *, network: bool = True) -> None:
        self._shell = shell
        self._directory = directory
        self._env = {
            "TF_DATA_DIR": str(data),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            **({} if network else _NO_NETWORK),
        }

    def version(self) -> str | None:
        """Return terraform's version, None when this machine has none."""
        try:
            ended = self._shell.run(
                "terraform", "version", "-json", cwd=self._directory, env=self._env, timeout=60
            )
        except ProgramMissing:
            return None
        return str(json.loads(ended.out)["terraform_version"]) if ended.ok else None

    def unformatted(self) -> tuple[str, ...]:
        """Return the files that ``terraform fmt`` would change."""
        command = ("terraform", "fmt", "-check", "-list=true", "-recursive")
        ended = self._shell.run(*command, cwd=self._directory, env=self._env, timeout=60)
        return tuple(ended.out.splitlines())

    def validate(self, *, locked: bool = True) -> Validation:
        """Fetch the providers (no backend) and validate; ProgramFailed when nothing is said about the files.

        ``locked``: a committed lock file says which providers, and stays as it is. What terraform refuses
        before it looks for providers, such as a variable that nobody declares, is known without them.
        """
        init = ("terraform", "init", "-backend=false", "-no-color", "-input=false")
        only = ("-lockfile=readonly",) if locked else ()
        ready = self._run(*init, *only)
        ended = self._run("terraform", "validate", "-json")
        try:
            body = json.loads(ended.out)
        except ValueError as error:
            raise ProgramFailed(ended) from error
        messages = tuple(_message(row) for row in body["diagnostics"])
        if not ready.ok:
            messages = tuple(one for one in messages if one.file and one.summary not in _OF_THIS_MACHINE)
            if not messages:
                raise ProgramFailed(ready)
        return Validation(valid=body["valid"], messages=messages)

    def _run(self, *argv: str) -> Ended:
        return self._shell.run(*argv, cwd=self._directory, env=self._env, timeout=300)


def _message(row: dict[str, Any]) -> TerraformMessage:
    place = row.get("range") or {}
    return TerraformMessage(
        severity=row["severity"],
        summary=row["summary"],
        detail=row.get("detail", ""),
        file=place.get("filename"),
        line=(place.get("start") or {}).get("line"),
    )
