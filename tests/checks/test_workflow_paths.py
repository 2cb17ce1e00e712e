import pytest

from tests.checks.testing import CI, ask, job, places

TREE = {"scripts/build.sh": "make\n"}


def ci(steps: str) -> dict[str, str]:
    return {**TREE, CI: job(f"- uses: actions/checkout@v4\n{steps}")}


@pytest.mark.parametrize(
    "command", ["./scripts/gone.sh", "bash scripts/gone.sh -x", "cd scripts; ./gone.sh && ./no.sh"]
)
def test_a_script_that_nobody_makes_is_named_with_its_line(command: str) -> None:
    assert places(ask("workflow-script-exists", ci(f"- run: {command}")))[:1] == [(CI, 7)]


@pytest.mark.parametrize(
    "steps",
    [
        "- run: ./scripts/build.sh",
        "- run: cd scripts && ./build.sh",
        "- {run: ./build.sh, working-directory: scripts}",
        "- run: ./target/release/app",
        "- {run: cargo build, working-directory: scripts}\n- run: scripts/target/debug/app",
        "- run: curl -o setup.sh https://x && bash setup.sh",
        "- run: curl -sSf https://x -o setup.sh\n- run: bash setup.sh",
        "- run: tar xzf tool.tgz\n- run: ./tool/bin/x",
        "- {uses: actions/download-artifact@v4, with: {path: dist}}\n- run: ./dist/app",
        "- run: if [ -f gone.sh ]; then ./gone.sh; fi",
        "- {run: ./gone.sh, if: false}",
        "- run: $TOOL/gone.sh",
        "- run: /usr/local/bin/x",
        "- run: bash -c './gone.sh'",
        "- {uses: actions/checkout@v4, with: {repository: a/b, path: other}}\n- run: bash other/run.sh",
    ],
)
def test_a_script_that_is_there_or_may_have_been_made_is_not_accused(steps: str) -> None:
    assert ask("workflow-script-exists", ci(steps)) == []


def test_without_a_checkout_nothing_is_known_of_paths() -> None:
    assert ask("workflow-script-exists", {**TREE, CI: job("- run: ./gone.sh")}) == []


def inner(line: str, step: str = "- run: scripts/build.sh") -> dict[str, str]:
    return {**ci(step), "scripts/build.sh": f"#!/bin/sh\nset -e\n{line}\n"}


@pytest.mark.parametrize("line", [". scripts/lib.sh", "python3 scripts/stamp.py", "./scripts/gone.sh x"])
def test_a_script_that_a_called_script_runs_and_nobody_makes_is_named_in_it_with_the_caller(
    line: str,
) -> None:
    (found,) = ask("workflow-script-exists", inner(line))
    assert [(one.file, one.line) for one in found.evidence] == [("scripts/build.sh", 3), (CI, 7)]


@pytest.mark.parametrize(
    "files",
    [
        inner('. "$(dirname "$0")/lib.sh"'),
        inner("test -f scripts/lib.sh && . scripts/lib.sh"),
        inner("if [ -f scripts/lib.sh ]; then . scripts/lib.sh; fi"),
        inner("echo x=1 > scripts/lib.sh\n. scripts/lib.sh"),
        inner("curl -o scripts/lib.sh https://x\n. scripts/lib.sh"),
        inner("later() { . scripts/lib.sh; }"),
        inner(". scripts/lib.sh || true"),
        inner(". scripts/lib.sh", "- run: cp /x scripts/lib.sh\n- run: scripts/build.sh"),
        inner(". scripts/lib.sh", "- run: scripts/build.sh || true"),
        inner(". scripts/lib.sh", "- {run: scripts/build.sh, continue-on-error: true}"),
        inner("cd /tmp\n. ./lib.sh"),
        inner(". ./build.sh", "- {run: ./build.sh, working-directory: scripts}"),
    ],
)
def test_a_script_that_a_called_script_only_tries_or_makes_is_not_accused(files: dict[str, str]) -> None:
    assert ask("workflow-script-exists", files) == []
