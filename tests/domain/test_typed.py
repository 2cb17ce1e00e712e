from __future__ import annotations

from pathlib import Path

import pytest

from tasks.domain.typed import by, inside, interpreter

HERE = Path("/home/ann/activation")


@pytest.mark.parametrize(
    ("invoked", "shown"),
    [
        (".venv/bin/python", ".venv/bin/python"),
        ("python", "python"),
        ("/home/ann/activation/.venv/bin/python", ".venv/bin/python"),
        ("/opt/my venv/bin/python", "'/opt/my venv/bin/python'"),
    ],
)
def test_the_interpreter_is_shown_as_it_can_be_typed_here(invoked: str, shown: str) -> None:
    assert interpreter(invoked, HERE) == shown


def test_only_a_module_that_is_run_is_given_the_interpreter() -> None:
    assert by("python -m flows.activate", ".venv/bin/python") == ".venv/bin/python -m flows.activate"
    assert by("cargo test", ".venv/bin/python") == "cargo test"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("git commit --all", "git -C /r commit --all"),
        ("cargo test", "(cd /r && cargo test)"),
        ("rustup toolchain install beta", "rustup toolchain install beta"),
        ("python -m flows.activate", "python -m flows.activate"),
    ],
)
def test_a_command_for_a_directory_names_it(command: str, shown: str) -> None:
    assert inside(command, Path("/r"), HERE) == shown
    assert inside(command, HERE, HERE) == command
