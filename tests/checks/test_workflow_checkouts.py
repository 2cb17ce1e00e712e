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


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ("- run: git diff --stat HEAD~1", 6),
        ("- {uses: docker/build-push-action@v6, with: {context: .}}", 6),
        ("- uses: EmbarkStudios/cargo-deny-action@v2", 6),
        ("- run: aws ssm get-parameter --name x\n- run: tools/check.sh", 7),
        ("- {uses: actions/download-artifact@v6, with: {path: out}}\n- run: tools/check.sh", 7),
        ("- run: aws s3 cp out s3://b/x\n- run: cargo publish", 7),
        ("- {run: ls, working-directory: tools}", 6),
    ],
)
def test_what_else_needs_the_files_is_named(steps: str, line: int) -> None:
    assert places(ask("job-has-repository", {**FILES, CI: job(steps)})) == [(CI, line)]


@pytest.mark.parametrize(
    "steps",
    [
        "- run: git diff --no-index a b",
        "- run: git rev-parse HEAD || true",
        "- uses: docker/build-push-action@v6",
        "- {uses: docker/build-push-action@v6, with: {context: 'https://example.com/x.git'}}",
        "- run: echo FROM x > Dockerfile\n- {uses: docker/build-push-action@v6, with: {context: .}}",
        "- run: aws s3 cp s3://b/x . --recursive\n- run: tools/check.sh",
        "- {uses: actions/download-artifact@v6, with: {path: .}}\n- run: tools/check.sh",
        "- {uses: actions/download-artifact@v6, with: {path: tools}}\n- {run: ls, working-directory: tools}",
        "- run: mkdir -p tools\n- {run: ls, working-directory: tools}",
        "- {run: ls, working-directory: other}",
    ],
)
def test_what_needs_no_files_of_the_repository_or_may_have_them_is_fine(steps: str) -> None:
    assert ask("job-has-repository", {**FILES, CI: job(steps)}) == []


def test_a_job_that_may_never_be_wanted_blocks_nothing() -> None:
    text = job("- run: cargo build", extra="if: failure() && github.event_name == 'merge_group'")
    (found,) = ask("job-has-repository", {**FILES, CI: text})
    assert found.weight == "warning"


def test_a_job_that_needs_no_files_needs_no_checkout() -> None:
    for text in (
        "cargo install ripgrep",
        "echo cargo build",
        "./other.sh",
        "cargo build --manifest-path /x/Cargo.toml",
    ):
        assert ask("job-has-repository", {**FILES, CI: job(f"- run: {text}")}) == []


def test_an_action_of_the_repository_and_its_makefile_need_the_checkout_too() -> None:
    files = {**FILES, "Makefile": "all:\n", ".github/actions/x/action.yml": "runs:\n  using: composite\n"}
    for text in ("- uses: ./.github/actions/x", "- run: make all"):
        (found,) = ask("job-has-repository", {**files, CI: job(text)})
        assert places([found]) == [(CI, 6)]
        assert ask("job-has-repository", {**files, CI: job(f"- uses: actions/checkout@v6\n{text}")}) == []


def test_make_in_another_directory_or_without_a_makefile_is_no_sign() -> None:
    assert ask("job-has-repository", {**FILES, CI: job("- run: make all")}) == []
    assert (
        ask("job-has-repository", {**FILES, "Makefile": "all:\n", CI: job("- run: make -C /src all")}) == []
    )
    assert ask("job-has-repository", {**FILES, CI: job("- uses: ./.github/actions/x")}) == []


def test_on_a_machine_of_ones_own_an_earlier_checkout_may_lie() -> None:
    hosted = job("- run: cargo build")
    for label in ("[self-hosted, linux]", "our-runner", "'${{ vars.RUNNER }}'"):
        text = hosted.replace("runs-on: ubuntu-latest", f"runs-on: {label}")
        (found,) = ask("job-has-repository", {CI: text, "Cargo.toml": CRATE})
        assert (places([found]), found.weight) == ([(CI, 6)], "warning")
    assert [one.weight for one in ask("job-has-repository", {CI: hosted, "Cargo.toml": CRATE})] == ["blocker"]
