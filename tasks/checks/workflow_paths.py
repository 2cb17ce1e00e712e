"""Whether the files that workflows run and use are in the repository or made before."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.called import called_files
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out, placed
from tasks.domain.edit_command import respelled
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.produced import before, by_commands, together
from tasks.domain.script import Command, Scripts
from tasks.domain.tree import Tree

_INTERPRETERS = ("bash", "sh", "python", "python3", "source", ".")


@check(
    "workflow-script-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Commit the script, or name one that is there", minutes=10),
)
def workflow_script_exists(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every script that a workflow, or a script it calls, runs is committed or made before."""
    yield from merged((*_scripts(scripts, tree), *_of_called(scripts, tree)))


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
                place = script.source.at(command)
                yield broken(subject, told, place, edits=respelled(path, _beside(path, tree), place))


def _of_called(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Judge the scripts that the files which steps call run themselves."""
    for script in scripts:
        job, step = script.job, script.step
        if job is None or step is None or script.never or step.may_fail or not checked_out(job, step):
            continue
        for called in called_files(scripts, script, "."):
            if not _is_certain(called.command):
                continue
            for at, command in enumerate(called.commands):
                path = _run(command) if _is_certain(command) else None
                if path is None:
                    continue
                subject = f"{script.path.rpartition('/')[2]}: {path}"
                made = before(scripts, script.path, job, step, called.command)
                inner = by_commands(scripts, called.commands[:at])
                if together(made, inner).may_hold(path, tree) or placed(job, step, path):
                    yield holds(subject, "is there")
                else:
                    told = f"{called.file.path} runs {path}: it is not in the repository, nothing makes it"
                    places = called.file.source.at(command), script.source.at(called.command)
                    yield broken(subject, told, *places)


def _beside(path: str, tree: Tree) -> frozenset[str]:
    """Return the files of the directory in which one is looked for."""
    above = path.rpartition("/")[0]
    return frozenset(
        one for name in tree.inside.get(above, ()) if tree.file(one := f"{above}/{name}".lstrip("/"))
    )


def _is_certain(command: Command) -> bool:
    """Tell whether a command runs each time, and its failure ends the text."""
    return command.fatal and not (command.conditional or command.loop or command.function)


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
