import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "workflow-command-works"
ENV = '#!/bin/sh\nset -eu\nv=$(sed -n 1p VERSION)\necho "::set-env name=VERSION::$v"\n'


@pytest.mark.parametrize(
    "run",
    [
        "echo ::add-path::/opt/tides/bin",
        'echo "::add-path::$HOME/.tides/bin"',
        'printf "::add-path::%s\\n" "$HOME/.tides/bin"',
    ],
)
def test_a_path_that_is_printed_fails_its_step(run: str) -> None:
    (found,) = ask(CHECK, {CI: job(f"- run: |\n    {run}")})
    assert (places([found]), found.weight, found.subject) == ([(CI, 7)], "blocker", "ci.yml: ::add-path")
    assert found.remedy is not None
    assert found.remedy.summary == 'Write the directory to "$GITHUB_PATH" instead'


def test_a_script_that_prints_it_fails_the_step_that_calls_it() -> None:
    files = {"scripts/version.sh": ENV, CI: job("- uses: actions/checkout@v6\n- run: scripts/version.sh")}
    (found,) = ask(CHECK, files)
    assert (found.subject, found.weight) == ("version.sh: ::set-env", "blocker")
    assert [(one.file, one.line) for one in found.evidence] == [("scripts/version.sh", 4), (CI, 7)]


@pytest.mark.parametrize(
    "run",
    [
        "v=$(scripts/version.sh)",
        "scripts/version.sh | tail -n 1",
        "scripts/version.sh > version.txt",
        "echo '::add-path::/opt' > commands.txt",
        "echo ::add-pathology::x",
        "echo no longer print ::add-path::x",
        "cat scripts/version.sh",
    ],
)
def test_what_is_not_the_output_of_the_step_is_nothing_to_the_runner(run: str) -> None:
    steps = f"- uses: actions/checkout@v6\n- run: |\n    {run}"
    assert ask(CHECK, {"scripts/version.sh": ENV, CI: job(steps)}) == []


def test_one_that_may_not_be_printed_stops_nobody() -> None:
    steps = "- run: |\n    if [ -d x ]; then\n      echo ::add-path::x\n    fi"
    (found,) = ask(CHECK, {CI: job(steps)})
    assert (places([found]), found.weight) == ([(CI, 8)], "warning")
    steps = "- run: echo ::add-path::x\n  env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: 'true'}"
    assert ask(CHECK, {CI: job(steps)}) == []
