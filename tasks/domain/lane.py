"""What is certain about a job before it runs: each combination of its matrix is a lane of its own.

A value that only a run can tell is ``UNKNOWN``; nobody is accused on it. Values of one lane belong
together: a name made of two matrix values is never crossed over two combinations.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from tasks.domain.expression import (
    ExpressionError,
    Node,
    Scope,
    calls,
    evaluate,
    is_truthy,
    references,
    to_text,
)
from tasks.domain.expression.functions import HOST_COUNTS
from tasks.domain.expression.tree import Logical, Not
from tasks.domain.located import Map
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.use import CLOSE, OPEN, parsed, spans
from tasks.domain.workflow import Job, Workflow

WORKSPACE: Final = "/github/workspace"
"""Stands for the checkout's directory in values: paths below it are paths of the repository."""

MOST_LANES = 64


class Unknown(Enum):
    """The value that only a run can tell."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One way in which a job runs; ``matrix`` is None when computed, an ``env`` value when not certain."""

    matrix: Mapping[str, Any] | None = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str | None] = field(default_factory=dict)
    system: str | None = None  # Linux, Windows or macOS, when the labels of the runner tell
    rooted: bool = True  # the runner's workspace is the checkout itself, not what lies around it

    def value(self, node: Node) -> Any:
        """Evaluate an expression as far as it is certain, else UNKNOWN."""
        if isinstance(node, Logical):
            return self._logical(node)
        if isinstance(node, Not):
            of = self.value(node.of)
            return UNKNOWN if of is UNKNOWN else not is_truthy(of)
        if any(call.name in HOST_COUNTS for call in calls(node)):
            return UNKNOWN
        if not all(self._knows(one.context, one.path) for one in references(node)):
            return UNKNOWN
        contexts = {
            "matrix": self.matrix or {},
            "inputs": self.inputs,
            "env": self.env,
            "github": {"workspace": WORKSPACE},
            "runner": {"os": self.system},
        }
        try:
            return evaluate(node, Scope(contexts=contexts))
        except ExpressionError:
            return UNKNOWN

    def text(self, written: str) -> str | None:
        """Fill in a text's expressions, or None when one of them is not certain."""
        if OPEN not in written:
            return str(written)
        made: list[str] = []
        at = 0
        for start, end in spans(written):
            node = parsed(written[start + len(OPEN) : end - len(CLOSE)])[0] if end >= 0 else None
            value = UNKNOWN if node is None else self.value(node)
            if value is UNKNOWN:
                return None
            made += [written[at:start], to_text(value)]
            at = end
        return "".join([*made, written[at:]])

    def condition(self, written: object) -> bool | None:
        """Tell whether an ``if:`` holds as long as all before it went well; None when it is not certain."""
        if written is None or isinstance(written, bool):
            return written is not False
        source = str(written).strip()
        if source.startswith(OPEN) and source.endswith(CLOSE):
            source = source[len(OPEN) : -len(CLOSE)]
        node = None if OPEN in source else parsed(source)[0]
        value = UNKNOWN if node is None else self.value(node)
        return None if value is UNKNOWN else is_truthy(value)

    def with_env(self, env: Map) -> Lane:
        """Return the lane with an ``env:`` filled in; all its values see the lane as it was before."""
        if not env:
            return self
        made = {str(key): self._written(env, key) for key in env}
        return replace(self, env={**self.env, **made})

    def _written(self, env: Map, key: str) -> str | None:
        written = env.text(key)
        return None if written is None else self.text(written)

    def _logical(self, node: Logical) -> Any:
        result: Any = None
        for one in node.values:
            result = self.value(one)
            if result is UNKNOWN:
                # A later operand can still settle the truth, but not the value.
                later = [self.value(other) for other in node.values]
                stops = [v for v in later if v is not UNKNOWN and is_truthy(v) == (node.operator == "||")]
                return stops[0] if stops and isinstance(stops[0], bool) else UNKNOWN
            if is_truthy(result) == (node.operator == "||"):
                break
        return result

    def _knows(self, context: str, path: tuple[str | None, ...]) -> bool:
        name = path[0] if path else None
        if context == "matrix":
            return self.matrix is not None
        if name is None:
            return False
        if context == "env":
            return self.env.get(name) is not None
        if context == "inputs":
            return name in self.inputs
        if context == "runner":
            return name == "os" and self.system is not None
        return context == "github" and name == "workspace" and self.rooted


def lanes(workflow: Workflow, job: Job) -> tuple[Lane, ...]:
    """Return every way in which a job can run; one, less certain, when there are too many or computed."""
    if "lanes" not in job.memo:
        job.memo["lanes"] = _lanes(workflow, job)
    made: tuple[Lane, ...] = job.memo["lanes"]
    return made


def _lanes(workflow: Workflow, job: Job) -> tuple[Lane, ...]:
    combinations = job.lanes
    choices = _choices(workflow)
    if math.prod(len(options) for options in choices.values()) > MOST_LANES:
        return (_started(Lane(matrix=None), workflow, job),)
    found = [
        Lane(matrix=matrix, inputs=dict(zip(choices, chosen, strict=True)))
        for matrix in (combinations if combinations is not None else (None,))
        for chosen in itertools.product(*choices.values())
    ]
    if not 0 < len(found) <= MOST_LANES:
        found = [Lane(matrix=None)]
    return tuple(_started(lane, workflow, job) for lane in found)


def values(written: str, among: Iterable[Lane]) -> tuple[str, ...] | None:
    """Return what a text can be in these lanes, without repetition; None when one of them cannot tell."""
    made: dict[str, None] = {}
    for lane in among:
        text = lane.text(written)
        if text is None:
            return None
        made[text] = None
    return tuple(made)


def _started(lane: Lane, workflow: Workflow, job: Job) -> Lane:
    inner = lane.with_env(workflow.env).with_env(job.env)
    labels = [inner.text(label) for label in job.runs_on]
    return replace(inner, system=_system([label for label in labels if label is not None]))


def _system(labels: list[str]) -> str | None:
    for label in (one.lower() for one in labels):
        for begins, system in (
            ("ubuntu", "Linux"),
            ("linux", "Linux"),
            ("windows", "Windows"),
            ("macos", "macOS"),
        ):
            if label.startswith(begins):
                return system
    return None


def _choices(workflow: Workflow) -> dict[str, tuple[str, ...]]:
    """Return the inputs chosen from a list, when only a person can start the workflow."""
    if tuple(workflow.events) != ("workflow_dispatch",):
        return {}
    declared = dispatch_inputs(workflow.triggers) or ()
    options = {one.name: tuple(str(option) for option in one.options) for one in declared}
    return {name: given for name, given in options.items() if given}
