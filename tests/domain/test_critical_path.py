"""Minutes to live: owners side by side, phases and one owner's work one after the other."""

from __future__ import annotations

from tasks.domain.critical_path import causes, critical_path_minutes, in_order, legs
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Waiver, Weight
from tasks.domain.phase import Phase


def blocker(
    what: str,
    minutes: int | None = 5,
    owner: str = "repository",
    phase: Phase = Phase.PREFLIGHT,
    **given: object,
) -> Finding:
    """Make a broken blocker with a remedy of its own."""
    remedy = None if minutes is None else Remedy(summary=what, owner=owner, minutes=minutes)
    usual: dict[str, object] = {
        "check": "a-check",
        "subject": what,
        "verdict": Verdict.BROKEN,
        "weight": Weight.BLOCKER,
        "message": what,
    }
    return Finding(phase=phase, remedy=remedy, **{**usual, **given})  # type: ignore[arg-type]


def test_nothing_that_blocks_takes_no_time() -> None:
    assert critical_path_minutes([]) == 0
    assert (
        critical_path_minutes([blocker("w", weight=Weight.WARNING), blocker("h", verdict=Verdict.HOLDS)]) == 0
    )


def test_one_owner_does_one_thing_after_the_other() -> None:
    assert critical_path_minutes([blocker("a", 5), blocker("b", 7)]) == 12


def test_owners_work_side_by_side() -> None:
    assert critical_path_minutes([blocker("a", 5, "ada"), blocker("b", 7, "bob")]) == 7


def test_phases_come_one_after_the_other() -> None:
    found = [blocker("a", 5, "ada"), blocker("b", 7, "bob", Phase.RELEASE)]
    assert critical_path_minutes(found) == 12


def test_one_cause_counts_once_in_the_first_phase_it_blocks() -> None:
    found = [blocker("scope", 3, phase=phase, subject=phase) for phase in (Phase.RELEASE, Phase.FIRST_RUN)]
    assert critical_path_minutes(found) == 3
    assert [leg.phase for leg in legs(found)] == [Phase.FIRST_RUN]


def test_what_nobody_could_see_blocks_too() -> None:
    assert critical_path_minutes([blocker("look", 4, verdict=Verdict.UNKNOWN)]) == 4


def test_an_unknown_remedy_makes_the_time_unknown_and_not_zero() -> None:
    assert critical_path_minutes([blocker("a", 5), blocker("b", None)]) is None


def test_a_waived_finding_is_nobodys_work() -> None:
    waiver = Waiver(check="a-check", subject="*", reason="r", owner="o", expires="2099-01-01")
    assert critical_path_minutes([blocker("a", waived=waiver)]) == 0


def test_a_person_first_does_what_blocks_first() -> None:
    found = [
        blocker("later", phase=Phase.RELEASE),
        blocker("a warning", weight=Weight.WARNING),
        blocker("not seen", verdict=Verdict.UNKNOWN),
        blocker("slow", 30),
        blocker("quick", 1),
    ]
    assert [cause.findings[0].message for cause in causes(found)] == [
        "quick",
        "slow",
        "not seen",
        "later",
        "a warning",
    ]


def test_the_order_does_not_depend_on_the_order_of_the_findings() -> None:
    found = [blocker(name) for name in "cab"]
    assert [cause.remedy for cause in causes(found)] == [cause.remedy for cause in causes(reversed(found))]


def test_findings_are_read_cause_by_cause_then_waived_ones_then_what_holds() -> None:
    def one(check: str, verdict: Verdict, weight: Weight, remedy: str, *, waived: bool = False) -> Finding:
        waiver = Waiver(check=check, subject="*", reason="r", owner="o", expires="2999-01-01")
        return Finding(
            check=check,
            phase=Phase.RELEASE,
            subject=check,
            verdict=verdict,
            weight=weight,
            message="m",
            remedy=Remedy(summary=remedy),
            waived=waiver if waived else None,
        )

    held = one("held", Verdict.HOLDS, Weight.BLOCKER, "x")
    note = one("note", Verdict.BROKEN, Weight.NOTE, "later")
    first, second = (one(name, Verdict.BROKEN, Weight.BLOCKER, "mend") for name in ("a", "c"))
    between = one("b", Verdict.BROKEN, Weight.BLOCKER, "other")
    waived = one("w", Verdict.BROKEN, Weight.BLOCKER, "mend", waived=True)
    ordered = in_order([held, note, first, between, waived, second])
    assert [finding.check for finding in ordered] == ["a", "c", "b", "note", "w", "held"]


def test_the_heaviest_finding_of_a_cause_is_read_first() -> None:
    note = blocker("the name", check="document", weight=Weight.NOTE)
    warning = blocker("the name", check="state", weight=Weight.WARNING)
    (cause,) = causes([note, warning])
    assert cause.findings == (warning, note)


def test_what_a_linter_says_of_a_line_that_a_check_names_has_the_same_cause() -> None:
    line = {"file": "infra/main.tf", "line": 3}
    own = blocker("argument", 10, evidence=(Evidence(**line),))  # type: ignore[arg-type]
    tool = blocker("validate", 15, check="terraform-valid", evidence=(Evidence(**line),))  # type: ignore[arg-type]
    (cause,) = causes([tool, own])
    assert cause.findings == (own, tool)
    assert cause.remedy == own.remedy
    assert critical_path_minutes([tool, own]) == 10


