"""What a stand-in for an action is given to work with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deployments.embedded.runner.errors import StepFailedError
from deployments.embedded.runner.interface import Access, Host, JobRecord, RunRequest
from deployments.embedded.runner.output import StepOutput
from deployments.embedded.runner.rooms import Rooms


class Runs(Protocol):
    """How an action runs a process of its own: its output goes to the step's, or to `line`."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        line: Callable[[str], None] | None = None,
    ) -> int:
        """Run to the end and give the exit code; raises StepEndedError when it was ended from outside."""


@dataclass(frozen=True, kw_only=True)
class ActionCall:
    """One `uses:` step: the action, its inputs, and the job around it.

    What the action leaves behind is collected in `outputs`, `exports` and `paths`; `later` puts a function
    among the job's post steps under a condition that is `always()` or `success()`.
    """

    name: str
    version: str
    inputs: Mapping[str, str]
    environment: Mapping[str, str]
    request: RunRequest
    host: Host
    record: JobRecord
    permissions: Mapping[str, Access]
    token: str
    rooms: Rooms
    out: StepOutput
    run: Runs
    later: Callable[[str, Callable[[], None]], None]
    mask: Callable[[str], None]
    outputs: dict[str, str] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Give an input by name in any letter case; empty counts as not given."""
        return self.inputs.get(name.lower(), "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give an input as a yes or no. Raises StepFailedError for anything else."""
        word = self.get(name).lower()
        if word in ("true", "false"):
            return word == "true"
        if word:
            raise StepFailedError(f'Input does not meet YAML 1.2 "Core Schema" specification: {name}')
        return default

    def required(self, name: str) -> str:
        """Give an input that must be there. Raises StepFailedError otherwise."""
        value = self.get(name)
        if not value:
            raise StepFailedError(f"Input required and not supplied: {name}")
        return value

    def inside(self, path: str) -> Path:
        """Give a path of the workspace, `~` being the job's home."""
        if path.startswith("~"):
            return self.rooms.home / path.removeprefix("~").lstrip("/")
        return self.rooms.workspace / path

    def capture(self, argv: Sequence[str], *, directory: Path | None = None) -> tuple[int, str]:
        """Run a process and give its exit code and output instead of logging it."""
        lines: list[str] = []
        code = self.run(argv, directory=directory, line=lines.append)
        return code, "\n".join(lines)


Standin = Callable[[ActionCall], None]
