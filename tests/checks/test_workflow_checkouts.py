import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

FILES = {"Cargo.toml": CRATE, "tools/check.sh": "#!/bin/sh\n", "tools/check.py": "\n"}


@pytest.mark.parametrize(
    "text", ["cargo build", "./tools/check.sh", "python3 -u tools/check.py", "cargo fmt --all"]
)
def test_a_job_that_works_on_files_it_never_fetched_is_named(text: str) -> None:
    steps = f"- uses: dtolnay/rust-toolchain@stable\n- run: echo begin\n- run: {text}"
    (found,) = ask("job-has-repository", {**FILES, CI: job(steps)})
    assert places([found]) == [(CI, 8)]


@pytest.mark.parametrize(
    "before",
    [
        "- uses: actions/checkout@v4",
        "- uses: some/action@v1",
        "- uses: actions/download-artifact@v4",
        "- run: git clone https://example.com/x .",
        "- run: cd x && ls",
        "- run: cargo new x",
        "- run: ${{ vars.FETCH }}",
    ],
)
def test_whatever_may_have_brought_the_files_keeps_it_silent(before: str) -> None:
    assert ask("job-has-repository", {**FILES, CI: job(f"{before}\n- run: cargo build")}) == []


def test_a_job_that_needs_no_files_needs_no_checkout() -> None:
    for text in (
        "cargo install ripgrep",
        "echo cargo build",
        "./other.sh",
        "cargo build --manifest-path /x/Cargo.toml",
    ):
        assert ask("job-has-repository", {**FILES, CI: job(f"- run: {text}")}) == []
