"""The ways in which a run of a workflow begins, and which conditions can hold in each of them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tasks.domain.answers import listed
from tasks.domain.expression import (
    ExpressionError,
    Node,
    Reference,
    Scope,
    calls,
    evaluate,
    is_truthy,
    references,
)
from tasks.domain.expression.functions import HOST_COUNTS
from tasks.domain.expression.tree import Comparison, Literal, Logical, Not, walk
from tasks.domain.lane import UNKNOWN
from tasks.domain.located import Map
from tasks.domain.trigger import BRANCH, TAG, Happening, starts
from tasks.domain.use import Use
from tasks.domain.workflow import Workflow

PULL: Final = "refs/pull/"
_KINDS = {BRANCH: "branch", TAG: "tag"}
_ANY_OTHER = "\0"  # ends the ref that stands for all those nobody writes: no text of a file has it
_ON_BRANCH = frozenset(
    {"merge_group", "pull_request_target", "repository_dispatch", "schedule", "workflow_run"}
)
_OF_PULL_REQUESTS = frozenset(
    {"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"}
)
OBJECTS: Mapping[str, frozenset[str]] = {
    "deployment_status": frozenset({"deployment_status"}),
    "inputs": frozenset({"workflow_dispatch"}),
    "pull_request": _OF_PULL_REQUESTS,
    "release": frozenset({"release"}),
    "workflow_run": frozenset({"deployment_status", "workflow_run"}),
}
"""What only these events bring as `github.event.KEY`, from GitHub's description of their payloads."""
_MOST = 64


@dataclass(frozen=True, kw_only=True)
class RunStart:
    """One way: an event, and the ref; None for a ref that is not certain, one of no name for any other."""

    event: str
    ref: str | None = None

    @property
    def without_tag(self) -> bool:
        """Tell whether the ref is surely that of a branch or of a pull request."""
        return self.ref is not None and self.ref.startswith((BRANCH, PULL))

    def holds(self, node: Node) -> bool | None:
        """Tell whether a condition holds then, as long as all before it went well; None when not certain."""
        if isinstance(node, Logical):
            parts = [self.holds(one) for one in node.values]
            decides = node.operator == "||"
            if decides in parts:
                return decides
            return None if None in parts else not decides
        if isinstance(node, Not):
            of = self.holds(node.of)
            return None if of is None else not of
        value = self._value(node)
        return None if value is UNKNOWN else is_truthy(value)

    def _value(self, node: Node) -> Any:
        if any(call.name in HOST_COUNTS for call in calls(node)):
            return UNKNOWN
        read = [*references(node)]
        if not all(self._knows(one.context, one.path) for one in read):
            return UNKNOWN
        if isinstance(node, Comparison) and any(
            not text.startswith("refs/") for text in _compared(node, "ref")
        ):
            return UNKNOWN  # it never holds, of which ``comparison-can-hold`` tells
        if self._is_any_other and any(map(_is_ref, read)) and any(calls(node)):
            return self._of_beginning(node)
        try:
            return evaluate(node, Scope(contexts={"github": self._github, "inputs": {}}))
        except ExpressionError:
            return UNKNOWN

    @property
    def _is_any_other(self) -> bool:
        return self.ref is not None and self.ref.endswith(_ANY_OTHER)

    def _of_beginning(self, node: Node) -> Any:
        """Answer ``startsWith(github.ref, 'refs/...')`` by the kind of ref, which is all that is known."""
        found = [*calls(node)]
        if len(found) != 1 or found[0] is not node or found[0].name != "startswith":
            return UNKNOWN
        place, text = found[0].arguments
        read = [one.path for one in references(place)]
        if not isinstance(text, Literal) or not isinstance(text.value, str) or read != [("ref",)]:
            return UNKNOWN
        kind, wanted = _kind(self.ref or ""), text.value.lower()
        if kind.startswith(wanted):
            return True
        return UNKNOWN if wanted.startswith(kind) else False

    @functools.cached_property
    def _github(self) -> dict[str, Any]:
        known: dict[str, Any] = {"event_name": self.event, "event": {}}
        if self.event not in _OF_PULL_REQUESTS:
            known |= {"head_ref": "", "base_ref": ""}
        if self.ref is not None:
            kind = _kind(self.ref)
            known |= {"ref": self.ref, "ref_name": _name(self.ref)}
            known |= {"ref_type": _KINDS[kind]} if kind in _KINDS else {}
        return known

    def _knows(self, context: str, path: tuple[str | None, ...]) -> bool:
        first = (path[0] or "").lower() if path else ""
        if context == "inputs":
            return self.event != "workflow_dispatch"
        if context != "github" or not first:
            return False
        if first == "event":
            events = OBJECTS.get((path[1] or "").lower()) if len(path) > 1 else None
            return events is not None and self.event not in events
        return first in self._github


