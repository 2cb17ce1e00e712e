"""Artifacts of a workflow run: which steps put them up, which steps take them down."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tasks.domain.job_order import step_lanes
from tasks.domain.lane import Lane
from tasks.domain.located import Text
from tasks.domain.use import spans
from tasks.domain.workflow import Action, CompositeAction, Job, Step, Workflow, Workflows

UPLOAD, DOWNLOAD = "actions/upload-artifact", "actions/download-artifact"
MERGE = f"{UPLOAD}/merge"
PAGES = "actions/upload-pages-artifact"
DEFAULT_NAME = "artifact"
_NAMES_OF_ITS_OWN = {MERGE: "merged-artifacts", PAGES: "github-pages"}

_MAY_UPLOAD = re.compile(r"artifact|\.ya?ml$|build|releas|packag|publish|dist|upload")
"""What an action of others, or a workflow, is called that may put up artifacts of its own choosing."""
_UPLOADS_NONE = ("actions/", "aws-actions/", "docker/", "pypa/", "rust-build/", "softprops/")
_VERSION = re.compile(r"v?(\d+)(?:\.\d+)*")
_LEFT_BEHIND = {
    (UPLOAD, "master"): 2,
    (DOWNLOAD, "master"): 2,
    ("actions/checkout", "master"): 2,
}
"""Action and branch -> the major version at which it stopped in July 2020, when ``main`` took its place."""
_MAIN = 4  # at the least: the branch that still moves
_FROM_ELSEWHERE = ("pattern", "artifact-ids", "run-id", "github-token", "repository", "merge-multiple")


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A step that moves an artifact; ``lanes`` are the ways in which it may run."""

    workflow: Workflow = field(repr=False)
    job: Job
    step: Step
    lanes: tuple[Lane, ...]

    @property
    def line(self) -> int:
        """The line of the name, or of the step when it names none."""
        return self.step.inputs.line_of("name") if "name" in self.step.inputs else self.step.line

    @property
    def written(self) -> str:
        """The artifact's name with its expressions."""
        return _name(self.step)

    @property
    def names(self) -> tuple[str | None, ...]:
        """The name in each lane, None where only a run can tell."""
        made = (lane.text(self.written) for lane in self.lanes)
        if not _is_one_file(self.step):
            return tuple(made)
        return tuple(None if name is None else posixpath.basename(name) for name in made)

    @property
    def paths(self) -> tuple[Text, ...]:
        """The lines of ``path:``, without those that take something out again."""
        return path_lines(self.step.inputs.text("path"))

    @property
    def major(self) -> int | None:
        """The action's major version, of ``main`` the least that it can be; None when nobody can tell."""
        action = self.step.action
        return _MAIN if action is not None and action.ref == "main" else major(action)

    @property
    def version(self) -> str:
        """The version of the action as a sentence names it."""
        ref = self.step.action.ref if self.step.action is not None else None
        if ref == "main":
            return "the branch main (version 4 or later)"
        return f"version {self.major}" + (f" (where the branch {ref} stopped)" if is_branch(ref) else "")

    def may_be_called(self, name: str) -> bool:
        """Tell whether the artifact can have a name; what an expression becomes may be anything."""
        if None not in self.names:
            return name in self.names
        return may_become(self.written, name)


def _name(step: Step) -> str:
    """Return the name of an artifact; one that is no archive has the name of its only file."""
    if _is_one_file(step):
        paths = path_lines(step.inputs.text("path"))
        last = re.split(r"/(?![^{}]*\}\})", paths[0])[-1] if len(paths) == 1 else "*"
        return re.sub(r"[*?]+|\[.*?\]", "${{ }}", last)  # a pattern may find anything
    action = "" if step.action is None else step.action.name
    return str(step.inputs.text("name") or _NAMES_OF_ITS_OWN.get(action, DEFAULT_NAME))


def _is_one_file(step: Step) -> bool:
    """Tell whether an artifact is uploaded as it is: ``archive: false``, since version 7 of the action."""
    return step.inputs.get("archive") is False or step.inputs.text("archive") == "false"


def uploads(workflow: Workflow) -> Iterator[Transfer]:
    """Go through the steps that upload an artifact."""
    return _transfers(workflow, UPLOAD)


def pages(workflow: Workflow) -> Iterator[Transfer]:
    """Go through the steps that upload a directory as a site of GitHub Pages."""
    return _transfers(workflow, PAGES)


def merges(workflow: Workflow) -> Iterator[Transfer]:
    """Go through the steps that upload artifacts of their run once more, as one."""
    return _transfers(workflow, MERGE)


def downloads(workflow: Workflow) -> Iterator[Transfer]:
    """Go through the steps that download an artifact of their own run by its name."""
    for one in _transfers(workflow, DOWNLOAD):
        if "name" in one.step.inputs and not any(key in one.step.inputs for key in _FROM_ELSEWHERE):
            yield one


