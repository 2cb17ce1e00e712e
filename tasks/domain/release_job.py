"""Jobs that run only when a release is made, in a workflow that each push starts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tasks.domain.expendable import job_at
from tasks.domain.expression import Node, calls, references
from tasks.domain.expression.tree import Call, Comparison, Index, Literal, Logical
from tasks.domain.workflow import Job, Workflow

_MADE = re.compile(r"(?:.+--)?releases?_created|new[_-]release[_-](?:published|created)", re.IGNORECASE)
"""Outputs by which release-please and semantic-release tell of a release."""
_GOES_ON = frozenset({"always", "cancelled", "failure"})
"""Functions with which a job runs also when those that it needs did not."""


def only_at_release(workflow: Workflow, lines: Iterable[int]) -> bool:
    """Tell whether every line stands in a job that runs only when a release or its tag is made."""
    jobs = [job_at(workflow, line) for line in lines]
    return bool(jobs) and all(one is not None and _waits(workflow, one, ()) for one in jobs)


def _waits(workflow: Workflow, job: Job, seen: tuple[str, ...]) -> bool:
    asked = [one.node for one in workflow.uses if one.way == ("jobs", str(job.id), "if") and one.node]
    if any(_is_release(part) for node in asked for part in _all_of(node)):
        return True
    if any(call.name in _GOES_ON for node in asked for call in calls(node)):
        return False
    needed = [workflow.jobs.get(str(name)) for name in job.needs if str(name) not in seen]
    return any(one is not None and _waits(workflow, one, (*seen, str(job.id))) for one in needed)


def _all_of(node: Node) -> Iterator[Node]:
    if isinstance(node, Logical) and node.operator == "&&":
        for one in node.values:
            yield from _all_of(one)
    else:
        yield node


def _is_release(node: Node) -> bool:
    """Tell whether something holds only of a release, or of the push of a tag."""
    if isinstance(node, Index):
        return _names_release(node)
    if isinstance(node, Call) and node.name == "startswith" and len(node.arguments) > 1:
        ref, begin = node.arguments[:2]
        tags = isinstance(begin, Literal) and str(begin.value).startswith("refs/tags/")
        return tags and _reads(ref) == ("ref",)
    if not isinstance(node, Comparison) or node.operator != "==":
        return False
    for one, other in ((node.left, node.right), (node.right, node.left)):
        value = other.value if isinstance(other, Literal) else None
        if value in (True, "true") and isinstance(one, Index) and _names_release(one):
            return True
        if (_reads(one), value) in ((("event_name",), "release"), (("ref_type",), "tag")):
            return True
    return False


def _names_release(node: Index) -> bool:
    return any(
        one.context in ("needs", "steps") and _MADE.fullmatch(str(one.path[-1])) is not None
        for one in references(node)
        if one.path
    )


def _reads(node: Node) -> tuple[str | None, ...] | None:
    found = list(references(node)) if isinstance(node, Index) else []
    return found[0].path if len(found) == 1 and found[0].context == "github" else None
