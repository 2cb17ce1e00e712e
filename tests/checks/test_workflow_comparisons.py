import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "comparison-can-hold"


@pytest.mark.parametrize(
    "condition",
    [
        "github.ref == 'main'",
        "'v1' != github.ref",
        "github.event_name == 'pull_reuqest'",
        "success() && (github.event_name == 'psuh' || always())",
    ],
)
def test_what_can_never_be_equal_is_named(condition: str) -> None:
    found = ask(CHECK, {CI: job(f'- run: make\n  if: "{condition}"')})
    assert places(found) == [(CI, 7)]


@pytest.mark.parametrize(
    "condition",
    [
        "github.ref == 'refs/heads/main'",
        "github.ref_name == 'main'",
        "github.ref == ''",
        "github.event_name == 'push'",
        "github.event_name == 'some_event_of_next_year'",
        "startsWith(github.ref, 'main')",
        "github.ref == inputs.ref",
        "github.event.ref == 'main'",
    ],
)
def test_what_may_be_equal_is_left_alone(condition: str) -> None:
    assert ask(CHECK, {CI: job(f'- run: make\n  if: "{condition}"')}) == []
