"""Whether runs of one thing wait for each other, and none ends another that must not be ended."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator

from tasks.domain.answers import MOST_PLACES, listed, of_one_cause
from tasks.domain.call_way import callers, ways
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.deploying import changing, deploys, is_deployment
from tasks.domain.edit_command import Edit, without
from tasks.domain.emulated import emulated
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.key_edit import with_key
from tasks.domain.located import Map, Text
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.workflow import Job, Workflow, Workflows

_LOCK_TIMEOUT = re.compile(r"--?lock-timeout=(?!0s?$)\S")
_UNIQUE = re.compile(r"github\.(?:run_id|run_number|sha)\b")
_BY_REF = re.compile(r"github\.ref(?:_name)?\b")
_ATOMIC = re.compile(r"wrangler\S* pages|cloudflare/pages-action|vercel|netlify", re.IGNORECASE)
"""Places that show a deployment as a whole or not at all."""

_PENDING = (
    "One runs, the newest waits, and GitHub drops what waited before it, for the newest deploys all of it;"
    " `queue: max` keeps them all"
)


@check(
    "deployments-wait-for-each-other",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Add `concurrency:` with a group of its own, and no `cancel-in-progress`, to each job that"
        f" deploys. {_PENDING}",
        minutes=5,
    ),
)
def deployments_wait_for_each_other(
    workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """Every job that deploys to an environment or changes infrastructure has a concurrency group."""
    queued = {
        (one.script.path, one.command.line) for one in terraform_runs(scripts, terraform) if _queues(one)
    }
    groups = _groups([(one, job) for one in workflows for job in one.jobs.values()])
    local = emulated(scripts, terraform)
    for workflow in workflows:
        deploying = [(job, deploys(workflow, job, scripts, local)) for job in workflow.jobs.values()]
        free = [
            (job, what)
            for job, what in deploying
            if what is not None
            and "concurrency" not in job.root
            and "concurrency" not in workflow.root
            and not (job.environment is None and _waits_for_state(workflow, job, scripts, queued))
        ]
        grouped = not free and any(what is not None for _, what in deploying)
        called = "workflow_call" in workflow.events
        if called:
            free = [(job, what) for job, what in free if _is_deployment(workflows, workflow, job)]
        calls = _calls_without_group(workflows, workflow) if free and called else []
        if free and (calls or not called):
            told = f"the job {free[0][0].id!r} {free[0][1]}; two runs can do so at the same time"
            each = [_queueing(workflow, job, groups.get((workflow.path, str(job.id)))) for job, _ in free]
            edits = tuple(edit for one in each for edit in one) if all(each) else ()
            places = [workflow.source.at(job) for job, _ in free[:5]]
            places += [caller.source.at(job) for caller, job in calls[:5]]
            remedy = _FOR_LANES if any(_shares_its_group(job) for job, _ in free) else None
            yield broken(workflow.file, told, *places, edits=edits, remedy=remedy)
        elif grouped:
            yield holds(workflow.file, "has a concurrency group")


@check(
    "deployment-is-not-cancelled",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Set `cancel-in-progress: false` where jobs deploy", minutes=5),
)
def deployment_is_not_cancelled(
    workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """No newer run ends a job in the middle of a deployment."""
    local = emulated(scripts, terraform)
    for workflow in workflows:
        deploying = [
            (job, what) for job in workflow.jobs.values() if (what := deploys(workflow, job, scripts, local))
        ]
        ended: dict[int, list[tuple[Job, str]]] = {}
        for job, what in deploying:
            line = _ending(workflow, job)
            if line is not None:
                ended.setdefault(line, []).append((job, what))
        for line, jobs in ended.items():
            names = listed([repr(str(job.id)) for job, _ in jobs])
            told = f"the job {names} {jobs[0][1]}, and a newer run ends it half done"
            if len(jobs) > 1:
                told = f"the jobs {names} deploy, and a newer run ends them half done"
            places = [workflow.source.at(line), *(workflow.source.at(job) for job, _ in jobs)]
            # What is set for the whole workflow may be right for its other jobs.
            all_deploy = len(jobs) == len(workflow.jobs) or all("concurrency" in job.root for job, _ in jobs)
            setting = "cancel-in-progress: true", places[0], "cancel-in-progress: false"
            edits = without(*setting) if all_deploy else ()
            yield broken(workflow.file, told, *places[:MOST_PLACES], edits=edits)
        if deploying and not ended:
            yield holds(workflow.file, "is never ended by a newer run")


def _is_deployment(workflows: Workflows, workflow: Workflow, job: Job) -> bool:
    where = job.environment
    if where is None:
        return False
    return is_deployment(workflow, job, {one.lane.text(where.name) for one in ways(workflows, workflow, job)})


def _calls_without_group(
    workflows: Workflows, called: Workflow, depth: int = 3
) -> list[tuple[Workflow, Job]]:
    """Return the jobs of all workflows that call one, at the end of a chain of calls without any group."""
    free = [
        (workflow, job)
        for workflow, job in callers(workflows, called)
        if "concurrency" not in job.root and "concurrency" not in workflow.root
    ]
    return [
        (workflow, job)
        for workflow, job in free
        if "workflow_call" not in workflow.events
        or (depth and _calls_without_group(workflows, workflow, depth - 1))
    ]


_FOR_LANES = Remedy(
    summary="Add `concurrency:` with `cancel-in-progress: false` to the workflow: the lanes of a job that"
    " share a group would wait for each other, and all but the last that waits would be cancelled. "
    f"{_PENDING}",
    minutes=5,
)


def _shares_its_group(job: Job) -> bool:
    """Tell whether the lanes of a job would be in one group, as their environment is one."""
    lanes = job.lanes
    where = "" if job.environment is None else str(job.environment.name)
    return (lanes is None or len(lanes) > 1) and "matrix." not in where


def _groups(jobs: list[tuple[Workflow, Job]]) -> dict[tuple[str, str], str]:
    """Return a group for each job with an environment that can be named in one, by file and id.

    Jobs of one environment that deploy different things would drop each other from one group, where a single
    one waits; those of two workflows that are called alike and do the same must wait for each other.
    """
    found: dict[tuple[str, str], str] = {}
    placed = [(one, job, str(job.environment.name)) for one, job in jobs if job.environment is not None]
    for workflow, job, where in placed:
        if not _PLAIN.fullmatch(where) or "env." in where:
            continue
        others = [(one, other) for one, other, at in placed if at == where and other is not job]
        alike = [other for _, other in others if other.id == job.id]
        name = f"deploy-{where}" + (f"-{job.id}" if others else "")
        if not all(other.root.get("steps") == job.root.get("steps") for other in alike):
            name = f"{name}-{workflow.file.rpartition('.')[0]}"
        found[workflow.path, str(job.id)] = name
    return found


def _queueing(workflow: Workflow, job: Job, group: str | None) -> tuple[Edit, ...]:
    """Return the edit that lets runs of a job wait for each other; none where no group can be named."""
    if group is None or _shares_its_group(job):
        return ()
    key = ("concurrency:", f"  group: {group}", "  cancel-in-progress: false")
    return with_key(workflow.source, job.root, *key)


_PLAIN = re.compile(r"[\w-]+|\$\{\{ ?(?:inputs|matrix|github)[\w.-]+ ?\}\}")
"""A name that can stand in YAML as it is, or is read from what a group may read."""


def _ending(workflow: Workflow, job: Job) -> int | None:
    """Return the line of the setting by which a newer run ends a job; None when none does."""
    said = " ".join(str(one.root) for one in job.steps)
    where = str(job.environment.name) if job.environment is not None else ""
    # A newer preview replaces an older one, and some places never show half of a deployment.
    when = str(job.condition or "")
    for_requests = "'pull_request'" in when and "'push'" not in when
    if "preview" in where or _ATOMIC.search(said) or for_requests:
        return None
    for root in (job.root, workflow.root):
        group, ends = _group(root)
        if not ends or _same_again(workflow, root) or _is_of_one_run(workflow, job, str(group)):
            continue
        return root.map("concurrency").line_of("cancel-in-progress")
    return None


def _is_of_one_run(workflow: Workflow, job: Job, group: str) -> bool:
    """Tell whether no newer run has the same group: a run's or commit's own, or that of a tag."""
    by_ref = _BY_REF.search(group)
    alone = _UNIQUE.search(group)
    if alone is not None and (by_ref is None or "||" not in group[by_ref.end() : alone.start()]):
        return True
    push = workflow.event("push")
    only_tags = (
        workflow.events == ("push",) and push is not None and "tags" in push and "branches" not in push
    )
    return by_ref is not None and (only_tags or "refs/tags/" in str(job.condition or ""))


def _waits_for_state(
    workflow: Workflow, job: Job, scripts: Scripts, queued: Container[tuple[str, int]]
) -> bool:
    """Tell whether terraform itself waits until another run has ended or gives the lock of the state back."""
    commands = [command for _, command in changing(workflow, job, scripts)]
    return bool(commands) and all(
        (workflow.path, one.line) in queued or any(_LOCK_TIMEOUT.match(word or "") for word in one.literals)
        for one in commands
    )


def _queues(run: TerraformRun) -> bool:
    """Tell whether HCP Terraform runs it, which takes the runs of a workspace one after the other."""
    backend = run.module.backend if run.module is not None else None
    return backend is not None and (backend.type == "cloud" or backend.labels == ("remote",))


def _same_again(workflow: Workflow, root: Map) -> bool:
    """Tell whether only a run with the same choice of everything ends another: it does the same work."""
    inputs = dispatch_inputs(workflow.triggers) or ()
    group = str(_group(root)[0])
    chosen = all(re.search(rf"\b(?:inputs|matrix)\.{re.escape(one.name)}\b", group) for one in inputs)
    return workflow.events == ("workflow_dispatch",) and bool(inputs) and chosen


def _group(root: Map) -> tuple[Text | None, bool]:
    """Return the group of a concurrency, and whether newer runs end older ones for sure."""
    written = root.get("concurrency")
    if isinstance(written, Map):
        return written.text("group"), written.get("cancel-in-progress") is True
    return root.text("concurrency"), False


@check(
    "concurrency-group-is-own",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put `${{ github.workflow }}` into the group", minutes=5),
)
def concurrency_group_is_own(workflows: Workflows) -> Iterator[Answer]:
    """No two workflows share a concurrency group by accident, so that one run ends another's."""
    groups: dict[str, list[Workflow]] = defaultdict(list)
    for workflow in workflows:
        group = _named(workflow)
        # A called workflow has the caller's name and group; what it shares is the caller's business.
        if group is not None and "github.workflow" not in group and "workflow_call" not in workflow.events:
            groups["".join(group.lower().split())].append(workflow)
    for group, sharing in groups.items():
        files = [workflow.file for workflow in sharing]
        if len(sharing) == 1 or not _end_each_other(group, sharing):
            yield holds(files[0], "ends no run of another workflow")
            continue
        written = _group(sharing[0].root)[0]
        told = f"{', '.join(files)} share the group {str(written)!r}: a run of one ends those of the others"
        remedy = None
        if "github.workflow" in str(written):
            told = f"{told}, for all have the name {sharing[0].name!r}"
            remedy = Remedy(summary="Give each workflow a `name:` of its own", minutes=5)
        yield broken(files[0], told, *map(_at_group, sharing), remedy=remedy)


