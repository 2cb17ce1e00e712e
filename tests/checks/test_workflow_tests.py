import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

TREE = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "lib"]\n',
    "app/Cargo.toml": CRATE,
    "app/src/main.rs": "// It never fails here.\n#[test]\nfn adds_up() {}\n",
    "app/tests/from_outside.rs": "",
    "lib/Cargo.toml": CRATE.replace("app", "lib"),
    "lib/src/lib.rs": "mod inner { #[test] fn takes_away() {} }\n",
}


def ci(command: str) -> dict[str, str]:
    return {**TREE, CI: job(f"- uses: actions/checkout@v4\n- run: {command}")}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("cargo test adds_down", "adds_down"),
        ("cargo test -p app takes_away -- --nocapture", "takes_away"),
        ("cargo test --workspace --lib inner::gone", "inner::gone"),
        ("cargo nextest run -p lib adds_up", "adds_up"),
        ("cargo test -p app -- --exact never::here", "never::here"),
        ("cargo test -p app never::adds_up", "never::adds_up"),
        ("cargo test -- --test-threads 1 never_here --nocapture", "never_here"),
        ("cargo nextest run -p app -E 'test(never_ever)'", "never_ever"),
    ],
)
def test_a_filter_that_matches_no_test_is_named_with_its_line(command: str, name: str) -> None:
    found = ask("test-filter-matches", ci(command))
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: {name}")


@pytest.mark.parametrize(
    "command",
    [
        "cargo test adds_up",
        "cargo test -p lib inner::takes",
        "cargo test -p app from_outside",
        "cargo test -p app",
        "cargo test $NAME",
        'F=--all-features && cargo test "$F"',
        "cargo test --unknown-option value",
        "cargo test -p other gone",
        "cargo test -- --skip gone",
        "cargo test -p app -- --exact adds_up",
        "cargo test -p app -- adds_up gone",
        "cargo test -p app -- --own-option gone",
        "cargo test -p app -- $NAME",
        "cargo nextest run -p app -E 'test(adds_up)'",
        "cargo nextest run -p app -E 'test(gone) or test(adds_up)'",
        "cargo nextest run -p app -E 'not test(gone)'",
        "cargo nextest run -p app -E 'test(/gone|adds/)'",
        "cargo nextest run -p app -E 'test(gone)' -E 'all()'",
        "cd elsewhere && cargo test gone",
        "cargo build gone",
    ],
)
def test_a_filter_that_matches_or_is_not_certain_is_fine(command: str) -> None:
    assert ask("test-filter-matches", ci(command)) == []


def test_nothing_is_said_while_a_manifest_is_broken() -> None:
    assert ask("test-filter-matches", {**ci("cargo test gone"), "lib/Cargo.toml": "[package\n"}) == []


def test_a_name_that_a_macro_puts_together_is_not_certain() -> None:
    files = {**ci("cargo test -p app adds_four"), "app/src/main.rs": "paste! { fn [<adds_ $x>]() {} }"}
    assert ask("test-filter-matches", files) == []
    assert ask("test-filter-matches", ci("cargo test -p app adds_up::case_2")) == []


def test_a_harness_of_its_own_reads_its_arguments_as_it_likes() -> None:
    own = TREE["app/Cargo.toml"] + '[[test]]\nname = "from_outside"\nharness = false\n'
    assert ask("test-filter-matches", {**ci("cargo test -p app -- gone"), "app/Cargo.toml": own}) == []
