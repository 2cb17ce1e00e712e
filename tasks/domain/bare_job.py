"""Whether what a call of cargo needs of its job is on this machine too: nothing is made or started before."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import Step, Workflows

_QUIET_ACTIONS = (
    "actions/checkout", "actions/cache", "actions-rust-lang/setup-rust-toolchain", "dtolnay/rust-toolchain",
    "swatinem/rust-cache", "taiki-e/install-action",
)  # fmt: skip
_QUIET_PROGRAMS = frozenset({"cargo", "rustup", "cd", "echo", "mkdir", "set"})
_COMPILING_ACTIONS = (
    *_QUIET_ACTIONS, "actions/setup-", "actions/upload-artifact", "actions-rs/toolchain",
    "arduino/setup-protoc", "awalsh128/cache-apt-pkgs-action", "extractions/setup-just",
    "hecrj/setup-rust-action", "ilammy/setup-nasm", "jlumbroso/free-disk-space", "moonrepo/setup-rust",
    "mozilla-actions/sccache-action", "rui314/setup-mold", "step-security/harden-runner",
)  # fmt: skip
_COMPILING_PROGRAMS = _QUIET_PROGRAMS | {
    "apt", "apt-get", "apk", "brew", "cat", "df", "dnf", "du", "free", "ls", "printf", "rustc", "rustfmt",
    "sudo", "test", "true", "uname", "which", "yum", "[", "[[",
}  # fmt: skip
"""What installs programs and libraries: without them a build script fails, the compiler finds no fault."""
_MORE_FILES = ("lfs", "path", "ref", "repository", "submodules")
"""Inputs of the checkout with which the directory holds something else than the commit."""


def is_bare(script: Script, workflows: Workflows, scripts: Scripts, *, compiles: bool = False) -> bool:
    """Tell whether the job does nothing up to the step but check out and bring Rust.

    For a call that only ``compiles`` it may install packages of the system too.
    """
    job, last = script.job, script.step
    if job is None or last is None or "container" in job.root or "services" in job.root:
        return False
    programs = _COMPILING_PROGRAMS if compiles else _QUIET_PROGRAMS
    for step in job.steps[: last.index + 1]:
        if step.action is not None:
            if not all(_is_quiet(one, compiles=compiles) for one in _inside(step, workflows)):
                return False
            continue
        run = script if step is last else scripts.of(script.path, job, step)
        if run is None or not run.understood or any(c.program not in programs for c in run.commands):
            return False
    return True


def _inside(step: Step, workflows: Workflows) -> Iterator[Step | None]:
    local = step.action.local if step.action is not None else None
    if local is None:
        yield step
        return
    action = workflows.action(local)
    yield from action.steps if action is not None else (None,)


def _is_quiet(step: Step | None, *, compiles: bool) -> bool:
    if step is None or step.action is None or step.action.local is not None:
        return False
    name = str(step.action.name).lower()
    if compiles and name == "actions/checkout" and any(one in step.inputs for one in _MORE_FILES):
        return False
    return name.startswith(_COMPILING_ACTIONS if compiles else _QUIET_ACTIONS)
