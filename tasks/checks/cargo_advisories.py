"""Whether security advisories are known about the locked versions of other people's crates."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.advisory import Advisories, AdvisoryKind, Affected
from tasks.domain.advisory_gate import AdvisoryGate, advisory_gates
from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.workflow import Workflows

SHOWN = 5  # advisories written out in one finding
OLD = 30  # days; cargo-audit itself refuses a database without a commit for 90
_ADDRESS = "https://github.com/RustSec/advisory-db"
_GET = Remedy(
    summary="Get the database once, where cargo-audit keeps it; refresh it with `git pull`",
    commands=(f"git clone {_ADDRESS} ~/.cargo/advisory-db",),
    url=_ADDRESS,
    owner="operator",
    minutes=2,
)


@check("cargo-advisories", phase=Phase.FIRST_RUN, weight=Weight.WARNING, subject="cargo")
def cargo_advisories(
    seen: Advisories, workflows: Workflows, scripts: Scripts, sources: Sources
) -> Iterator[Answer]:
    """No locked version of a crate has a security advisory in the database on this machine."""
    if seen.asked and seen.database is None:
        gates = tuple(advisory_gates(workflows, scripts, sources))
        told = f"{seen.asked} locked versions could not be looked up: no advisory database in "
        told += listed(seen.looked_in)
        told += f"; a job ends where it finds one: {listed([gate.tool for gate in gates])}" if gates else ""
        weight = Weight.WARNING if gates else Weight.NOTE
        yield unknown("Cargo.lock", told, *(gate.place for gate in gates), remedy=_GET, weight=weight)
        return
    if not seen.found:
        yield holds("Cargo.lock", f"no advisory about its {seen.asked} crates{_of(seen)}")
    gates = tuple(advisory_gates(workflows, scripts, sources)) if seen.found else ()
    by_version: dict[tuple[str, str], list[Affected]] = defaultdict(list)
    for one in seen.found:
        by_version[one.advisory.package, one.version].append(one)
    for (package, version), found in by_version.items():
        yield _about(f"{package} {version}", found, seen, gates)


def _about(subject: str, found: list[Affected], seen: Advisories, gates: tuple[AdvisoryGate, ...]) -> Answer:
    """Answer for one locked version: its advisories have one cause and one remedy."""
    fails = [gate for gate in gates if any(gate.fails(one.advisory) for one in found)]
    certain = [gate for gate in fails if gate.certain]
    told = "; ".join(
        f"{one.advisory.id} ({one.advisory.kind}): {one.advisory.title}" for one in found[:SHOWN]
    )
    told += f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    told += f"; a job fails for it: {listed([gate.tool for gate in fails])}" if fails else ""
    informed = all(one.advisory.kind is not AdvisoryKind.VULNERABILITY for one in found)
    return broken(
        subject,
        f"{told}{_of(seen)}",
        found[0].place,
        *(gate.place for gate in certain or fails),
        remedy=_remedy(found),
        weight=Weight.BLOCKER if certain else Weight.NOTE if informed and not fails else Weight.WARNING,
    )


def _of(seen: Advisories) -> str:
    return f" (database of {seen.dated.isoformat()})" if seen.dated is not None else ""


def _remedy(found: list[Affected]) -> Remedy:
    package, version = found[0].advisory.package, found[0].version
    url = f"https://rustsec.org/advisories/{found[0].advisory.id}.html"
    open_ = [one.advisory.id for one in found if not one.advisory.patched]
    if open_:
        told = f"No version of {package} is corrected: replace it, or let the tools ignore {listed(open_)}"
        return Remedy(summary=told, url=url, minutes=60)
    patched = "; ".join(dict.fromkeys(", ".join(one.advisory.patched) for one in found))
    return Remedy(
        summary=f"Take a corrected version ({patched}); a manifest that asks for an older one changes too",
        commands=(f"cargo update -p {package}@{version}", "git commit --all -m 'Corrected versions'"),
        url=url,
        minutes=15,
    )


@check("advisory-database-fresh", phase=Phase.FIRST_RUN, weight=Weight.WARNING, subject="cargo")
def advisory_database_fresh(seen: Advisories) -> Iterator[Answer]:
    """Advisories were looked up in a database whose newest commit is of the last 30 days."""
    if not seen.asked or seen.database is None:
        return
    if seen.dated is None:
        yield unknown("the advisory database", f"{seen.database} does not say from which day it is")
    elif seen.age <= OLD:
        yield holds("the advisory database", f"is of {seen.dated.isoformat()}")
    else:
        told = f"{seen.database} is of {seen.dated.isoformat()}, {seen.age} days old: it lacks newer ones"
        command = shlex.join(("git", "-C", seen.database, "pull"))
        yield broken(
            "the advisory database", told, remedy=replace(_GET, summary="Refresh it", commands=(command,))
        )
