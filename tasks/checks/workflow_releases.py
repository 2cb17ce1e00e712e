"""Whether releases that workflows make have a tag, and whether what waits for them is started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above
from tasks.domain.located import Map, Text
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_NEEDS_TAG = {"softprops/action-gh-release": "tag_name", "ncipollo/release-action": "tag"}
"""Action -> its input for the tag; without it the action takes the tag that started the run."""

_GUARDS = ("refs/tags", "ref_type", "event_name", "ref_name", "github.ref", "GITHUB_REF", "GITHUB_EVENT_NAME")
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
            key = _NEEDS_TAG.get(step.action.name) if step.action else None
            if key is None:
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            given = step.inputs.text(key) or step.inputs.get("draft") is True
            if given or not without or _guarded(workflow, job, step):
                yield holds(subject, "has a tag")
                continue
            told = f"started by {', '.join(without)} there is no tag: the action fails without `{key}`"
            tagged = _by_tag(workflow)
            weight = Weight.WARNING if tagged or "workflow_dispatch" in without else Weight.BLOCKER
            yield broken(subject, told, workflow.source.at(step.action), weight=weight)


def _by_tag(workflow: Workflow) -> bool:
    """Tell whether a tag can start the workflow."""
    push = workflow.event("push")
    if push is not None and ("tags" in push or "tags-ignore" in push or not _branches(push)):
        return True
    return any(event in workflow.events for event in ("release", "create", "workflow_call"))


def _branches(push: Map) -> bool:
    return "branches" in push or "branches-ignore" in push


def _without_tag(workflow: Workflow) -> Iterator[str]:
    """Go through the events that start the workflow without a tag."""
    push = workflow.event("push")
    if push is not None and (_branches(push) or not ("tags" in push or "tags-ignore" in push)):
        yield "a push to a branch"
    for event in ("workflow_dispatch", "schedule", "pull_request", "pull_request_target", "workflow_run"):
        if event in workflow.events:
            yield event


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


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A tag or release that a step makes with the token of its job."""

    kind: str
    line: int


@check(
    "token-starts-workflow",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Make it with an App's or a person's token, or start the other one by `gh workflow run`",
        owner="github-admin",
        minutes=20,
    ),
)
def token_starts_workflow(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No workflow waits for a tag or release that a job's own token makes: that starts nothing."""
    listeners = {
        "tag": [one for one in workflows if {"tags", "tags-ignore"} & set(one.event("push") or ())],
        "release": [one for one in workflows if one.event("release") is not None],
    }
    yield from merged(_unheard(workflows, scripts, listeners))


def _unheard(
    workflows: Workflows, scripts: Scripts, listeners: dict[str, list[Workflow]]
) -> Iterator[Answer]:
    for workflow in workflows:
        for job, step in workflow.steps():
            for made in _made(workflow, job, step, scripts):
                for listener in listeners[made.kind]:
                    if listener is workflow:
                        continue
                    told = (
                        f"{workflow.file} makes a {made.kind} with GITHUB_TOKEN, "
                        f"which does not start {listener.file}"
                    )
                    on = listener.triggers
                    event = "push" if made.kind == "tag" else "release"
                    line = on.line_of(event) if isinstance(on, Map) else listener.root.line_of("on")
                    places = (workflow.source.at(made.line), listener.source.at(line))
                    yield broken(f"{workflow.file}: {made.kind}: {listener.file}", told, *places)


def _made(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> Iterator[_Made]:
    name = step.action.name if step.action is not None else ""
    if name in _NEEDS_TAG and step.inputs.get("draft") is not True and _own(step.inputs.text("token")):
        if not _own(step.env.text("GITHUB_TOKEN")):
            return
        yield _Made(kind="release", line=step.action.line if step.action else step.line)
        if (
            _NEEDS_TAG[name] in step.inputs
            and not _by_tag(workflow)
            and not _tagged(workflow, job, step, scripts)
        ):
            yield _Made(kind="tag", line=step.inputs.line_of(_NEEDS_TAG[name]))
    envs = (step.env, job.env, workflow.env)
    script = scripts.of(workflow.path, job, step)
    for command in script.commands if script is not None and not script.never else ():
        if command.program == "gh" and [*command.literals][:2] == ["release", "create"]:
            given = (env.text(key) for key in ("GH_TOKEN", "GITHUB_TOKEN") for env in envs)
            written = next((one for one in given if one is not None), None)
            if written is not None and _own(written) and not command.has("--draft", "-d"):
                yield _Made(kind="release", line=command.line)
                if not _by_tag(workflow) and not command.has("--verify-tag"):
                    yield _Made(kind="tag", line=command.line)
        elif _pushes_tag(command) and _checked_out_with_own_token(job):
            yield _Made(kind="tag", line=command.line)


def _tagged(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> bool:
    """Tell whether a step before makes the tag itself: the release then only takes it."""
    for one in job.steps[: step.index]:
        script = scripts.of(workflow.path, job, one)
        for command in script.commands if script is not None and not script.never else ():
            by_api = command.program == "gh" and any("git/refs" in word.text for word in command.arguments)
            if by_api or _pushes_tag(command):
                return True
    return False


def _own(written: Text | None) -> bool:
    """Tell whether a token is the job's own; an action takes that one when none is given."""
    if written is None:
        return True
    return written.strip(" ${}").lower() in ("github.token", "secrets.github_token")


def _pushes_tag(command: Command) -> bool:
    literals = [*command.literals]
    if command.program != "git" or "push" not in literals[:1]:
        return False
    remote = next((word.text for word in command.arguments[1:] if not word.text.startswith("-")), "origin")
    if "://" in remote:
        return False  # an address carries its own token
    return command.has("--tags", "--follow-tags") or any(
        word.beginning.startswith("refs/tags/") for word in command.arguments
    )


def _checked_out_with_own_token(job: Job) -> bool:
    found = [step for step in job.steps if step.action and step.action.name == "actions/checkout"]
    return bool(found) and all(
        _own(step.inputs.text("token"))
        and "ssh-key" not in step.inputs
        and step.inputs.get("persist-credentials") is not False
        for step in found
    )
