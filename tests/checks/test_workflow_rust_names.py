import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "rust-install-named"


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("- uses: dtolnay/rust-toolchain@master\n  with:\n    toolchain: stalbe", 8),
        ("- uses: dtolnay/rust-toolchain@stalbe", 6),
        ("- uses: dtolnay/rust-toolchain@stable\n  with:\n    components: rustfmt, clpipy", 8),
        ("- uses: actions-rust-lang/setup-rust-toolchain@v1\n  with:\n    toolchain: nigthly-2026-01-01", 8),
    ],
)
def test_a_slip_in_the_name_of_a_toolchain_or_component_is_named(step: str, line: int) -> None:
    assert places(ask(CHECK, {CI: job(step)})) == [(CI, line)]


@pytest.mark.parametrize(
    "step",
    [
        "- uses: dtolnay/rust-toolchain@master\n  with: {toolchain: 1.85.0, components: 'rustfmt,clippy'}",
        "- uses: dtolnay/rust-toolchain@nightly-2026-01-01",
        "- uses: dtolnay/rust-toolchain@1.85",
        "- uses: dtolnay/rust-toolchain@v1\n  with: {toolchain: stable-x86_64-pc-windows-gnu}",
        "- uses: dtolnay/rust-toolchain@master\n  with: {toolchain: '${{ vars.RUST }}'}",
        "- uses: actions/checkout@stalbe",
    ],
)
def test_versions_dates_hosts_and_other_actions_are_left_alone(step: str) -> None:
    assert ask(CHECK, {CI: job(step)}) == []


def test_components_that_an_expression_chooses_are_not_taken_apart() -> None:
    chosen = "${{ contains(matrix.checks, 'format') && 'rustfmt, clippy' || 'clippy' }}"
    step = f'- uses: dtolnay/rust-toolchain@stable\n  with:\n    components: "{chosen}"'
    assert ask(CHECK, {CI: job(step)}) == []
