"""Whether the actions and workflows of the repository that others call are there and get what they need."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out, placed
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.script import Scripts
from tasks.domain.tree import Tree
from tasks.domain.workflow import CompositeAction, Job, Workflow, Workflows

_ACTION_FILES = ("action.yml", "action.yaml", "Dockerfile")
_CALLED_BY_JOB = Remedy(summary="Call the workflow from a job of its own: `jobs.NAME.uses`", minutes=10)


@check(
    "local-action-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Commit the action, or name a directory that has an action.yml", minutes=10),
)
def local_action_exists(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every `uses: ./...` of a step names a directory with an action in it."""
    for workflow in workflows:
        yield from merged(_actions(workflows, workflow, scripts, tree))


def _actions(workflows: Workflows, workflow: Workflow, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for job, step in workflow.steps():
        action = step.action
        if action is None or action.local is None or not checked_out(job, step):
            continue
        subject = f"{workflow.file}: {action.written}"
        files = [posixpath.join(action.local, name) for name in _ACTION_FILES]
        made = before(scripts, workflow.path, job, step)
        if any(tree.has(file) for file in files):
            yield holds(subject, "is there")
        elif workflows.at(action.local) is not None:
            told = f"{action.local} is a workflow: a job can call it, a step cannot, and fails"
            yield broken(subject, told, workflow.source.at(action), remedy=_CALLED_BY_JOB)
        elif not any(made.may_hold(file, tree) or placed(job, step, file) for file in files):
            told = f"no action.yml is in {action.local or 'the root of the repository'}"
            yield broken(subject, told, workflow.source.at(action))


@check(
    "local-action-inputs",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Pass the inputs that the action declares, by their names", minutes=5),
)
def local_action_inputs(workflows: Workflows) -> Iterator[Answer]:
    """Every input passed to an action of the repository is declared, and none that it needs is missing."""
    for workflow in workflows:
        yield from merged(_inputs(workflows, workflow))


def _inputs(workflows: Workflows, workflow: Workflow) -> Iterator[Answer]:
    for _, step in workflow.steps():
        if step.action is None or step.action.local is None:
            continue
        action = workflows.action(step.action.local)
        if action is None:
            continue
        declared = _declared(action.root.map("inputs"))
        for name in step.inputs:
            if name.lower() in ("args", "entrypoint"):
                continue  # what an action in a container is started with
            subject = f"{workflow.file}: {step.action.written}: {name}"
            if name.lower() in declared:
                yield holds(subject, "is an input")
            else:
                known = ", ".join(sorted(declared)) or "none"
                told = f"{action.source.path} declares no input {name!r} (it has: {known})"
                yield broken(subject, told, workflow.source.at(step.inputs.line_of(name)))
        given = {name.lower() for name in step.inputs}
        lines = {name.lower(): action.root.map("inputs").line_of(name) for name in action.root.map("inputs")}
        for name, about in declared.items():
            if about.get("required") is True and "default" not in about and name not in given:
                subject = f"{workflow.file}: {step.action.written}: {name}"
                told = f"the action's input {name!r} is required, has no default and is not passed"
                weight = None
                if not _may_read(action, name):
                    told, weight = f"{told}; nothing in the action reads it", Weight.NOTE
                places = (workflow.source.at(step.action), action.source.at(lines[name]))
                yield broken(subject, told, *places, weight=weight)


def _may_read(action: CompositeAction, name: str) -> bool:
    """Tell whether an action may read an input: of other kinds than a composite one nobody can tell."""
    names = [one.name for one in action.reads if one.context == "inputs"]
    return action.using != "composite" or any(one is None or one.lower() == name for one in names)


@check(
    "called-workflow-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Name a workflow of the repository that has `on: workflow_call`", minutes=5),
)
def called_workflow_exists(workflows: Workflows, tree: Tree) -> Iterator[Answer]:
    """Every workflow of the repository that a job calls is there and may be called."""
    for workflow in workflows:
        yield from merged(_called(workflows, workflow, tree))


def _called(workflows: Workflows, workflow: Workflow, tree: Tree) -> Iterator[Answer]:
    for job in workflow.jobs.values():
        if job.action is None or job.action.local is None:
            continue
        path = job.action.local
        subject, place = f"{workflow.file}: {job.action.written}", workflow.source.at(job.action)
        found = workflows.at(path)
        if posixpath.dirname(path) != ".github/workflows":
            yield broken(subject, "only files of .github/workflows can be called by a job", place)
        elif tree.file(path) is None:
            yield broken(subject, f"{path} is not in the repository", place)
        elif found is not None and "workflow_call" not in found.events:
            yield broken(subject, f"{path} cannot be called: it has no `on: workflow_call`", place)
        elif found is not None:
            yield holds(subject, "may be called")


@check(
    "called-workflow-inputs",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Pass the inputs and secrets that the called workflow declares", minutes=5),
)
def called_workflow_inputs(workflows: Workflows) -> Iterator[Answer]:
    """Every input and secret passed to a called workflow is declared there, and none is missing."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            called = (
                None if job.action is None or job.action.local is None else workflows.at(job.action.local)
            )
            call = None if called is None else called.event("workflow_call")
            if called is not None and call is not None:
                yield from merged(_passed(workflow, job, called, call))


def _passed(workflow: Workflow, job: Job, called: Workflow, call: Map) -> Iterator[Answer]:
    kinds = (("input", job.inputs, "inputs"), ("secret", job.root.map("secrets"), "secrets"))
    for kind, given, key in kinds:
        declared = _declared(call.map(key))
        for name in given:
            subject = f"{workflow.file}: {job.id}: {kind} {name}"
            if name.lower() in declared:
                yield holds(subject, "is declared")
            else:
                told = f"{called.file} declares no {kind} {name!r}; GitHub refuses the whole file"
                yield broken(subject, told, workflow.source.at(given.line_of(name)))
        if key == "secrets" and job.root.get("secrets") == "inherit":
            continue
        passed = {name.lower() for name in given}
        for name, about in declared.items():
            if about.get("required") is True and "default" not in about and name not in passed:
                told = f"{called.file} requires the {kind} {name!r}, which is not passed"
                yield broken(
                    f"{workflow.file}: {job.id}: {kind} {name}",
                    told,
                    workflow.source.at(job.action),
                    called.source.at(about.line),
                )


def _declared(written: Map) -> Mapping[str, Map]:
    """Return what a file declares by name in lower case, as GitHub compares names."""
    return {str(name).lower(): written.map(name) for name in written}
