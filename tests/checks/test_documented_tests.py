import pytest

from tasks.domain.cargo_run import CargoOutcome, CargoTest
from tasks.domain.counted_tests import Count, CountedTests
from tasks.domain.crate import Manifests
from tasks.domain.document import Documents
from tasks.domain.finding import Finding
from tasks.domain.stated_tests import stated_tests
from tasks.facts.counted_tests import counted_tests
from tasks.facts.tree import LiteralFiles
from tests.checks.testing import CRATE, ask, places, snapshot

WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
    "a/Cargo.toml": CRATE.replace('"app"', '"acme-a"'),
    "b/Cargo.toml": CRATE.replace('"app"', '"acme-b"'),
    "a/src/lib.rs": "#[test]\nfn a() {}\n" * 40,
    "b/src/lib.rs": "    #[tokio::test(flavor = 'x')]\n    async fn b() {}\n" * 10,
}
RUN = CargoTest(
    command="cargo test --workspace", outcome=CargoOutcome.PASSED, seconds=1.0, passed=70, failed=0
)


def counting(
    text: str, path: str = "docs/testing.md", run: CargoTest | None = None, more: dict[str, str] | None = None
) -> list[Finding]:
    files = {**WORKSPACE, path: text, **(more or {})}
    seen = snapshot(files)
    manifests, documents = seen.get(Manifests), seen.get(Documents)
    assert isinstance(manifests, Manifests)
    assert isinstance(documents, Documents)
    found = [claim for one in documents for claim in stated_tests(one, manifests)]
    counted = counted_tests(LiteralFiles(files), manifests, found)
    facts = (counted, run) if run is not None else (counted,)
    return ask("documented-tests-counted", files, *facts)


SEE = "Run the tests; you should see 97 tests pass:\n\n```sh\n{}\n```\n"


def test_what_one_should_see_of_a_call_on_everything_is_of_the_whole() -> None:
    (found,) = counting(SEE.format("cargo test --workspace"), "docs/runbook.md")
    assert "the workspace has 97 tests" in found.message
    assert places([found]) == [("docs/runbook.md", 1)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (SEE.format("cargo test -p acme-a"), "docs/runbook.md"),
        (SEE.format("pytest"), "docs/runbook.md"),
        ("The suite has 12 tests.", "docs/e2e.md"),
        ("The smoke suite has 12 tests.", "README.md"),
        ("## Storage suite\n\nThe suite has 12 tests.", "README.md"),
        ("All 97 tests must pass before a release.", "docs/e2e.md"),
        ("If you add one, all 97 tests must pass.", "README.md"),
        ("## Status of phase 2\n\n97 tests, all green.", "README.md"),
        ("The suite has 50 tests. All 50 tests must pass.", "README.md"),
    ],
)
def test_what_may_be_of_a_part_or_fits_is_not_accused(text: str, path: str) -> None:
    assert counting(text, path) == []


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("- `acme-a`: storage (12 tests)", "docs/testing.md", "acme-a has 12 tests, and the sources have 40"),
        ("- **acme-b**: 400+ tests", "docs/testing.md", "acme-b has 400 tests, and the sources have 10"),
        ("All 12 unit tests cover the rest.", "a/README.md", "acme-a has 12 tests"),
        ("# X\n\nTotal: 1,000 tests", "TESTING.md", "the workspace has 1,000 tests, and the sources have 50"),
        ("We run 20 tests across all crates.", "README.md", "the workspace has 20 tests"),
        ("The workspace has 250 tests, all green.", "README.md", "the workspace has 250 tests"),
        ("Run `cargo test`: 97 tests pass.", "docs/RUNBOOK.md", "the workspace has 97 tests"),
        ("`cargo test` runs 250 tests.", "README.md", "the workspace has 250 tests"),
        ("| tests | 250 |", "README.md", "the workspace has 250 tests"),
        ("The suite has 12 tests and takes a second.", "README.md", "the workspace has 12 tests"),
        ("All 97 tests must pass before a release.", "README.md", "the workspace has 97 tests"),
        ("## Status\n\n97 tests, all green.", "README.md", "the workspace has 97 tests"),
        ("![t](https://img.shields.io/badge/tests-500%20passing-green)", "README.md", "500 tests"),
    ],
)
def test_a_number_that_is_clearly_another_is_named_with_both(text: str, path: str, told: str) -> None:
    (found,) = counting(text, path)
    assert told in found.message
    assert places([found]) == [(path, text.count("\n") + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "- `acme-a`: storage (38 tests)",
        "- `acme-a`: storage (~50 tests)",
        "- `acme-a`: storage (12+ tests)",
        "- `acme-a`: added 12 tests",
        "- `acme-a`: target is 400 tests",
        "- `acme-a` took 90 tests in session 3",
        "## Session 3\n\n- `acme-a`: storage (12 tests)",
        "**Date:** 2026-03-01\n\n- `acme-a`: storage (12 tests)",
        "- `acme-a` and `acme-b`: 12 tests",
        "- storage: 12 tests",
        "| Pool | 12 tests |",
        "A9 runs 12 tests of the disk.",
        "```\n`acme-a` has 12 tests\n```",
    ],
)
def test_a_number_that_fits_or_is_not_of_today_is_not_accused(text: str) -> None:
    assert counting(text) == []


