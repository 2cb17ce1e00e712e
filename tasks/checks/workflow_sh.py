"""Whether what sh runs is understood by the sh of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tasks.domain.answers import merged
from tasks.domain.bash_only import BashOnly, bash_only
from tasks.domain.check import Answer, broken, check
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_DEBIAN = re.compile(
    r"(?:docker\.io/)?(?:library/)?(?:ubuntu|debian|rust|node|python|golang|gcc|buildpack-deps)"
    r"(?::(?![^@]*alpine)[\w.-]+)?(?:@.*)?"
)
"""Official images whose ``sh`` is dash."""
_IS_SH = re.compile(r"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:sh|dash)(?:\s|$)")
_OF_STEP = Remedy(summary="Write `shell: bash` at the step", minutes=2)
_OF_CALL = Remedy(summary="Start it with `bash` instead of `sh`", minutes=2)
_OF_FILE = Remedy(summary="Let its first line be `#!/usr/bin/env bash`", minutes=2)


@check(
    "sh-understands",
    phase=Phase.FIRST_RUN,
    subject="workflow-shell",
    remedy=_OF_STEP,
)
def sh_understands(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Everything that sh runs on Ubuntu and Debian is what dash understands: no `[[`, arrays or `source`."""
    named = {one.path for one in scripts.files if one.text.startswith("#!") and _IS_SH.match(one.text)}
    for workflow in workflows:
        text = workflow.source.text
        if "sh" in text and ("shell:" in text or "container:" in text or "sh " in text or named):
            yield from merged(_run_by_sh(workflow, scripts, named))


def _run_by_sh(workflow: Workflow, scripts: Scripts, named: set[str]) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step) if step.run is not None else None
        if script is None or script.never or not _is_debian(job):
            continue
        subject = f"{workflow.file}: {job.id}: {step.label}"
        always = not step.may_fail and step.condition is None and job.condition is None
        shell = _shell(workflow, job, step)
        if shell in ("sh", "sh -e {0}") or (shell is None and _image(job) is not None):
            why = "the step runs in sh" if shell is not None else "in a container steps run in sh"
            found = [*bash_only(script)]
            if found:
                ends = always and any(one.ends for one in found)
                yield _told(subject, why, script, found, _OF_STEP, ends=ends)
        for call in _calls(script, scripts, named):
            found = [*bash_only(call.file)]
            if found:
                reached = call.command.fatal and not call.command.conditional
                ends = always and reached and any(one.ends for one in found)
                why = f"{call.file.path} is run by sh"
                remedy = _OF_CALL if call.by_name else _OF_FILE
                told = _told(call.file.path, why, call.file, found, remedy, ends=ends)
                called = (script.source.at(call.command),) if call.by_name else ()  # the line to change
                yield replace(told, evidence=(*told.evidence, *called))


def _told(
    subject: str, why: str, script: Script, found: list[BashOnly], remedy: Remedy, *, ends: bool
) -> Answer:
    first = next((one for one in found if one.ends), found[0])
    told = f"{why}, which is dash there and does not know `{first.written}`: {first.said}"
    if first.written == "an array":
        told = f"{why}, which is dash there and has no arrays: {first.said}"
    if not first.ends:
        told += "; the script goes on as if that were false" if first.written == "[[" else ""
    emptiness = all(one.written == "[[" and "-z" in one.command.literals for one in found)
    weight = None if ends else Weight.NOTE if emptiness else Weight.WARNING  # what is set is not empty anyway
    places = [script.source.at(one.command) for one in (first, *found)]
    return broken(subject, told, *dict.fromkeys(places), remedy=remedy, weight=weight)


def _is_debian(job: Job) -> bool:
    image = _image(job)
    if image is not None:
        return _DEBIAN.fullmatch(image) is not None
    return bool(job.runs_on) and all(str(one).startswith("ubuntu-") for one in job.runs_on)


def _image(job: Job) -> str | None:
    written = job.root.get("container")
    if isinstance(written, Map):
        return str(written.text("image") or "")
    return None if written is None else str(written)


def _shell(workflow: Workflow, job: Job, step: Step) -> str | None:
    defaults = (one.map("defaults").map("run").text("shell") for one in (job.root, workflow.root))
    written = step.shell or next((one for one in defaults if one is not None), None)
    return None if written is None else str(written).strip()


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A file that sh runs; ``by_name``: it is called with ``sh``, whatever its first line says."""

    file: Script
    command: Command
    by_name: bool


def _calls(script: Script, scripts: Scripts, named: set[str]) -> Iterator[_Call]:
    """Go through the files of the repository that sh runs."""
    if not (".sh" in script.text or "sh " in script.text or "./" in script.text):
        return
    for command in script.commands:
        words = command.run
        by_name = command.program in ("sh", "dash")
        if by_name and (len(words) < 2 or words[1].text.startswith("-")):
            continue
        literal = words[1 if by_name else 0].literal if words else None
        path = command.path(literal) if literal is not None and (by_name or "/" in literal) else None
        file = scripts.file(path) if path is not None else None
        if file is not None and file.understood and (by_name or file.path in named):
            yield _Call(file=file, command=command, by_name=by_name)