def test_what_a_linter_says_of_another_line_or_more_heavily_has_its_own_cause() -> None:
    own = blocker("argument", 10, evidence=(Evidence(file="infra/main.tf", line=3),))
    elsewhere = (Evidence(file="infra/main.tf", line=4),)
    tool = blocker("validate", 15, check="terraform-valid", evidence=elsewhere)
    assert len(causes([tool, own])) == 2
    note = blocker("metadata", weight=Weight.NOTE, evidence=(Evidence(file="infra/main.tf", line=4),))
    assert len(causes([own, note, tool])) == 3


def test_a_run_that_nobody_could_see_is_no_second_opinion_on_its_workflow() -> None:
    own = blocker("timeout", evidence=(Evidence(file="ci.yml", line=3),))
    run = blocker(
        "run", verdict=Verdict.UNKNOWN, evidence=(Evidence(source="github", file="ci.yml", line=3),)
    )
    assert len(causes([own, run])) == 2


def test_what_the_schema_says_of_a_file_that_github_refuses_has_the_cause_of_the_refusal() -> None:
    own = blocker("key", check="workflow-schema", evidence=(Evidence(file="ci.yml", line=21),))
    told = (Evidence(file="ci.yml", line=18),)
    schema = blocker("syntax", check="workflow-validates", weight=Weight.NOTE, evidence=told)
    (cause,) = causes([schema, own])
    assert (cause.findings, cause.remedy) == ((own, schema), own.remedy)
    elsewhere = blocker("key", check="workflow-schema", evidence=(Evidence(file="b.yml", line=21),))
    assert len(causes([schema, elsewhere])) == 2
    assert len(causes([schema])) == 1


def of_cargo(check: str, *files: str, minutes: int = 30) -> Finding:
    evidence = tuple(Evidence(source="cargo", file=file, line=7) for file in files)
    return blocker(f"repeat {check}", minutes, check=check, evidence=evidence)


def test_one_syntax_error_is_one_cause_whoever_stops_at_it() -> None:
    parser = of_cargo("rust-syntax", "src/main.rs", minutes=10)
    told = [
        of_cargo("cargo-build", "src/main.rs"),
        parser,
        of_cargo("cargo-fmt", "src/main.rs", ".github/workflows/ci.yml"),
    ]
    (cause,) = causes(told)
    assert cause.findings[0] is parser
    assert cause.remedy is parser.remedy
    assert critical_path_minutes(told) == 10


def test_what_cargo_says_of_another_file_is_a_cause_of_its_own() -> None:
    told = [of_cargo("rust-syntax", "src/main.rs"), of_cargo("cargo-build", "src/main.rs", "src/other.rs")]
    assert len(causes(told)) == 2


def test_what_cargo_says_without_a_syntax_error_is_a_cause_of_its_own() -> None:
    assert len(causes([of_cargo("cargo-build", "src/main.rs"), of_cargo("cargo-fmt", "src/main.rs")])) == 2


def at(check: str, *places: tuple[str, int | None], minutes: int = 30, **given: object) -> Finding:
    evidence = tuple(Evidence(source="cargo", file=file, line=line) for file, line in places)
    phase = given.pop("phase", Phase.PREFLIGHT)
    return blocker(f"mend {check}", minutes, phase=phase, check=check, evidence=evidence, **given)  # type: ignore[arg-type]


def test_a_missing_module_is_one_cause_of_the_build_and_of_formatting() -> None:
    module = at("rust-module-committed", ("src/main.rs", 17), minutes=5)
    told = [
        at("cargo-build", ("src/main.rs", 17)),
        module,
        at("cargo-fmt", ("src/main.rs", 17), (".x.yml", 3)),
    ]
    (cause,) = causes(told)
    assert (cause.remedy, len(cause.findings)) == (module.remedy, 3)


def test_one_warning_is_one_cause_of_the_jobs_that_deny_it_and_of_clippy() -> None:
    jobs = [
        at("cargo-warnings-denied", ("ci.yml", 3), ("src/main.rs", 11), subject=subject) for subject in "ab"
    ]
    clippy = at("cargo-clippy", ("src/main.rs", 11), ("ci.yml", 9))
    assert len(causes([clippy, *jobs])) == 1
    other = at("cargo-clippy", ("src/main.rs", 11), ("src/main.rs", 30))
    assert len(causes([other, *jobs])) == 2


def test_an_error_that_clippy_and_the_documentation_meet_is_one_cause() -> None:
    told = [at("cargo-doc", ("src/a.rs", 3)), at("cargo-clippy", ("src/a.rs", 3), ("ci.yml", 9))]
    assert [cause.findings[0].check for cause in causes(told)] == ["cargo-clippy"]


def test_a_lock_file_that_is_refused_has_the_cause_of_what_differs() -> None:
    lock = at("cargo-lock-consistent", ("Cargo.toml", 9), subject="Cargo.lock")
    assert len(causes([at("cargo-build", ("Cargo.lock", None)), lock])) == 1


def test_a_toolchain_that_is_nowhere_is_one_cause_of_all_that_it_keeps_from_looking() -> None:
    unseen = [
        at(check, ("rust-toolchain.toml", 2), verdict=Verdict.UNKNOWN, weight=Weight.WARNING)
        for check in ("cargo-metadata", "cargo-build", "cargo-doc", "rust-syntax", "cargo-fmt")
    ]
    assert len(causes(unseen)) == 1
    choice = at("toolchain-choice", ("ci.yml", 4), ("rust-toolchain.toml", 2), weight=Weight.WARNING)
    assert len(causes([choice, *unseen])) == 2
    pinned = at("toolchain-released", ("rust-toolchain.toml", 2), phase=Phase.FIRST_RUN)
    (cause,) = causes([pinned, *unseen])
    assert cause.phase is Phase.FIRST_RUN
