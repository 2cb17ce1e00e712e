import pytest

from tests.checks.testing import CI, ask, job, places


@pytest.mark.parametrize(
    ("run", "line", "weight"),
    [
        ('echo "Length: ${#$A}"', 7, "blocker"),
        ('x="${$A}"', 7, "blocker"),
        ('echo "it\'s ${$A:-x}"', 7, "blocker"),
        ('if test "$A"; then\n      echo "${#$A}"\n      exit 1\n    fi', 8, "note"),
        ('if test "$A"; then\n      deploy "${$A}"\n    fi\n    true', 8, "warning"),
    ],
)
def test_a_dollar_inside_a_substitution_ends_the_script(run: str, line: int, weight: str) -> None:
    (found,) = ask("shell-substitutes", {CI: job(f"- run: |\n    {run}")})
    assert (places([found]), found.weight) == ([(CI, line)], weight)


@pytest.mark.parametrize(
    "run",
    [
        "echo ${A} ${#A} ${!A} $${A} ${#$} $$ ${$}",
        "echo '${$A}'",
        'eval "x=\\${$A}"',
        "echo a # ${$A}",
        "awk '{ print ${#$A} }' x",
        "cat <<'E'\n    ${$A}\n    E",
    ],
)
def test_what_bash_can_fill_in_or_leaves_as_it_is_written_is_fine(run: str) -> None:
    assert ask("shell-substitutes", {CI: job(f"- run: |\n    {run}")}) == []


def test_a_step_in_another_shell_or_one_that_may_fail_stops_nothing() -> None:
    assert ask("shell-substitutes", {CI: job("- {run: 'echo \"${$A}\"', shell: pwsh}")}) == []
    (found,) = ask("shell-substitutes", {CI: job("- {run: 'echo \"${$A}\"', continue-on-error: true}")})
    assert found.weight == "warning"


def test_a_script_of_the_repository_is_told_at_its_line() -> None:
    files = {"ci/a.sh": '#!/bin/bash\nset -e\necho "${#$A}"\n'}
    assert places(ask("shell-substitutes", files)) == [("ci/a.sh", 3)]
