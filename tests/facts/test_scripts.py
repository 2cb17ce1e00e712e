from tasks.domain.script import Script, Scripts
from tasks.domain.source import source
from tasks.facts.scripts import read_scripts
from tasks.facts.workflows import read_workflows

CI = ".github/workflows/ci.yml"


def scripts(files: dict[str, str]) -> Scripts:
    sources = [source(path, text.encode()) for path, text in files.items()]
    return read_scripts(read_workflows(sources), sources)


def step(text: str, head: str = "") -> list[Script]:
    job = "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
    return list(scripts({CI: f"on: push\n{head}{job}{text}"}))


def test_lines_of_commands_are_lines_of_the_workflow() -> None:
    (made,) = step("      - run: |\n          echo a\n          make\n")
    assert [one.line for one in made.commands] == [8, 9]


def test_a_working_directory_comes_from_step_or_defaults() -> None:
    head = "defaults: {run: {working-directory: sub}}\n"
    one, two = step("      - run: make\n      - {run: make, working-directory: other}\n", head)
    assert (one.commands[0].cwd, two.commands[0].cwd) == ("sub", "other")


def test_the_shell_decides_whether_a_pipe_may_fail() -> None:
    one, two, three = step(
        "      - run: a | b\n      - {run: a | b, shell: bash}\n      - {run: x, shell: pwsh}\n"
    )
    assert (one.commands[0].fatal, two.commands[0].fatal, three.commands) == (False, True, ())


def test_a_variable_written_to_github_env_is_known_to_later_steps() -> None:
    _, two = step("      - run: echo BIN=app >> $GITHUB_ENV\n      - run: cp $BIN x\n")
    assert two.commands[0].literals == ("app", "x")


def test_a_line_of_a_heredoc_that_goes_on_is_one() -> None:
    text = "      - run: |\n          cat << EOF >> $GITHUB_OUTPUT\n          A=x \\\n            --env=B=y\n"
    (made,) = step(f"{text}          C=z\n          EOF\n")
    assert [(one.name, one.line) for one in made.written("GITHUB_OUTPUT")[0]] == [("A", 9), ("C", 11)]


def test_a_variable_that_may_have_been_overwritten_is_not_certain() -> None:
    text = "      - {run: echo BIN=other >> $GITHUB_ENV, if: failure()}\n      - run: cp $BIN x\n"
    _, two = step(text, "env: {BIN: app}\n")
    assert two.commands[0].literals == (None, "x")


def test_outputs_are_told_and_whether_those_are_all() -> None:
    (made,) = step(
        '      - run: |\n          echo "a=1" >> "$GITHUB_OUTPUT"\n          echo "b=$X" >> $GITHUB_OUTPUT\n'
    )
    assert (
        [(o.name, o.value) for o in made.written("GITHUB_OUTPUT")[0]],
        made.written("GITHUB_OUTPUT")[1],
    ) == (
        [("a", "1"), ("b", None)],
        True,
    )
    (other,) = step('      - run: ./make-outputs.sh >> "$GITHUB_OUTPUT"\n')
    assert other.written("GITHUB_OUTPUT") == ((), False)


def test_a_step_that_never_runs_has_no_lane() -> None:
    (made,) = step("      - {run: make, if: false}\n")
    assert made.never


def test_shell_files_are_read_by_name_or_by_first_line() -> None:
    found = scripts(
        {"a.sh": "make\n", "run": "#!/usr/bin/env bash\nmake\n", "tool": "#!/usr/bin/python3\nmake\n"}
    )
    assert [one.path for one in found] == ["a.sh", "run"]
    assert found.scripts[0].commands[0].cwd is None