def gathered(workflow: Workflow) -> Iterator[Transfer]:
    """Go through the steps that download the artifacts of their own run whose names match a pattern."""
    for one in _transfers(workflow, DOWNLOAD):
        others = (key for key in _FROM_ELSEWHERE if key not in ("pattern", "merge-multiple"))
        by_pattern = "pattern" in one.step.inputs and "name" not in one.step.inputs
        if by_pattern and not any(key in one.step.inputs for key in others):
            yield one


def _transfers(workflow: Workflow, action: str) -> Iterator[Transfer]:
    for job, step in workflow.steps():
        if step.action is not None and step.action.name == action:
            lanes = step_lanes(workflow, job, step)
            if lanes:
                yield Transfer(workflow=workflow, job=job, step=step, lanes=lanes)


def hidden_uploads(workflows: Workflows, job: Job) -> list[str] | None:
    """Return the names that a job's local actions or called workflow upload; None when nobody can tell."""
    found: list[str] = []
    places = [job.action, *(step.action for step in job.steps)]
    for action in places:
        if action is None or action.name.startswith("actions/"):
            continue
        names = _inner(workflows, action, depth=3)
        if names is None:
            return None
        found += names
    return found


def _inner(workflows: Workflows, action: Action, depth: int) -> list[str] | None:
    """Return the names that one action or workflow uploads, by what is written in it."""
    if action.local is None:
        # An action of others puts up artifacts of its own choosing only if that is its purpose.
        may = _MAY_UPLOAD.search(f"{action.name}/{action.path}") is not None
        return None if may and not action.name.startswith(_UPLOADS_NONE) else []
    inner = workflows.at(action.local) or workflows.action(action.local)
    if inner is None or depth == 0:
        return None
    found: list[str] = []
    if not isinstance(inner, CompositeAction):
        for called in (job.action for job in inner.jobs.values()):
            names = None if called is None else _inner(workflows, called, depth - 1)
            if called is not None and names is None:
                return None
            found += names or []
    steps = inner.steps if isinstance(inner, CompositeAction) else [step for _, step in inner.steps()]
    for step in steps:
        if step.action is None:
            continue
        if step.action.name in (UPLOAD, PAGES):
            found.append(_name(step))
        elif not step.action.name.startswith("actions/"):
            names = _inner(workflows, step.action, depth - 1)
            if names is None:
                return None
            found += names
    return found


def path_lines(written: Text | None) -> tuple[Text, ...]:
    """Return the paths of an input with one path a line, each with its line of the file."""
    if written is None:
        return ()
    found: list[Text] = []
    at = 0
    for line in written.split("\n"):
        path = line.strip()
        if path and not path.startswith("!"):
            found.append(Text(path, line=written.line_at(at)))
        at += len(line) + 1
    return tuple(found)


def major(action: Action | None) -> int | None:
    """Return the major version that a ref names, or at which a branch stopped; None for others."""
    if action is None:
        return None
    found = _VERSION.fullmatch(action.ref or "")
    return int(found[1]) if found else _LEFT_BEHIND.get((action.name, str(action.ref)))


def is_branch(ref: str | None) -> bool:
    """Tell whether a ref of which the version is known is no version itself."""
    return _VERSION.fullmatch(ref or "") is None


def may_match(written: str, pattern: str) -> bool:
    """Tell whether a name with expressions can match a pattern; how both begin and end decides.

    Silent about patterns with more than ``*``.
    """
    if any(mark in re.sub(r"\$\{\{.*?\}\}", "", pattern) for mark in "?[]{}!+@("):
        return True
    open_name, open_pattern = "${{" in written, "*" in pattern or "${{" in pattern
    starts = re.split(r"\$\{\{", written)[0], re.split(r"\*|\$\{\{", pattern)[0]
    ends = re.split(r"\}\}", written)[-1], re.split(r"\*|\}\}", pattern)[-1]
    fits = _agree(starts[0], starts[1], str.startswith) and _agree(ends[0], ends[1], str.endswith)
    if not open_name and "${{" not in pattern:
        return re.fullmatch(".*".join(re.escape(one) for one in pattern.split("*")), written) is not None
    return fits and (open_pattern or len(pattern) >= len(starts[0]))


def _agree(one: str, other: str, has: Callable[[str, str], bool]) -> bool:
    return has(one, other) or has(other, one)


@functools.lru_cache(maxsize=1024)
def may_become(written: str, name: str) -> bool:
    """Tell whether a text with expressions can turn into a name."""
    made: list[str] = []
    at = 0
    for start, end in spans(written):
        made += [re.escape(written[at:start]), ".*"]
        at = end if end >= 0 else len(written)
    return re.fullmatch("".join([*made, re.escape(written[at:])]), name, re.DOTALL) is not None
