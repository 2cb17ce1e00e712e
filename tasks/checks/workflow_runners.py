"""Whether there are machines for the jobs, and how long and how many of them they take."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tasks.domain.answers import MOST_PLACES, counted, listed
from tasks.domain.at_once import most_at_once
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.dead_workflow import lets_nothing_in
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.expected_runs import expected_runs
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge_plan import AT_ONCE, MACOS_AT_ONCE, ForgePlan
from tasks.domain.generated import kept_by_dist
from tasks.domain.lane import Lane, lanes, values
from tasks.domain.located import Map, scalars
from tasks.domain.matrix import MatrixError, combinations
from tasks.domain.matrix_axis import certain_values
from tasks.domain.phase import Phase
from tasks.domain.runner_label import ENDING, OFFERED, REMOVED, gone, of_github
from tasks.domain.running_jobs import RunningJobs
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.spelling import slips
from tasks.domain.today import Today
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Workflow, Workflows, computed
from tasks.domain.workflow_phase import stopped

_COMPILES = re.compile(r"^\s*cargo (?:\+\S+ )?(?:build|test|clippy|nextest)\b", re.MULTILINE)
_MOST_LANES = 256  # of one matrix
_MAC = "macos-"
_LONGEST = 360
"""Minutes after which GitHub ends a job on its machines."""


@check("runner-label-exists", phase=Phase.FIRST_RUN)
def runner_label_exists(
    workflows: Workflows, settings: Settings | Unseen, today: Today | Unseen
) -> Iterator[Answer]:
    """Every machine of GitHub's that a job asks for is one that GitHub still offers."""
    chosen = settings if isinstance(settings, Settings) else None
    day = today.day if isinstance(today, Today) else None
    asking: dict[str, list[_Asking]] = {}
    for workflow in workflows:
        for label, job, line in _asked(workflow):
            phase, weight = stopped(workflow, chosen)
            one = _Asking(workflow=workflow, job=job, line=line, phase=phase, weight=weight)
            asking.setdefault(label, []).append(one)
    for label, jobs in asking.items():
        first = sorted(jobs, key=lambda one: (one.weight is not Weight.BLOCKER, one.phase.order))
        yield from _offered(label, first, day)


@dataclass(frozen=True, kw_only=True)
class _Asking:
    workflow: Workflow
    job: Job
    line: int
    phase: Phase
    weight: Weight


def _asked(workflow: Workflow) -> Iterator[tuple[str, Job, int]]:
    for job in workflow.jobs.values():
        if len(job.runs_on) != 1 or isinstance(job.root.get("runs-on"), Map):
            continue
        written = job.runs_on[0]
        known = values(written, lanes(workflow, job))
        for given in certain_values(job, written) if known is None else known:
            for line in _written(job, given) or (written.line,):
                yield str(given), job, line


def _offered(given: str, jobs: list[_Asking], today: date | None) -> Iterator[Answer]:
    """Answer for one label; the first job is of the workflow that stops the most."""
    label = given.lower()
    first = jobs[0]
    places = [one.workflow.source.at(one.line) for one in jobs[:MOST_PLACES]]
    names = listed(list(dict.fromkeys(f"{one.job.id} of {one.workflow.file}" for one in jobs)), most=4)
    if label in REMOVED:
        told = f"GitHub has taken {given} away: no machine ever comes for {names}"
        remedy, edits = (
            _use(REMOVED[label]),
            corrected(given, REMOVED[label], *_spelled(given, jobs), often=True),
        )
        yield broken(given, told, *places, remedy=remedy, phase=first.phase, weight=first.weight, edits=edits)
    elif label in ENDING:
        day, newer = ENDING[label]
        edits = corrected(given, newer, *_spelled(given, jobs), often=True)
        over = gone(label, today)
        told = (
            f"by GitHub's announcement {given} ended on {day}; what asks for it fails, or waits in the queue "
            f"for a day: {names}"
            if over
            else f"GitHub announced to fail jobs on {given} from {day} on: {names}"
        )
        phase, weight = (first.phase, first.weight) if over else (None, Weight.WARNING)
        yield broken(given, told, *places, remedy=_use(newer), phase=phase, weight=weight, edits=edits)
    elif label in OFFERED:
        yield holds(given, "is offered")
    else:
        near = difflib.get_close_matches(label, OFFERED, n=1, cutoff=0.85)
        if near and (of_github(label) or len(label) == len(near[0]) or _is_slip(label, near[0])):
            told = f"GitHub offers no {given}: no machine ever comes for {names}"
            remedy = _use(near[0])
            edits = corrected(given, near[0], *_spelled(given, jobs), often=True)
            yield broken(
                given, told, *places, remedy=remedy, phase=first.phase, weight=first.weight, edits=edits
            )


