"""Whether the variables that steps read are the ones that `env:` sets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_READ = re.compile(r"(?<!\\)\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*)\b)")
_ALIKE = 0.8


@check(
    "step-variable-spelled",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the variable's name the same in `env:` and in `run:`", minutes=2),
)
def step_variable_spelled(workflows: Workflows) -> Iterator[Answer]:
    """No step reads a variable that nobody sets while its `env:` sets a like one that nobody reads."""
    for workflow in workflows:
        yield from merged(_variables(workflow))


def _variables(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if step.run is None or not step.env:
            continue
        unread = [str(name) for name in step.env if not _mentions(str(step.run), str(name))]
        set_ = {str(name) for env in (workflow.env, job.env, step.env) for name in env}
        for row, text in enumerate(step.run.split("\n")):
            for found in _READ.finditer(text):
                name = found[1] or found[2]
                near = difflib.get_close_matches(name, unread, n=1, cutoff=_ALIKE)
                subject = f"{workflow.file}: {job.id}: {name}"
                if not near or name in set_ or _may_be_set(name, job, step):
                    yield holds(subject, "may be set")
                else:
                    told = f"reads ${name}, which nobody sets; `env:` sets {near[0]}, which nobody reads"
                    env = workflow.source.at(step.env.line_of(near[0]))
                    yield broken(subject, told, workflow.source.at(step.run.line_at(row)), env)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text) is not None


def _may_be_set(name: str, job: Job, step: Step) -> bool:
    """Tell whether the script itself or a step before names the variable other than by reading it."""
    if name.startswith(("GITHUB_", "RUNNER_", "ACTIONS_")):
        return True
    texts = [str(one.run or "") for one in job.steps[: step.index + 1]]
    unread = (_READ.sub(" ", text) for text in texts)
    return any(_mentions(text, name) for text in unread)
