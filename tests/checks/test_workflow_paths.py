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
