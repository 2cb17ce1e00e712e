from tasks.domain.finding import Verdict
from tests.checks.testing import CI, CRATE, answers, ask, job, places

CHECKOUT = "- uses: actions/checkout@v4\n"
ONE = {"service/Cargo.toml": '[workspace]\nmembers = ["a"]\n', "service/a/Cargo.toml": CRATE}


def test_a_workspace_in_a_subdirectory_is_said_to_be_untried() -> None:
    (found,) = ask("cargo-workspaces-tried", {**ONE, "service/a/src/lib.rs": ""})
    assert found.verdict is Verdict.UNKNOWN
    assert "cargo was not run in service: there is no Cargo.toml at the root" in found.message
    assert places([found]) == [("service/Cargo.toml", 1)]
    assert found.remedy is not None
    assert found.remedy.commands == ("cargo test --workspace --manifest-path service/Cargo.toml",)


def test_several_packages_without_a_root_are_told_together() -> None:
    files = {"a/Cargo.toml": CRATE, "b/Cargo.toml": CRATE.replace("app", "bpp")}
    (found,) = ask("cargo-workspaces-tried", files)
    assert "not run in a and b" in found.message


def test_a_workspace_beside_the_root_that_a_workflow_builds_is_told() -> None:
    root = {
        "Cargo.toml": f'{CRATE}[workspace]\nexclude = ["fuzz"]\n',
        "fuzz/Cargo.toml": f"{CRATE}[workspace]\n",
    }
    building = job(f"{CHECKOUT}- run: cargo test --manifest-path fuzz/Cargo.toml")
    (found,) = ask("cargo-workspaces-tried", {**root, CI: building})
    assert "cargo was not run in fuzz: no part of the workspace at the root" in found.message
    assert places([found]) == [(CI, 7)]
    there = job(f"{CHECKOUT}- run: cargo check\n  working-directory: fuzz")
    assert len(ask("cargo-workspaces-tried", {**root, CI: there})) == 1


def test_a_workspace_beside_the_root_that_nobody_builds_is_not_told() -> None:
    root = {
        "Cargo.toml": f'{CRATE}[workspace]\nexclude = ["fuzz"]\n',
        "fuzz/Cargo.toml": f"{CRATE}[workspace]\n",
    }
    assert ask("cargo-workspaces-tried", {**root, CI: job(f"{CHECKOUT}- run: cargo test")}) == []
    assert (
        ask(
            "cargo-workspaces-tried",
            {**root, CI: job(f"{CHECKOUT}- run: cargo fmt\n  working-directory: fuzz")},
        )
        == []
    )


def test_a_member_and_the_root_are_tried() -> None:
    root = {"Cargo.toml": '[workspace]\nmembers = ["a"]\n', "a/Cargo.toml": CRATE, "a/src/lib.rs": ""}
    building = job(f"{CHECKOUT}- run: cargo test\n  working-directory: a")
    (found,) = answers("cargo-workspaces-tried", {**root, CI: building})
    assert found.verdict is Verdict.HOLDS


def test_without_a_manifest_another_check_speaks_and_data_of_tests_is_nobody_s_workspace() -> None:
    assert answers("cargo-workspaces-tried", {"README.md": "x"}) == []
    assert ask("cargo-workspaces-tried", {"Cargo.toml": CRATE, "tests/fixtures/x/Cargo.toml": CRATE}) == []


def test_the_commands_are_those_that_workflows_run_there() -> None:
    own = f"{CRATE}[workspace]\n"
    files = {"Cargo.toml": CRATE, "py/Cargo.toml": own, "my fuzz/Cargo.toml": own, "x/Cargo.toml": own}
    calls = (
        "- run: cargo fmt --manifest-path py/Cargo.toml -- --check\n"
        "- run: cargo clippy --manifest-path py/Cargo.toml -- -D warnings\n"
        "- run: cargo +nightly fuzz run one -- -max_total_time=30\n"
        "  working-directory: my fuzz\n"
        "- run: cargo check --manifest-path x/Cargo.toml\n"
        "- run: cargo test --manifest-path x/Cargo.toml --features $FEATURES\n"
    )
    (found,) = ask("cargo-workspaces-tried", {**files, CI: job(f"{CHECKOUT}{calls}")})
    assert found.remedy is not None
    assert found.remedy.commands == (
        "cd 'my fuzz' && cargo +nightly fuzz run one -- -max_total_time=30",
        "cargo clippy --manifest-path py/Cargo.toml -- -D warnings",
        "cargo test --manifest-path x/Cargo.toml",
    )
