"""Workflows that nothing can start: each of their events asks for a file that is not in the repository."""

from __future__ import annotations

from tasks.domain.glob import GlobError, matches, selected
from tasks.domain.located import Map, Text
from tasks.domain.tree import Tree, literal_beginning
from tasks.domain.workflow import Workflow

OF_PATHS = ("push", "pull_request", "pull_request_target")
"""Events that may ask for paths."""


def is_dead(workflow: Workflow, tree: Tree) -> bool:
    """Tell whether no event that a workflow waits for can happen as long as the files are what they are."""
    events = set(workflow.events)
    return bool(events) and all(
        event in OF_PATHS and lets_nothing_in(workflow, event, tree) for event in events
    )


def lets_nothing_in(workflow: Workflow, event: str, tree: Tree) -> bool:
    """Tell whether an event's filters by paths leave every file out; of a tag's push GitHub asks none."""
    filters = workflow.event(event) or Map()
    if "tags" in filters or "tags-ignore" in filters:
        return False
    try:
        ignored = filters.texts("paths-ignore")
        if ignored:
            return all(selected(ignored, path) for path in tree.entries)
        wanted = positive(filters)
        return bool(wanted) and not any(lets_in(one, tree) for one in wanted)
    except GlobError:
        return False  # a pattern that GitHub refuses is for ``trigger-is-known``


def positive(filters: Map) -> list[Text]:
    """Return the patterns by which an event's filter lets paths in."""
    return [one for one in filters.texts("paths") if not one.startswith("!")]


def lets_in(pattern: str, tree: Tree) -> bool:
    """Tell whether a pattern matches a file of the repository; raises GlobError for one that is none."""
    return any(matches(pattern, path) for path in tree.starting(literal_beginning(pattern)))
