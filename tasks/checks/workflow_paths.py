"""Whether the files that workflows run and use are in the repository or made before."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.script import Command, Scripts
from tasks.domain.tree import Tree

_INTERPRETERS = ("bash", "sh", "python", "python3", "source", ".")


@check(
    "workflow-script-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Commit the script, or name one that is there", minutes=10),
)
def workflow_script_exists(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every script of the repository that a workflow runs is committed, or made by an earlier step."""
    yield from merged(_scripts(scripts, tree))


def _scripts(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for script in scripts:
        if script.job is None or script.step is None or script.never:
            continue
        for command in script.commands:
            path = _run(command)
            if path is None or command.conditional:
                continue
            subject = f"{script.path.rpartition('/')[2]}: {path}"
            made = before(scripts, script.path, script.job, script.step, command)
            if made.may_hold(path, tree):
                yield holds(subject, "is there")
            else:
                told = f"{path} is not in the repository, and nothing before makes it"
                yield broken(subject, told, script.source.at(command))


def _run(command: Command) -> str | None:
    """Return the path in the repository that a command runs, None when it runs a program of the machine."""
    first = command.run[0].literal if command.run else None
    if first is None:
        return None
    if first in _INTERPRETERS:
        word = next(iter(command.arguments), None)
        name = None if word is None or word.text.startswith("-") else word.literal
        known = name is not None and name.endswith((".sh", ".bash", ".py"))
        return command.path(str(name)) if known else None
    return command.path(first) if "/" in first else None
