"""How long people need until nothing blocks any more, when each owner starts at once.

What is counted is people's minutes as remedies state them, never the machines' time. Three rules:

- findings with one remedy have one cause and count once, in the first phase they block;
- phases come one after the other: a phase's remedies start when the earlier phases are free;
- within a phase owners work side by side, and one owner does one thing after the other.

So the way to live is, per phase, the busiest owner's sum, summed over the phases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tasks.domain.edit_command import EDITS, OPENS
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One thing to put right, and every finding that goes away with it."""

    findings: tuple[Finding, ...]
    remedy: Remedy | None

    @property
    def phase(self) -> Phase:
        """The first phase that it stops, or that it concerns when it stops none."""
        stopped = [finding.phase for finding in self.findings if finding.blocks]
        return min(stopped or [one.phase for one in self.findings], key=lambda phase: phase.order)

    @property
    def blocks(self) -> bool:
        """Tell whether any of its findings stops a phase."""
        return any(finding.blocks for finding in self.findings)

    @property
    def unseen(self) -> bool:
        """Tell whether all there is to say is that nobody could look."""
        return all(finding.verdict is Verdict.UNKNOWN for finding in self.findings)

    @property
    def minutes(self) -> int | None:
        """A person's minutes for the remedy; None when no remedy is known."""
        return None if self.remedy is None else self.remedy.minutes


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One owner's work in one phase; ``minutes`` is None when any of it is unknown."""

    phase: Phase
    owner: str
    causes: tuple[Cause, ...]

    @property
    def minutes(self) -> int | None:
        """The sum of the owner's minutes in this phase."""
        each = [cause.minutes for cause in self.causes]
        known = [minutes for minutes in each if minutes is not None]
        return sum(known) if len(known) == len(each) else None


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Group findings that do not hold by their remedy, in the order in which a person should act.

    First what blocks, by phase; then warnings and notes. Within that, what is known to be broken comes
    before what could not be seen, what clears more findings before what clears fewer, and quick before slow.
    Without a remedy, the findings of one check are taken for one cause; those that one and the same edit
    of a file puts right have one, whatever they say of it. What a linter says of lines that
    a check of ours names already has the same cause, and what the schema of workflow files says of a file
    that GitHub refuses has that of the refusal. What cargo stops at has the cause of the place: the
    file that cannot be parsed, the line that another check or an earlier call of cargo names already, the
    lock file. Waived findings are left out.
    """
    told = [one for one in findings if one.verdict in _AMISS and one.waived is None]
    identity = _identities(told)
    first: dict[object, object] = {}
    # A file, or a file and its line, where cargo ends -> the cause; formatting ends only at what is unread.
    stops: dict[object, object] = {}
    unread: dict[object, object] = {}
    refused: dict[object, object] = {}  # a workflow file that GitHub does not take -> the cause
    for finding in told:
        if finding.check in _GRAMMAR and finding.verdict is Verdict.BROKEN:
            refused.update({one.file: identity(finding) for one in finding.evidence[:1]})
        if not _is_second_opinion(finding):
            for place in _broken_at(finding):
                first.setdefault(place, identity(finding))
        if not _follows(finding):
            stops.update(dict.fromkeys(_led(finding), identity(finding)))
            if finding.check in _UNREAD:
                unread.update(dict.fromkeys(_led(finding), identity(finding)))
    groups: dict[object, list[Finding]] = {}
    for finding in sorted(told, key=lambda one: (_turn(one), _WEIGHTS.index(one.weight))):
        known_at = unread if finding.check == _FORMAT and finding.verdict is Verdict.BROKEN else stops
        same = {first.get(place) for place in _broken_at(finding)} if _is_second_opinion(finding) else set()
        if finding.check == _SCHEMA:
            same = {refused.get(place.file) for place in finding.evidence}
        if _is_stopped(finding):
            same = {known_at.get(file) or known_at.get((file, line)) for file, line in _of_rust(finding)}
        known = same.pop() if len(same) == 1 else None
        cause = known or identity(finding)
        groups.setdefault(cause, []).append(finding)
        for where in _of_rust(finding) if _is_stopped(finding) else ():
            known_at.setdefault(where, cause)
    made = [Cause(findings=tuple(group), remedy=_longest(group)) for group in groups.values()]
    return tuple(sorted(made, key=_urgency))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings as a person should read them: cause by cause, then what is waived, then what holds."""
    given = tuple(findings)
    grouped = [finding for cause in causes(given) for finding in cause.findings]
    told = {id(finding) for finding in grouped}
    left = [finding for finding in given if id(finding) not in told]
    return (*grouped, *sorted(left, key=lambda finding: (finding.waived is None, finding.phase.order)))


def legs(findings: Iterable[Finding]) -> tuple[Leg, ...]:
    """Split what blocks into each owner's work per phase, in the order of the phases."""
    work: dict[tuple[Phase, str], list[Cause]] = {}
    for cause in causes(findings):
        if cause.blocks:
            owner = cause.remedy.owner if cause.remedy else "unknown"
            work.setdefault((cause.phase, owner), []).append(cause)
    ordered = sorted(work.items(), key=lambda item: (item[0][0].order, item[0][1]))
    return tuple(Leg(phase=phase, owner=owner, causes=tuple(own)) for (phase, owner), own in ordered)


