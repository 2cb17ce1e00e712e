"""Whether what expressions compare can ever be equal."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.expression import Node
from tasks.domain.expression.tree import Comparison, Context, Index, Literal, walk
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.spelling import misspelled
from tasks.domain.workflow import Workflow, Workflows
from tasks.domain.workflow_grammar import EVENTS


@check(
    "comparison-can-hold",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Compare github.ref with refs/heads/..., and github.event_name with an event", minutes=5
    ),
)
def comparison_can_hold(workflows: Workflows) -> Iterator[Answer]:
    """No expression compares the ref with a bare branch, or the event with a name that is no event's."""
    for workflow in workflows:
        yield from merged(_never(workflow))


def _never(workflow: Workflow) -> Iterator[Answer]:
    for use in workflow.uses:
        for name, value in _compared(use.node) if use.node is not None else ():
            told = None
            if name == "ref" and value and not value.lower().startswith("refs/"):
                told = f"github.ref begins with refs/ and is never {value!r}: that is github.ref_name"
            elif name == "event_name" and (meant := misspelled(value.lower(), EVENTS)) is not None:
                told = f"no event is called {value!r}; did it mean {meant!r}?"
            if told is not None:
                yield broken(f"{workflow.file}: {use.where}", told, workflow.source.at(use))


def _compared(node: Node) -> Iterator[tuple[str, str]]:
    """Go through the properties of ``github`` that are compared with a text."""
    for found in walk(node):
        if not isinstance(found, Comparison) or found.operator not in ("==", "!="):
            continue
        for one, other in ((found.left, found.right), (found.right, found.left)):
            name = _property(one)
            if name is not None and isinstance(other, Literal) and isinstance(other.value, str):
                yield name, other.value


def _property(node: Node) -> str | None:
    if not isinstance(node, Index) or not isinstance(node.of, Context) or node.of.name.lower() != "github":
        return None
    return str(node.key.value).lower() if isinstance(node.key, Literal) else None
