"""Whether GitHub's own command line has the token that it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit
from tasks.domain.finding import Remedy, Weight
from tasks.domain.gh_command import other_scope, written_scope
from tasks.domain.key_edit import permitted, with_key
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_CONFIG_DIR")
_ASKS = frozenset(
    {"api", "attestation", "cache", "issue", "label", "pr", "release", "repo", "run", "secret", "variable"}
    | {"workflow"}
)
_TOKEN = Remedy(summary="Add `GH_TOKEN: ${{ github.token }}` to the step's env", minutes=2)
_SAYS = re.compile(r"gh auth login|GH_TOKEN|GITHUB_TOKEN")


@check(
    "gh-has-token",
    phase=Phase.FIRST_RUN,
    remedy=_TOKEN,
)
def gh_has_token(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every step that calls `gh` on GitHub's machines gives it a token: it stops without one."""
    for workflow in workflows:
        yield from merged(_calls(workflow, scripts))


def _calls(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or job.root.get("container") is not None:
            continue
        for command in script.running("gh"):
            words = command.literals
            if not words or words[0] not in _ASKS:
                continue
            subject = f"{workflow.file}: {job.id}: gh {words[0]}"
            if _has_one(workflow, job, step):
                yield holds(subject, "has a token")
            elif all(one.lower().startswith(("ubuntu-", "macos-", "windows-")) for one in job.runs_on):
                told = f"`gh {words[0]}` has no GH_TOKEN in its environment, and stops without one"
                weight = None if command.fatal and not command.conditional else Weight.WARNING
                edits, remedy, more = _given(workflow, job, step, _missing(workflow, job, words))
                place = workflow.source.at(command)
                yield broken(subject, told + more, place, weight=weight, edits=edits, remedy=remedy)


def _missing(workflow: Workflow, job: Job, words: Sequence[str | None]) -> str | None:
    """Return the right to write that a command asks for, unless another one that the job has does as well."""
    other = other_scope(words)
    return None if other is not None and workflow.permission(job, other) == "write" else written_scope(words)


def _given(
    workflow: Workflow, job: Job, step: Step, scope: str | None
) -> tuple[tuple[Edit, ...], Remedy | None, str]:
    """Return what gives a step the job's token, and the job the right that the token is then asked for."""
    line = "GH_TOKEN: ${{ github.token }}"
    if "env" in step.root:
        edits = with_key(workflow.source, step.root.map("env"), line)
    else:
        edits = with_key(workflow.source, step.root, "env:", f"  {line}")
    given = "write" if scope is None else workflow.permission(job, scope)
    if given == "write":
        return edits, None, ""
    right = f"`{scope}: write`"
    if given is None:
        # It is the repository's default that decides, or the caller.
        return edits, replace(_TOKEN, summary=f"{_TOKEN.summary}; the job has to have {right} as well"), ""
    rights = permitted(workflow, job, {str(scope): "write"})
    remedy = replace(_TOKEN, summary=f"{_TOKEN.summary}, and {right} to the job's permissions", minutes=5)
    more = f"; with the job's token it would be refused, as its permissions give {scope} only {given}"
    return ((*rights, *edits) if rights and edits else ()), remedy, more


def _has_one(workflow: Workflow, job: Job, step: Step) -> bool:
    if any(str(name) in _TOKENS for env in (workflow.env, job.env, step.env) for name in env):
        return True
    before = job.steps[: step.index + 1]
    # An action of others may sign in, and a text that names the token may set it.
    return any(_SAYS.search(str(one.run or "")) for one in before) or any(
        one.action is not None and (one.action.local is not None or "token" in str(one.inputs).lower())
        for one in before
    )