def _named(workflow: Workflow) -> str | None:
    """Return the group with the name of the workflow filled in."""
    written = _group(workflow.root)[0]
    return None if written is None else _NAME.sub(lambda _: workflow.name, written)


def _end_each_other(group: str, sharing: list[Workflow]) -> bool:
    """Tell whether a run of one of them ends that of another, on one ref when the group has the ref in it."""
    for one in sharing:
        others = [other for other in sharing if other is not one]
        if "github." in group:
            others = [other for other in others if _meet(one, other)]
        if _group(one.root)[1] and others:
            return True
        if _ends_for_requests(one) and any("pull_request" in other.events for other in others):
            return True
    return False


def _meet(one: Workflow, other: Workflow) -> bool:
    """Tell whether one thing starts both of them; pushes do so when their filters share a pattern."""
    shared = set(one.events) & set(other.events)
    if "push" in shared and _push_filters(one) and _push_filters(other):
        shared -= set() if _push_filters(one) & _push_filters(other) else {"push"}
    return bool(shared)


def _push_filters(workflow: Workflow) -> set[str]:
    """Return the branches and tags that are let in, with their kind; empty when all are."""
    push = workflow.event("push") or Map()
    return {f"{kind} {one}" for kind in ("branches", "tags") for one in push.texts(kind)}


