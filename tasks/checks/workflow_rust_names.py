"""Whether the toolchains and components that workflows install have names that rustup knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy
from tasks.domain.lane import lanes
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.spelling import misspelled
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_CHANNELS = frozenset({"stable", "beta", "nightly"})
_COMPONENTS = frozenset(
    {"cargo", "clippy", "clippy-preview", "llvm-tools", "llvm-tools-preview", "miri", "miri-preview"}
    | {"rls", "rust-analyzer", "rust-analyzer-preview", "rust-analysis", "rust-docs", "rust-docs-json"}
    | {"rust-mingw", "rust-src", "rust-std", "rustc", "rustc-dev", "rustc-codegen-cranelift", "rustfmt"}
    | {"rustc-codegen-cranelift-preview", "rustfmt-preview"}
)
"""What rustup's manifests list (2026)."""
_CHANNEL = {
    "dtolnay/rust-toolchain": "toolchain",
    "actions-rs/toolchain": "toolchain",
    "actions-rust-lang/setup-rust-toolchain": "toolchain",
    "moonrepo/setup-rust": "channel",
}


@check(
    "rust-install-named",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Name a toolchain or component that rustup has", minutes=2),
    subject="cargo",
)
def rust_install_named(workflows: Workflows) -> Iterator[Answer]:
    """No job installs a toolchain or a component with a slip in its name."""
    for workflow in workflows:
        yield from merged(_installs(workflow))


def _installs(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        for given, kind, name in _named(workflow, job, step):
            known = _CHANNELS if kind == "toolchain" else _COMPONENTS
            meant = misspelled(name, known)
            subject = f"{workflow.file}: {job.id}: {name}"
            if meant is None:
                yield holds(subject, "is no slip")
            else:
                told = f"rustup has no {kind} {name!r}; did it mean {meant!r}?"
                place = workflow.source.at(given)
                yield broken(subject, told, place, edits=corrected(name, meant, place))


def _named(workflow: Workflow, job: Job, step: Step) -> Iterator[tuple[Text, str, str]]:
    action = step.action
    if action is None or action.name not in _CHANNEL:
        return
    channel = step.inputs.text(_CHANNEL[action.name])
    if channel is not None:
        for name in {one for lane in lanes(workflow, job) if (one := lane.text(channel)) is not None}:
            yield channel, "toolchain", re.split(r"-(?=\d{4}-|x86|aarch|i686)", name.strip())[0]
    elif action.name == "dtolnay/rust-toolchain" and action.ref is not None and not action.pinned:
        yield action.written, "toolchain", action.ref
    components = step.inputs.text("components") or step.inputs.text("component")
    if components is not None and "{{" not in components:
        for name in filter(None, re.split(r"[,\s]+", str(components))):
            yield components, "component", name
