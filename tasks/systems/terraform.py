"""terraform, where this machine has it: formatting and validation without a backend."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tasks.systems.shell import ProgramMissing, Shell


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
    """Runs terraform in one directory; ``data`` keeps its working files out of the checkout."""

    def __init__(self, shell: Shell, directory: Path, data: Path) -> None:
        self._shell = shell
        self._directory = directory
        self._env = {
            "TF_DATA_DIR": str(data),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
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
        return tuple(ended.out.split())

    def validate(self, *, locked: bool = True) -> Validation:
        """Fetch the providers (no backend) and validate; ProgramFailed when they cannot be fetched.

        ``locked``: a committed lock file says which providers, and stays as it is.
        """
        init = ("terraform", "init", "-backend=false", "-no-color", "-input=false")
        only = ("-lockfile=readonly",) if locked else ()
        self._shell.check(*init, *only, cwd=self._directory, env=self._env, timeout=300)
        ended = self._shell.run(
            "terraform", "validate", "-json", cwd=self._directory, env=self._env, timeout=300
        )
        body = json.loads(ended.out)
        return Validation(
            valid=body["valid"],
            messages=tuple(
                TerraformMessage(
                    severity=row["severity"],
                    summary=row["summary"],
                    detail=row.get("detail", ""),
                    file=(row.get("range") or {}).get("filename"),
                    line=((row.get("range") or {}).get("start") or {}).get("line"),
                )
                for row in body["diagnostics"]
            ),
        )
