"""Whether releases that workflows make have a tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above
from tasks.domain.phase import Phase
from tasks.domain.ref_value import NAME, meanings, on_branch
from tasks.domain.run_start import said
from tasks.domain.running_jobs import RunningJobs
from tasks.domain.script import Command, Scripts
from tasks.domain.token_made import NEEDS_TAG, by_tag
from tasks.domain.untagged_run import guarded, looks, without_tag
from tasks.domain.use import Way
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_NEEDS = {
    **NEEDS_TAG,
    "taiki-e/create-gh-release-action": "ref",
    "taiki-e/upload-rust-binary-action": "ref",
}
"""Action -> its input for the tag, without which it fails when no tag has started the run."""


@check(
    "release-has-tag",
    phase=Phase.RELEASE,
    remedy=Remedy(summary="Give the action the tag, or run the step only for tags", minutes=10),
)
def release_has_tag(workflows: Workflows) -> Iterator[Answer]:
    """Every step that makes a release knows its tag, however the workflow is started."""
    for workflow in workflows:
        without = list(without_tag(workflow))
        for job, step in workflow.steps():
            key = _NEEDS.get(step.action.name) if step.action else None
            if key is None or step.inputs.get("dry-run") not in (None, False):
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            given = step.inputs.text(key) or (step.inputs.get("draft") is True and key != "ref")
            let_in = [] if given else without
            if let_in and guarded(workflow, job, step):
                let_in = _let_in(workflow, job, step)
            if not let_in:
                yield holds(subject, "has a tag")
                continue
            told = f"started by {', '.join(let_in)} there is no tag: the action fails without `{key}`"
            tagged = by_tag(workflow)
            weight = Weight.WARNING if tagged or "workflow_dispatch" in workflow.events else Weight.BLOCKER
            yield broken(subject, told, workflow.source.at(step.action), weight=weight)


def _let_in(workflow: Workflow, job: Job, step: Step) -> list[str]:
    """Return the ways of beginning without a tag in which every condition on the way surely holds."""
    running = RunningJobs(workflow)
    ways: list[Way] = [("jobs", str(job.id), "steps", step.index)]
    ways += [("jobs", str(one.id)) for one in (job, *above(workflow, job).values())]
    found = [
        one for one in running.starts if one.without_tag and all(running.surely(one, *way) for way in ways)
    ]
    return [said(found)] if found else []


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
        starts = [one for one in without_tag(workflow) if "branch" in one]
        if starts and push is not None and "tags" in push:
            yield from merged(_named_like_branch(workflow, scripts, starts))


def _named_like_branch(workflow: Workflow, scripts: Scripts, starts: list[str]) -> Iterator[Answer]:
    uploads: list[Answer] = []
    made = False
    drafts = _drafts(workflow, scripts)
    for job, step in workflow.steps():
        named = [one for one in _tags_of_run(workflow, job, step, scripts) if one.written not in drafts]
        if not named:
            continue
        subject = f"{workflow.file}: {job.id}: {step.label}"
        if guarded(workflow, job, step) or looks(workflow, job, step):
            yield holds(subject, "runs for tags")
            continue
        begin = f"started by {' or '.join(starts)}"
        places = [workflow.source.at(one.line) for one in named]
        if all(one.uploads for one in named):
            told = (
                f"{begin} it looks for a release `{named[0].tag}`, as on {NAME}: gh stops when there is none"
            )
            uploads.append(broken(subject, told, *places))
            continue
        made = True
        wrong = [one.tag for one in named if one.tag != NAME and not one.uploads]
        like = f"`{wrong[0]}`, as on {NAME}" if wrong else "called like the branch"
        yield broken(subject, f"{begin} it makes a release whose tag is {like}", *places)
    yield from () if made else of_one_cause(uploads)


@dataclass(frozen=True, kw_only=True)
class _Named:
    """A place at which a release gets its tag from the ref; ``tag`` is the one on the branch ``main``."""

    line: int
    tag: str
    uploads: bool = False
    written: str = ""


def _tags_of_run(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> Iterator[_Named]:
    """Go through the places at which a release gets the name of what started the run for its tag."""
    if step.condition is False:
        return
    key = NEEDS_TAG.get(step.action.name) if step.action else None
    given = step.inputs.text(key) if key is not None else None
    kept = step.inputs.get("draft") not in (None, False)
    if key is not None and given is not None and not kept:
        for text in meanings(given.strip(), job, step, (step.env, job.env, workflow.env), None):
            tag = on_branch(text)
            if tag is not None:
                yield _Named(line=step.inputs.line_of(key), tag=tag)
                break
    script = scripts.of(workflow.path, job, step)
    for command in script.running("gh") if script is not None and not script.never else ():
        written = _release(command)
        envs = (step.env, job.env, workflow.env)
        for text in meanings(written, job, step, envs, script) if written is not None else ():
            tag = on_branch(text)
            if tag is not None:
                uploads = command.literals[1] != "create"
                yield _Named(line=command.line, tag=tag, uploads=uploads, written=str(written))
                break


def _drafts(workflow: Workflow, scripts: Scripts) -> set[str]:
    """Return the tags, as written, of the drafts that a workflow makes: what is uploaded finds them there."""
    found: set[str] = set()
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step) if "--draft" in (step.run or "") else None
        for command in script.running("gh") if script is not None else ():
            words = [word.text for word in command.arguments]
            if words[:2] == ["release", "create"] and len(words) > 2 and command.has("--draft", "-d"):
                found.add(words[2].strip("\"'"))
    return found


def _release(command: Command) -> str | None:
    """Return the tag of a release that is made and published, or that has to be there, as written."""
    words = [word.text for word in command.arguments]
    if len(words) < 3 or words[0] != "release" or words[2].startswith("-"):
        return None
    if words[1] not in ("create", "upload") or command.conditional:
        return None
    if command.has("--draft", "-d", "--verify-tag") or (words[1] == "upload" and not command.fatal):
        return None
    return words[2].strip("\"'")
