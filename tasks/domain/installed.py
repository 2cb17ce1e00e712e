"""What the steps of a job say before one of its commands runs: who mentions a tool may have installed it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import CompositeAction, Job, Step, Workflow, Workflows

_KNOWN_ACTIONS = (
    "actions/",
    "dtolnay/rust-toolchain",
    "actions-rust-lang/",
    "swatinem/rust-cache",
    "aws-actions/",
    "hashicorp/setup-terraform",
    "docker/",
    "codecov/",
    "taiki-e/install-action",
    "taiki-e/cache-cargo-install-action",
    "baptiste0928/cargo-install",
    "softprops/",
    "rustsec/",
    "embarkstudios/cargo-deny-action",
)
"""Actions that install nothing beyond what their name and inputs say."""
_TOOL_IN_REF = frozenset({"taiki-e/install-action"})


@dataclass(frozen=True, kw_only=True)
class Said:
    """The text of all earlier steps, and whether one of them may install what it does not say."""

    text: str
    opaque: bool = False

    def mentions(self, *names: str) -> bool:
        """Tell whether one of the names stands in the text as a word of its own."""
        return any(
            re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.text, re.IGNORECASE) for name in names
        )


class History:
    """What the steps of the jobs of a repository say, read once."""

    def __init__(self, workflows: Workflows, scripts: Scripts) -> None:
        self._workflows, self._scripts = workflows, scripts
        files = [one for one in scripts if one.job is None and one.step is None]
        self.files = {script.path: script for script in files}
        self._by_workflow: dict[str, list[Script]] = {}
        for script in scripts:
            if script.workflow is not None and not script.never:
                self._by_workflow.setdefault(script.workflow, []).append(script)
        self._steps: dict[tuple[str, str, int], tuple[str, bool]] = {}

    def commands(self, workflow: Workflow, *programs: str) -> Iterator[tuple[Script, Command]]:
        """Go through the commands of a workflow's steps that may run one of these programs, or any."""
        for script in self.scripts(workflow):
            for command in script.running(*programs) if programs else script.commands:
                yield script, command

    def scripts(self, workflow: Workflow) -> Iterator[Script]:
        """Go through the texts of a workflow's steps that may run."""
        return iter(self._by_workflow.get(workflow.path, ()))

    def before(self, workflow: Workflow, script: Script, command: Command) -> Said:
        """Return what a job says before a command of one of its steps runs."""
        job, step = script.job, script.step
        if job is None or step is None:
            return Said(text="", opaque=True)
        earlier = self.before_step(workflow, job, step)
        made = [earlier.text, str(job.root.get("env") or ""), str(workflow.env), str(step.env)]
        for other in script.earlier(command):
            called = self._called(other)
            made.append(" ".join(word.text for word in other.words) if called is None else called.text)
        opaque = earlier.opaque or "container" in job.root or not script.understood
        return Said(text="\n".join(made), opaque=opaque)

    def before_step(self, workflow: Workflow, job: Job, step: Step) -> Said:
        """Return what the earlier steps of a job say."""
        found = [self._said(workflow, job, one) for one in job.steps[: step.index]]
        return Said(text="\n".join(text for text, _ in found), opaque=any(free for _, free in found))

    def _said(self, workflow: Workflow, job: Job, step: Step) -> tuple[str, bool]:
        key = (workflow.path, str(job.id), step.index)
        if key not in self._steps:
            self._steps[key] = self._read(workflow, job, step)
        return self._steps[key]

    def _read(self, workflow: Workflow, job: Job, step: Step) -> tuple[str, bool]:
        inputs = " ".join(f"{key}={value}" for key, value in step.inputs.items())
        if step.action is not None:
            action = step.action
            local = None if action.local is None else self._workflows.action(action.local)
            if local is not None:
                return f"{local.source.text} {inputs}", _is_opaque(local)
            # One that is pinned to a commit of a tool's own branch says its tool in a comment only.
            silent = action.name in _TOOL_IN_REF and action.pinned and "tool" not in step.inputs
            return f"{action.written} {inputs}", silent or not action.name.startswith(_KNOWN_ACTIONS)
        script = self._scripts.of(workflow.path, job, step)
        if script is None:
            return "", False
        texts, unread = [script.text], not script.understood
        for command in script.commands:
            called = self._called(command)
            if called is not None:
                texts.append(called.text)
            else:
                unread = unread or _may_install(command)
        return "\n".join(texts), unread

    def _called(self, command: Command) -> Script | None:
        """Return the script of the repository that a command runs."""
        for word in command.run[:2]:
            path = command.path(word.literal) if word.literal is not None else None
            if path in self.files:
                return self.files[path]
        return None


def _is_opaque(action: CompositeAction) -> bool:
    return any(
        one.action is not None and not one.action.name.startswith(_KNOWN_ACTIONS) for one in action.steps
    )


def _may_install(command: Command) -> bool:
    """Tell whether a command runs what may install anything: make and its like, a program nobody has read."""
    program = command.run[0].literal if command.run else None
    if program is None:
        return bool(command.words)
    return "/" in program or program in ("make", "just", "nix", "nix-shell", "devbox", "mise", "asdf")
