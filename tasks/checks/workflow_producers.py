"""Whether what a job uploads was really made."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import path_lines, uploads
from tasks.domain.called import started_file
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit, without
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lost_failure import NO_PIPEFAIL, lost, meant, only_reports, tolerated
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.verification import verifies
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.written_file import names, written_by

_MAY_BE_MISSING = frozenset(
    {"echo", "printf", "ls", "cat", "date", "grep", "awk", "sed", "head", "tail", "find", "cp"}
)
_PACKS = frozenset({"tar", "zip", "cp", "mv", "install"})
_BUILDS = frozenset({"build", "rustc", "doc", "deb", "dist", "package"})


@check(
    "producer-can-fail",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="workflow-masking",
    remedy=Remedy(summary="Let the step fail when it could not make what is uploaded", minutes=10),
)
def producer_can_fail(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every command that makes what a job uploads ends the job when it fails."""
    for workflow in workflows:
        yield from merged(_producers(workflow, scripts))


def _producers(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, last, written, line, usual in (
        *((*one, None) for one in _handed_on(workflow, scripts)),
        *((*one, Weight.NOTE) for one in _packed(workflow, scripts)),
    ):
        # What packs or sends the file itself fails as well, but not where the mistake is.
        until = last.index if usual is None else last.index + 1
        paths = [posixpath.normpath(path) for path in written]
        for step in job.steps[:until]:
            script = scripts.of(workflow.path, job, step)
            # A step that also runs after a failure collects what there is.
            if (
                script is None
                or script.never
                or "always()" in str(step.condition)
                or "failure()" in str(step.condition)
            ):
                continue
            for command in script.commands:
                if step is last and command.line >= line:
                    break
                path = next((one for one in paths if _makes(command, one, scripts)), None)
                if path is None and command.program in _PACKS:
                    path = next(
                        (one for one in paths if _only_packs(command, one, job, workflow, scripts)), None
                    )
                if path is None or command.substituted or _of_verification(command, script):
                    continue  # ``verification-can-fail`` tells of what is only noted down
                if _made_otherwise(command, path, script):
                    continue
                subject = f"{workflow.file}: {job.id}: {path}"
                why = lost(command, script) or tolerated(workflow, job, step) or _lost_before(command, script)
                if why is None:
                    yield holds(subject, "its making can fail")
                elif only_reports(workflow, job, step):
                    yield holds(subject, "is a report that gates nothing, as it says itself")
                else:
                    told = f"the step stays green when {path} cannot be made: {why}"
                    if step is last:
                        told = (
                            f"the step goes on to what takes {path}/ although that could not be made: {why}"
                        )
                    weight = Weight.NOTE if why == NO_PIPEFAIL or meant(workflow, job, step) else usual
                    places = workflow.source.at(command), workflow.source.at(line)
                    pipe = _pipe(command, script) if script.shell == "bash" else ()
                    edits = _failing(workflow, step, places[0], pipe)
                    yield broken(subject, told, *places, weight=weight, edits=edits)


def _failing(workflow: Workflow, step: Step, place: Evidence, pipe: tuple[Command, ...]) -> tuple[Edit, ...]:
    """Return the edits by which a failure counts: of the command, with its pipe, or of its step."""
    line = place.excerpt or ""
    if line.endswith((" || true", " || :")):
        made = without(line[line.rindex(" || ") :], place)
        if len(pipe) < 2 or pipe[0].pipefail:
            return made
        # Without it the step has the result of the pipe's last program, which only writes.
        first = workflow.source.at(pipe[0])
        told = _beginning(pipe[0], first.excerpt or "")
        whole = without(told, first, f"set -o pipefail; {told}") if told else ()
        return (*whole, *made) if whole and made else ()
    setting = "continue-on-error: true"
    if "continue-on-error" not in step.root:
        return ()
    at = workflow.source.at(step.root.line_of("continue-on-error"))
    return without(setting, at, "continue-on-error: false")


def _beginning(command: Command, line: str) -> str:
    """Return how a command begins on its line, with as much of it as stands there once; empty when not."""
    word = f"{command.assignments[0].name}=" if command.assignments else command.words[0].text
    at = line.find(word) if word else -1
    ends = (end for end in range(at + len(word), len(line) + 1) if line.count(line[at:end]) == 1)
    return "" if at < 0 else line[at : next(ends, at)]


def _pipe(command: Command, script: Script) -> tuple[Command, ...]:
    """Return the commands of the pipe up to this one; it alone where nothing is piped into it."""
    end = next(at for at, one in enumerate(script.commands) if one is command)
    start = end
    while start > 0 and script.commands[start].piped_from:
        start -= 1
    return script.commands[start : end + 1]


def _lost_before(command: Command, script: Script) -> str | None:
    """Return how the failure is lost of what ``tee`` notes down; None when it is not, or is a mere line."""
    if command.program != "tee" or not command.piped_from or script.shell != "bash":
        return None
    first = _pipe(command, script)[0]
    if not first.words or first.program in _MAY_BE_MISSING:
        return None
    return NO_PIPEFAIL if lost(first, script) == NO_PIPEFAIL else None


def _made_otherwise(command: Command, path: str, script: Script) -> bool:
    """Tell whether another command of the line writes the path when this one fails."""
    others = (one for one in script.commands if one.line == command.line and one is not command)
    return command.masked and any(
        one.conditional and _is(path, each.target.literal)
        for one in others
        for each in one.redirects
        if each.writes and each.target is not None
    )


def _is(path: str, written: str | None) -> bool:
    return written is not None and posixpath.normpath(written) == path


def _of_verification(command: Command, script: Script) -> bool:
    """Tell whether a command only notes down what a verification in the same pipe prints."""
    first = _pipe(command, script)[0]
    return command.piped_from and first.piped_into and verifies(first) is not None


def _handed_on(workflow: Workflow, scripts: Scripts) -> Iterator[tuple[Job, Step, list[str], int]]:
    """Go through the steps that upload or take something: job, step, the paths and a line."""
    for upload in uploads(workflow):
        yield upload.job, upload.step, [str(path) for path in upload.paths], upload.line
    for job, step in workflow.steps():
        if step.action is not None and step.action.name == "softprops/action-gh-release":
            files = path_lines(step.inputs.text("files"))
            yield job, step, [str(path) for path in files], step.line
        script = scripts.of(workflow.path, job, step)
        for command in script.running("gh") if script is not None else ():
            if [word.text for word in command.arguments[:1]] == ["release"]:
                notes = command.option("-F", "--notes-file")
                given = [word.text.strip("\"'") for word in command.arguments[2:] if word != notes]
                yield job, step, [path for path in given if "/" in path and "$" not in path], command.line
        for command in script.commands if script is not None else ():
            own = started_file(command)
            file = scripts.file(own) if own else None
            # What a script takes from there cargo has to have left there.
            if file is not None and "target/" in file.text and "cargo" not in file.text:
                yield job, step, ["target/"], command.line


def _packed(workflow: Workflow, scripts: Scripts) -> Iterator[tuple[Job, Step, list[str], int]]:
    """Go through the steps that pack what cargo built, in jobs that upload: there a failed build is seen."""
    uploading = {str(job.id) for job, _, _, _ in _handed_on(workflow, scripts)}
    uploading |= {str(job.id) for job, step in workflow.steps() if "aws s3 " in (step.run or "")}
    for job, step in workflow.steps():
        if str(job.id) not in uploading or "target/" not in (step.run or ""):
            continue
        script = scripts.of(workflow.path, job, step)
        for command in script.running(*_PACKS, "aws") if script is not None else ():
            there = (command.cwd or "").startswith("target/")
            if there or any(_of_cargo(word) for word in command.arguments):
                yield job, step, ["target/"], command.line


def _of_cargo(word: Word) -> bool:
    """Tell whether a word is a path into the directory of cargo's products; no pattern: it may find none."""
    return word.text.strip("\"'").removeprefix("./").startswith("target/") and not word.glob


def _only_packs(command: Command, path: str, job: Job, workflow: Workflow, scripts: Scripts) -> bool:
    """Tell whether a command alone writes a path: packs it, or puts there what cargo built."""
    if command.conditional or command.loop or command.function is not None or not _writes(command, path):
        return False
    if command.program not in ("tar", "zip") and not any(_of_cargo(one) for one in command.arguments[:-1]):
        return False  # a file more or less
    every = (scripts.of(workflow.path, job, step) for step in job.steps)
    writers = [one for script in every if script is not None for one in script.commands if _writes(one, path)]
    return len(writers) == 1


def _writes(command: Command, path: str) -> bool:
    for target in written_by(command):
        into = (target.literal or "").endswith("/") and posixpath.normpath(str(target.literal))
        if names(path, target, command) or (into and command.path(into) == posixpath.dirname(path)):
            return True
        if command.cwd == "" and any(fnmatch.fnmatchcase(one, path) for one in target.values or ()):
            return True
        # A pattern that has the fixed beginning and the fixed end of a name takes it, whatever is between.
        first, _, last = path.partition("*")
        ends = target.parts[-1] if target.parts else None
        if path.count("*") == 1 and target.literal is None and ends and "/" not in last:
            whole = target.beginning.startswith(first) and "/" not in target.text[len(first) :]
            if command.cwd == "" and first and whole and ends.endswith(last):
                return True
    return False


def _makes(command: Command, path: str, scripts: Scripts) -> bool:
    """Tell whether a command writes a path that is uploaded: itself, as cargo's product, or by a script."""
    if command.program in _MAY_BE_MISSING:
        return False  # one line more or less of a report
    for one in command.redirects:
        written = None if one.target is None or not one.writes else one.target.literal
        own = None if written is None else command.path(written) or posixpath.normpath(written)
        if own is not None and (own == path or fnmatch.fnmatchcase(own, path)):
            return True
    call = cargo_command(command)
    if call is not None and call.subcommand in _BUILDS and f"{path}/".startswith("target/"):
        return True
    own = started_file(command)
    script = scripts.file(own) if own else None
    if script is not None and _writes_below(script, path):
        return True
    return command.program == "tee" and path in {posixpath.normpath(one) for one in command.literals if one}


def _writes_below(script: Script, directory: str) -> bool:
    """Tell whether a script of the repository redirects into a directory, or makes it and packs into it."""
    top = directory.partition("/")[0]
    for command in script.commands:
        targets = [one.target for one in command.redirects if one.writes and one.target is not None]
        if any(one.beginning.startswith(f"{directory}/") for one in targets):
            return True
        if command.program == "mkdir" and any(
            word.beginning.partition("/")[0] == top and word.beginning for word in command.arguments
        ):
            return True
    return False
