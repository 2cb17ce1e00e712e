from collections.abc import Iterable

import pytest

from tasks.domain.finding import Finding
from tests.checks.testing import CI, ask, job, places

RUN = "# App\n\n```bash\n./scripts/run.sh --all\n```\n"
SCRIPT = {"scripts/run.sh": "#!/bin/sh\necho\n"}


def _ask(document: str = RUN, *, executable: Iterable[str] = (), **more: str) -> list[Finding]:
    files = {**SCRIPT, "README.md": document, **more}
    return ask("documented-script-executable", files, executable=executable)


def test_a_script_that_may_not_be_executed_and_is_run_by_its_path_is_told() -> None:
    found = _ask()
    assert places(found) == [("README.md", 4)]
    assert found[0].weight.value == "note"
    assert found[0].remedy is not None
    assert "git update-index --chmod=+x scripts/run.sh" in found[0].remedy.commands[0]
    beside = _ask("# Scripts\n", **{"scripts/README.md": "# It\n\n```bash\n./run.sh\n```\n"})
    assert places(beside) == [("scripts/README.md", 4)]


@pytest.mark.parametrize(
    "document",
    [
        "# App\n\n```bash\nbash ./scripts/run.sh\n```\n",
        "# App\n\n```bash\nchmod +x scripts/*.sh\n./scripts/run.sh\n```\n",
        "# App\n\n```bash\ncurl -O https://x.example/run.sh\n./run.sh\n```\n",
        "# App\n\n```bash\n./other/run.sh\n```\n",
    ],
)
def test_an_interpreter_a_chmod_or_another_file_is_fine(document: str) -> None:
    assert _ask(document) == []


def test_a_script_of_the_right_mode_or_without_a_shebang_is_fine() -> None:
    assert _ask(executable=["scripts/run.sh"]) == []
    assert _ask(**{"scripts/run.sh": "echo\n"}) == []


def test_what_a_workflow_runs_too_is_told_there() -> None:
    workflow = job("- uses: actions/checkout@v4\n- run: ./scripts/run.sh")
    assert _ask(**{CI: workflow}) == []
