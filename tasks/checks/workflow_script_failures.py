"""Whether the scripts that workflows run fail when what they do fails."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.called import CalledFile, started_file
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import Lane
from tasks.domain.lost_failure import NO_PIPEFAIL, lost
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.weighty import weighty
from tasks.domain.workflow import Workflow, Workflows

_BUILDS = re.compile(r"\b(?:build|run|ci|test)\b")
_BUILDING = frozenset(
    {
        "cargo build",
        "cross build",
        "docker build",
        "docker buildx build",
        "go build",
        "go test",
        "npm ci",
        "npm run build",
        "npm run test",
        "npm test",
        "wasm-pack build",
        "wasm-pack test",
        "yarn build",
        "yarn test",
    }
)
_HANDS_ON = re.compile(r"upload|release")
_OF_STEP = Remedy(summary="Write `shell: bash`, which has pipefail and -e, and no `set +e`", minutes=5)
_SUCCEEDS = frozenset({"echo", "printf", "true", ":", "date"})
_ENDS_WELL = re.compile(r"\s*(?:(?:echo|printf|true|:|date)(?:\s|$)|exit 0)")
_STOPS = re.compile(r"^\s*set +(?:-[a-zA-Z]*e|-o errexit)", re.MULTILINE)
_LOOKS = re.compile(r"\$\?|PIPESTATUS|\bERR\b")


@check(
    "script-failure-counts",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="workflow-masking",
    remedy=Remedy(summary="Let the script end at its first failure: `set -eo pipefail` on top", minutes=5),
)
def script_failure_counts(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every script and every build of a step fails when what it builds, tests or deploys fails."""
    for workflow in workflows:
        yield from merged(_builds(workflow, scripts))
    for called in _called(workflows, scripts).values():
        script, file = called.file, called.file.path
        forgotten = _forgotten(script, called.commands)
        if not forgotten:
            yield holds(file, "ends with a failure")
            continue
        names = listed([f"`{name}`" for _, name in forgotten])
        last = called.commands[-1].words[0].text
        told = f"the step stays green when {names} fails: without `set -e` the script goes on to its `{last}`"
        places = [script.source.at(command) for command, _ in forgotten][: MOST_PLACES - 1]
        caller = called.caller.source.at(called.command)
        yield broken(file, told, *places, caller, edits=_stopping(script))


def _builds(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    """Go through the builds of steps that let failures go on; ``verification-can-fail`` has the tests."""
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step) if step.run and _BUILDS.search(step.run) else None
        if script is None or script.never or step.may_fail or "PIPESTATUS" in script.text:
            continue
        if any(one.action is not None and _HANDS_ON.search(one.action.name) for one in job.steps):
            continue  # ``producer-can-fail`` looks at what is handed on
        for command in script.commands:
            name = weighty(command)
            if name not in _BUILDING or command.substituted or command.masked:
                continue
            why = lost(command, script)
            if why is not None and (why != NO_PIPEFAIL or _into_any_ending(command, script)):
                told = f"the job stays green when `{name}` fails: {why}"
                subject = f"{workflow.file}: {job.id}: {step.label}"
                yield broken(subject, told, workflow.source.at(command), remedy=_OF_STEP)


def _into_any_ending(command: Command, script: Script) -> bool:
    """Tell whether the last program of a command's pipe succeeds whatever it reads."""
    at = next(number for number, one in enumerate(script.commands) if one is command)
    behind = itertools.takewhile(lambda one: one.piped_from, script.commands[at + 1 :])
    last = [one.program for one in behind][-1:]
    return bool(last) and last[0] in ("cat", "head", "sed", "tail", "tee", "ts")


def _called(workflows: Workflows, scripts: Scripts) -> dict[str, CalledFile]:
    """Return the shell files that steps run as programs of their own, each as its first call runs it."""
    names = {file.path.rpartition("/")[2] for file in scripts.files if _may_forget(file.text)}
    known = {workflow.path for workflow in workflows}
    found: dict[str, CalledFile] = {}
    through = [one for one in scripts.files if any(name in one.text for name in names)]
    names |= {one.path.rpartition("/")[2] for one in through}
    for script in scripts if names else ():
        calls = any(name in script.text for name in names)
        if calls and script.step is not None and not script.never and script.path in known:
            _follow(script, script.commands, scripts, names, found)
    return found


def _may_forget(text: str) -> bool:
    """Tell whether a text has no ``set -e`` and ends with what succeeds, before anybody reads it as shell."""
    lines = text.rstrip().rsplit("\n", 1)
    return _ENDS_WELL.match(lines[-1]) is not None and _STOPS.search(text) is None


def _follow(
    caller: Script,
    commands: Iterable[Command],
    scripts: Scripts,
    names: Collection[str],
    found: dict[str, CalledFile],
) -> None:
    """Collect the files of these names that commands start, and those that these start in turn."""
    for command in commands:
        path = None if command.masked or command.tested else started_file(command)
        if path is None or path in found or path.rpartition("/")[2] not in names:
            continue
        file = scripts.file(path)
        if file is not None and file.as_called is not None and file.understood:
            inner = file.as_called(command.cwd, (Lane(),)).commands
            found[path] = CalledFile(file=file, commands=inner, caller=caller, command=command)
            _follow(file, inner, scripts, names, found)


def _forgotten(script: Script, commands: Sequence[Command]) -> list[tuple[Command, str]]:
    """Return the commands whose failure a script forgets: it goes on, and its last one succeeds."""
    if _LOOKS.search(script.text) or not commands:
        return []
    last = commands[-1]
    ends_well = last.program in _SUCCEEDS or (last.program == "exit" and last.literals[:1] == ("0",))
    if not ends_well or last.errexit or last.conditional or last.loop or last.tested or last.function:
        return []
    found: list[tuple[Command, str]] = []
    for number, command in enumerate(commands):
        if command.program in ("source", ".", "exec"):
            return found  # what is read there may let failures end it
        if command.program in ("exit", "false", "return") and command is not last:
            found = []  # it looks for itself at what came out
        if _goes_on(command) and command is not last:
            until = commands[number + 1].line
            joined = "&&" in "\n".join(script.source.lines[command.line - 1 : until])
            name = None if joined else weighty(command)
            found += [] if name is None else [(command, name)]
    return found


def _goes_on(command: Command) -> bool:
    return not (
        command.errexit
        or command.tested
        or command.masked
        or command.background
        or command.substituted
        or command.conditional
        or command.loop
        or command.function
    )


def _stopping(script: Script) -> tuple[Edit, ...]:
    first = script.source.line(1) or ""
    if not first.startswith("#!") or "\r" in script.source.text:
        return ()
    stop = "set -e" if script.shell == "sh" else "set -eo pipefail"
    return (Edit(file=script.path, line=1, found=first, put=f"{first}\n{stop}"),)
