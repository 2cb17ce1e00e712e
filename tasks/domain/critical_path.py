"""How long people need until nothing blocks any more, when each owner starts at once.

What is counted is people's minutes as remedies state them, never the machines' time. Three rules:

- findings with one remedy have one cause and count once, in the first phase they block;
- phases come one after the other: a phase's remedies start when the earlier phases are free;
- within a phase owners work side by side, and one owner does one thing after the other.

So the way to live is, per phase, the busiest owner's sum, summed over the phases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One thing to put right, and every finding that goes away with it."""

    findings: tuple[Finding, ...]
    remedy: Remedy | None

    @property
    def phase(self) -> Phase:
        """The first phase that it concerns."""
        return min((finding.phase for finding in self.findings), key=lambda phase: phase.order)

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
    Without a remedy, the findings of one check are taken for one cause. What a linter says of lines that
    a check of ours names already has the same cause, and what cargo says only of files that cannot be
    parsed has the cause that they have. Waived findings are left out.
    """
    told = [one for one in findings if one.verdict in _AMISS and one.waived is None]
    first: dict[object, object] = {}
    unparsed: dict[str, object] = {}
    for finding in told:
        if finding.check == _PARSER and finding.verdict is Verdict.BROKEN:
            unparsed.update({place.file: _identity(finding) for place in finding.evidence if place.file})
        if not _is_second_opinion(finding):
            for place in _broken_at(finding):
                first.setdefault(place, _identity(finding))
    groups: dict[object, list[Finding]] = {}
    for finding in sorted(told, key=_follows):
        same = {first.get(place) for place in _broken_at(finding)} if _is_second_opinion(finding) else set()
        if _is_stopped(finding):
            same = {unparsed.get(file) for file in _rust_files(finding)}
        known = same.pop() if len(same) == 1 else None
        groups.setdefault(known or _identity(finding), []).append(finding)
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
_LINTERS = frozenset({"terraform", "parliament"})
_PARSER = "rust-syntax"
_STOP_AT_SYNTAX = frozenset({"cargo-fmt", "cargo-build", "cargo-test", "cargo-clippy", "cargo-doc"})


def _is_second_opinion(finding: Finding) -> bool:
    """Tell whether a linter says it, and a check of ours may have said it of the same lines."""
    return bool(finding.evidence) and all(place.source in _LINTERS for place in finding.evidence)


def _is_stopped(finding: Finding) -> bool:
    """Tell whether cargo says it, which stops at the first file that it cannot parse."""
    return finding.check in _STOP_AT_SYNTAX and finding.verdict is Verdict.BROKEN


def _rust_files(finding: Finding) -> set[str]:
    return {place.file for place in finding.evidence if place.file and place.file.endswith(".rs")}


def _follows(finding: Finding) -> bool:
    """Tell whether a finding may only repeat what another one says, and that one's remedy is the better."""
    return _is_second_opinion(finding) or _is_stopped(finding)


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


def _longest(group: list[Finding]) -> Remedy | None:
    own = [finding for finding in group if not _follows(finding)]
    stated = [finding.remedy for finding in own or group if finding.remedy is not None]
    longest = max(stated, key=lambda remedy: remedy.minutes, default=None)
    if longest is None or not longest.in_place:
        return longest
    each = [command for remedy in stated if remedy.in_place for command in remedy.commands]
    return replace(longest, commands=tuple(dict.fromkeys(each)))


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
