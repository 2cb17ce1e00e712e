import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "action-ref-is-whole"


def test_the_beginning_of_a_commit_id_is_named_in_workflows_and_actions() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - uses: a/b@8e8c483\n"
    found = ask(
        CHECK, {CI: job("- uses: actions/checkout@8e8c483db84b"), ".github/actions/x/action.yml": action}
    )
    assert places(found) == [(CI, 6), (".github/actions/x/action.yml", 4)]


@pytest.mark.parametrize(
    "ref", ["v6", "main", "20240101", "8e8c483db84b4bee98b60c0593521ed34d9990e8", "facade", "v1a2b3c4"]
)
def test_a_whole_commit_a_tag_a_date_and_a_word_are_left_alone(ref: str) -> None:
    assert ask(CHECK, {CI: job(f"- uses: actions/checkout@{ref}")}) == []
