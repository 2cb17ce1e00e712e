"""Whether what expressions compare can ever be equal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.edit_command import Edit, corrected
from tasks.domain.expression import Node
from tasks.domain.expression.tree import Call, Comparison, Context, Index, Literal, Logical, Not, walk
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.spelling import misspelled
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.workflow import Workflow, Workflows
from tasks.domain.workflow_grammar import EVENTS

_SPELLED = {"startswith": "startsWith", "endswith": "endsWith", "contains": "contains"}
_WHOLE_REF = re.compile(r"refs/(?:heads|tags|pull)/.", re.IGNORECASE)
_REFS = ("refs/heads/", "refs/tags/", "refs/pull/")


@check(
    "comparison-can-hold",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Compare with what it can be: refs/heads/BRANCH, the name of an event, true or false",
        minutes=5,
    ),
)
def comparison_can_hold(workflows: Workflows) -> Iterator[Answer]:
    """No expression compares the ref, the event or a boolean input with a text that it never is."""
    for workflow in workflows:
        yield from merged(_never(workflow))
        if "github.ref" in workflow.source.text:
            yield from merged(_exchanged(workflow))


def _exchanged(workflow: Workflow) -> Iterator[Answer]:
    """Go through the searches for the whole ref in a text that is a part of one."""
    for use in workflow.uses:
        for call in walk(use.node) if use.node is not None else ():
            if not isinstance(call, Call) or call.name not in _SPELLED or len(call.arguments) != 2:
                continue
            text, sought = call.arguments
            written = text.value if isinstance(text, Literal) and isinstance(text.value, str) else None
            if written and not _WHOLE_REF.match(written) and _property(sought) == ("github", "ref"):
                name = _SPELLED[call.name]
                told = (
                    f"{name}('{written}', github.ref) looks for the whole ref in {written!r} and "
                    "is never true: the arguments are exchanged"
                )
                remedy = Remedy(summary=f"Write {name}(github.ref, '{written}')", minutes=2)
                yield broken(f"{workflow.file}: {use.where}", told, workflow.source.at(use), remedy=remedy)


def _never(workflow: Workflow) -> Iterator[Answer]:
    flags = _flags(workflow)
    for use in workflow.uses:
        for context, name, value in _compared(use.node) if use.node is not None else ():
            told: str | None = None
            edits: tuple[Edit, ...] = ()
            if context == "inputs":
                if name in flags and value.lower() in ("true", "false"):
                    told = f"the input {name} is a boolean, which is never the text {value!r}"
            elif name == "ref" and value and not value.lower().startswith(_REFS):
                told = f"github.ref begins with refs/heads/, tags/ or pull/ and is never {value!r}"
                if value in _branches(workflow):
                    at = workflow.source.at(use)
                    edits = corrected(f"'{value}'", f"'refs/heads/{value}'", at, often=True)
            elif name == "event_name" and (meant := misspelled(value.lower(), EVENTS)) is not None:
                told = f"no event is called {value!r}; did it mean {meant!r}?"
                edits = corrected(value, meant, workflow.source.at(use))
            if told is not None:
                yield broken(f"{workflow.file}: {use.where}", told, workflow.source.at(use), edits=edits)


def _branches(workflow: Workflow) -> frozenset[str]:
    """Return the names that are surely those of branches."""
    push = workflow.event("push")
    return frozenset((*(() if push is None else push.texts("branches")), "main", "master"))


def _flags(workflow: Workflow) -> frozenset[str]:
    """Return the inputs that are booleans however the workflow is started."""
    asked = [dispatch_inputs(workflow.triggers, event) for event in ("workflow_dispatch", "workflow_call")]
    declared = [one for inputs in asked for one in inputs or ()]
    others = {one.name.lower() for one in declared if one.kind != "boolean"}
    return frozenset(one.name.lower() for one in declared) - others


def _compared(node: Node) -> Iterator[tuple[str, str, str]]:
    """Go through the properties of ``github`` and ``inputs`` that are compared with a text.

    Of an input that an alternative beside it takes for the truth that it is, the text decides nothing.
    """
    spare = {id(one) for one in walk(node) if isinstance(one, Logical) for one in _beside_a_truth(one)}
    for found in walk(node):
        if id(found) in spare:
            continue
        if not isinstance(found, Comparison) or found.operator not in ("==", "!="):
            continue
        for one, other in ((found.left, found.right), (found.right, found.left)):
            found_in = _property(one)
            if found_in is not None and isinstance(other, Literal) and isinstance(other.value, str):
                yield *found_in, other.value


def _beside_a_truth(logical: Logical) -> Iterator[Node]:
    """Go through the comparisons of inputs with texts beside one that reads the same input as a truth."""
    operator = "==" if logical.operator == "||" else "!="
    truths = {_as_truth(one, operator) for one in logical.values} - {None}
    for one in logical.values:
        if isinstance(one, Comparison) and one.operator == operator and truths:
            found = _property(one.left) or _property(one.right)
            of_text = any(isinstance(side, Literal) and isinstance(side.value, str) for side in _sides(one))
            if of_text and found in truths:
                yield one


def _as_truth(node: Node, operator: str) -> tuple[str, str] | None:
    """Return the input that an expression reads as a truth: by itself, or compared with a written one."""
    if isinstance(node, Not):
        return _property(node.of) if operator == "!=" else None
    if isinstance(node, Comparison):
        truth = any(isinstance(side, Literal) and isinstance(side.value, bool) for side in _sides(node))
        same = truth and node.operator == operator
        return (_property(node.left) or _property(node.right)) if same else None
    return _property(node) if operator == "==" else None


def _sides(comparison: Comparison) -> tuple[Node, Node]:
    return comparison.left, comparison.right


def _property(node: Node) -> tuple[str, str] | None:
    """Return context and name of what a comparison reads."""
    if not isinstance(node, Index) or not isinstance(node.of, Context) or not isinstance(node.key, Literal):
        return None
    context = node.of.name.lower()
    return (context, str(node.key.value).lower()) if context in ("github", "inputs") else None