def critical_path_minutes(findings: Iterable[Finding]) -> int | None:
    """Return the minutes until nothing blocks: 0 when nothing does, None when a remedy is not known."""
    busiest: dict[Phase, int] = {}
    for leg in legs(findings):
        if leg.minutes is None:
            return None
        busiest[leg.phase] = max(busiest.get(leg.phase, 0), leg.minutes)
    return sum(busiest.values())


_WEIGHTS = list(Weight)
_AMISS = (Verdict.BROKEN, Verdict.UNKNOWN)
_LINTERS = frozenset({"terraform-valid"})
_SCHEMA = "workflow-validates"
_GRAMMAR = frozenset(
    {
        "matrix-is-valid", "permission-is-known", "schedule-is-valid", "trigger-is-known",
        "workflow-ids-valid", "workflow-needs-exist", "workflow-schema",
    }
)  # fmt: skip
"""Checks of what GitHub refuses a workflow file for; a schema says it again, of a place around it."""
_PARSER = "rust-syntax"
_LOCK = "cargo-lock-consistent"
# The calls of cargo that end at a place, in the order in which one of them is told first.
_STOPPED = ("cargo-metadata", "cargo-build", "cargo-test", "cargo-clippy", "cargo-doc", "cargo-fmt")
_FORMAT = "cargo-fmt"
_UNREAD = (_PARSER, "rust-module-committed")  # what rustfmt ends at, and cannot see where it is not here
_RUST = (".rs", "Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml")


def _is_second_opinion(finding: Finding) -> bool:
    """Tell whether a linter says it, and a check of ours may have said it of the same lines."""
    return bool(finding.evidence) and finding.check in _LINTERS


def _is_stopped(finding: Finding) -> bool:
    """Tell whether cargo says it, which stops at the first thing that it cannot do or read."""
    unseen = finding.verdict is Verdict.UNKNOWN and finding.check in _UNREAD
    return finding.check in _STOPPED or unseen


def _of_rust(finding: Finding) -> list[tuple[str, int | None]]:
    """Return the places in what cargo reads, not those of workflows that call it."""
    return [
        (place.file, place.line) for place in finding.evidence if place.file and place.file.endswith(_RUST)
    ]


def _led(finding: Finding) -> list[object]:
    """Return where cargo stops for what a check says: files that it does not read on, or single lines.

    A finding may name further lines beside its own, in manifests that are sound.
    """
    if finding.verdict is not Verdict.BROKEN or finding.weight is Weight.NOTE:
        return []
    if finding.check == _PARSER:
        return [place.file for place in finding.evidence if place.file]
    first = finding.evidence[0].file if finding.evidence else None
    own = [one for one in _of_rust(finding) if one[1] and (one[0].endswith(".rs") or one[0] == first)]
    return [*own, *([finding.subject] if finding.check == _LOCK else [])]


def _follows(finding: Finding) -> bool:
    """Tell whether a finding may only repeat what another one says, and that one's remedy is the better."""
    return _is_second_opinion(finding) or _is_stopped(finding) or finding.check == _SCHEMA


def _turn(finding: Finding) -> tuple[bool, int]:
    """Return when a finding is put to a cause: what may repeat another comes behind it."""
    follows = _follows(finding)
    return (follows, (*_STOPPED, finding.check).index(finding.check) if follows else 0)


def _broken_at(finding: Finding) -> list[tuple[str, int, Weight]]:
    """Return the lines that are broken, each with how heavily: a note is no cause of what blocks."""
    if finding.verdict is not Verdict.BROKEN:
        return []
    return [
        (place.file, place.line, finding.weight) for place in finding.evidence if place.file and place.line
    ]


def _identity(finding: Finding) -> object:
    if finding.remedy is None:
        return finding.check
    remedy = finding.remedy
    return (remedy.summary, () if remedy.in_place else remedy.commands, remedy.url, remedy.owner)


def _identities(told: Iterable[Finding]) -> Callable[[Finding], object]:
    """Return how the cause of a finding is known: by its remedy, or that of the first with an equal edit."""
    by_edit: dict[str, object] = {}
    for finding in sorted(told, key=lambda one: (_turn(one), one.key)):
        edits = _edits(finding)
        cause = next((by_edit[one] for one in edits if one in by_edit), _identity(finding))
        by_edit.update((one, cause) for one in edits if one not in by_edit)
    return lambda finding: next((by_edit[one] for one in _edits(finding)), _identity(finding))


def _edits(finding: Finding) -> tuple[str, ...]:
    remedy = finding.remedy
    if remedy is None or not remedy.in_place:
        return ()
    return tuple(one for one in remedy.commands if EDITS in one)


def _longest(group: list[Finding]) -> Remedy | None:
    own = [finding for finding in group if not _follows(finding)]
    stated = [finding.remedy for finding in own or group if finding.remedy is not None]
    longest = max(stated, key=lambda remedy: remedy.minutes, default=None)
    if longest is None or not longest.in_place:
        return longest
    each = dict.fromkeys(one for remedy in stated if remedy.in_place for one in remedy.commands)
    opening = [one for one in each if one.startswith(OPENS)]
    left_out = set(opening[_OPENED:])  # who has seen three places finds the others in the findings
    return replace(longest, commands=tuple(one for one in each if one not in left_out))


_OPENED = 3


def _urgency(cause: Cause) -> tuple[object, ...]:
    heaviest = min(_WEIGHTS.index(finding.weight) for finding in cause.findings)
    minutes = cause.minutes
    return (
        not cause.blocks,
        heaviest,
        cause.phase.order,
        cause.unseen,
        -len(cause.findings),
        minutes is None,
        minutes or 0,
        cause.findings[0].key,
    )