def test_a_record_of_the_past_is_not_accused() -> None:
    assert counting("- `acme-a`: storage (12 tests)", "docs/session3-summary.md") == []


def test_where_macros_make_tests_only_too_few_can_be_told() -> None:
    made = {"b/src/more.rs": "macro_rules! m { ($n:ident) => { #[test]\n fn $n() {} } }"}
    assert counting("- `acme-b`: 400 tests", more=made) == []
    (found,) = counting("- `acme-b`: 2 tests", more=made)
    assert "10 or more" in found.message


def test_what_a_run_has_counted_goes_before_the_sources() -> None:
    (found,) = counting("Total: 50 tests", "TESTING.md", RUN)
    assert "a run has counted 70" in found.message
    assert counting("Total: 70 tests", "TESTING.md", RUN) == []


def test_nothing_is_read_when_no_document_states_a_number() -> None:
    seen = snapshot(WORKSPACE).get(Manifests)
    assert isinstance(seen, Manifests)
    assert counted_tests(LiteralFiles(WORKSPACE), seen, []) == CountedTests()


def test_counts_of_packages_add_up_as_far_as_they_are_certain() -> None:
    counted = CountedTests(packages={"a": Count(least=3, most=4), "b": Count(least=2, most=None)})
    assert counted.of() == Count(least=5, most=None)
    assert counted.of(frozenset({"a"})) == Count(least=3, most=4)
    assert counted.of(frozenset({"c"})) is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("The workspace has 50 tests, all green.", "README.md"),
        ("`cargo test -p acme-z` runs 250 tests.", "docs/RUNBOOK.md"),
        ("That project has 250 tests in each release.", "README.md"),
        ("| tests | 250 |", "docs/comparison.md"),
        ("| tests | 50 |", "README.md"),
        ("| tests | 250 | 300 |", "README.md"),
    ],
)
def test_the_right_number_and_those_of_others_are_not_accused(text: str, path: str) -> None:
    assert counting(text, path) == []


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("- 250 unit tests", "README.md", "the workspace has 250 tests"),
        ("## Testing\n\n**250 tests**", "README.md", "the workspace has 250 tests"),
        ("Tests: 250", "README.md", "the workspace has 250 tests"),
        ("- **Tests:** 1,234 passing", "README.md", "the workspace has 1,234 tests"),
        ("- 250+ tests", "README.md", "the workspace has 250 tests"),
        ("## Tests\n\n250 passing", "README.md", "the workspace has 250 tests"),
        ("## Features\n\n- ✅ 250 tests, all passing", "README.md", "the workspace has 250 tests"),
        ("- 12 tests", "README.md", "the workspace has 12 tests, and the sources have 50"),
        ("- 250 tests", "a/README.md", "acme-a has 250 tests, and the sources have 40"),
        ("It is covered by 250 unit tests.", "README.md", "the workspace has 250 tests"),
        ("The test suite has 250 tests.", "CONTRIBUTING.md", "the workspace has 250 tests"),
    ],
)
def test_a_line_that_says_nothing_but_a_number_is_understood(text: str, path: str, told: str) -> None:
    (found,) = counting(text, path)
    assert told in found.message
    assert places([found]) == [(path, text.count("\n") + 1)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("- 50 unit tests", "README.md"),
        ("- 12 unit tests", "README.md"),  # the others may be tests of other kinds
        ("- 12+ tests", "README.md"),
        ("- 12 unit tests\n- 400 integration tests\n- 400 tests", "README.md"),
        ("- 250 tests\n- 310 tests", "README.md"),
        ("## The parser\n\n- 250 tests", "README.md"),
        ("## Version 0.2\n\n- 250 tests", "README.md"),
        ("- tokio: 250 tests", "README.md"),
        ("- 95% tests", "README.md"),
        ("- Fast\n    - 250 tests", "README.md"),
        ("250 passing", "README.md"),
        ("- 250 tests", "docs/parser.md"),
        ("- 250 tests", "CHANGELOG.md"),
        ("- 250 test vectors", "README.md"),
        ("- 250 tests failed", "README.md"),
        ("```\n250 tests\n```", "README.md"),
    ],
)
def test_a_number_that_may_be_another_s_or_of_a_part_is_not_accused(text: str, path: str) -> None:
    assert counting(text, path) == []


def test_a_number_may_count_the_tests_of_another_language() -> None:
    assert counting("- 250 tests", "README.md", more={"web/package.json": "{}"}) == []
    assert counting("- 12 tests", "README.md", more={"web/package.json": "{}"}) != []
