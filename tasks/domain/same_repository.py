"""Whether a condition lets nobody through but pull requests from branches of the repository itself."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.expression import Node, references
from tasks.domain.expression.tree import Comparison, Index, Literal, Logical, Not
from tasks.domain.use import Use
from tasks.domain.workflow import Workflow

_HEAD = ("event", "pull_request", "head", "repo")
_BASES = (("repository",), ("event", "pull_request", "base", "repo", "full_name"))


def only_own_branches(workflow: Workflow, line: int) -> bool:
    """Tell whether the condition on a line, or that of its job, asks for a head of the repository itself."""
    above = [one for one in workflow.uses if one.condition and one.line <= line]
    asked = max(above, key=lambda one: one.line, default=None)
    return asked is not None and any(
        _asks(one) for one in above if one is asked or (one.job == asked.job and one.step is None)
    )


def _asks(use: Use) -> bool:
    return use.node is not None and any(_is_own(one) for one in _all_of(use.node))


def _all_of(node: Node) -> Iterator[Node]:
    """Go through what has to hold for a condition to hold."""
    if isinstance(node, Logical) and node.operator == "&&":
        for one in node.values:
            yield from _all_of(one)
    else:
        yield node


def _is_own(node: Node) -> bool:
    if isinstance(node, Not):
        return _path(node.of) == (*_HEAD, "fork")
    if not isinstance(node, Comparison) or node.operator != "==":
        return False
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if _path(one) == (*_HEAD, "full_name") and _path(other) in _BASES:
            return True
        if _path(one) == (*_HEAD, "fork") and isinstance(other, Literal) and other.value is False:
            return True
    return False


def _path(node: Node) -> tuple[str | None, ...] | None:
    """Return what a node reads of ``github``, in lower case; None when it is something else."""
    found = list(references(node)) if isinstance(node, Index) else []
    if len(found) != 1 or found[0].context != "github":
        return None
    return tuple(None if one is None else one.lower() for one in found[0].path)
