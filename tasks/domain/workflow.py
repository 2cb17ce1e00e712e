"""GitHub Actions files as they are written: workflows, jobs, steps, composite actions; all with lines.

The shapes are tolerant: what has the wrong type is empty here and stays visible in ``root``, where the
checks of the schema look. Numbers of jobs and steps are never guessed: a matrix that is computed at run time
has ``lanes`` None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.domain.cached import cached
from tasks.domain.located import Map, Problem, Seq, Text
from tasks.domain.matrix import MatrixError, combinations
from tasks.domain.source import Source
from tasks.domain.use import Read, Use, reads, uses


@dataclass(frozen=True, kw_only=True)
class Action:
    """What a ``uses:`` names: ``owner/repo/path@ref``, a directory of this repository, or an image."""

    written: Text
    owner: str | None = None
    repository: str | None = None
    path: str = ""
    ref: str | None = None
    local: str | None = None  # the path in this repository, for ``./...``
    image: str | None = None  # for ``docker://...``

    @property
    def line(self) -> int:
        """The line of the ``uses:``."""
        return self.written.line

    @cached
    def name(self) -> str:
        """``owner/repo`` or ``owner/repo/path`` in lower case, as GitHub compares it; empty for others."""
        if self.owner is None:
            return ""
        return "/".join(part for part in (self.owner, self.repository, self.path) if part).lower()

    @property
    def pinned(self) -> bool:
        """Tell whether the ref is a whole commit id."""
        return self.ref is not None and len(self.ref) == 40 and set(self.ref) <= set("0123456789abcdef")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a job or of a composite action; ``index`` counts from 0."""

    index: int
    line: int
    root: Map = field(repr=False)
    id: Text | None = None
    name: Text | None = None
    condition: object = None  # the ``if:``, a text or a plain value
    action: Action | None = None
    run: Text | None = None
    shell: Text | None = None
    working_directory: Text | None = None
    inputs: Map = field(default_factory=Map)  # the ``with:``
    env: Map = field(default_factory=Map)

    @property
    def label(self) -> str:
        """What GitHub shows for it, without evaluating expressions."""
        if self.name:
            return str(self.name)
        if self.action is not None:
            return f"Run {self.action.written}"
        first = str(self.run or "").strip().splitlines()
        return f"Run {first[0]}" if first else f"step {self.index + 1}"

    @property
    def may_fail(self) -> bool:
        """Tell whether ``continue-on-error`` is written as true; a computed one is not called so."""
        return self.root.get("continue-on-error") is True


