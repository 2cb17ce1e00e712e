"""Whether jobs that stand for others turn red when one of these does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.checks.github_required_checks import required_names
from tasks.domain.answers import of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeRules
from tasks.domain.key_edit import with_key
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_STANDS_FOR = re.compile(
    r"\b(?:success\w*|pass(?:ed|es)?|green|required|gate|conclusion|results?|complete[ds]?|all|ok|done)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(?:always|failure|cancelled)\s*\(", re.IGNORECASE)
_ALWAYS = re.compile(r"(?:\$\{\{)?\s*(?:always\(\)|!\s*cancelled\(\))\s*(?:\}\})?")
_OF_STEP = re.compile(r"(?:\$\{\{)?\s*(?:!\s*)?(?:success|failure)\(\)\s*(?:\}\})?")
_RESULTS = re.compile(r"\.result\b|tojson\(\s*needs|GITHUB_OUTPUT|GITHUB_ENV", re.IGNORECASE)
_IDLE = frozenset({"echo", "printf", "true", ":", "exit", "date"})
_JUDGES = "re-actors/alls-green"
_PULLS = ("pull_request", "pull_request_target", "merge_group")
_LOOK = Remedy(
    summary="Let the job run always, `if: always()`, and `exit 1` unless all that it needs succeeded: "
    "`if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')`",
    minutes=10,
)
_READ = Remedy(
    summary="Take `if: always()` away, or add a step that ends with `exit 1` under "
    "`if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')`",
    minutes=10,
)
_RUN = Remedy(summary="Add `if: always()` to the job", minutes=2)


@check(
    "result-job-sees-failure",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=_LOOK,
)
def result_job_sees_failure(
    workflows: Workflows, scripts: Scripts, rules: ForgeRules | Unseen
) -> Iterator[Answer]:
    """Every job that only stands for others runs, and turns red, when one of these fails."""
    required = None if isinstance(rules, Unseen) else {name for name, _, _ in required_names(rules)}
    yield from of_one_cause(
        answer
        for workflow in workflows
        for job in workflow.jobs.values()
        if job.needs and job.steps and _only_stands(workflow, job)
        for answer in _sees(workflow, job, scripts, required)
    )


def _only_stands(workflow: Workflow, job: Job) -> bool:
    """Tell whether a job is there for its result: no other one waits for it, reads it or is its twin."""
    words = f"{job.id} {job.name or ''}".replace("-", " ").replace("_", " ")
    if not _STANDS_FOR.search(words) or job.outputs or job.environment is not None:
        return False
    for one in workflow.jobs.values():
        if one is job:
            continue
        if str(job.id) in map(str, one.needs):
            return False
        twin = set(map(str, one.needs)) & set(map(str, job.needs))
        if twin and _ASKS.search(str(one.condition)):
            return False
    return True


def _sees(workflow: Workflow, job: Job, scripts: Scripts, required: set[str] | None) -> Iterator[Answer]:
    subject = f"{workflow.file}: {job.id}"
    judging = next((one for one in job.steps if one.action is not None and one.action.name == _JUDGES), None)
    idle = all(_is_idle(one, scripts.of(workflow.path, job, one)) for one in job.steps)
    if judging is None and not idle:
        return
    place = workflow.source.at(job.line)
    if not _ASKS.search(str(job.condition)):
        named = str(job.name or job.id)
        if not any(event in workflow.events for event in _PULLS) or (
            required is not None and named not in required
        ):
            return
        told = (
            f"the job {str(job.id)!r} is left out when one that it needs fails, which counts as success "
            "where it is a required check: red pull requests can be merged"
        )
        edits: tuple[Edit, ...] = ()
        if judging is not None and "if" not in job.root:
            edits = with_key(workflow.source, job.root, "if: always()")
        remedy = _LOOK if judging is None else _RUN
        weight = Weight.WARNING if required else None
        yield broken(subject, told, place, remedy=remedy, edits=edits, weight=weight)
    elif judging is None and _ALWAYS.fullmatch(str(job.condition).strip()):
        if any(one.condition is not None for one in job.steps):
            return
        told = (
            f"the job {str(job.id)!r} is green whatever becomes of those that it needs: it looks at no result"
        )
        yield broken(subject, told, place, remedy=_READ)
    else:
        yield holds(subject, "sees failures")


def _is_idle(step: Step, script: Script | None) -> bool:
    """Tell whether a step only prints, or ends as it is told, whatever the jobs before came to."""
    if script is None or not script.understood or _RESULTS.search(f"{step.root} {script.text}"):
        return False
    if step.condition is not None and not _OF_STEP.fullmatch(str(step.condition).strip()):
        return False
    return all(one.program in _IDLE and not one.redirects for one in script.commands)
