import os
from pathlib import Path

import pytest

from tasks.domain.workflow import Workflows
from tasks.facts.collect import collect
from tasks.facts.schema_errors import schema_errors
from tasks.facts.tree import LiteralFiles
from tasks.systems.check_jsonschema import CheckJsonschema
from tasks.systems.shell import ProgramMissing, Shell

CI = ".github/workflows/ci.yml"


def workflows(text: str) -> Workflows:
    seen = collect(LiteralFiles({CI: text})).get(Workflows)
    assert isinstance(seen, Workflows)
    return seen


@pytest.mark.processes
def test_the_schema_that_is_shipped_refuses_a_job_id_and_accepts_a_sound_file(tmp_path: Path) -> None:
    tool = CheckJsonschema(Shell(os.environ))
    sound = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
    assert schema_errors(tool, workflows(sound), tmp_path / "s").found == ()
    wrong = schema_errors(
        tool, workflows(sound.replace("runs-on", "timeout-minutes: x\n    runs-on")), tmp_path / "s"
    )
    assert [one.file for one in wrong.found] == [CI]


@pytest.mark.processes
def test_a_program_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    tool = CheckJsonschema(Shell({"PATH": str(tmp_path)}))
    tool._program = "check-jsonschema"
    with pytest.raises(ProgramMissing):
        schema_errors(tool, workflows("on: push\njobs: {}\n"), tmp_path / "s")
