"""Whether releases that workflows make have a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.run_start import said
from tasks.domain.running_jobs import RunningJobs
from tasks.domain.script import Command, Scripts
from tasks.domain.token_made import NEEDS_TAG, branches, by_tag
from tasks.domain.use import Way
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_GUARDS = ("refs/tags", "ref_type", "event_name", "ref_name", "github.ref", "GITHUB_REF", "GITHUB_EVENT_NAME")
_LOOKS = re.compile(r"refs/tags|ref_type", re.IGNORECASE)
_OUTPUT = re.compile(r"\b(?P<of>steps|needs)\.(?P<name>[\w-]+)\.outputs\b")


@check(
    "release-has-tag",
    phase=Phase.RELEASE,
    remedy=Remedy(summary="Give the action the tag, or run the step only for tags", minutes=10),
)
def release_has_tag(workflows: Workflows) -> Iterator[Answer]:
    """Every step that makes a release knows its tag, however the workflow is started."""
    for workflow in workflows:
        without = list(_without_tag(workflow))
        for job, step in workflow.steps():
            key = NEEDS_TAG.get(step.action.name) if step.action else None
            if key is None:
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            given = step.inputs.text(key) or step.inputs.get("draft") is True
            guarded = _guarded(workflow, job, step)
            let_in = [] if given or not without else _let_in(workflow, job, step) if guarded else without
            if not let_in:
                yield holds(subject, "has a tag")
                continue
            told = f"started by {', '.join(let_in)} there is no tag: the action fails without `{key}`"
            tagged = by_tag(workflow)
            weight = Weight.WARNING if tagged or "workflow_dispatch" in workflow.events else Weight.BLOCKER
            yield broken(subject, told, workflow.source.at(step.action), weight=weight)


def _without_tag(workflow: Workflow) -> Iterator[str]:
    """Go through the events that start the workflow without a tag."""
    push = workflow.event("push")
    if push is not None and (branches(push) or not ("tags" in push or "tags-ignore" in push)):
        yield "a push to a branch"
    for event in ("workflow_dispatch", "schedule", "pull_request", "pull_request_target", "workflow_run"):
        if event in workflow.events:
            yield f"{event} on a branch" if event == "workflow_dispatch" else event


def _let_in(workflow: Workflow, job: Job, step: Step) -> list[str]:
    """Return the ways of beginning without a tag in which every condition on the way surely holds."""
    running = RunningJobs(workflow)
    ways: list[Way] = [("jobs", str(job.id), "steps", step.index)]
    ways += [("jobs", str(one.id)) for one in (job, *above(workflow, job).values())]
    found = [
        one for one in running.starts if one.without_tag and all(running.surely(one, *way) for way in ways)
    ]
    return [said(found)] if found else []


def _guarded(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a condition on the way may keep runs without a tag out."""
    conditions = [step.condition, job.condition, *(one.condition for one in above(workflow, job).values())]
    written = [str(one) for one in conditions if one is not None]
    written += [made for one in written for made in _deciding(workflow, job, one)]
    return any(guard in one for one in written for guard in _GUARDS)


def _deciding(workflow: Workflow, job: Job, condition: str) -> Iterator[str]:
    """Go through the texts of the steps and jobs whose outputs a condition reads."""
    for found in _OUTPUT.finditer(condition):
        if found["of"] == "needs":
            needed = workflow.jobs.get(found["name"])
            yield str(needed.root) if needed is not None else ""
        else:
            yield from (str(one.root) for one in job.steps if one.id == found["name"])


_OF_RUN = re.compile(r"\$\{\{\s*github\.ref_name\s*\}\}|\$\{?GITHUB_REF_NAME\}?|\$\{GITHUB_REF##\*/\}")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@check(
    "release-tag-is-no-branch",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Run the step only for tags: `if: github.ref_type == 'tag'`", minutes=5),
)
def release_tag_is_no_branch(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No release takes the name of a branch for its tag when the workflow is started on a branch."""
    for workflow in workflows:
        push = workflow.event("push")
        starts = [one for one in _without_tag(workflow) if "branch" in one]
        if starts and push is not None and "tags" in push:
            yield from merged(_named_like_branch(workflow, scripts, starts))


def _named_like_branch(workflow: Workflow, scripts: Scripts, starts: list[str]) -> Iterator[Answer]:
    for job, step in workflow.steps():
        named = [*_tags_of_run(workflow, job, step, scripts)]
        if not named:
            continue
        subject = f"{workflow.file}: {job.id}: {step.label}"
        looks = [one.run for one in job.steps[: step.index + 1]]
        looks += [one.run for needed in above(workflow, job).values() for one in needed.steps]
        if _guarded(workflow, job, step) or any(_LOOKS.search(str(one or "")) for one in looks):
            yield holds(subject, "runs for tags")
            continue
        told = f"started by {' or '.join(starts)} it makes a release whose tag is called like the branch"
        yield broken(subject, told, *(workflow.source.at(line) for line in named))


def _tags_of_run(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> Iterator[int]:
    """Go through the lines on which a release gets the name of what started the run for its tag."""
    if step.condition is False:
        return
    key = NEEDS_TAG.get(step.action.name) if step.action else None
    given = step.inputs.text(key) if key is not None else None
    kept = step.inputs.get("draft") not in (None, False)
    if key is not None and given is not None and not kept and _OF_RUN.fullmatch(given.strip()):
        yield step.inputs.line_of(key)
    script = scripts.of(workflow.path, job, step)
    for command in script.running("gh") if script is not None and not script.never else ():
        tag = _created(command)
        envs = (step.env, job.env, workflow.env)
        if tag is not None and any(_OF_RUN.fullmatch(one.strip()) for one in _meant(tag, envs)):
            yield command.line


def _created(command: Command) -> str | None:
    """Return the tag of a release that is made and published, as written."""
    words = [word.text for word in command.arguments]
    if words[:2] != ["release", "create"] or len(words) < 3 or words[2].startswith("-"):
        return None
    if command.conditional or command.has("--draft", "-d", "--verify-tag"):
        return None
    return words[2].strip("\"'")


def _meant(written: str, envs: tuple[Map, ...]) -> Iterator[str]:
    """Give what is written, and the text of the variable that it is."""
    yield written
    variable = _VARIABLE.fullmatch(written)
    texts = (env.text(variable[1]) for env in envs) if variable is not None else iter(())
    found = next((one for one in texts if one is not None), None)
    if found is not None:
        yield str(found)
