"""Which component a toolchain file leaves out, where its profile says that rustup installs no more than that.

rustup installs the toolchain of the file when cargo is first called: with ``profile = "minimal"`` it has no
clippy and no rustfmt unless ``components`` names them, and a component that a job installs for another
toolchain does not help (the rustup book, "Profiles" and "Overrides"). The images have both for stable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand
from tasks.domain.crate import Manifests, Toolchain
from tasks.domain.evidence import Evidence
from tasks.domain.installed import History
from tasks.domain.runner_image import is_hosted
from tasks.domain.script import Script
from tasks.domain.target_toolchain import may_install, named_toolchain, same_toolchain, used_toolchain
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_MINIMAL = re.compile(r"^\s*profile\s*=\s*[\"']minimal[\"']", re.MULTILINE)
_INSTALLS = re.compile(r"rustup(?! show\b| --version\b| -V\b)|RUSTUP_")
_ACTION = "dtolnay/rust-toolchain"


def is_minimal(pinned: Toolchain) -> bool:
    """Tell whether a toolchain file names a toolchain of its own, with the least of components."""
    return pinned.channel not in (None, "stable") and _MINIMAL.search(pinned.file.text) is not None


@dataclass(frozen=True, kw_only=True)
class FileToolchain:
    """What the toolchain file of a repository gives to the calls of its workflows."""

    history: History
    workflows: Workflows
    manifests: Manifests
    tree: Tree

    def lacking(
        self, component: str, call: CargoCommand, script: Script, workflow: Workflow
    ) -> tuple[str, Evidence] | None:
        """Return the toolchain that a call is run with, and its place, where it surely lacks a component."""
        if script.job is None or script.step is None or script.step.may_fail or not call.command.fatal:
            return None
        if call.toolchain is not None or call.directory is None or component in _given(self.manifests):
            return None
        used = used_toolchain(call, script, self.manifests, self.tree)
        if used is None or not is_hosted(workflow, script.job):
            return None
        said = self.history.before(workflow, script, call.command)
        if said.opaque or _INSTALLS.search(said.text):
            return None
        for step in self._steps(script.job, script.step):
            own = step.action is not None and step.action.name == _ACTION
            named = [named_toolchain(step, lane) for lane in script.lanes] if own else []
            if may_install(step) or any(one is None or same_toolchain(one, used[0]) for one in named):
                return None
        return used

    def _steps(self, job: Job, upto: Step) -> Iterator[Step]:
        """Go through the steps with actions before one, those of the repository as their own steps."""
        for step in job.steps[: upto.index]:
            if step.action is None:
                continue
            local = self.workflows.action(step.action.local or "")
            inner = (step,) if local is None else local.steps
            yield from (one for one in inner if one.action is not None)


def _given(manifests: Manifests) -> frozenset[str]:
    pinned = manifests.toolchain
    named = pinned.components if pinned is not None else ()
    return frozenset(one.removesuffix("-preview") for one in named)
