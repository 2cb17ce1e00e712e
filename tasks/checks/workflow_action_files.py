"""Whether the files of the repository that actions are pointed to are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.artifact import path_lines
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out, placed
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.produced import Produced, before
from tasks.domain.script import Scripts, inside
from tasks.domain.tree import Tree
from tasks.domain.workflow import Step, Workflow, Workflows


@dataclass(frozen=True, kw_only=True)
class _Reads:
    """An input that names files: the action fails without them, but for another input that goes before."""

    name: str
    unless: str | None = None
    needs: str | None = None  # the input without which it is not read
    glob: bool = False
    directory: bool = False


_INPUTS: Mapping[str, tuple[_Reads, ...]] = {
    "actions/setup-dotnet": (_Reads(name="global-json-file"),),
    "actions/setup-go": (_Reads(name="go-version-file", unless="go-version"),),
    "actions/setup-java": (_Reads(name="java-version-file", unless="java-version"),),
    "actions/setup-node": (
        _Reads(name="node-version-file", unless="node-version"),
        _Reads(name="cache-dependency-path", needs="cache", glob=True),
    ),
    "actions/setup-python": (_Reads(name="python-version-file", unless="python-version"),),
    "embarkstudios/cargo-deny-action": (_Reads(name="manifest-path"),),
    "giraffate/clippy-action": (_Reads(name="workdir", directory=True),),
    "hadolint/hadolint-action": (_Reads(name="dockerfile", unless="recursive"),),
    "hoverkraft-tech/compose-action": (_Reads(name="compose-file"),),
    "jasonetco/create-an-issue": (_Reads(name="filename"),),
    "pyo3/maturin-action": (_Reads(name="working-directory", directory=True),),
    "rustsec/audit-check": (_Reads(name="working-directory", directory=True),),
}
"""Action in small letters -> its inputs, after the sources of each: without the file they end the step."""


@check(
    "action-file-exists",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Commit it, make it in a step before, or correct the path", minutes=10),
)
def action_file_exists(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every file of the repository that an action is told to read is there, or made before."""
    yield from of_one_cause(
        merged(one for workflow in workflows for one in _pointed(workflow, scripts, tree))
    )


def _pointed(workflow: Workflow, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for job, step in workflow.steps():
        reads = _INPUTS.get(step.action.name.lower(), ()) if step.action is not None else ()
        for one in reads:
            if one.name not in step.inputs or one.unless in step.inputs or not checked_out(job, step):
                continue
            if one.needs is not None and not step.inputs.text(one.needs):
                continue
            made = before(scripts, workflow.path, job, step)
            named = dict(_paths(step, one))
            gone = [path for path in named if not _is_there(path, made, tree) and not placed(job, step, path)]
            if one.glob and len(gone) < len(named):
                gone = []  # one that is found is enough
            for path, written in named.items():
                subject = f"{workflow.file}: {path}"
                if path in gone:
                    yield broken(subject, _told(step, one, path), workflow.source.at(written))
                else:
                    yield holds(subject, "is there")


def _paths(step: Step, reads: _Reads) -> Iterator[tuple[str, Text]]:
    for written in path_lines(step.inputs.text(reads.name)):
        text = written.replace("\\", "/")
        path = None if "{{" in text or text.startswith(("~", "$")) else inside(text, "")
        if path and ("*" not in path or reads.glob):
            yield path, written


def _is_there(path: str, made: Produced, tree: Tree) -> bool:
    if "*" in path:
        return made.opaque or bool(tree.matching(path))
    return made.may_hold(path, tree)


def _told(step: Step, reads: _Reads, path: str) -> str:
    name = step.action.name if step.action is not None else "the action"
    what = "directory" if reads.directory else "file"
    return (
        f"{name} fails: its {reads.name} names the {what} {path}, which is not in the repository, "
        "and nothing before makes it"
    )
