import os
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from tasks.domain.advisory import Advisories, AdvisoryKind
from tasks.domain.crate import Manifests
from tasks.facts.advisories import advisories, advisory
from tasks.systems.advisory_database import AdvisoryDatabase, places
from tasks.systems.shell import Shell
from tests.checks.testing import CRATE, snapshot

INDEX = "registry+https://github.com/rust-lang/crates.io-index"
LOCK = f"""\
version = 4

[[package]]
name = "app"
version = "0.1.0"

[[package]]
name = "moon"
version = "1.2.0"
source = "{INDEX}"

[[package]]
name = "sun"
version = "0.3.0"
source = "git+https://example.com/sun#abc"
"""
TODAY = date(2026, 9, 30)


def text(
    id_: str = "RUSTSEC-2026-0001", *, more: str = "", patched: str = '">= 1.2.1"', name: str = "moon"
) -> str:
    about = f'id = "{id_}"\npackage = "{name}"\ndate = "2026-08-02"\n{more}'
    return f"```toml\n[advisory]\n{about}\n[versions]\npatched = [{patched}]\n```\n\n# It falls\n\nBadly.\n"


def look(home: Path, files: Mapping[str, str]) -> Advisories:
    for path, content in files.items():
        place = home / "advisory-db/crates" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    seen = snapshot({"Cargo.toml": CRATE, "Cargo.lock": LOCK, "src/lib.rs": ""}).get(Manifests)
    assert isinstance(seen, Manifests)
    shell = Shell({**os.environ, "CARGO_HOME": str(home)})
    found = AdvisoryDatabase.found(shell)
    return advisories(seen.locks["Cargo.lock"], found, TODAY, shell.environment)


def test_a_locked_version_that_an_advisory_is_about_is_told_with_its_line(tmp_path: Path) -> None:
    seen = look(tmp_path, {"moon/RUSTSEC-2026-0001.md": text()})
    (found,) = seen.found
    assert (found.advisory.id, found.advisory.title, found.version) == (
        "RUSTSEC-2026-0001",
        "It falls",
        "1.2.0",
    )
    assert (found.place.file, found.place.line, found.place.excerpt) == ("Cargo.lock", 8, 'name = "moon"')
    assert (seen.asked, seen.dated, seen.age) == (1, date(2026, 8, 2), 59)


@pytest.mark.parametrize(
    "other",
    [
        text(patched='">= 1.2.0"'),
        text(more='withdrawn = "2026-08-03"'),
        text(patched=']\nunaffected = ["< 1.3"'),
        text(patched='">= 1.1.9, < 1.3", ">= 1.4"'),
    ],
)
def test_corrected_unaffected_and_withdrawn_ones_are_left_out(tmp_path: Path, other: str) -> None:
    assert look(tmp_path, {"moon/RUSTSEC-2026-0001.md": other}).found == ()


def test_a_crate_from_elsewhere_is_not_the_one_of_that_name(tmp_path: Path) -> None:
    assert look(tmp_path, {"sun/RUSTSEC-2026-0002.md": text(name="sun", patched="")}).found == ()


def test_without_a_database_it_is_said_where_it_was_looked_for(tmp_path: Path) -> None:
    seen = look(tmp_path, {})
    assert (seen.database, seen.asked, seen.dated) == (None, 1, None)
    assert seen.looked_in == (str(tmp_path / "advisory-db"), str(tmp_path / "advisory-dbs"))


def test_an_informational_advisory_keeps_its_kind() -> None:
    read = advisory(text(more='informational = "unmaintained"\n'))
    assert read is not None
    assert read.kind is AdvisoryKind.UNMAINTAINED


def test_what_is_no_advisory_is_refused() -> None:
    with pytest.raises(ValueError, match="no advisory begins with"):
        advisory("# Just a text\n")


def test_the_places_are_those_of_cargo_audit_and_cargo_deny(tmp_path: Path) -> None:
    (tmp_path / ".cargo/advisory-dbs/github.com-1").mkdir(parents=True)
    assert places({"HOME": str(tmp_path)}) == (
        tmp_path / ".cargo/advisory-db",
        tmp_path / ".cargo/advisory-dbs/github.com-1",
    )


@pytest.mark.processes
def test_the_day_is_that_of_the_newest_commit_and_the_newest_copy_is_taken(tmp_path: Path) -> None:
    for name, day in (("advisory-db", "2026-09-01"), ("advisory-dbs/github.com-1", "2026-09-20")):
        place = tmp_path / name
        (place / "crates/moon").mkdir(parents=True)
        (place / "crates/moon/RUSTSEC-2026-0001.md").write_text(text())
        stamp = f"{day}T12:00:00+00:00"
        env = {**os.environ, "GIT_COMMITTER_DATE": stamp, "GIT_AUTHOR_DATE": stamp, "HOME": str(tmp_path)}
        for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")):
            who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
            subprocess.run(["git", *who, *command], cwd=place, env=env, check=True)
    seen = look(tmp_path, {})
    assert (seen.dated, seen.age) == (date(2026, 9, 20), 10)
    assert seen.database == str(tmp_path / "advisory-dbs/github.com-1")
