import pytest

from tasks.domain.forge_used_action import ForgeUsedActions, Found
from tests.checks.test_github_repository import SETTINGS, one
from tests.checks.testing import CI, ask, job, places

USING = job("- uses: a/tool@v1\n- uses: a/tool@v1")


def seen(found: Found, name: str = "a/tool@v1") -> ForgeUsedActions:
    return ForgeUsedActions(found={name: found})


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Found.NO_REPOSITORY, "GitHub has no a/tool, or it is private"),
        (Found.NO_REF, "has no branch, tag or commit v1"),
        (Found.NO_ACTION, "has no action.yml at v1"),
    ],
)
def test_an_action_that_is_not_there_is_named_once_with_its_places(found: Found, said: str) -> None:
    finding = one(ask("action-exists", {CI: USING}, seen(found), SETTINGS))
    assert (finding.blocks, said in finding.message) == (True, True)
    assert [place.line for place in finding.evidence] == [6, 7]


def test_a_private_action_of_the_same_owner_may_be_hidden_from_the_token() -> None:
    own = {CI: job("- uses: o/tool@v1")}
    finding = one(ask("action-exists", own, seen(Found.NO_REPOSITORY, "o/tool@v1"), SETTINGS))
    assert finding.verdict == "unknown"


def test_an_action_that_is_there_or_was_not_looked_for_is_not_accused() -> None:
    assert ask("action-exists", {CI: USING}, seen(Found.THERE), SETTINGS) == []
    assert ask("action-exists", {CI: USING}, SETTINGS) == []
    assert ask("action-exists", {CI: USING}) == []
    skipped = {CI: job("- uses: a/tool@v1", extra="if: false")}
    assert ask("action-exists", skipped, seen(Found.NO_REF), SETTINGS) == []


def test_what_github_would_not_say_is_a_note() -> None:
    finding = one(ask("action-exists", {CI: USING}, seen(Found.UNKNOWN), SETTINGS))
    assert (finding.verdict, finding.weight) == ("unknown", "note")


def test_a_called_workflow_is_looked_at_like_an_action() -> None:
    calls = {CI: "on: push\njobs:\n  all: {uses: a/b/.github/workflows/c.yml@v1}\n"}
    gone = seen(Found.NO_REF, "a/b/.github/workflows/c.yml@v1")
    assert places(ask("action-exists", calls, gone, SETTINGS)) == [(CI, 3)]


def test_a_name_that_is_known_to_be_wrong_is_a_warning_also_offline() -> None:
    wrong = {CI: job("- uses: rustsec/audit-check-action@v1")}
    finding = one(ask("action-exists", wrong))
    assert (finding.weight, places([finding])) == ("warning", [(CI, 6)])
    assert ask("action-exists", {CI: job("- uses: rustsec/audit-check@v2")}) == []
