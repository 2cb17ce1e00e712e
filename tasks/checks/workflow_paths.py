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
from tasks.domain.script import Command, Script, Scripts, inside
from tasks.domain.sign_in import hosted
from tasks.domain.tree import Tree

_INTERPRETERS = ("bash", "sh", "python", "python3", "source", ".")


@check(
    "workflow-script-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Commit the script, or name one that is there", minutes=10),
)
def workflow_script_exists(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every script that a workflow, or a script it calls, runs is committed or made before."""
    yield from merged(
        (*_scripts(scripts, tree), *_of_called(scripts, tree), *_without_checkout(scripts, tree))
    )


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


def _without_checkout(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Judge the scripts of the repository that jobs run which check nothing out."""
    for script in scripts:
        job, step = script.job, script.step
        if job is None or step is None or script.never or script.cwd is not None or ".sh" not in script.text:
            continue
        if step.working_directory is not None or "cd" in script.text or "pushd" in script.text:
            continue
        for command in script.commands:
            first = command.run[0].literal if command.run and _is_certain(command) else None
            path = inside(first, "") if first is not None and first.startswith("./") else None
            if path and tree.file(path) is not None and _is_empty(scripts, script, path):
                told = f"the job checks nothing out, and no step before makes {path}"
                subject = f"{script.path.rpartition('/')[2]}: {path}"
                yield broken(subject, told, script.source.at(command), remedy=_CHECK_OUT)


_CHECK_OUT = Remedy(summary="Check the repository out in a step before", minutes=2)
_FILLS = frozenset(
    {"git", "tar", "unzip", "7z", "curl", "wget", "rsync", "docker", "npm", "npx", "cargo", "scp"}
)
"""Programs that may put directories into the workspace."""
_QUIET = (
    "actions/setup-",
    "aws-actions/",
    "hashicorp/setup-",
    "dtolnay/rust-toolchain",
    "docker/login-action",
)


def _is_empty(scripts: Scripts, script: Script, path: str) -> bool:
    """Tell whether a job on a machine of GitHub's certainly has no file of a directory of the repository."""
    job, step, directory = script.job, script.step, path.rpartition("/")[0]
    if job is None or step is None or not directory or not hosted(job):
        return False
    for one in job.steps[: step.index + 1]:
        if one.action is not None:
            if not one.action.name.startswith(_QUIET):
                return False
            continue
        run = scripts.of(script.path, job, one)
        if run is None or not run.understood or "clone" in run.text or "sync" in run.text:
            return False
        if one.index < step.index and directory in run.text:
            return False
        if any(command.program is None or command.program in _FILLS for command in run.commands):
            return False
    return script.text.count(directory) == 1


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
