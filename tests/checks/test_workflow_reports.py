import pytest

from tests.checks.testing import CI, ask, job, places

REPORT = "- uses: dorny/test-reporter@v1\n  with: {name: x, path: '**/*.xml', reporter: java-junit}"
CHECKOUT = "- uses: actions/checkout@v4\n"


def test_a_report_that_nobody_writes_is_named_with_its_line() -> None:
    found = ask("test-report-is-written", {CI: job(f"{CHECKOUT}- run: cargo test --lib\n{REPORT}")})
    assert (places(found), found[0].subject) == ([(CI, 9)], "ci.yml: build: **/*.xml")


@pytest.mark.parametrize(
    "step",
    [
        "- run: cargo nextest run --profile ci",
        "- run: cargo test -- --format junit -Z unstable-options > r.xml",
        "- uses: actions/download-artifact@v4",
        "- uses: someone/tests@v1",
        "- run: make test",
        "- run: ./test.sh",
    ],
)
def test_a_report_that_may_be_written_is_fine(step: str) -> None:
    assert ask("test-report-is-written", {CI: job(f"{CHECKOUT}{step}\n{REPORT}")}) == []


def test_a_report_that_may_be_missing_or_is_committed_is_fine() -> None:
    quiet = REPORT.replace("name: x", "name: x, fail-on-empty: 'false'")
    assert ask("test-report-is-written", {CI: job(f"- run: cargo test\n{quiet}")}) == []
    assert ask("test-report-is-written", {CI: job(f"- run: cargo test\n{REPORT}"), "a/b.xml": "x"}) == []
