"""Reads the workflow files and actions of a tree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from tasks.domain.located import Map, Problem, Seq, Text
from tasks.domain.source import Source
from tasks.domain.workflow import (
    Action,
    CompositeAction,
    EnvironmentUse,
    Job,
    Step,
    Unparsed,
    Workflow,
    Workflows,
)
from tasks.facts.yaml_file import read_yaml

_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml$")
_ACTION = re.compile(r"(?:.*/)?action\.ya?ml$")
_REMOTE = re.compile(
    r"(?P<owner>[^/@\s]+)/(?P<repository>[^/@\s]+)(?:/(?P<path>[^@\s]+))?(?:@(?P<ref>\S+))?$"
)


def is_workflow(path: str) -> bool:
    """Tell whether GitHub reads the file as a workflow: those directly in the directory, not below."""
    return _WORKFLOW.match(path) is not None


def is_action(path: str) -> bool:
    """Tell whether a file describes an action."""
    return _ACTION.match(path) is not None


def read_workflows(sources: Iterable[Source]) -> Workflows:
    """Read the workflows and actions among the sources; the others are passed over."""
    files: list[Workflow] = []
    actions: list[CompositeAction] = []
    unparsed: list[Unparsed] = []
    for source in sorted(sources, key=lambda one: one.path):
        if not (is_workflow(source.path) or is_action(source.path)):
            continue
        made = read_workflow(source) if is_workflow(source.path) else _action_file(source)
        if isinstance(made, Workflow):
            files.append(made)
        elif isinstance(made, CompositeAction):
            actions.append(made)
        else:
            unparsed.append(made)
    return Workflows(files=tuple(files), actions=tuple(actions), unparsed=tuple(unparsed))


def read_workflow(source: Source) -> Workflow | Unparsed:
    """Read one workflow file."""
    read = read_yaml(source)
    if read.problem is not None:
        return Unparsed(source=source, problem=read.problem)
    if not isinstance(read.root, Map):
        return Unparsed(source=source, problem=Problem(message="the file is not a mapping", line=1))
    jobs = read.root.map("jobs")
    return Workflow(
        source=source,
        root=read.root,
        jobs={str(id_): _job(id_, root) for id_, root in jobs.items() if isinstance(root, Map)},
        repeated=read.repeated,
    )


def _action_file(source: Source) -> CompositeAction | Unparsed:
    read = read_yaml(source)
    if read.problem is not None:
        return Unparsed(source=source, problem=read.problem)
    if not isinstance(read.root, Map):
        return Unparsed(source=source, problem=Problem(message="the file is not a mapping", line=1))
    return CompositeAction(source=source, root=read.root, steps=_steps(read.root.map("runs").seq("steps")))


def _job(id_: str, root: Map) -> Job:
    key = id_ if isinstance(id_, Text) else Text(id_, line=root.line)
    runs_on = root.get("runs-on")
    return Job(
        id=key,
        root=root,
        steps=_steps(root.seq("steps")),
        needs=root.texts("needs"),
        runs_on=runs_on.texts("labels") if isinstance(runs_on, Map) else root.texts("runs-on"),
        action=action(root.text("uses")),
        environment=_environment(root),
    )


def _environment(root: Map) -> EnvironmentUse | None:
    written = root.get("environment")
    if isinstance(written, Map):
        name = written.text("name")
        return None if name is None else EnvironmentUse(name=name, url=written.text("url"))
    name = root.text("environment")
    return None if name is None else EnvironmentUse(name=name)


def _steps(written: Seq) -> tuple[Step, ...]:
    """Take the steps, each at its place: what is no mapping is a step that does nothing."""
    roots = (
        root if isinstance(root, Map) else Map(line)
        for root, line in zip(written, written.places, strict=True)
    )
    return tuple(
        Step(
            index=index,
            line=line,
            root=root,
            id=root.text("id"),
            name=root.text("name"),
            condition=root.get("if"),
            action=action(root.text("uses")),
            run=root.text("run"),
            shell=root.text("shell"),
            working_directory=root.text("working-directory"),
            inputs=root.map("with"),
            env=root.map("env"),
        )
        for index, (root, line) in enumerate(zip(roots, written.places, strict=True))
    )


def action(written: Text | None) -> Action | None:
    """Read what a ``uses:`` names; None without one."""
    if written is None:
        return None
    if written.startswith(("./", "$/")):  # of the checkout, or of the repository without one
        local = posixpath.normpath(written[2:].partition("@")[0] or ".")
        return Action(written=written, local="" if local == "." else local)
    if written.startswith("docker://"):
        return Action(written=written, image=written.removeprefix("docker://"))
    found = _REMOTE.match(written)
    if found is None:
        return Action(written=written)
    return Action(
        written=written,
        owner=found["owner"],
        repository=found["repository"],
        path=found["path"] or "",
        ref=found["ref"],
    )
