"""Keys below an event in `on:` that the event does not have."""

from __future__ import annotations

from tasks.domain.located import Map
from tasks.domain.workflow import Workflow
from tasks.domain.workflow_grammar import FILTERS

_OF_ANY = frozenset(key for keys in FILTERS.values() for key in keys)
_PASSED_OVER = frozenset({"push", "pull_request", "pull_request_target"})
"""Events whose unknown keys GitHub ignores without a word (actions/runner issue 545)."""


def unknown_filters(workflow: Workflow, event: str) -> tuple[str, ...]:
    """Return the keys that stand below an event and that it does not have; none where nobody is certain."""
    known = FILTERS.get(event)
    filters = workflow.event(event)
    return tuple(key for key in filters or () if known is not None and key not in known)


def without_effect(workflow: Workflow) -> frozenset[str]:
    """Return the filters that GitHub passes over, and those that only other events have: ``on.push.path``."""
    return frozenset(
        f"on.{event}.{key}"
        for event in workflow.events
        for key in unknown_filters(workflow, event)
        if event in _PASSED_OVER or key in _OF_ANY
    )


def starts_all_the_same(event: str, filters: Map) -> str:
    """Return the beginning of a message: what a key that GitHub passes over leaves as it is."""
    if event not in _PASSED_OVER:
        return ""
    each = event.removesuffix("_target").replace("_", " ")
    alone = FILTERS[event].isdisjoint(filters)
    left = f"every {each} starts it" if alone else "only the other filters narrow it"
    return f"GitHub ignores this filter, and {left}: "
