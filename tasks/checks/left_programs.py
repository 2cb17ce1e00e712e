"""Whether the programs that steps and the scripts they call take from ``target/`` were built there before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import merged
from tasks.domain.called import CalledFile, called_files
from tasks.domain.cargo_command import CargoCommand
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.left_programs import (
    Programs,
    building_calls,
    file_may_bring,
    may_be_brought,
    programs,
    taken_paths,
)
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Workflow, Workflows

_BUILDS_ITSELF = ("cargo", "cross", "make ", "just ")


@check(
    "taken-program-is-built",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Build the program before, with the profile and target whose directory it is taken from",
        minutes=10,
    ),
    subject="cargo-names",
)
def taken_program_is_built(workflows: Workflows, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every program that a step or its script takes from `target/` was built there before."""
    if manifests.broken or any("build" in one.root for one in manifests.configs):
        return
    known = programs(manifests)
    for workflow in workflows:
        yield from merged(_programs(workflows, workflow, scripts, manifests, known))


def _programs(
    workflows: Workflows, workflow: Workflow, scripts: Scripts, manifests: Manifests, known: Programs
) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or step.may_fail or not checked_out(job, step):
            continue
        for taken in _taken(scripts, script):
            subject = f"{workflow.file}: {job.id}: {taken.path}"
            wanted = known.at(taken.path)
            name = known.stranger(taken.path) if taken.called is not None else None
            if wanted is not None:
                calls = building_calls(workflows, workflow, scripts, job, (step, taken.command))
                if calls is None or any(wanted.made_by(call, manifests) for call in calls):
                    yield holds(subject, "is built, or may be")
                else:
                    told = f"{taken.path} is taken, and {_said(wanted.name, calls, known)}"
                    yield broken(subject, told, *taken.places)
            elif name is not None and not (
                taken.file_may_bring(scripts)
                or may_be_brought(workflows, workflow, scripts, (job, step, taken.command), name)
            ):
                yield broken(subject, f"{taken.path} is taken, and {_said(name, [], known)}", *taken.places)


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """A path that has to be there; ``command`` is of the step, ``by`` and ``called`` of the file it calls."""

    path: str
    command: Command
    places: tuple[Evidence, ...]
    by: Command | None = None
    called: CalledFile | None = None

    def file_may_bring(self, scripts: Scripts) -> bool:
        """Tell whether the file itself may have put the path there before."""
        if self.called is None or self.by is None:
            return True
        return file_may_bring(self.called.commands, self.by, scripts, self.path)


def _taken(scripts: Scripts, script: Script) -> Iterator[_Taken]:
    """Go through the paths that have to be there: by the step itself, then by the files that it calls."""
    for command in script.commands if "target/" in script.text else ():
        if _is_certain(command):
            for path, line in taken_paths(command):
                yield _Taken(path=path, command=command, places=(script.source.at(line),))
    for called in called_files(scripts, script, "target/"):
        text = called.file.text
        if not _is_certain(called.command) or any(m in text for m in _BUILDS_ITSELF):
            continue
        for command in called.commands:
            if _is_certain(command):
                for path, line in taken_paths(command):
                    places = called.file.source.at(line), script.source.at(called.command)
                    yield _Taken(path=path, command=called.command, places=places, by=command, called=called)


def _is_certain(command: Command) -> bool:
    """Tell whether a command runs each time, and its failure ends the text."""
    return command.fatal and not (command.conditional or command.function)


def _said(name: str, calls: list[CargoCommand], known: Programs) -> str:
    if name not in known.names:
        return f"no package builds a program {name!r} (there are: {', '.join(sorted(known.names)) or 'none'})"
    if not calls:
        return "no step before builds anything"
    last = calls[-1]
    words = " ".join(word.text for word in last.command.words)
    return f"the steps before leave it elsewhere: `{words[:120]}`"
