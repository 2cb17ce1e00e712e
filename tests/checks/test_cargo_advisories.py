from datetime import date
from typing import Any

import pytest

from tasks.domain.advisory import Advisories, Advisory, AdvisoryKind, Affected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Verdict, Weight
from tests.checks.testing import CI, answers, ask, job, places

PLACE = Evidence(file="Cargo.lock", line=8, excerpt='name = "moon"')


def affected(kind: AdvisoryKind = AdvisoryKind.VULNERABILITY, **more: Any) -> Affected:
    given: dict[str, Any] = {
        "id": "RUSTSEC-2026-0001",
        "package": "moon",
        "title": "It falls",
        "published": date(2026, 8, 2),
        "patched": (">= 1.2.1",),
    }
    return Affected(advisory=Advisory(kind=kind, **{**given, **more}), version="1.2.0", place=PLACE)


def seen(*found: Affected, **more: Any) -> Advisories:
    given: dict[str, Any] = {"asked": 9, "database": "/db", "dated": date(2026, 9, 20), "age": 10}
    return Advisories(found=found, **{**given, **more})


def ci(step: str) -> dict[str, str]:
    return {CI: job(f"- uses: actions/checkout@v4\n{step}")}


@pytest.mark.parametrize(
    "step",
    [
        "- run: cargo audit",
        "- run: cargo audit --json -q",
        "- run: cargo audit --ignore RUSTSEC-2020-0001 --deny unmaintained",
        "- run: cargo deny check",
        "- run: cargo deny --all-features check advisories bans",
        "- uses: EmbarkStudios/cargo-deny-action@v2",
        "- {uses: EmbarkStudios/cargo-deny-action@v2, with: {command: check advisories}}",
        "- uses: rustsec/audit-check@v2.0.0",
        "- {uses: rustsec/audit-check@v2, with: {ignore: 'RUSTSEC-2020-0001,RUSTSEC-2020-0002'}}",
    ],
)
def test_a_vulnerability_blocks_where_a_job_fails_for_it(step: str) -> None:
    (found,) = ask("cargo-advisories", ci(step), seen(affected()))
    assert (found.subject, found.blocks) == ("moon 1.2.0", True)
    assert places([found]) == [("Cargo.lock", 8)]
    assert (found.evidence[1].file, found.evidence[1].line) == (CI, 7)
    assert "(database of 2026-09-20)" in found.message
    assert found.remedy
    assert found.remedy.commands[0] == "cargo update -p moon@1.2.0"


@pytest.mark.parametrize(
    "step",
    [
        "- run: make",
        "- run: cargo audit || true",
        "- {run: cargo audit, continue-on-error: true}",
        "- run: cargo audit --ignore RUSTSEC-2026-0001",
        "- run: cargo audit --ignore=RUSTSEC-2026-0001",
        "- run: cargo audit --ignore $IGNORED",
        "- run: cargo audit --file other/Cargo.lock",
        "- run: cargo audit bin target/release/app",
        "- run: cd fuzz && cargo audit",
        "- run: cargo deny check bans licenses",
        "- {uses: EmbarkStudios/cargo-deny-action@v2, with: {command: check bans}}",
        "- {uses: rustsec/audit-check@v2, with: {ignore: 'RUSTSEC-2020-0001, RUSTSEC-2026-0001'}}",
        "- {uses: rustsec/audit-check@v2, with: {working-directory: fuzz}}",
        "- {uses: rustsec/audit-check@v2, continue-on-error: true}",
    ],
)
def test_a_vulnerability_that_ends_no_job_warns(step: str) -> None:
    (found,) = ask("cargo-advisories", ci(step), seen(affected()))
    assert (found.weight, found.blocks) == (Weight.WARNING, False)


@pytest.mark.parametrize(
    "config",
    [
        {".cargo/audit.toml": '[advisories]\nignore = ["RUSTSEC-2026-0001"]\n'},
        {".cargo/audit.toml": '[advisories]\nseverity_threshold = "high"\n'},
    ],
)
def test_the_configuration_of_cargo_audit_is_respected(config: dict[str, str]) -> None:
    (found,) = ask("cargo-advisories", ci("- run: cargo audit") | config, seen(affected()))
    assert not found.blocks


