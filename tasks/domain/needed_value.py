"""Values without which a job or a command certainly stops: its machine, its target, its package."""

from __future__ import annotations

import re

from tasks.domain.guarded import is_certain
from tasks.domain.script import Command, Scripts
from tasks.domain.source import Source
from tasks.domain.use import Read
from tasks.domain.workflow import Workflow

_NEEDS_VALUE = frozenset(
    {"--target", "-p", "--package", "--bin", "--profile", "--features", "-F", "--manifest-path"}
)
_MAY_BE_EMPTY = frozenset({"--features", "-F"})
"""Options of cargo that take an empty text for nothing: only without any word do they stop it."""


def stops_without(workflow: Workflow, scripts: Scripts, read: Read) -> str | None:
    """Return what stops for sure when a value is empty, as a clause; None when that is not certain."""
    job = workflow.jobs.get(read.use.job or "")
    alone = rf"\$\{{\{{\s*{re.escape('.'.join([read.context, *map(str, read.path)]))}\s*\}}\}}"
    if job is None or job.condition is not None or job.root.get("continue-on-error") not in (None, False):
        return None
    if read.use.key == "runs-on":
        whole = re.fullmatch(alone, str(job.root.get("runs-on")).strip(), re.IGNORECASE) is not None
        return "GitHub refuses an empty `runs-on`, and no step of the job runs" if whole else None
    step = next((one for one in job.steps if one.index == read.use.step), None)
    if read.use.key != "run" or step is None or step.condition is not None or step.may_fail:
        return None
    script = scripts.of(workflow.path, job, step)
    for command in script.running("cargo", "cross") if script is not None else ():
        option = _lacking(command, workflow.source, alone) if command.fatal and is_certain(command) else None
        if option is not None:
            return f"`{command.program}` stops at `{option}` without a value"
    return None


def _lacking(command: Command, source: Source, alone: str) -> str | None:
    """Return the option that has nothing but the expression for its value."""
    words = command.arguments
    for number, word in enumerate(words):
        if word.text not in _NEEDS_VALUE:
            continue
        behind = words[number + 1].text if number + 1 < len(words) else "-"
        if re.fullmatch(rf"([\"']){alone}\1", behind, re.IGNORECASE) and word.text not in _MAY_BE_EMPTY:
            return word.text
        # Without quotes it is no word at all: the option is the last one, or the next option follows it.
        given = rf"\s{word.text}\s+{alone}(?:\s|$)"
        line = source.line(word.line) or ""
        if behind.startswith("-") and re.search(given, line, re.IGNORECASE):
            return word.text
    return None
