"""Names that a variable without quotes holds several of."""

from __future__ import annotations

from tests.checks.testing import CI, CRATE, ask, job, places

WHOLE = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "lib"]\n',
    "app/Cargo.toml": CRATE,
    "app/src/main.rs": "",
    "lib/Cargo.toml": CRATE.replace("app", "lib"),
    "lib/src/lib.rs": "",
}


def looped(names: str, words: str) -> dict[str, str]:
    steps = f"""\
        - uses: actions/checkout@v4
        - run: |
            crates="{names}"
            for p in {words}; do
              cargo test -p "$p"
            done
        """
    return {**WHOLE, CI: job(steps)}


def test_a_loop_over_a_list_in_a_variable_tests_each_of_it() -> None:
    assert ask("workflow-package-exists", looped("app lib", "$crates")) == []


def test_a_name_in_the_list_that_nobody_has_is_told() -> None:
    (found,) = ask("workflow-package-exists", looped("app libb", "$crates"))
    assert found.subject.endswith(": libb")
    assert places([found]) == [(CI, 10)]


def test_in_quotes_the_list_is_one_name_that_nobody_has() -> None:
    (found,) = ask("workflow-package-exists", looped("app lib", '"$crates"'))
    assert found.subject.endswith(": app lib")


def test_options_in_a_variable_are_read_as_the_words_that_they_are() -> None:
    steps = '- uses: actions/checkout@v4\n- run: |\n    ARGS="--release -p {}"\n    cargo build $ARGS\n'
    assert ask("workflow-package-exists", {**WHOLE, CI: job(steps.format("app"))}) == []
    assert places(ask("workflow-package-exists", {**WHOLE, CI: job(steps.format("ap"))})) == [(CI, 9)]
