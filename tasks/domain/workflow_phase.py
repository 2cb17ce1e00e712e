"""Which phase of an activation a broken workflow really stops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.dead_workflow import is_dead
from tasks.domain.expendable import Expendable, expendable
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.release_job import only_at_release
from tasks.domain.settings import Settings
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Workflow, Workflows

_EVERY_PUSH = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
_TALK = frozenset(
    {
        "issue_comment", "issues", "pull_request_review", "pull_request_review_comment",
        "discussion", "discussion_comment", "commit_comment", "label", "watch", "fork",
    }
)  # fmt: skip
"""What people do on the pages of a repository: a workflow of these alone answers them."""
_OF_THE_FILE = frozenset(
    {
        "called-workflow-exists", "expression-context-available", "matrix-is-valid", "permission-is-known",
        "schedule-is-valid", "trigger-is-known", "workflow-expressions-parse", "workflow-ids-valid",
        "workflow-needs-exist", "workflow-parses", "workflow-schema",
    }
)  # fmt: skip
"""Checks of what makes GitHub refuse a file: each push then shows a failed run, whatever starts the file."""
_OF_A_DEAD_ONE = frozenset({"trigger-paths-match", "workflow-audit-passes"})
"""Checks whose findings stay in a workflow that nothing starts: its cause, and what a change could wake."""
_SURE = frozenset(
    {
        "always", "success", "!cancelled", "github.event_name!='pull_request'", "github.event_name=='push'",
        "github.actor!='github-actions[bot]'", "github.actor!='dependabot[bot]'",
    }
)  # fmt: skip
"""Conditions, without blanks and brackets, that hold when a person pushes."""
_LIVE = re.compile(
    r"deploy|release|publish|roll-?out|promot|provision|infra|terraform|apply|ship|upload|(?:^|[^a-z])cd(?:[^a-z]|$)",
    re.IGNORECASE,
)
_PUBLISHES = re.compile(r"release|publish", re.IGNORECASE)
_DEPLOYS = re.compile(r"deploy|roll-?out|promot|provision|infra|terraform|apply", re.IGNORECASE)
_MOVED = frozenset({Phase.FIRST_RUN, Phase.RELEASE, Phase.DEPLOYMENT})


def stopped(workflow: Workflow, settings: Settings | None) -> tuple[Phase, Weight]:
    """Return the first phase that cannot succeed without the workflow; a warning when none needs it."""
    names = (workflow.path, workflow.file)
    if settings is not None and settings.release_workflow in names:
        return Phase.RELEASE, Weight.BLOCKER
    if settings is not None and settings.deploy_workflow in names:
        return Phase.DEPLOYMENT, Weight.BLOCKER
    events = set(workflow.events)
    push = workflow.event("push")
    if (
        push is not None
        and "tags" in push
        and "branches" not in push
        and not events & (_EVERY_PUSH - {"push"})
    ):
        return Phase.RELEASE, Weight.BLOCKER
    if events & _EVERY_PUSH:
        return Phase.FIRST_RUN, Weight.BLOCKER
    if "release" in events:
        return Phase.RELEASE, Weight.BLOCKER
    chosen = settings is not None and settings.deploy_workflow is not None
    if events == {"workflow_dispatch"} and not chosen and _goes_live(workflow):
        return (Phase.RELEASE if _publishes(workflow) else Phase.DEPLOYMENT), Weight.BLOCKER
    if events == {"workflow_run"}:
        return Phase.FIRST_RUN, Weight.WARNING  # it follows another one's run, the first one too
    if events & _TALK and events <= _TALK | {"workflow_dispatch"} and not _goes_live(workflow):
        return Phase.FIRST_RUN, Weight.WARNING  # it answers people, from the first comment on
    return Phase.DEPLOYMENT, Weight.WARNING


def _goes_live(workflow: Workflow) -> bool:
    """Tell whether a workflow that people start is called like one of the way to live, or has an environment.

    A benchmark or a tidying job by hand stops no deployment.
    """
    said = " ".join((workflow.file, str(workflow.root.text("name") or ""), *map(str, workflow.jobs)))
    return _LIVE.search(said) is not None or any(job.environment for job in workflow.jobs.values())


def _publishes(workflow: Workflow) -> bool:
    """Tell whether a workflow is called like one that publishes, and none of it like a deployment."""
    named = f"{workflow.file} {workflow.root.text('name') or ''}"
    deploys = _DEPLOYS.search(f"{named} {' '.join(map(str, workflow.jobs))}")
    return _PUBLISHES.search(named) is not None and deploys is None


def _callers(workflows: Workflows, called: Workflow) -> Iterator[Workflow]:
    """Go through the workflows that call one for certain, directly or through others: it runs with them.

    A call under a condition may never happen, except one that only leaves pull requests out.
    """
    wanted, seen = {called.path}, {called.path}
    while wanted:
        calling = {
            one.path: one
            for one in workflows
            for job in one.jobs.values()
            if job.action is not None and job.action.local in wanted and _runs_on_pushes(job)
        }
        wanted = set(calling) - seen
        seen |= wanted
        yield from (calling[path] for path in sorted(wanted))


def _runs_on_pushes(job: Job) -> bool:
    told = re.sub(r"[\s(){}$]", "", str(job.condition or ""))
    return all(part in _SURE for part in told.split("&&")) if told else True


def placed(finding: Finding, snapshot: Snapshot) -> Finding:
    """Move what is broken in workflows to the phase that needs them; a blocker of none is a warning.

    A step of a nightly run stops nobody's first push, and one of the release stops the release; a job that
    may fail, and whose work nobody misses, stops neither. Nothing runs in a workflow that nothing can start,
    of which ``trigger-paths-match`` tells.
    """
    workflows, settings = snapshot.get(Workflows), snapshot.get(Settings)
    fine = finding.verdict in (Verdict.HOLDS, Verdict.NOT_APPLICABLE)
    if fine or finding.check in _OF_THE_FILE or finding.phase not in _MOVED:
        return finding
    if not isinstance(workflows, Workflows):
        return finding
    shown = {one.file for one in finding.evidence if one.file is not None}
    needed = [workflow for path in shown if (workflow := workflows.at(path)) is not None]
    if not needed:
        return finding
    tree = snapshot.get(Tree)
    if isinstance(tree, Tree) and finding.check not in _OF_A_DEAD_ONE:
        alive = [one for one in needed if not is_dead(one, tree)]
        if not alive:
            why = f"nothing starts {listed([one.file for one in needed])}"
            return replace(finding, verdict=Verdict.NOT_APPLICABLE, message=f"{why}: {finding.message}")
        needed = alive
    known = settings if isinstance(settings, Settings) else None
    stops = [_stops(finding, one, known) for one in needed]
    stops += [stopped(one, known) for workflow in needed for one in _callers(workflows, workflow)]
    phase, weight = min(stops, key=lambda one: (one[1] is not Weight.BLOCKER, one[0].order))
    # A finding whose check is about a later phase (a deployment that is not verified) stays with it.
    phase = (
        max(phase, finding.phase, key=lambda one: one.order) if finding.phase is not Phase.RELEASE else phase
    )
    if finding.weight is not Weight.BLOCKER:
        return replace(finding, phase=phase)
    spared = _spared(finding, needed)
    if not spared:
        return replace(finding, phase=phase, weight=weight)
    told = f"{finding.message}; {_goes_on(spared)}"
    return replace(finding, phase=phase, weight=Weight.WARNING, message=told)


def _stops(finding: Finding, workflow: Workflow, settings: Settings | None) -> tuple[Phase, Weight]:
    """Return what a workflow stops; what stands in jobs that wait for a release stops no first run."""
    phase, weight = stopped(workflow, settings)
    lines = [one.line for one in finding.evidence if one.file == workflow.path and one.line is not None]
    every = len(finding.evidence) < MOST_PLACES and len(lines) == sum(
        one.file == workflow.path for one in finding.evidence
    )
    if phase is Phase.FIRST_RUN and every and only_at_release(workflow, lines):
        return Phase.RELEASE, weight
    return phase, weight


def _spared(finding: Finding, needed: list[Workflow]) -> list[Expendable]:
    """Return the jobs that the finding is about when the run goes on without each of them; else none."""
    if len(finding.evidence) >= MOST_PLACES:  # there may be more, in other jobs
        return []
    found: list[Expendable] = []
    for workflow in needed:
        shown = [one.line for one in finding.evidence if one.file == workflow.path]
        jobs = expendable(workflow, [one for one in shown if one is not None]) if None not in shown else ()
        if not jobs:
            return []
        found += jobs
    return found


def _goes_on(spared: list[Expendable]) -> str:
    names = listed([repr(one.job) for one in spared])
    lost = listed([f"`{name}`" for one in spared for name in one.lost], most=4)
    return f"continue-on-error lets the run go on without {names}" + (f", so without {lost}" if lost else "")
