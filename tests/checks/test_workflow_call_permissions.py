import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "called-workflow-permissions"
CALLED = ".github/workflows/called.yml"
OUTER = ".github/workflows/outer.yml"


def calls(*, permissions: str = "", everywhere: str = "", path: str = CALLED) -> str:
    """Return a workflow whose job ``call`` is on line 3 (4 with ``everywhere``)."""
    head = f"permissions: {everywhere}\n" if everywhere else ""
    own = f"    permissions: {permissions}\n" if permissions else ""
    return f"{head}on: push\njobs:\n  call:\n{own}    uses: ./{path}\n"


def called(*, permissions: str = "", everywhere: str = "") -> str:
    head = f"permissions: {everywhere}\n" if everywhere else ""
    own = f"permissions: {permissions}" if permissions else ""
    return head + job("- run: ls", on="workflow_call", extra=own)


@pytest.mark.parametrize(
    ("caller", "asked", "told", "line"),
    [
        (
            calls(permissions="{contents: read}"),
            called(permissions="{contents: write}"),
            "contents: write",
            4,
        ),
        (calls(everywhere="{}"), called(permissions="{contents: read}"), "contents: read", 1),
        (calls(everywhere="read-all"), called(permissions="{id-token: write}"), "id-token: write", 1),
        (calls(permissions="{contents: read}"), called(everywhere="read-all"), "issues: read", 4),
        (calls(permissions="read-all"), called(everywhere="{packages: write}"), "packages: write", 4),
    ],
)
def test_a_called_job_that_asks_for_more_than_its_caller_has_is_named(
    caller: str, asked: str, told: str, line: int
) -> None:
    (found,) = ask(CHECK, {CI: caller, CALLED: asked})
    assert (found.subject, found.weight, places([found])) == ("ci.yml: call", "blocker", [(CI, line)])
    assert told in found.remedy.summary if found.remedy else ""
    assert CALLED in {one.file for one in found.evidence}


def test_a_workflow_that_the_called_one_calls_is_held_to_the_same() -> None:
    inner = {CALLED: called(permissions="{contents: write}"), CI: calls().replace("push", "workflow_call")}
    (found,) = ask(CHECK, {OUTER: calls(permissions="{contents: read}", path=CI), **inner})
    assert (found.subject, places([found])) == ("outer.yml: call", [(OUTER, 4)])


def test_a_called_job_that_asks_for_what_is_granted_or_for_nothing_is_fine() -> None:
    for caller, asked in (
        (calls(permissions="{contents: write}"), called(permissions="{contents: write}")),
        (calls(permissions="{contents: write}"), called(permissions="{contents: read}")),
        (calls(permissions="write-all"), called(permissions="{id-token: write, models: read}")),
        (calls(permissions="{contents: read}"), called()),
        (calls(permissions="{contents: read}"), called(permissions="{}")),
        (calls(everywhere="{}", permissions="{contents: read}"), called(permissions="{contents: read}")),
        # Which default the repository has was not seen.
        (calls(), called(permissions="{contents: write}")),
    ):
        assert ask(CHECK, {CI: caller, CALLED: asked}) == []