def _is_slip(label: str, meant: str) -> bool:
    """Tell whether a label without a number is another with one slip in it: `ubuntu-lastest`."""
    words, others = label.split("-"), meant.split("-")
    return len(words) == len(others) and "".join(words).isalpha() and slips(label, meant, most=1) == 1


def _spelled(label: str, jobs: list[_Asking]) -> Iterator[Evidence]:
    """Go through all lines of the jobs' workflows that have the label: conditions compare with it, too."""
    word = re.compile(rf"(?<![\w-]){re.escape(label)}(?![\w-])")
    for source in {one.workflow.source.path: one.workflow.source for one in jobs}.values():
        yield from (source.at(n) for n, line in enumerate(source.lines, 1) if word.search(line))


def _written(job: Job, label: str) -> tuple[int, ...]:
    """Return the lines of the job's matrix on which a label stands; none when it is written elsewhere."""
    return tuple(dict.fromkeys(one.text.line for one in scalars(job.matrix) if one.text == label))


def _use(label: str) -> Remedy:
    return Remedy(summary=f"Write `runs-on: {label}`", minutes=5)


@check(
    "matrix-is-valid",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Give every dimension at least one value, and at most 256 jobs", minutes=10),
)
def matrix_is_valid(workflows: Workflows) -> Iterator[Answer]:
    """Every matrix that is written out makes at least one job and at most 256."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            if not isinstance(job.matrix, Map) or computed(job.matrix):
                continue
            subject = f"{workflow.file}: {job.id}"
            try:
                made = len(combinations(job.matrix))
            except MatrixError as error:
                line = job.root.map("strategy").line_of("matrix")
                yield broken(subject, f"GitHub refuses the matrix: {error}", workflow.source.at(line))
                continue
            yield holds(subject, f"makes {counted(made, 'job')}")


@check(
    "jobs-fit-the-plan",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Have fewer lanes, or jobs that need each other, or wait: the rest queues", minutes=15
    ),
)
def jobs_fit_the_plan(workflows: Workflows, tree: Tree, plan: ForgePlan | Unseen) -> Iterator[Answer]:
    """One push starts no more jobs than the owner's plan (the free one if unknown) runs at the same time."""
    name = (plan.name if isinstance(plan, ForgePlan) else None) or "free"
    pushed = [one for one in workflows if "push" in one.events and not lets_nothing_in(one, "push", tree)]
    every = _at_once(workflows, {one.path: _started(one, _may_be_githubs) for one in pushed})
    on_macs = {one.path: _started(one, _is_mac) for one in pushed if _MAC in one.source.text.lower()}
    macs = _at_once(workflows, on_macs) if sum(on_macs.values()) > MACOS_AT_ONCE[name] else []
    total, on_mac = (sum(count for _, count in found) for found in (every, macs))
    if total <= AT_ONCE[name] and on_mac <= MACOS_AT_ONCE[name]:
        yield holds("a push", f"runs at most {counted(total, 'job')} at once")
        return
    started, counts, limit = every, f"{total} jobs", AT_ONCE[name]
    if total <= AT_ONCE[name]:
        started, counts, limit = macs, f"{on_mac} jobs on macOS", MACOS_AT_ONCE[name]
    told = (
        f"one push can have {counts} at once in {counted(len(started), 'workflow')};"
        f" the {name} plan runs {limit}"
    )
    if started is every and on_mac > MACOS_AT_ONCE[name]:
        told += f", and {MACOS_AT_ONCE[name]} of the {on_mac} on macOS"
    most = sorted(started, key=lambda one: -one[1])[:3]
    yield broken("a push", told, *(one.source.at(one.root.line_of("jobs")) for one, _ in most))


def _at_once(workflows: Workflows, count: Mapping[str, int]) -> list[tuple[Workflow, int]]:
    """Return the workflows with jobs that the push of one branch starts, of the branch with the most.

    Workflows that wait for different branches are never started by one push.
    """
    started = max(
        (_starting(workflows, branch) for branch in dict.fromkeys(_branches(workflows))),
        key=lambda w: sum(count.get(one.path, 0) for one in w),
    )
    return [(one, count[one.path]) for one in started if count.get(one.path)]


def _branches(workflows: Workflows) -> Iterator[str]:
    """Return a branch for each pattern that any workflow names, and one that none names."""
    yield "a-branch-nobody-names"
    for workflow in workflows:
        for pattern in (workflow.event("push") or Map()).texts("branches"):
            yield re.sub(r"[*?+]+", "x", pattern.removeprefix("!"))


def _starting(workflows: Workflows, branch: str) -> list[Workflow]:
    expected = expected_runs(workflows, branch=branch)
    paths = {*expected.certain, *expected.possible}
    return [one for one in workflows if one.path in paths]