def run_starts(workflow: Workflow) -> tuple[RunStart, ...]:
    """Return the ways in which runs begin; none where a caller's event decides."""
    if "workflow_call" in workflow.events:
        return ()
    named = _named(workflow.uses)
    found = tuple(
        RunStart(event=str(event), ref=ref)
        for event in workflow.events
        for ref in _refs(workflow, event, named)
    )
    return found if len(found) <= _MOST else ()


def _refs(workflow: Workflow, event: str, named: frozenset[str]) -> Iterable[str | None]:
    """Return the refs on which an event starts a workflow: those that it compares with, and any other."""
    if event in ("pull_request", "push"):
        filters = workflow.event(event)
        if filters is None:
            return (None,)
        if event == "pull_request":
            # The run of a merged pull request may be one of its base branch.
            return (None,) if "closed" in filters.texts("types") else (f"{PULL}{_ANY_OTHER}",)
        return [ref for ref in _pushed(filters, named) if _starts_push(workflow, ref)]
    if event in _ON_BRANCH:
        return [ref for ref in (*named, BRANCH + _ANY_OTHER) if ref.startswith(BRANCH)]
    if event == "workflow_dispatch":
        return [*named, BRANCH + _ANY_OTHER, TAG + _ANY_OTHER]
    return (None,)


def _pushed(filters: Map, named: frozenset[str]) -> Iterator[str]:
    """Go through refs that stand for all those a filter lets in."""
    for kind, key in ((BRANCH, "branches"), (TAG, "tags")):
        names = filters.texts(key)
        closed = bool(names) and not any(set(name) & set("*?+[]!") for name in names)
        yield from (ref for ref in sorted(named) if ref.startswith(kind))
        yield from (f"{kind}{name}" for name in names if f"{kind}{name}" not in named and closed)
        if not closed:
            yield kind + _ANY_OTHER


def _starts_push(workflow: Workflow, ref: str) -> bool:
    """Tell whether a push starts a workflow; one of any other ref does when some ref of its kind may."""
    if not ref.endswith(_ANY_OTHER):
        return starts(workflow.triggers, Happening(event="push", ref=ref)).starts
    filters = workflow.event("push") or Map()
    own, others = ("branches", "tags") if ref.startswith(BRANCH) else ("tags", "branches")
    has, foreign = (any(key in filters for key in (one, f"{one}-ignore")) for one in (own, others))
    return has or not foreign


def _named(found: Iterable[Use]) -> frozenset[str]:
    """Return the refs that a file compares its own with; a bare name may be that of a branch or of a tag."""
    named: set[str] = set()
    for use in found:
        for node in walk(use.node) if use.node is not None and "github.ref" in use.source else ():
            for text in _compared(node) if isinstance(node, Comparison) else ():
                named |= {text} if text.startswith("refs/") else {BRANCH + text, TAG + text}
    return frozenset(ref for ref in named if ref.startswith((BRANCH, TAG)))


def _compared(node: Comparison, *parts: str) -> Iterator[str]:
    """Give the text that a comparison asks the ref, or one part of the context, to be."""
    wanted = parts or ("ref", "ref_name")
    for one, other in ((node.left, node.right), (node.right, node.left)):
        asks = any(
            read.context == "github" and read.path[:1] in {(part,) for part in wanted}
            for read in references(one)
        )
        if asks and isinstance(other, Literal) and isinstance(other.value, str) and other.value:
            yield other.value


def _is_ref(read: Reference) -> bool:
    return read.context == "github" and read.path in (("ref",), ("ref_name",))


def said(found: Sequence[RunStart]) -> str:
    """Return ways of beginning as people say them: ``pull_request, push of main and push of a tag``."""
    made: dict[str, None] = {}
    for event in dict.fromkeys(one.event for one in found):
        refs = [one.ref for one in found if one.event == event and one.ref is not None]
        whole = [_KINDS[_kind(ref)] for ref in refs if ref.endswith(_ANY_OTHER) and _kind(ref) in _KINDS]
        if not refs or len(whole) == len(_KINDS) or event not in ("push", "workflow_dispatch"):
            made[event] = None
            continue
        link = "of" if event == "push" else "on"
        named = [_name(ref) for ref in refs if _KINDS.get(_kind(ref)) not in whole and _kind(ref) in _KINDS]
        made |= dict.fromkeys(f"{event} {link} {one}" for one in (*named, *(f"a {kind}" for kind in whole)))
    return listed([*made])


def _kind(ref: str) -> str:
    return next((kind for kind in (BRANCH, TAG, PULL) if ref.startswith(kind)), "")


def _name(ref: str) -> str:
    return ref.removeprefix(_kind(ref))
