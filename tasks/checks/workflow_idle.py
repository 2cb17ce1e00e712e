"""Whether jobs do what they are there for: run something, and where the workspace lies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out, placed
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.rust_choice import INSTALLERS
from tasks.domain.script import Scripts, inside
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_PREPARES = frozenset({"actions/checkout", "actions/cache", "swatinem/rust-cache", *INSTALLERS})
_CLIPPY, _DENY = "giraffate/clippy-action", "embarkstudios/cargo-deny-action"
_SAYS = {
    _CLIPPY: "clippy reads nothing there, and the step passes all the same",
    _DENY: "the step fails",
}
"""Action that runs cargo -> what it does where there is no manifest (their own sources)."""


@check(
    "job-runs-something",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Add the step that runs what the job is called after, or remove the job", minutes=5
    ),
)
def job_runs_something(workflows: Workflows) -> Iterator[Answer]:
    """No job only installs Rust: without a step that runs something it passes whatever the commit holds."""
    for workflow in workflows:
        idle = False
        for job in workflow.jobs.values():
            names = [one.action.name if one.action is not None else "" for one in job.steps]
            if not INSTALLERS.keys().isdisjoint(names) and _PREPARES.issuperset(names):
                idle = True
                told = f"the job {job.id} installs Rust and runs nothing: it always passes"
                last = job.steps[-1]
                place = workflow.source.at(last.action if last.action is not None else job)
                yield broken(f"{workflow.file}: {job.id}", told, place)
        if not idle:
            yield holds(workflow.file, "every job that installs Rust runs something")


@check(
    "cargo-action-finds-manifest",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Tell the action where the workspace lies", minutes=5),
)
def cargo_action_finds_manifest(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every action that runs cargo runs it where a Cargo.toml is: `defaults.run` is for `run:` alone."""
    for workflow in workflows:
        if not any(name in workflow.source.text.lower() for name in _SAYS):
            continue
        for job, step in workflow.steps():
            manifest = _manifest(step)
            if manifest is None or step.action is None or not checked_out(job, step):
                continue
            subject = f"{workflow.file}: {job.id}: {step.action.name}"
            made = before(scripts, workflow.path, job, step)
            if made.may_hold(manifest, tree) or placed(job, step, manifest):
                yield holds(subject, "finds a manifest")
                continue
            own = _defaults(workflow, job)
            lies = own is not None and tree.file(posixpath.join(own, "Cargo.toml")) is not None
            told = f"there is no {manifest}: {_SAYS[step.action.name]}"
            told += f"; the job's working-directory {own} is for `run:` alone" if lies else ""
            remedy = _inputs(step.action.name, own) if lies and own is not None else None
            yield broken(subject, told, workflow.source.at(step.action), remedy=remedy)


def _manifest(step: Step) -> str | None:
    """Return the manifest that the action of a step takes; None for other actions and when unsure."""
    name = step.action.name if step.action is not None else ""
    if name == _CLIPPY:
        if "--manifest-path" in (step.inputs.text("clippy_flags") or ""):
            return None
        directory = inside(step.inputs.text("workdir") or ".", "")
        return None if directory is None or "${{" in directory else posixpath.join(directory, "Cargo.toml")
    if name == _DENY:
        given = step.inputs.text("manifest-path")
        return "Cargo.toml" if given is None else None
    return None


def _defaults(workflow: Workflow, job: Job) -> str | None:
    given = [one.map("defaults").map("run").text("working-directory") for one in (job.root, workflow.root)]
    written = next((one for one in given if one is not None), None)
    return None if written is None or "${{" in written else inside(written, "")


def _inputs(name: str, directory: str) -> Remedy:
    line = f"workdir: {directory}" if name == _CLIPPY else f"manifest-path: {directory}/Cargo.toml"
    return Remedy(summary=f"Write `{line}` below `with:` of the step", minutes=5)