def _started(workflow: Workflow, counts: Callable[[Job, Lane], bool]) -> int:
    """Count the jobs of a kind that a push can have at once, without those of other events."""
    running = RunningJobs(workflow)
    sizes = {
        str(job.id): min(sum(counts(job, Lane(matrix=matrix)) for matrix in job.lanes or ()), _parallel(job))
        for job in workflow.jobs.values()
        if not running.starts or any(one.event == "push" for one in running.of(job))
    }
    needs = {str(job.id): {str(one) for one in job.needs} for job in workflow.jobs.values()}
    return most_at_once(sizes, needs)


def _parallel(job: Job) -> int:
    """Return how many lanes of a job the workflow itself lets run at the same time."""
    most = job.root.map("strategy").get("max-parallel")
    return most if isinstance(most, int) and most > 0 else _MOST_LANES


def _may_be_githubs(job: Job, lane: Lane) -> bool:
    """Tell whether a job may run on a machine that the plan counts: one's own machines are not limited."""
    labels = [lane.text(label) for label in job.runs_on]
    return all(label is None or label.lower() in OFFERED for label in labels)


def _is_mac(job: Job, lane: Lane) -> bool:
    """Tell whether a job certainly runs on one of GitHub's standard machines with macOS."""
    labels = [(lane.text(label) or "").lower() for label in job.runs_on]
    return any(one.startswith(_MAC) for one in labels) and all(
        one in OFFERED and not one.endswith("large") for one in labels
    )


@check(
    "timeout-is-set",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Add `timeout-minutes:` to the jobs, about three times what they take", minutes=5),
)
def timeout_is_set(workflows: Workflows, sources: Sources) -> Iterator[Answer]:
    """Every job says after how many minutes it is hung; without that GitHub waits six hours."""
    own = [
        (one, job)
        for one in workflows
        if not kept_by_dist(one.source.text, sources)  # which has no setting for it
        for job in one.jobs.values()
        if job.action is None and job.steps
    ]
    without = [(one, job) for one, job in own if not _limited(job)]
    if without:
        files = listed([one.file for one, _ in without])
        some = f"{len(without)} of {len(own)} jobs have" if len(own) > 1 else "the only job has"
        told = f"{some} no timeout ({files}): a hung one runs six hours"
        places = [one.source.at(job) for one, job in without[:MOST_PLACES]]
        yield broken("jobs", told, *places)
    elif own:
        yield holds("jobs", "every job has a timeout")


def _limited(job: Job) -> bool:
    """Tell whether a job, or each of its steps, has a timeout; ``workflow-schema`` has misspelled keys."""
    own = difflib.get_close_matches("timeout-minutes", [str(key) for key in job.root], n=1, cutoff=0.8)
    return bool(own) or all("timeout-minutes" in step.root for step in job.steps)


@check(
    "timeout-can-be-reached",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Split the work, or run it on a machine of your own", minutes=30),
)
def timeout_can_be_reached(workflows: Workflows) -> Iterator[Answer]:
    """No job or step counts on more time than its job can have."""
    for workflow in workflows:
        wrong = list(_too_long(workflow))
        yield from wrong
        if not wrong:
            yield holds(workflow.file, "every timeout is within reach")


def _too_long(workflow: Workflow) -> Iterator[Answer]:
    for job in workflow.jobs.values():
        hosted = len(job.runs_on) == 1 and job.runs_on[0].lower() in OFFERED
        given = job.root.get("timeout-minutes")
        limit = given if isinstance(given, (int, float)) else None
        if limit is not None and limit > _LONGEST and hosted:
            told = f"the job {job.id!r} asks for {limit} minutes; GitHub ends it after {_LONGEST}"
            place = workflow.source.at(job.root.line_of("timeout-minutes"))
            yield broken(f"{workflow.file}: {job.id}", told, place)
        compiles = [step for step in job.steps if step.run is not None and _COMPILES.search(step.run)]
        if limit is not None and limit <= 1 and compiles:
            told = f"the job {job.id!r} has one minute, in which it checks out and compiles as well"
            places = job.root.line_of("timeout-minutes"), compiles[0].line
            remedy = Remedy(summary="Give it about three times the minutes that its runs take", minutes=2)
            shown = [workflow.source.at(line) for line in places]
            yield broken(f"{workflow.file}: {job.id}", told, *shown, remedy=remedy, weight=Weight.NOTE)
        ends = min([limit or _LONGEST, *([_LONGEST] if hosted else [])])
        if limit is None and (not hosted or given is not None):
            continue
        for step in job.steps:
            wanted = step.root.get("timeout-minutes")
            if isinstance(wanted, (int, float)) and wanted > ends:
                told = f"the step may take {wanted} minutes, but its job ends after {ends}"
                place = workflow.source.at(step.root.line_of("timeout-minutes"))
                yield broken(f"{workflow.file}: {job.id}: {step.label}", told, place)
