from tasks.domain.finding import Finding, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.shell_syntax import ShellFault, ShellSyntax
from tests.checks.testing import CI, answers, ask, job, places, snapshot

FILES = {
    "tools/a.sh": "#!/bin/bash\nif true; then\n  CRATES=( a | b )\nfi\n",
    CI: job("- uses: actions/checkout@v4\n- run: ./tools/a.sh --fast\n- run: |\n    echo a\n    fi"),
}


def asked(
    path: str, line: int, *, swallowed: bool = False, files: dict[str, str] | None = None
) -> list[Finding]:
    given = FILES if files is None else files
    found = [one for one in scripts(given) if one.path == path and "checkout" not in one.text]
    fault = ShellFault(script=found[-1], line=line, told="syntax error", swallowed=swallowed)
    return ask("shell-parses", given, ShellSyntax(read=3, faults=(fault,)))


def scripts(files: dict[str, str]) -> list[Script]:
    seen = snapshot(files).get(Scripts)
    assert isinstance(seen, Scripts)
    return list(seen)


def test_a_step_that_bash_cannot_read_stops_the_first_run() -> None:
    (found,) = asked(CI, 10)
    assert (places([found]), found.weight, found.phase) == ([(CI, 10)], Weight.BLOCKER, Phase.FIRST_RUN)


def test_a_called_script_that_bash_cannot_read_is_named_with_its_caller() -> None:
    (found,) = asked("tools/a.sh", 3)
    assert [(one.file, one.line) for one in found.evidence] == [("tools/a.sh", 3), (CI, 7)]
    assert found.weight is Weight.BLOCKER


def test_a_script_that_nobody_calls_and_one_that_may_fail_are_warnings() -> None:
    (found,) = asked("tools/a.sh", 3, files={"tools/a.sh": FILES["tools/a.sh"]})
    assert found.weight is Weight.WARNING
    masked = {**FILES, CI: FILES[CI].replace("--fast", "--fast || true")}
    (found,) = asked("tools/a.sh", 3, files=masked)
    assert (found.weight, len(found.evidence)) == (Weight.WARNING, 1)


def test_a_script_that_a_test_reads_is_not_accused() -> None:
    assert asked("tests/fixtures/a.sh", 3, files={"tests/fixtures/a.sh": "fi\n"}) == []


def test_a_here_document_without_end_is_a_warning() -> None:
    (found,) = asked(CI, 10, swallowed=True)
    assert found.weight is Weight.WARNING


def test_shell_that_bash_reads_holds() -> None:
    assert [one.verdict.value for one in answers("shell-parses", FILES, ShellSyntax(read=3))] == ["holds"]