@pytest.mark.parametrize(
    "config",
    [
        '[advisories]\nignore = ["RUSTSEC-2026-0001"]\n',
        '[advisories]\nignore = [{ id = "RUSTSEC-2026-0001", reason = "r" }]\n',
        '[graph]\ntargets = ["x86_64-unknown-linux-gnu"]\n',
    ],
)
def test_the_configuration_of_cargo_deny_is_respected(config: str) -> None:
    files = ci("- run: cargo deny check") | {"deny.toml": config}
    (found,) = ask("cargo-advisories", files, seen(affected()))
    assert not found.blocks


@pytest.mark.parametrize(
    ("step", "weight"),
    [
        ("- run: cargo audit", Weight.NOTE),
        ("- run: cargo audit --deny warnings", Weight.BLOCKER),
        ("- run: cargo audit -D unmaintained", Weight.BLOCKER),
        ("- run: cargo audit --deny yanked", Weight.NOTE),
        ("- run: cargo deny check", Weight.NOTE),
    ],
)
def test_an_unmaintained_crate_blocks_only_where_that_is_denied(step: str, weight: Weight) -> None:
    (found,) = ask("cargo-advisories", ci(step), seen(affected(AdvisoryKind.UNMAINTAINED)))
    assert found.weight is weight


def test_the_advisories_of_one_version_are_one_finding() -> None:
    more = [affected(id=f"RUSTSEC-2026-000{number}") for number in range(7)]
    (found,) = ask("cargo-advisories", {}, seen(*more))
    assert "and 2 more" in found.message


def test_a_crate_that_nobody_corrects_has_no_command() -> None:
    (found,) = ask("cargo-advisories", {}, seen(affected(AdvisoryKind.UNMAINTAINED, patched=())))
    assert found.remedy
    assert "No version of moon is corrected" in found.remedy.summary
    assert found.remedy.commands == ()


def test_without_a_database_it_is_unknown_and_never_none() -> None:
    none = seen(database=None, dated=None, looked_in=("/h/advisory-db", "/h/advisory-dbs"))
    (found,) = ask("cargo-advisories", {}, none)
    assert (found.verdict, found.weight) == (Verdict.UNKNOWN, Weight.NOTE)
    assert "/h/advisory-db" in found.message
    assert found.remedy
    assert found.remedy.commands[0].startswith("git clone ")


def test_without_a_database_a_job_that_asks_one_makes_it_a_warning() -> None:
    none = seen(database=None, dated=None, looked_in=("/h/advisory-db",))
    (found,) = ask("cargo-advisories", ci("- run: cargo audit"), none)
    assert (found.verdict, found.weight) == (Verdict.UNKNOWN, Weight.WARNING)
    assert "a job ends where it finds one: cargo audit" in found.message
    assert places([found]) == [(CI, 7)]


def test_every_place_that_asks_for_advisories_is_named() -> None:
    steps = "- run: cargo audit\n- uses: rustsec/audit-check@v2.0.0\n- run: cargo deny check"
    none = seen(database=None, dated=None, looked_in=("/h/advisory-db",))
    (found,) = ask("cargo-advisories", ci(steps), none)
    assert sorted(one.line or 0 for one in found.evidence) == [7, 8, 9]
    assert "cargo audit, cargo deny and rustsec/audit-check" in found.message
    clock = {CI: job("- uses: rustsec/audit-check@v2", on="{schedule: [{cron: 1 1 * * *}]}")}
    assert [one.weight for one in ask("cargo-advisories", clock, seen(affected()))] == [Weight.WARNING]


def test_a_lock_file_without_other_peoples_crates_needs_no_database() -> None:
    assert ask("cargo-advisories", {}, seen(asked=0, database=None)) == []


def test_what_holds_says_the_day_of_the_database() -> None:
    (found,) = answers("cargo-advisories", {}, seen())
    assert found.verdict is Verdict.HOLDS
    assert found.message == "no advisory about its 9 crates (database of 2026-09-20)"


def test_an_old_database_warns_and_names_the_day() -> None:
    (found,) = ask("advisory-database-fresh", {}, seen(age=31))
    assert (found.weight, found.blocks) == (Weight.WARNING, False)
    assert "/db is of 2026-09-20, 31 days old" in found.message
    assert found.remedy
    assert found.remedy.commands == ("git -C /db pull",)


@pytest.mark.parametrize("more", [{"age": 30}, {"database": None, "dated": None}, {"asked": 0, "age": 90}])
def test_a_fresh_database_or_none_is_not_called_old(more: dict[str, Any]) -> None:
    assert ask("advisory-database-fresh", {}, seen(**more)) == []
