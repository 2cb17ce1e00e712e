"""Keys of GitHub's caches: what an older cache is found by, and where no older one can be found."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tasks.domain.artifact import path_lines
from tasks.domain.edit_command import Edit
from tasks.domain.key_edit import with_key
from tasks.domain.source import Source
from tasks.domain.workflow import Step, Workflow

_UP_TO_HASH = re.compile(r"((?:[\w-]|\$\{\{ ?[\w.-]+ ?\}\})+)\$\{\{ *hashFiles\(", re.IGNORECASE)
_APART = "lock-"
"""What is put before the hash where the key up to it begins the keys of other caches as well."""


def only_on_tags(workflow: Workflow) -> bool:
    """Tell whether a workflow is there for tags or releases, which a person may start in between.

    A cache is found by runs for the same tag, and those for the default branch by all; what another tag left
    is found by nobody.
    """
    push = workflow.event("push")
    tagged = push is not None and "tags" in push and not {"branches", "branches-ignore"} & {*push}
    events = {str(one) for one in workflow.events}
    of_tags = bool(events & {"push", "release"}) and events <= {"push", "release", "workflow_dispatch"}
    return of_tags and (push is None or tagged)


def begins(key: str) -> str | None:
    """Return a key up to its hash, as it is compared; None where that is not a plain text."""
    found = _UP_TO_HASH.match(key)
    return None if found is None else "".join(found[1].split())


def restoring(source: Source, step: Step, others: Iterable[Step]) -> tuple[Edit, ...]:
    """Return the edit that takes an older cache by the key up to its hash; none where that cannot stand.

    A key whose beginning is that of ``others`` with the same paths, and another purpose, gets a beginning of
    its own.
    """
    key = step.inputs.text("key")
    found = _UP_TO_HASH.match(key) if key is not None else None
    if key is None or found is None:
        return ()
    mine = "".join(found[1].split())
    alike = [one for one in others if _paths(one) == _paths(step) and _key(one).startswith(mine)]
    if all(begins(_key(one)) == mine for one in alike):
        return with_key(source, step.inputs, f"restore-keys: {found[1]}")
    same = [one for one in others if _key(one) == _key(step)]
    line = source.line(key.line) or ""
    old, indent = f"key: {found[1]}", len(line) - len(line.lstrip())
    if len(same) > 1 or line.count(old) != 1 or not line.lstrip().startswith("key: ") or "\r" in source.text:
        return ()
    new = f"restore-keys: {found[1]}{_APART}\n{' ' * indent}key: {found[1]}{_APART}"
    return (Edit(file=source.path, line=key.line, found=old, put=new),)


def _key(step: Step) -> str:
    return "".join(str(step.inputs.text("key") or "").split())


def _paths(step: Step) -> tuple[str, ...]:
    return tuple(str(one) for one in path_lines(step.inputs.text("path")))
