"""Whether the inputs that people give to a workflow are declared as GitHub accepts them, and are read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Map, Seq
from tasks.domain.phase import Phase
from tasks.domain.workflow import Workflow, Workflows

_DISPATCH = frozenset({"string", "boolean", "choice", "number", "environment"})
_CALL = frozenset({"string", "boolean", "number"})
_KEYS = frozenset({"description", "required", "default", "type", "options", "deprecationMessage"})
_MOST = 25
_ONE_OF_THEM = Remedy(summary="Make the default one of the options, letter case included", minutes=2)


@check(
    "input-is-valid",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Declare the input as GitHub asks for", minutes=5),
)
def input_is_valid(workflows: Workflows) -> Iterator[Answer]:
    """Every input of a workflow has a type that GitHub knows, and a default that is one of its options."""
    for workflow in workflows:
        for event, types in (("workflow_dispatch", _DISPATCH), ("workflow_call", _CALL)):
            inputs = (workflow.event(event) or Map()).map("inputs")
            for name, about in inputs.items():
                subject = f"{workflow.file}: {event}: {name}"
                if about is not None and not isinstance(about, Map):
                    told = f"GitHub refuses the file: the input {name!r} is not a mapping"
                    yield broken(subject, told, workflow.source.at(inputs.line_of(name)))
                    continue
                faults = list(_faults(about, event, types)) if about is not None else []
                for told, line, weight in faults:
                    remedy = _ONE_OF_THEM if weight is Weight.WARNING else None
                    yield broken(subject, told, workflow.source.at(line), weight=weight, remedy=remedy)
                if not faults:
                    yield holds(subject, "is declared")
            if event == "workflow_dispatch" and len(inputs) > _MOST:
                told = f"GitHub refuses the file: {len(inputs)} inputs, the most are {_MOST}"
                yield broken(f"{workflow.file}: {event}", told, workflow.source.at(inputs.line))


def _faults(about: Map, event: str, types: frozenset[str]) -> Iterator[tuple[str, int, Weight]]:
    for key in about:
        if key not in _KEYS:
            yield f"GitHub refuses the file: an input has no {key!r}", about.line_of(key), Weight.BLOCKER
            return
    kind = about.text("type")
    line = about.line_of("type")
    if kind is None and event == "workflow_call":
        yield "GitHub refuses the file: an input of a called workflow needs a `type`", line, Weight.BLOCKER
        return
    if kind is not None and kind not in types:
        there = ", ".join(sorted(types))
        yield f"GitHub refuses the file: there is no type {str(kind)!r} ({there})", line, Weight.BLOCKER
        return
    if kind != "choice":
        return
    options = [str(one) for one in about.texts("options")]
    if not isinstance(about.get("options"), Seq) or not options:
        yield "GitHub refuses the file: a choice needs `options`", line, Weight.BLOCKER
        return
    default = about.text("default")
    if default and "${{" not in default and default not in options:
        told = f"the default {str(default)!r} is none of the options ({', '.join(options)})"
        yield told, about.line_of("default"), Weight.WARNING


@check(
    "input-is-read",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Read the input, or take it out", minutes=5),
)
def input_is_read(workflows: Workflows) -> Iterator[Answer]:
    """Every input that a workflow asks people for is read somewhere in it."""
    for workflow in workflows:
        asked = (workflow.event("workflow_dispatch") or Map()).map("inputs")
        read = _read(workflow)
        for name in asked if read is not None else ():
            subject = f"{workflow.file}: {name}"
            # What is read by a wrong way (`github.events.input.x`) is for ``expression-name-exists``.
            misread = re.search(rf"\binputs?\.{re.escape(name)}\b", workflow.source.text)
            if misread or (read is not None and name.lower() in read):
                yield holds(subject, "is read")
            else:
                told = f"the input {str(name)!r} is asked for and never read"
                yield broken(subject, told, workflow.source.at(asked.line_of(name)))


def _read(workflow: Workflow) -> set[str] | None:
    """Return the inputs that are read, in lower case; None when all of them may be, at once."""
    if "GITHUB_EVENT_PATH" in workflow.source.text or "context.payload" in workflow.source.text:
        return None
    found: set[str] = set()
    for read in workflow.reads:
        path = [None if one is None else one.lower() for one in read.path]
        if read.context == "inputs":
            name = path[0] if path else None
        elif read.context == "github" and (not path or path[0] in (None, "event")):
            if len(path) > 1 and path[1] not in (None, "inputs"):
                continue
            name = path[2] if len(path) > 2 else None
        else:
            continue
        if name is None:
            return None
        found.add(name)
    return found