_NAME = re.compile(r"\$\{\{\s*github\.workflow\s*\}\}")
_FOR_REQUESTS = re.compile(
    r"\$\{\{\s*github\.(?:event_name\s*==\s*'pull_request'|ref\s*!=\s*'refs/heads/[\w./-]+')\s*\}\}"
)


def _ends_for_requests(workflow: Workflow) -> bool:
    """Tell whether a newer run of a pull request ends an older one, by a condition that holds for them."""
    written = workflow.root.map("concurrency").text("cancel-in-progress")
    asked = "pull_request" in workflow.events
    return asked and written is not None and _FOR_REQUESTS.fullmatch(written.strip()) is not None


def _at_group(workflow: Workflow) -> Evidence:
    written = workflow.root.get("concurrency")
    if isinstance(written, Map) and "group" in written:
        return workflow.source.at(written.line_of("group"))
    return workflow.source.at(workflow.root.line_of("concurrency"))


_TAKE_TURNS = Remedy(
    summary="Put `${{ github.ref }}` into the group, or `queue: max` beside it where they have to take turns",
    minutes=2,
)


@check(
    "concurrency-keeps-branches-apart",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put `${{ github.ref }}` into the group", minutes=2),
)
def concurrency_keeps_branches_apart(workflows: Workflows) -> Iterator[Answer]:
    """No workflow for pull requests has one group for all: a push would end what runs or waits for others."""
    yield from of_one_cause(_apart(workflows))


def _apart(workflows: Workflows) -> Iterator[Answer]:
    for workflow in workflows:
        written = workflow.root.get("concurrency")
        cancels = written.get("cancel-in-progress") if isinstance(written, Map) else None
        group = _group(workflow.root)[0]
        asked = "pull_request" in workflow.events and "workflow_call" not in workflow.events
        if group is None or not asked:
            continue
        if cancels in (None, False):
            if "${{" not in group and not (isinstance(written, Map) and "queue" in written):
                told = (
                    f"every pull request is in the group {str(group)!r}: while one runs, only the newest "
                    "of the others waits, and GitHub cancels the rest"
                )
                yield broken(workflow.file, told, _at_group(workflow), weight=Weight.NOTE, remedy=_TAKE_TURNS)
        elif "${{" in group:
            yield holds(workflow.file, "has a group for each")
        elif cancels is True or "pull_request" in str(cancels):
            told = f"every pull request is in the group {str(group)!r}: a push to one ends the runs of others"
            yield broken(workflow.file, told, _at_group(workflow))
