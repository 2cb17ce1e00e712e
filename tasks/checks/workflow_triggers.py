"""Whether the events in `on:` are ones that GitHub knows and that can happen in this repository."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from tasks.domain.answers import MOST_PLACES, listed, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.cron import SHORTEST, CronError, closest, minutes
from tasks.domain.dead_workflow import OF_PATHS, lets_in, lets_nothing_in, positive
from tasks.domain.edit_command import suggested
from tasks.domain.event_filter import starts_all_the_same, unknown_filters, without_effect
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeRepository
from tasks.domain.git_state import GitState
from tasks.domain.glob import GlobError, matches, selected
from tasks.domain.located import Map, Seq, Text
from tasks.domain.phase import Phase
from tasks.domain.tree import Tree
from tasks.domain.trigger import Happening, starts
from tasks.domain.workflow import Workflow, Workflows
from tasks.domain.workflow_grammar import EVENTS, FILTERS

_MEND = Remedy(summary="Write the trigger as GitHub knows it", minutes=5)
_ONLY_CALLED = Remedy(
    summary="Take the trigger out; with the default branch in it the workflow would run twice", minutes=5
)
_BURY = Remedy(summary="Delete the workflow, or name paths that the repository has", minutes=5)
_DEFAULTS = frozenset({"main", "master", "trunk"})


@check("trigger-is-known", phase=Phase.FIRST_RUN, remedy=_MEND)
def trigger_is_known(workflows: Workflows) -> Iterator[Answer]:
    """Every event, filter and activity type in `on:` is one that GitHub knows, without contradiction."""
    for workflow in workflows:
        faults = [fault for event in workflow.events for fault in _event(workflow, event)]
        for where, told, line in faults:
            # An activity that is not there starts nothing; of the others nothing is lost.
            mild = where in without_effect(workflow) or ".types: " in where
            weight = Weight.WARNING if mild else None
            place = workflow.source.at(line)
            edits = suggested(told, place)
            yield broken(f"{workflow.file}: {where}", told, place, weight=weight, edits=edits)
        if not faults:
            yield holds(workflow.file, "every event is known")


def _event(workflow: Workflow, event: Text) -> Iterator[tuple[str, str, int]]:
    if event not in EVENTS:
        yield f"on.{event}", f"GitHub knows no event {str(event)!r}{_near(event, EVENTS)}", event.line
        return
    filters = workflow.event(event) or Map(event.line)
    known = FILTERS.get(event)
    for key in unknown_filters(workflow, event):
        told = f"{starts_all_the_same(event, filters)}the event {event} has no {key!r}"
        told += _near(key, known or ())
        yield f"on.{event}.{key}", told, filters.line_of(key)
    for key in ("branches", "tags", "paths"):
        if key in filters and f"{key}-ignore" in filters:
            told = f"{event} has both `{key}` and `{key}-ignore`: GitHub accepts one of them"
            yield f"on.{event}.{key}-ignore", told, filters.line_of(f"{key}-ignore")
    for pattern in (one for key in filters if key != "types" for one in filters.texts(key)):
        wrong = _no_pattern(pattern)
        if wrong:
            yield f"on.{event}: {pattern}", f"GitHub refuses the pattern: {wrong}", pattern.line
    types = EVENTS[event]
    for one in filters.texts("types") if types is not None else ():
        if types is not None and one not in types:
            told = f"{event} has no activity {str(one)!r}{_near(one, types)}"
            yield f"on.{event}.types: {one}", told, one.line


def _no_pattern(pattern: str) -> str | None:
    try:
        matches(pattern.removeprefix("!"), "")
    except GlobError as error:
        return str(error)
    return None


def _near(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word.lower(), sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@check(
    "schedule-is-valid",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write minute, hour, day of month, month, weekday", minutes=5),
)
def schedule_is_valid(workflows: Workflows) -> Iterator[Answer]:
    """Every schedule is one of five fields that GitHub accepts, and fires at most every five minutes."""
    for workflow in workflows:
        if "schedule" not in workflow.events or not isinstance(workflow.triggers, Map):
            continue
        given = workflow.triggers.get("schedule")
        entries = [one for one in given if isinstance(one, Map)] if isinstance(given, Seq) else []
        if not entries:
            told = "`schedule` has no `- cron: ...`"
            place = workflow.source.at(workflow.triggers.line_of("schedule"))
            yield broken(f"{workflow.file}: schedule", told, place)
        for entry in entries:
            cron = entry.text("cron")
            place = workflow.source.at(entry.line_of("cron"))
            subject = f"{workflow.file}: {cron}"
            try:
                gap = closest(minutes(cron or ""))
            except CronError as error:
                yield broken(subject, f"GitHub refuses the file: {error}", place)
                continue
            if gap < SHORTEST:
                told = f"it would fire every {gap} minutes; GitHub runs it every {SHORTEST} at most"
                yield broken(subject, told, place, weight=Weight.WARNING)
            else:
                yield holds(subject, "is a schedule")


@check(
    "workflow-run-name-exists",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name the workflow as its `name:` says", minutes=5),
)
def workflow_run_name_exists(workflows: Workflows) -> Iterator[Answer]:
    """Every workflow that another one waits for with `workflow_run` is there under that name."""
    names = {workflow.name for workflow in workflows}
    for workflow in workflows:
        for wanted in (workflow.event("workflow_run") or Map()).texts("workflows"):
            subject = f"{workflow.file}: {wanted}"
            if "*" in wanted:
                continue
            if wanted in names or any(wanted in one.source.text for one in workflows.unparsed):
                yield holds(subject, "is a workflow")
            else:
                told = f"no workflow is named {str(wanted)!r}{_near(wanted, names)}: nothing starts this one"
                place = workflow.source.at(wanted)
                yield broken(subject, told, place, edits=suggested(told, place))


@check(
    "workflow-run-can-happen",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Wait for a workflow that runs by itself, and for a branch on which it runs", minutes=5
    ),
)
def workflow_run_can_happen(workflows: Workflows) -> Iterator[Answer]:
    """Every workflow that another one waits for has runs of its own, on the branches that are waited for."""
    by_name = {workflow.name: workflow for workflow in workflows}
    for workflow in workflows:
        event = workflow.event("workflow_run") or Map()
        names = event.texts("workflows")
        awaited = [by_name[name] for name in names if name in by_name]
        if not names or len(awaited) < len(names):
            continue  # names that are not there are for ``workflow-run-name-exists``
        subject = f"{workflow.file}: workflow_run"
        files = listed([one.file for one in awaited])
        never = "never runs" if len(awaited) == 1 else "never run"
        wanted = event.texts("branches")
        if all(one.events == ("workflow_call",) for one in awaited):
            told = f"nothing starts this one: {files} {never} alone, but as a part of the run that calls it"
            yield broken(subject, told, workflow.source.at(names[0]))
        elif wanted and not any(_may_run_on(one, branch) for one in awaited for branch in wanted):
            told = f"nothing starts this one: {files} {never} on {listed([*map(str, wanted)])}"
            yield broken(
                subject, told, workflow.source.at(wanted[0]), awaited[0].source.at(_push(awaited[0]))
            )
        else:
            yield holds(subject, "can happen")


def _may_run_on(workflow: Workflow, branch: str) -> bool:
    """Tell whether a workflow may run on a branch: all but a push may, a push as its filters say."""
    if workflow.events != ("push",) or any(sign in branch for sign in "*?+[!"):
        return True
    return starts(workflow.triggers, Happening(event="push", ref=f"refs/heads/{branch}")).starts


def _push(workflow: Workflow) -> int:
    on = workflow.triggers
    return on.line_of("push") if isinstance(on, Map) else workflow.root.line_of("on")


@check(
    "trigger-names-default-branch",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name the default branch in `branches:`", minutes=5),
)
def trigger_names_default_branch(
    workflows: Workflows, repository: ForgeRepository | Unseen, git: GitState | Unseen
) -> Iterator[Answer]:
    """No workflow waits for pushes to `main` or `master` while the default branch is the other one."""
    branch = None
    if isinstance(repository, ForgeRepository):
        branch = repository.default_branch
    elif isinstance(git, GitState):
        branch = git.default_branch
    if branch is not None:
        others = git.remote_branches if isinstance(git, GitState) else frozenset[str]()
        yield from of_one_cause(_waiting(workflows, branch, others))
    elif isinstance(git, GitState) and git.branch in _DEFAULTS and not git.remote_branches:
        if git.branches == (git.branch,):
            yield from of_one_cause(_waiting(workflows, git.branch, frozenset(), "the only branch here is"))
        elif git.origin is None:
            yield from _for_other_branches(workflows, git.branch)


def _for_other_branches(workflows: Workflows, head: str) -> Iterator[Answer]:
    """Tell that nothing waits for the branch at hand, where no remote says which is the default one."""
    pushed = Happening(event="push", ref=f"refs/heads/{head}")
    proposed = Happening(event="pull_request", base=head)
    filters = [(one, (one.event("push") or Map()).texts("branches")) for one in workflows]
    named = [(one, patterns) for one, patterns in filters if patterns]
    if not named or any(_no_pattern(each) for _, patterns in named for each in patterns):
        return
    subject = f"pushes of {head}"
    if any(starts(one.triggers, what).starts for one in workflows for what in (pushed, proposed)):
        yield holds(subject, "start a workflow")
        return
    wanted = listed([str(pattern) for _, patterns in named for pattern in patterns])
    told = (
        f"HEAD is on {head}, no remote says that another branch is the default one, and no push of it starts "
        f"a workflow: they wait for {wanted}"
    )
    literal = {str(one) for _, patterns in named for one in patterns} & _DEFAULTS
    rename = (f"git branch --move {head} {next(iter(literal))}",) if len(literal) == 1 else ()
    remedy = Remedy(
        summary="Rename the branch as the workflows call it, or name it in `branches:`",
        commands=rename,
        minutes=5,
    )
    places = [one.source.at(patterns[0]) for one, patterns in named]
    yield broken(subject, told, *places[:MOST_PLACES], weight=Weight.NOTE, remedy=remedy)


def _waiting(
    workflows: Workflows, branch: str, others: frozenset[str], known: str = "the default branch is"
) -> Iterator[Answer]:
    called = {job.action.local for one in workflows for job in one.jobs.values() if job.action is not None}
    for workflow in workflows:
        waiting: dict[str, tuple[Text, ...]] = {}
        for event in ("push", "pull_request", "pull_request_target"):
            patterns = (workflow.event(event) or Map()).texts("branches")
            # Only these are surely meant to be the default branch; others may be branches of their own.
            if not patterns or not set(patterns) <= _DEFAULTS:
                continue
            if selected(patterns, branch):
                yield holds(f"{workflow.file}: {event}", f"waits for {branch}")
            elif others.issuperset(patterns):
                yield holds(f"{workflow.file}: {event}", "waits for another branch of the remote")
            else:
                waiting[event] = patterns
        if waiting:
            yield _waits_in_vain(workflow, waiting, f"{known} {branch}", called=workflow.path in called)


def _waits_in_vain(
    workflow: Workflow, waiting: Mapping[str, tuple[Text, ...]], why: str, *, called: bool
) -> Answer:
    """Tell of the events of one file that name the branch which is not the default one."""
    subject = f"{workflow.file}: {next(iter(waiting))}"
    named = listed([str(one) for patterns in waiting.values() for one in patterns])
    events = f" ({listed([*waiting])})" if len(waiting) > 1 else ""
    told = f"waits for {named}{events}; {why}"
    places = [workflow.source.at(patterns[0]) for patterns in waiting.values()]
    if called:
        told += ": only other workflows start it"
        return broken(subject, told, *places, weight=Weight.NOTE, remedy=_ONLY_CALLED)
    return broken(subject, told, *places)


@check(
    "trigger-paths-match",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name paths that the repository has", minutes=5),
)
def trigger_paths_match(workflows: Workflows, tree: Tree) -> Iterator[Answer]:
    """Every filter by paths lets in at least one file of the repository."""
    yield from of_one_cause(_paths(workflows, tree))


def _paths(workflows: Workflows, tree: Tree) -> Iterator[Answer]:
    for workflow in workflows:
        empty = [one for one in OF_PATHS if one in workflow.events and lets_nothing_in(workflow, one, tree)]
        if empty:
            yield _nothing_starts(workflow, empty)
        for event in OF_PATHS:
            filters = workflow.event(event) or Map()
            if event not in empty and filters.texts("paths-ignore"):
                yield holds(f"{workflow.file}: {event} paths-ignore", "leaves files in")
            wanted = [one for one in positive(filters) if not _no_pattern(one)]
            if event in empty or not wanted:
                continue
            subject = f"{workflow.file}: {event} paths"
            # Beside others a kind of file is named for the day on which there is one.
            dead = [one for one in wanted if not lets_in(one, tree) and not _OF_KIND.fullmatch(one)]
            if dead:
                told = f"no file of the repository matches {', '.join(dead)}"
                places = [workflow.source.at(one) for one in dead]
                yield broken(subject, told, *places, weight=Weight.NOTE)
            else:
                yield holds(subject, "let files in")


def _nothing_starts(workflow: Workflow, empty: Sequence[str]) -> Answer:
    """Tell of the events of one file whose filters leave every file of the repository out."""
    filters = [workflow.event(event) or Map() for event in empty]
    places = [
        workflow.source.at(one) for each in filters for one in (each.texts("paths-ignore") or positive(each))
    ]
    why = "no file of the repository is let in by its paths"
    if all(each.texts("paths-ignore") for each in filters):
        why = "every file is left out by paths-ignore"
    subject = f"{workflow.file}: {empty[0]} paths"
    if set(empty) == set(workflow.events):
        told = f"{why}: nothing starts {workflow.file}"
        return broken(subject, told, *places[:MOST_PLACES], remedy=_BURY)
    told = f"{why}: no {' and no '.join(empty)} starts {workflow.file}"
    return broken(subject, told, *places[:MOST_PLACES])


_OF_KIND = re.compile(r"(?:\*\*/?)?\*?\.\w+")
"""``**.ts``, ``**/*.ts``, ``*.ts``: every file with an ending."""
