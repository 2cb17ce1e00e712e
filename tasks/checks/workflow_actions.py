"""Whether the actions and commands that workflows use still work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tasks.domain.answers import MOST_PLACES, beyond, listed, merged
from tasks.domain.artifact import DOWNLOAD, UPLOAD, is_branch, major, uploads
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit, without
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.generated import PIN_BY_DIST, kept_by_dist
from tasks.domain.known_action import (
    ARCHIVED,
    CURRENT,
    ENDED,
    FIRST_MINORS,
    FIRST_WITHIN,
    LAST,
    NO_NODE,
    exact,
    in_full,
    stated,
    version,
    why_ended,
)
from tasks.domain.phase import Phase
from tasks.domain.sccache_use import ACTION as SCCACHE
from tasks.domain.sccache_use import FIRST, compiles_by_github, cut_off
from tasks.domain.settings import Settings
from tasks.domain.source import Source, Sources
from tasks.domain.workflow import Action, Workflow, Workflows
from tasks.domain.workflow_phase import stopped


@check("action-is-supported", phase=Phase.FIRST_RUN)
def action_is_supported(
    workflows: Workflows, settings: Settings | Unseen, sources: Sources
) -> Iterator[Answer]:
    """Every action is of a version that GitHub still runs, on a runtime that it still has."""
    chosen = settings if isinstance(settings, Settings) else None
    # The worst of the places of an action comes first: it decides what the action stops.
    yield from merged(sorted(_versions(workflows, chosen), key=_urgency))
    yield from merged(sorted(_cut_off(workflows, chosen), key=_urgency))
    yield from _aged(workflows, sources)


def _cut_off(workflows: Workflows, settings: Settings | None) -> Iterator[Answer]:
    """Tell of compilers that cannot start: the sccache before them asks a service that is switched off."""
    for workflow in workflows:
        for job, step in workflow.steps():
            action = step.action
            if (
                action is None
                or not cut_off(action, workflow.source)
                or not compiles_by_github(workflow, job)
            ):
                continue
            told = f"{SCCACHE}@{action.ref} knows only the cache service that GitHub switched off in"
            told += " April 2025: sccache does not start, and every rustc behind it fails"
            phase, weight = stopped(workflow, settings)
            remedy = Remedy(summary=f"Use {SCCACHE}@v{FIRST} or newer, in every file", minutes=5)
            place = workflow.source.at(action)
            yield broken(SCCACHE, told, place, remedy=remedy, phase=phase, weight=weight)


def _urgency(answer: Answer) -> tuple[bool, int]:
    return answer.weight is not Weight.BLOCKER, answer.phase.order if answer.phase is not None else 0


def _versions(workflows: Workflows, settings: Settings | None) -> Iterator[Answer]:
    doubted = _doubted(workflows)
    for source, action in _used(workflows):
        known = action.written not in doubted
        name, number = action.name, version(action, source) if known else None
        shown = _shown(action, number)
        ended, current = _ended(action, source) if known else None, CURRENT.get(name)
        place = source.at(action)
        if ended is not None:
            workflow = workflows.at(source.path)
            stops = (Phase.FIRST_RUN, Weight.BLOCKER) if workflow is None else stopped(workflow, settings)
            newer = _newer(name, current or ENDED[name][0] + 1)
            told = f"{ended[0]} fails: {ended[1]}"
            edits = _upgraded(workflow, source, action)
            yield broken(ended[0], told, place, remedy=newer, phase=stops[0], weight=stops[1], edits=edits)
        elif name in ARCHIVED:
            told = f"{name} is archived: nobody mends it when GitHub changes"
            other = Remedy(summary=f"Use {ARCHIVED[name]} instead", minutes=15)
            yield broken(shown, told, place, remedy=other, weight=Weight.WARNING)
        elif number is not None and (name in ENDED or current) and number >= (current or 0):
            yield holds(shown, "is supported", place)


def _doubted(workflows: Workflows) -> frozenset[str]:
    """Return the commits, as they are written, of which comments name different versions: one is wrong."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for source, action in _used(workflows):
        if action.pinned and (parts := stated(action, source)) is not None:
            said.setdefault(str(action.written), set()).add(parts)
    return frozenset(
        written
        for written, all_of in said.items()
        if len(all_of) > 1 and any(one != max(all_of, key=len)[: len(one)] for one in all_of)
    )


