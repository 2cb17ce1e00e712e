"""Whether bash can read the shell that workflows run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.shell_syntax import ShellFault, ShellSyntax
from tasks.domain.workflow import Workflows

_OF_A_TEST = re.compile(r"(?:^|/)(?:tests?|fixtures?|testdata|vendor|third[-_]party|examples?|node_modules)/")


@check(
    "shell-parses",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Correct the shell; `bash -n` reads without running", minutes=10),
)
def shell_parses(syntax: ShellSyntax, scripts: Scripts, workflows: Workflows) -> Iterator[Answer]:
    """Bash can read every `run:` text, every script that a workflow calls, and the other scripts."""
    called = _called(workflows, scripts) if syntax.faults else {}
    found = [answer for fault in syntax.faults for answer in _answers(fault, called)]
    yield from merged(found)
    if not found and syntax.read:
        yield holds("shell", f"bash reads all {syntax.read} texts")


def _answers(fault: ShellFault, called: dict[str, Evidence]) -> Iterator[Answer]:
    script = fault.script
    place = script.source.at(fault.line)
    if script.step is not None:
        job = f"{script.job.id}: " if script.job is not None else ""
        subject = f"{script.path}: {job}{script.step.label}"
        yield broken(subject, f"bash cannot read it: {fault.told}", place, weight=_weight(fault))
        return
    caller = called.get(script.path)
    if caller is not None:
        told = f"a step runs it, and bash cannot read it: {fault.told}"
        yield broken(script.path, told, place, caller, weight=_weight(fault))
    elif not _OF_A_TEST.search(script.path):
        told = f"bash cannot read it: {fault.told}"
        yield broken(script.path, told, place, weight=Weight.WARNING, phase=Phase.DEPLOYMENT)


def _weight(fault: ShellFault) -> Weight:
    """Return a warning for what bash only warns of: the rest of the text is data then, and does not run."""
    lasting = fault.swallowed or (fault.script.step is not None and fault.script.step.may_fail)
    return Weight.WARNING if lasting else Weight.BLOCKER


def _called(workflows: Workflows, scripts: Scripts) -> dict[str, Evidence]:
    """Return the scripts of the repository that steps call and have to succeed with, with the call."""
    history = History(workflows, scripts)
    found: dict[str, Evidence] = {}
    for workflow in workflows:
        for script, command in history.commands(workflow):
            words = command.run[: 2 if command.program in ("bash", "sh", "source", ".") else 1]
            for word in words if command.fatal else ():
                path = command.path(word.literal) if word.literal is not None else None
                if path in history.files:
                    found.setdefault(str(path), script.source.at(command))
    return found
