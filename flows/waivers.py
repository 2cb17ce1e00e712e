"""What is said of waivers themselves: of one that ended, of one that names no check, of one for nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import date

from tasks.domain.finding import Finding, Verdict, Waiver
from tasks.domain.settings import Settings

EVERYTHING = "*"


def applying(waivers: Iterable[Waiver], finding: Finding, today: date) -> Waiver | None:
    """Return the waiver that still counts for a finding that does not hold; None without one."""
    if finding.verdict not in (Verdict.BROKEN, Verdict.UNKNOWN):
        return None
    found = (one for one in waivers if _is_about(one, finding) and not _ended(one, today))
    return next(found, None)


def told(settings: Settings, findings: Iterable[Finding], known: Iterable[str], today: date) -> Iterator[str]:
    """Yield a sentence for each waiver that does nothing, with its place in the file, and why."""
    open_ones = [one for one in findings if one.verdict in (Verdict.BROKEN, Verdict.UNKNOWN)]
    ids = sorted(known)
    for index, waiver in enumerate(settings.waivers):
        origin = settings.origins.get(f"waive.{index}.check")
        place = f"{origin.file}:{origin.line}: " if origin is not None and origin.file else ""
        name = f"{place}the waiver of {waiver.check} for {waiver.subject}"
        about = [one for one in open_ones if _is_about(waiver, one)]
        if waiver.check not in ids:
            near = difflib.get_close_matches(waiver.check, ids, n=1)
            told = f"{name} waives nothing, as it names a check that is not there"
            yield told + (f": {near[0]} is meant, perhaps" if near else "")
        elif _ended(waiver, today) and about:
            yield f"{name} ended on {waiver.expires} and counts no more: {waiver.owner} decides again"
        elif _ended(waiver, today):
            yield f"{name} ended on {waiver.expires} and nothing needs it: it can be taken out"
        elif not about:
            yield f"{name} waives nothing that was found in this run"


def _ended(waiver: Waiver, today: date) -> bool:
    return waiver.expires < today.isoformat()


def _is_about(waiver: Waiver, finding: Finding) -> bool:
    return waiver.check == finding.check and waiver.subject in (EVERYTHING, finding.subject)
