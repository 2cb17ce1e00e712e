"""Whether the files that a step looks for among the changed ones are called so."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import path_lines
from tasks.domain.check import Answer, broken, check
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.spelling import fumbled
from tasks.domain.tree import Tree
from tasks.domain.workflow import Step, Workflow, Workflows

_GIVEN = {"dorny/paths-filter": ("filters",), "tj-actions/changed-files": ("files", "files_yaml")}
"""Action -> the inputs that list the files to look for."""
_ITEM = re.compile(r"(?:-\s+)?(?P<mark>[\"']?)(?P<path>[\w.@-]+(?:/[\w.@-]+)*)(?P=mark)")
_ENDINGS = {".yml": ".yaml", ".yaml": ".yml"}


@check(
    "filter-names-files",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="workflow-triggers",
    remedy=Remedy(summary="Write the name that the file has", minutes=2),
)
def filter_names_files(workflows: Workflows, tree: Tree) -> Iterator[Answer]:
    """No filter of changed files names a file that is not there, beside one that is called almost so."""
    for workflow in workflows:
        if any(action in workflow.source.text for action in _GIVEN):
            yield from merged(one for _, step in workflow.steps() for one in _slips(workflow, step, tree))


def _slips(workflow: Workflow, step: Step, tree: Tree) -> Iterator[Answer]:
    for key in _GIVEN.get(step.action.name, ()) if step.action is not None else ():
        for item in path_lines(step.inputs.text(key)):
            found = _ITEM.fullmatch(item)
            path = found["path"] if found is not None else ""
            meant = _meant(path, tree) if "." in posixpath.basename(path) else None
            if meant is None or meant in str(step.inputs.text(key)):
                continue  # who names both is ready for either
            place = workflow.source.at(item)
            told = f"the filter names {path}, which is not there: {meant} is, and its changes are not seen"
            edits = corrected(path, meant, place)
            yield broken(f"{workflow.file}: {path}", told, place, edits=edits)


def _meant(path: str, tree: Tree) -> str | None:
    """Return the file beside a path that has almost its name; None for one that is there or has no such."""
    if tree.has(path) or tree.unseen(path):
        return None
    above, name = posixpath.split(path)
    stem, ending = posixpath.splitext(name)
    beside = frozenset(one for one in tree.inside.get(above, ()) if tree.file(posixpath.join(above, one)))
    other = stem + _ENDINGS.get(ending, ending)
    found = other if other in beside else fumbled(name, beside)
    return None if found is None else posixpath.join(above, found)
