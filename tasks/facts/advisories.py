"""Asks the advisory database on this machine about every locked version of crates.io."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date

from tasks.domain.advisory import Advisories, Advisory, AdvisoryKind, Affected
from tasks.domain.crate import Lock, LockedPackage
from tasks.domain.semver import within
from tasks.systems.advisory_database import AdvisoryDatabase, places

_CRATES_IO = ("registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/")
_FRONT = re.compile(r"\A\s*```toml\s*\n(?P<toml>.*?)\n```\s*\n(?P<text>.*)\Z", re.DOTALL)
_TITLE = re.compile(r"^#\s+(.+)$", re.MULTILINE)


def advisories(
    lock: Lock, database: AdvisoryDatabase | None, today: date, environment: Mapping[str, str]
) -> Advisories:
    """Return every advisory that is about a locked version and was not withdrawn.

    Raises ValueError when the database holds what is no advisory.
    """
    locked = [one for one in lock.packages if one.source is not None and one.source.startswith(_CRATES_IO)]
    if database is None:
        return Advisories(asked=len(locked), looked_in=tuple(str(one) for one in places(environment)))
    by_crate: dict[str, list[Advisory]] = {}
    for name in {one.name for one in locked}:
        read = (advisory(text) for text in database.about(name))
        by_crate[name] = [one for one in read if one is not None]
    newest = max((one.published for all_ in by_crate.values() for one in all_), default=None)
    dated = database.dated() or newest
    return Advisories(
        asked=len(locked),
        found=tuple(
            Affected(advisory=about, version=one.version, place=lock.file.at(one.line + 1))
            for one in locked
            for about in by_crate[one.name]
            if _is_about(about, one)
        ),
        database=str(database.directory),
        dated=dated,
        age=(today - dated).days if dated is not None else 0,
    )


def advisory(text: str) -> Advisory | None:
    """Read an advisory; None for a withdrawn one. Raises ValueError when it is none."""
    front = _FRONT.match(text.replace("\r\n", "\n"))
    if front is None:
        raise ValueError(f"no advisory begins with {text[:40]!r}")
    read = tomllib.loads(front["toml"])
    about, versions = read["advisory"], read.get("versions", {})
    if "withdrawn" in about:
        return None
    title = _TITLE.search(front["text"])
    kind = about.get("informational")
    return Advisory(
        id=about["id"],
        package=about["package"],
        title=title[1].strip() if title else about["id"],
        kind=AdvisoryKind(kind.strip()) if kind else AdvisoryKind.VULNERABILITY,
        published=date.fromisoformat(str(about["date"])),
        patched=tuple(versions.get("patched", ())),
        unaffected=tuple(versions.get("unaffected", ())),
        aliases=tuple(about.get("aliases", ())),
    )


def _is_about(advisory: Advisory, locked: LockedPackage) -> bool:
    return not any(within(locked.version, one) for one in (*advisory.patched, *advisory.unaffected))
