from tests.checks.testing import CI, CRATE, ask, job, places


def test_a_profile_that_nobody_wrote_is_named() -> None:
    (found,) = ask(
        "workflow-profile-exists",
        {"Cargo.toml": CRATE, CI: job("- uses: actions/checkout@v4\n- run: cargo build --profile dist")},
    )
    assert places([found]) == [(CI, 7)]
    assert "'dist'" in found.message


def test_a_profile_of_the_manifest_and_one_of_nextest_are_no_mistake() -> None:
    own = f"{CRATE}\n[profile.dist]\ninherits = 'release'\n"
    steps = "- uses: actions/checkout@v4\n- run: cargo build --profile dist && cargo nextest run --profile ci"
    assert ask("workflow-profile-exists", {"Cargo.toml": own, CI: job(steps)}) == []


def test_a_profile_that_only_a_run_can_tell_is_left_alone() -> None:
    steps = "- uses: actions/checkout@v4\n- run: cargo build --profile ${{ vars.PROFILE }}"
    assert ask("workflow-profile-exists", {"Cargo.toml": CRATE, CI: job(steps)}) == []
