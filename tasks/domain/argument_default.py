"""Arguments of the repository's own scripts for which the script has a value of its own."""

from __future__ import annotations

import re

from tasks.domain.script import Command, Script, Scripts
from tasks.domain.use import Use
from tasks.domain.workflow import Workflow

_SHELLS = frozenset({"bash", "sh"})


def has_default(scripts: Scripts, workflow: Workflow, use: Use) -> bool:
    """Tell whether an expression is only an argument, and the script says ``${1:-VALUE}`` for it."""
    job = workflow.jobs.get(use.job or "")
    step = None if job is None else next((one for one in job.steps if one.index == use.step), None)
    if job is None or step is None or use.key != "run":
        return False
    script = scripts.of(workflow.path, job, step)
    alone = re.compile(rf"[\"']?\$\{{\{{\s*{re.escape(use.source.strip())}\s*\}}\}}[\"']?")
    taken = [
        _takes_default(scripts, command, place)
        for command in (script.commands if script is not None else ())
        for place, word in enumerate(command.run)
        if alone.fullmatch(word.text)
    ]
    return bool(taken) and all(taken) and len(taken) == str(step.run).count(use.source)


def _takes_default(scripts: Scripts, command: Command, place: int) -> bool:
    at = 1 if command.program in _SHELLS else 0
    name = command.run[at].literal if len(command.run) > at else None
    path = None if name is None else command.path(name)
    called: Script | None = None if path is None else scripts.file(path)
    return called is not None and place > at and f"${{{place - at}:-" in called.text
