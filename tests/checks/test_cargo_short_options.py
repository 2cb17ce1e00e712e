"""Values of cargo's short options behind ``=``, which clap takes away."""

from __future__ import annotations

import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

WHOLE = {
    "Cargo.toml": CRATE + "[features]\nfast = []\n",
    "src/main.rs": "",
}


def step(command: str) -> dict[str, str]:
    return {**WHOLE, CI: job(f"- uses: actions/checkout@v4\n- run: {command}")}


@pytest.mark.parametrize("command", ["cargo b -p=app", "cargo build -papp", "cargo build -F=fast -p=app"])
def test_a_short_option_takes_its_value_glued_and_behind_equals(command: str) -> None:
    for check in ("workflow-package-exists", "workflow-feature-exists"):
        assert ask(check, step(command)) == []


def test_a_wrong_name_behind_equals_is_told_without_it() -> None:
    (found,) = ask("workflow-package-exists", step("cargo b -p=ap"))
    assert places([found]) == [(CI, 7)]
    assert found.subject.endswith(": ap")
    assert places(ask("workflow-feature-exists", step("cargo b -F=quick"))) == [(CI, 7)]


def test_a_recipe_that_names_the_own_package_behind_equals_works() -> None:
    recipe = "run:\n\tcargo r -p={}\n"
    assert ask("cargo-build-file-names", {**WHOLE, "Makefile": recipe.format("app")}) == []
    assert places(ask("cargo-build-file-names", {**WHOLE, "Makefile": recipe.format("ap")})) == [
        ("Makefile", 2)
    ]
