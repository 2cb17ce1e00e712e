"""Whether commands of git that look back have the history for it: a checkout takes one commit only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import CHECKOUT, checked_out
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_BACK = re.compile(r"\bHEAD(?:~(?!0\b)\d*|\^(?!\{))")
_BRINGS = re.compile(
    r"git\s+(?:-\S+\s+\S+\s+)?(?:fetch|pull|clone|commit|merge|am|cherry-pick|rebase|remote|tag|worktree)\b|unshallow"
)
"""What brings history, tags or commits of its own; another program may as well."""
_STARTS = re.compile(r"\.sh\b|\./|\b(?:make|just|python3?|node|npm|cargo release)\b")
_QUIET_ACTIONS = (
    "actions/checkout",
    "actions/setup-",
    "actions/cache",
    "actions/upload-artifact",
    "actions/download-artifact",
    "actions-rust-lang/",
    "dtolnay/rust-toolchain",
    "swatinem/rust-cache",
    "taiki-e/install-action",
    "hashicorp/setup-terraform",
    "aws-actions/",
    "docker/",
)
_LOOKS_BACK = frozenset({"diff", "log", "show", "rev-parse", "rev-list", "diff-tree", "reset", "checkout"})


@check(
    "checkout-has-history",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Give the checkout `fetch-depth: 0`", minutes=2),
)
def checkout_has_history(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every step that asks git for an earlier commit or a tag has a checkout that took more than one."""
    for workflow in workflows:
        yield from merged(_answers(workflow, scripts))


def _answers(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or "git" not in script.text or not checked_out(job, step):
            continue
        for command in script.running("git"):
            what = _wanted(command, workflow)
            if what is None or command.cwd is None or command.conditional or command.function:
                continue
            subject = f"{workflow.file}: {job.id}: git {what}"
            shallow = _shallow(workflow, job, step, script, scripts, command)
            if shallow is None:
                yield holds(subject, "the history may be there")
                continue
            ends = command.fatal and not (command.substituted or step.may_fail)
            told = f"{what} is not there: the checkout takes one commit, without tags"
            places = script.source.at(command), workflow.source.at(shallow)
            yield broken(subject, told, *places, weight=Weight.BLOCKER if ends else Weight.WARNING)


def _wanted(command: Command, workflow: Workflow) -> str | None:
    """Return what a command asks for that one commit alone does not have; None for anything else."""
    first = command.arguments[0].literal if command.arguments else None
    if first in _LOOKS_BACK and not command.masked:
        for word in command.arguments[1:]:
            found = _BACK.search(word.literal or "")
            if found is not None:
                return found[0]
    if first == "describe" and command.has("--tags", "--abbrev=0") and not command.masked:
        lenient = command.has("--always", "--all") or command.tested
        return None if lenient or _runs_for_tags(workflow) else "a tag"
    return None


def _runs_for_tags(workflow: Workflow) -> bool:
    """Tell whether a run may be that of a tag: then the checkout takes this tag along."""
    push = workflow.event("push")
    by_push = "push" in workflow.events and (push is None or "branches" not in push or "tags" in push)
    others = (
        "release",
        "create",
        "workflow_call",
        "workflow_dispatch",
        "workflow_run",
        "repository_dispatch",
    )
    return by_push or any(one in workflow.events for one in others)


def _shallow(  # noqa: PLR0917 - a command, its place and who asks
    workflow: Workflow, job: Job, step: Step, script: Script, scripts: Scripts, command: Command
) -> Step | None:
    """Return the checkout of one commit that is all the history there is; None when there may be more."""
    found: Step | None = None
    for one in job.steps[: step.index + 1]:
        if one.action is not None:
            if one.action.name == CHECKOUT and "path" not in one.inputs:
                whole = {"fetch-depth", "fetch-tags", "ref", "repository"} & {str(key) for key in one.inputs}
                found = None if whole else one
            elif not one.action.name.startswith(_QUIET_ACTIONS):
                return None
            continue
        text = scripts.of(workflow.path, job, one)
        if text is None or not text.understood:
            return None
        lines = text.text if one.index < step.index else _before(script, command)
        if _BRINGS.search(lines) or re.search(
            r"\.sh\b|\./|\b(?:make|just|python3?|node|npm|cargo release)\b", lines
        ):
            return None
    return found


def _before(script: Script, command: Command) -> str:
    return "\n".join(
        " ".join(word.text for word in one.words) for one in script.commands if one.line < command.line
    )
