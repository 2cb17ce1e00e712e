import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

CHECK = "git-install-names-package"
OWN = 'repository = "https://github.com/acme/moon"\n'
TWO = {
    "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
    "a/Cargo.toml": CRATE + OWN,
    "a/src/main.rs": "",
    "b/Cargo.toml": CRATE.replace("app", "tool") + OWN,
    "b/src/main.rs": "",
}


def test_a_repository_with_several_packages_of_which_none_is_named_is_told() -> None:
    text = job("- run: cargo install --locked --git https://github.com/cross-rs/cross.git")
    (found,) = ask(CHECK, {CI: text})
    assert places([found]) == [(CI, 6)]
    assert found.blocks
    assert "(cross and xtask)" in found.message


def test_the_packages_of_the_repository_itself_are_known() -> None:
    text = job("- run: cargo install --git https://github.com/acme/moon")
    (found,) = ask(CHECK, {CI: text, **TWO})
    assert "(app and tool)" in found.message
    assert ask(CHECK, {CI: text, **TWO, "b/src/main.rs": b"", "b/Cargo.toml": "x = 1\n"}) == []


@pytest.mark.parametrize(
    "command",
    [
        "cargo install cross --git https://github.com/cross-rs/cross",
        "cargo install --git https://github.com/cross-rs/cross cross",
        "cargo install --git https://github.com/cross-rs/cross --rev 1b8cf50",
        "cargo install --git https://github.com/cross-rs/cross --tag=v0.2.1",
        "cargo install --git https://github.com/other/thing",
        "cargo install --git $URL",
        "which cross || cargo install --git https://github.com/cross-rs/cross",
        "cargo install --git https://github.com/cross-rs/cross || true",
    ],
)
def test_a_package_that_is_named_or_may_be_alone_is_fine(command: str) -> None:
    assert ask(CHECK, {CI: job(f"- run: {command}"), **TWO}) == []