def _shown(action: Action, number: int | None) -> str:
    """Return an action with its major version, or as it is written where that is a branch."""
    written = number is None or (is_branch(action.ref) and not action.pinned)
    return f"{action.name}@{action.ref}" if written else f"{action.name}@v{number}"


def _ended(action: Action, source: Source) -> tuple[str, str] | None:
    """Return an action with the version that does not work any more, and why; None for one that does."""
    number, whole = version(action, source), exact(action, source)
    why = None if number is None else why_ended(action.name, number)
    if why is not None and (action.pinned or not is_branch(action.ref)):
        return f"{action.name}@v{number}", why
    first = FIRST_MINORS.get(action.name, {}).get(whole[0]) if whole is not None else None
    if whole is not None and first is not None and whole[1] < first:
        shown = f"{action.name}@v{whole[0]}.{whole[1]}"
        return (
            shown,
            f"of version {whole[0]} GitHub's cache service answers only v{whole[0]}.{first} and newer",
        )
    return None


def _aged(workflows: Workflows, sources: Sources) -> Iterator[Answer]:
    """Tell of all actions that were made for an older Node at once: they run all the same.

    Those of a workflow that dist writes are told apart: only its settings change them.
    """
    doubted = _doubted(workflows)
    used = [one for one in _used(workflows) if one[1].written not in doubted]
    made = {source.path for source, _ in used if kept_by_dist(source.text, sources)}
    yield from _of_older_node([one for one in used if one[0].path not in made], _OLDER)
    yield from _of_older_node([one for one in used if one[0].path in made], "older Node: dist")


def _of_older_node(used: list[tuple[Source, Action]], subject: str) -> Iterator[Answer]:
    newest: dict[str, str] = {}
    places: list[Evidence] = []
    each: list[tuple[Edit, ...]] = []
    for source, action in used:
        if (older := _older_within(source, action)) is not None:
            newest.setdefault(*older)
            places.append(source.at(action))
            each.append(_to(f"{action.name}@v{older[1]}", source, action))
            continue
        number, current, ended = version(action, source), CURRENT.get(action.name), _ended(action, source)
        if number is None or current is None or number >= current or action.name in ARCHIVED:
            continue
        if f"{action.name}@v{number}" in NO_NODE:
            continue
        if ended is None:
            newest.setdefault(_shown(action, number), str(current))
            places.append(source.at(action))
            each.append(_newest(source, action))
    if newest:
        last = [(one.at(action), action) for one, action in used if _is_the_last(action, one)]
        places += [place for place, _ in last]
        gone = dict.fromkeys(f"{action.name}@v{LAST[action.name]}" for _, action in last)
        asking = [*newest, *gone]
        asks = "asks" if len(asking) == 1 else "ask"
        told = f"{listed(asking, most=9)} {asks} for Node 20 or older; runners take Node 24 instead"
        newer = [f"{one.partition('@')[0]}@v{number}" for one, number in newest.items()]
        named = listed(newer, most=len(newer))  # the only place that names each of them
        none = f"; there is no newer {listed([one.partition('@')[0] for one in gone])}" if gone else ""
        remedy = Remedy(summary=f"Use {named} or newer{none}", minutes=10)
        edits = tuple(edit for one in each for edit in one) if all(each) else ()
        if subject != _OLDER:
            told, remedy, edits = f"{told}: dist wrote them", PIN_BY_DIST, ()
        told += beyond(len(places))
        if len(places) > MOST_PLACES:
            places = [*dict.fromkeys((*_one_of_each(places), *places))]
        yield broken(subject, told, *places[:MOST_PLACES], remedy=remedy, weight=Weight.NOTE, edits=edits)


def _one_of_each(places: list[Evidence]) -> list[Evidence]:
    """Return the first place of each action: where not all fit in, none is without one."""
    first: dict[str, Evidence] = {}
    for one in places:
        first.setdefault((one.excerpt or "").partition("uses:")[2].split("#")[0].strip(" \"'"), one)
    return [*first.values()]