@dataclass(frozen=True, kw_only=True)
class EnvironmentUse:
    """The ``environment:`` of a job; the name may hold expressions."""

    name: Text
    url: Text | None = None

    @property
    def line(self) -> int:
        """The line of the name."""
        return self.name.line


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a workflow; ``action`` is set when it calls a reusable workflow instead of having steps."""

    id: Text
    root: Map = field(repr=False)
    steps: tuple[Step, ...] = ()
    needs: tuple[Text, ...] = ()
    runs_on: tuple[Text, ...] = ()
    action: Action | None = None
    environment: EnvironmentUse | None = None
    # What others made of it in its workflow, by who asked: a job does not change.
    memo: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    @property
    def line(self) -> int:
        """The line of the job's id."""
        return self.id.line

    @property
    def name(self) -> Text | None:
        """The ``name:``, which may hold expressions."""
        return self.root.text("name")

    @property
    def condition(self) -> object:
        """The ``if:``, a text or a plain value; None when there is none."""
        return self.root.get("if")

    @property
    def env(self) -> Map:
        """The job's own ``env:``."""
        return self.root.map("env")

    @property
    def outputs(self) -> Map:
        """The ``outputs:``."""
        return self.root.map("outputs")

    @property
    def inputs(self) -> Map:
        """The ``with:`` of a job that calls a reusable workflow."""
        return self.root.map("with")

    @property
    def matrix(self) -> object:
        """The ``strategy.matrix``: a Map, or a text when it is computed at run time; None without one."""
        return self.root.map("strategy").get("matrix")

    @cached
    def lanes(self) -> tuple[Mapping[str, Any], ...] | None:
        """The combinations of the matrix, ``({},)`` without one, None when only a run can tell."""
        if self.matrix is None:
            return ({},)
        if not isinstance(self.matrix, Map) or computed(self.matrix):
            return None
        try:
            return combinations(self.matrix)
        except MatrixError:
            return None

    def step(self, id_: str) -> Step | None:
        """Return the step with that id; ids are compared without letter case."""
        return next((one for one in self.steps if one.id and one.id.lower() == id_.lower()), None)


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One file below ``.github/workflows``."""

    source: Source
    root: Map = field(repr=False)
    jobs: Mapping[str, Job]
    repeated: tuple[Text, ...] = ()

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path

    @property
    def file(self) -> str:
        """The file's name without its directory: what people call the workflow."""
        return self.path.rpartition("/")[2]

    @property
    def name(self) -> str:
        """The ``name:``, or the path as GitHub does without one."""
        return str(self.root.text("name") or self.path)

    @property
    def triggers(self) -> object:
        """The ``on:`` as written: a text, a sequence or a map; what ``tasks.domain.trigger`` reads."""
        return self.root.get("on")

    @property
    def events(self) -> tuple[Text, ...]:
        """The names of the events it is started by."""
        if isinstance(self.triggers, Map):
            return tuple(
                key if isinstance(key, Text) else Text(key, line=self.triggers.line_of(key))
                for key in self.triggers
            )
        return self.root.texts("on")

    def event(self, name: str) -> Map | None:
        """Return what is written below an event, an empty map when nothing is; None when it is no trigger."""
        if name not in self.events:
            return None
        return self.triggers.map(name) if isinstance(self.triggers, Map) else Map(self.root.line_of("on"))

    @property
    def env(self) -> Map:
        """The workflow's ``env:``."""
        return self.root.map("env")

    def steps(self) -> Iterator[tuple[Job, Step]]:
        """Go through all steps of all jobs in the order of the file."""
        for job in self.jobs.values():
            for step in job.steps:
                yield job, step

    @cached
    def uses(self) -> tuple[Use, ...]:
        """Every expression of the file, also those that do not parse."""
        return tuple(uses(self.root))

    @cached
    def reads(self) -> tuple[Read, ...]:
        """Every ``secrets.X``, ``needs.a.outputs.b``, ``matrix.c`` ... of the file."""
        return tuple(reads(self.uses))

    def permission(self, job: Job, scope: str) -> str | None:
        """Return what a job's token may do (``read``, ``write``, ``none``); None when the default decides."""
        for root in (job.root, self.root):
            if "permissions" not in root:
                continue
            written = root.get("permissions")
            if isinstance(written, Map):
                return str(written.text(scope) or "none")
            shorthand = {"read-all": "read", "write-all": "write"}.get(str(written))
            return "none" if scope == "id-token" and shorthand == "read" else shorthand
        return None


@dataclass(frozen=True, kw_only=True)
class CompositeAction:
    """An ``action.yml`` of the repository; ``steps`` are empty unless it is a composite one."""

    source: Source
    root: Map = field(repr=False)
    steps: tuple[Step, ...] = ()

    @property
    def directory(self) -> str:
        """The directory that ``uses: ./...`` names; empty for the root of the repository."""
        return self.source.path.rpartition("/")[0]

    @property
    def using(self) -> Text | None:
        """The ``runs.using``: ``composite``, ``node20``, ``docker`` ..."""
        return self.root.map("runs").text("using")

    @cached
    def uses(self) -> tuple[Use, ...]:
        """Every expression of the file, also those that do not parse."""
        return tuple(uses(self.root))

    @cached
    def reads(self) -> tuple[Read, ...]:
        """Everything its expressions read."""
        return tuple(reads(self.uses))


@dataclass(frozen=True, kw_only=True)
class Unparsed:
    """A file that should be a workflow or an action and could not be read as one."""

    source: Source
    problem: Problem


@dataclass(frozen=True, kw_only=True)
class Workflows:
    """All workflows and actions of a tree, in the order of their paths, and those that are none."""

    files: tuple[Workflow, ...] = ()
    actions: tuple[CompositeAction, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()

    def __iter__(self) -> Iterator[Workflow]:
        return iter(self.files)

    def at(self, path: str) -> Workflow | None:
        """Return the workflow of a path, for instance that of a local ``uses:``."""
        return self._by_path.get(path)

    def action(self, directory: str) -> CompositeAction | None:
        """Return the action of a directory."""
        return self._by_directory.get(directory)

    @cached
    def _by_path(self) -> Mapping[str, Workflow]:
        return {one.path: one for one in self.files}

    @cached
    def _by_directory(self) -> Mapping[str, CompositeAction]:
        return {one.directory: one for one in reversed(self.actions)}


def computed(value: object) -> bool:
    """Tell whether a value holds an expression anywhere."""
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, Map):
        return any(computed(key) or computed(item) for key, item in value.items())
    return isinstance(value, Seq) and any(computed(item) for item in value)
