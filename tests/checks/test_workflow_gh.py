import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "gh-has-token"


def test_a_step_that_calls_gh_without_a_token_is_named() -> None:
    (found,) = ask(CHECK, {CI: job("- uses: actions/checkout@v6\n- run: gh release create v1")})
    assert (places([found]), found.blocks) == ([(CI, 7)], True)


@pytest.mark.parametrize(
    "steps",
    [
        "- run: gh release create v1\n  env: {GH_TOKEN: '${{ github.token }}'}",
        "- run: GH_TOKEN=$X gh release create v1",
        "- run: gh auth login --with-token < t\n- run: gh pr list",
        "- run: echo GH_TOKEN=x >> $GITHUB_ENV\n- run: gh pr list",
        "- uses: some/login@v1\n  with: {github_token: x}\n- run: gh pr list",
        "- run: gh --version",
        "- run: gh extension install x",
    ],
)
def test_gh_that_has_a_token_or_asks_nobody_is_fine(steps: str) -> None:
    assert ask(CHECK, {CI: job(steps)}) == []


def test_a_token_of_the_job_is_enough_and_a_machine_of_ones_own_may_be_signed_in() -> None:
    step = "- run: gh pr list"
    assert ask(CHECK, {CI: job(step, extra="env: {GITHUB_TOKEN: x}")}) == []
    assert ask(CHECK, {CI: job(step).replace("ubuntu-latest", "self-hosted")}) == []


@pytest.mark.parametrize(
    ("permissions", "told", "commands"),
    [
        ("permissions: {contents: read}", True, "actions: write"),
        ("permissions: read-all", True, None),
        ("permissions: {actions: write}", False, "GH_TOKEN"),
        ("", False, "GH_TOKEN"),
    ],
)
def test_what_gh_needs_beside_the_token_is_told_with_it(
    permissions: str, told: bool, commands: str | None
) -> None:
    (found,) = ask(CHECK, {CI: job("- run: gh run cancel 1", extra=permissions)})
    assert ("its permissions give actions only" in found.message) == told
    assert found.remedy is not None
    assert ("`actions: write`" in found.remedy.summary) == (permissions != "permissions: {actions: write}")
    assert (commands or "") in " ".join(found.remedy.commands)
    assert bool(found.remedy.commands) == (commands is not None)


def test_a_command_that_only_reads_asks_for_no_right_to_write() -> None:
    (found,) = ask(CHECK, {CI: job("- run: gh run list", extra="permissions: {contents: read}")})
    assert found.message == "`gh run` has no GH_TOKEN in its environment, and stops without one"
