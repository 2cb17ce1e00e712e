"""Whether the commands that steps print for the runner still work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.called import called_files
from tasks.domain.check import Answer, broken, check
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts

_OFF = {"::set-env": "GITHUB_ENV", "::add-path": "GITHUB_PATH"}
_OLD = {"::set-output": "GITHUB_OUTPUT", "::save-state": "GITHUB_STATE"}
_COMMAND = re.compile(r"[\"']?(::[a-z-]+)(?= |::|$)")
_ALLOWED = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


@check("workflow-command-works", phase=Phase.FIRST_RUN, subject="workflow-actions")
def workflow_command_works(scripts: Scripts) -> Iterator[Answer]:
    """No step sets variables, paths or outputs by printing commands that GitHub has switched off."""
    yield from merged((*_printed(scripts), *_by_files(scripts)))


def _printed(scripts: Scripts) -> Iterator[Answer]:
    for script in scripts:
        if script.workflow is None or script.never or "::" not in script.text:
            continue
        for command in script.commands:
            name = None if _ALLOWED in script.source.text else _said(command)
            if name is not None:
                certain = not (command.conditional or command.function)
                yield _told(script, name, script.source.at(command), certain=certain)


def _by_files(scripts: Scripts) -> Iterator[Answer]:
    """Judge what the files print that steps call: the runner reads the output of the step, whoever prints."""
    for script in scripts:
        if script.job is None or script.step is None or script.never:
            continue
        for called in called_files(scripts, script, "::"):
            call = called.command
            # The whole workflow is searched for few steps only: a file may have thousands.
            if not _is_shown(call) or _ALLOWED in called.file.text or _ALLOWED in script.source.text:
                continue
            for command in called.commands:
                name = _said(command)
                if name is not None:
                    certain = not any(
                        one.conditional or one.function or one.tested for one in (call, command)
                    )
                    places = called.file.source.at(command), script.source.at(call)
                    yield _told(called.file, name, *places, certain=certain)


def _said(command: Command) -> str | None:
    """Return the command for the runner that a command prints, one that is switched off or old."""
    if command.program not in ("echo", "printf") or not _is_shown(command):
        return None
    words = [word for word in command.arguments if not word.text.startswith("-")]
    # The runner looks at how a line begins; what ``printf`` is given may stand at the beginning of one.
    found = (_COMMAND.match(word.beginning) for word in words[: 1 if command.program == "echo" else None])
    return next((one[1] for one in found if one is not None and (one[1] in _OFF or one[1] in _OLD)), None)


def _is_shown(command: Command) -> bool:
    """Tell whether what a command prints is the output of its step."""
    if command.substituted or command.piped_into:
        return False
    targets = [one.target for one in command.redirects if one.writes and one.descriptor in (None, "1")]
    return all(one is not None and one.text.startswith(("/dev/std", "&")) for one in targets)


def _told(script: Script, name: str, *places: Evidence, certain: bool) -> Answer:
    off = name in _OFF
    return broken(
        # What still works everywhere is one cause, whatever files do it.
        f"{script.path.rpartition('/')[2]}: {name}" if off else name,
        f"{name} is printed; GitHub has switched it off: the step fails"
        if off
        else f"{name} is printed: deprecated since October 2022, and each run warns of it",
        *places,
        weight=(Weight.BLOCKER if certain else Weight.WARNING) if off else Weight.NOTE,
        remedy=Remedy(
            summary=f'Write {_WHAT.get(name, "NAME=value")} to "${(_OFF | _OLD)[name]}" instead', minutes=5
        ),
    )


_WHAT = {"::add-path": "the directory"}