_OLDER = "older Node"
_ALIKE: Mapping[str, int] = {
    "actions/cache": 1,
    "actions/cache/restore": 3,
    "actions/cache/save": 3,
    "actions/checkout": 2,
    "actions/setup-node": 2,
    "actions/setup-python": 2,
    "actions/upload-artifact": 4,
    "docker/login-action": 1,
    "docker/setup-buildx-action": 2,
    "docker/setup-qemu-action": 2,
    "hashicorp/setup-terraform": 2,
}
"""Action -> the first major version whose inputs the newest still has with their meaning (2026)."""


def _is_the_last(action: Action, source: Source) -> bool:
    """Tell whether an action for an older Node is of the last version that there is."""
    number = version(action, source)
    return number is not None and number == LAST.get(action.name)


def _older_within(source: Source, action: Action) -> tuple[str, str] | None:
    """Return an action with its exact version and the first newer one for Node 24; None for such a one."""
    first, given = FIRST_WITHIN.get(action.name), in_full(action, source)
    if first is None or given is None or given >= first or cut_off(action, source):
        return None
    shown = ".".join(map(str, given))
    return f"{action.name}@v{shown}", ".".join(map(str, first))


def _to(ref: str, source: Source, action: Action) -> tuple[Edit, ...]:
    return () if action.pinned else without(str(action.written), source.at(action), ref)


def _newest(source: Source, action: Action) -> tuple[Edit, ...]:
    """Return the edit that takes the newest version known, where it has the same inputs; none of a commit."""
    number = None if action.pinned else version(action, source)
    if number is None or number < _ALIKE.get(action.name, number + 1):
        return ()
    ref = f"{action.name}@{action.ref}"
    return without(ref, source.at(action), f"{action.name}@v{CURRENT[action.name]}")


def _upgraded(workflow: Workflow | None, source: Source, action: Action) -> tuple[Edit, ...]:
    """Return the edits of an action that has ended; artifacts change hands by one version of two actions.

    Since version 4 an artifact is uploaded once and never added to: only names that differ allow for it.
    """
    if action.name not in (UPLOAD, DOWNLOAD):
        return _newest(source, action)
    names = [name for one in uploads(workflow) for name in one.names] if workflow is not None else [None]
    if workflow is None or None in names or len(set(names)) < len(names):
        return ()
    used = [step.action for _, step in workflow.steps() if step.action is not None]
    used = [one for one in used if one.name in (UPLOAD, DOWNLOAD)]
    each = [
        without(f"{one.name}@{one.ref}", source.at(one), f"{one.name}@v{CURRENT[one.name]}")
        for one in used
        if (major(one) or 0) < _HANDED_ON
    ]
    return tuple(edit for one in each for edit in one) if each and all(each) else ()


_HANDED_ON = 4  # the first version of both actions that GitHub still serves; older ones change together


def _newer(name: str, number: int) -> Remedy:
    return Remedy(summary=f"Use {name}@v{number} or newer, in every file", minutes=10)


def _used(workflows: Workflows) -> Iterator[tuple[Source, Action]]:
    for workflow in workflows:
        for _, step in workflow.steps():
            if step.action is not None and step.action.name:
                yield workflow.source, step.action
    for composite in workflows.actions:
        for step in composite.steps:
            if step.action is not None and step.action.name:
                yield composite.source, step.action


_GONE = {"node12": Weight.WARNING, "node16": Weight.WARNING, "node20": Weight.NOTE}


@check(
    "action-runtime-current",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write `using: node24` and test the action with it", minutes=15),
)
def action_runtime_current(workflows: Workflows) -> Iterator[Answer]:
    """Every JavaScript action of the repository asks for a Node that runners have."""
    for action in workflows.actions:
        using = str(action.using or "")
        if using in _GONE:
            told = f"runners have no {using} any more and run it on a newer one"
            place = action.source.at(action.using)
            yield broken(action.source.path, told, place, weight=_GONE[using])
        elif using.startswith("node"):
            yield holds(action.source.path, f"runs on {using}")
