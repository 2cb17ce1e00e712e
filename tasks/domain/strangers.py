"""Whether a workflow with the rights of the base gets to run, or read, what strangers bring.

``pull_request_target`` and ``workflow_run`` give secrets and a token that writes, and check out the base by
themselves: what makes them dangerous is a job that fetches what a pull request brings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.checkout import CHECKOUT
from tasks.domain.located import scalars
from tasks.domain.use import spans
from tasks.domain.workflow import Action, Job, Step, Workflow, Workflows

_OURS = frozenset(
    {"push", "workflow_dispatch", "schedule", "repository_dispatch", "release", "create", "delete"}
)
"""Events that only those who may push bring about."""
_BASE = re.compile(
    r"github\.(?:sha|ref|ref_name|base_ref|repository|workflow_sha|event\.repository\.[\w.]+"
    r"|event\.pull_request\.base\.[\w.]+)"
)
"""What of the context leads to the base when one of the two events starts the run."""
_FETCHES = re.compile(
    r"\bgit\s+(?:-C\s+\S+\s+)?(?:fetch|pull|checkout|switch|clone|merge|cherry-pick|worktree|am|apply)\b"
    r"|\bgh\s+(?:pr\s+(?:checkout|diff)|run\s+download)\b|\bhub\s+(?:pr|fetch|am|merge)\b|/zipball|/tarball|/artifacts|\.patch\b|\.diff\b"
)
_HEADS = re.compile(
    r"head_sha|head_branch|head_commit|head_repository|\bhead_ref\b|\.head\.(?:sha|ref|repo|label)|merge_commit_sha"
    r"|refs/pull/|artifacts_url|listWorkflowRunArtifacts|downloadArtifact"
)
_WHOSE = re.compile(r"\.head\.repo\.(?:full_name|fork|private|id|name|owner\.login)\b")
"""What tells whose a branch is: a script takes something by it only where it reaches the network."""
_REACHES = re.compile(
    r"\b(?:git|gh|hub|curl|wget|docker|podman|npm|npx|pip|cargo|go|python3?|node|make|just|bash|sh|source|eval)\b|\./"
)
_SCRIPT = "actions/github-script"
_RUNS = re.compile(
    r"child_process|\bexec(?:Sync|File)?\b|\bspawn|\brequire\(|\bimport\b|rtifact|getContent|\barchive|\bglob\.|\beval\b"
    r"|\bfs\b"
)
"""What a script needs to take more than what GitHub's API says of a request or a run."""
_OTHERS = re.compile(r"checkout|download[\w-]*artifact|artifact[\w-]*download")
"""Actions that check out something of their own, or take what another run left."""


def brings_theirs(workflow: Workflow, workflows: Workflows) -> bool:
    """Tell whether a run that strangers can start may take what they bring; True when that is not certain."""
    if "pull_request_target" not in workflow.events and not strangers_start(workflow, workflows, ()):
        return False
    return any(_HEADS.search(one.text) for one in scalars(workflow.env)) or any(
        _takes(job, workflows) for job in workflow.jobs.values()
    )


def strangers_start(workflow: Workflow, workflows: Workflows, seen: tuple[str, ...]) -> bool:
    """Tell whether a workflow that is followed may be started by somebody who may not push."""
    followed = workflow.event("workflow_run")
    names = [str(name) for name in followed.texts("workflows")] if followed is not None else []
    if not names:
        return True
    for name in names:
        meant = [one for one in workflows if name in (one.name, one.path)]
        if not meant:
            return True
        for one in meant:
            others = {str(event) for event in one.events} - _OURS - {"workflow_call"}
            if others - {"workflow_run"}:
                return True
            again = "workflow_run" in others and one.path not in seen
            if again and strangers_start(one, workflows, (*seen, one.path)):
                return True
    return False


def _takes(job: Job, workflows: Workflows) -> bool:
    if job.action is not None:
        called = workflows.at(job.action.local) if job.action.local is not None else None
        passed = any(_HEADS.search(one.text) for one in scalars(job.inputs))
        return passed or called is None or any(_takes(one, workflows) for one in called.jobs.values())
    if any(_HEADS.search(one.text) for one in scalars(job.env)):
        return True
    return any(_step_takes(step, workflows) for step in job.steps)


def _step_takes(step: Step, workflows: Workflows) -> bool:
    given = [*scalars(step.inputs), *scalars(step.env)]
    texts = [str(one.text) for one in given]
    if step.action is not None and step.action.name == _SCRIPT:
        said = str(step.inputs.text("script") or "")
        return _RUNS.search(said) is not None and any(_HEADS.search(text) for text in texts)
    if step.run is not None:
        texts.append(str(step.run))
        if _FETCHES.search(str(step.run)):
            return True
        if not _REACHES.search(_WHOSE.sub("", str(step.run))):
            texts = [_WHOSE.sub("", text) for text in texts]
    if any(_HEADS.search(text) for text in texts):
        return True
    action = step.action
    if action is None:
        return False
    if action.name == CHECKOUT:
        return any(not _is_base(str(step.inputs.text(key) or "")) for key in ("ref", "repository"))
    return _OTHERS.search(action.name) is not None or any(
        _step_takes(one, workflows) for one in _inside(action, workflows)
    )


def _inside(action: Action, workflows: Workflows) -> Iterator[Step]:
    """Go through the steps of an action of this repository."""
    composite = workflows.action(action.local) if action.local is not None else None
    if composite is not None:
        yield from composite.steps


def _is_base(given: str) -> bool:
    """Tell whether a ref or a repository is written out, or read of what leads to the base."""
    inner = [given[start + 3 : end - 2].strip() for start, end in spans(given) if end >= 0]
    return "refs/pull" not in given and all(_BASE.fullmatch(one) for one in inner)
