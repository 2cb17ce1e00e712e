from __future__ import annotations

import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "documented-secrets-complete"
STEPS = "- run: ship\n  env: {ROLE: '${{ secrets.ROLE_ARN }}', TAP: '${{ secrets.TAP_TOKEN }}'}"
LIST = "# Release\n\n## Required secrets\n\n- `ROLE_ARN`: the role\n\n## Other\n"


def test_a_secret_that_a_list_leaves_out_is_told() -> None:
    (found,) = ask(CHECK, {CI: job(STEPS), "RELEASING.md": LIST})
    assert places([found]) == [("RELEASING.md", 3)]
    assert "TAP_TOKEN, which it reads as well, is in no document" in found.message
    assert (found.evidence[1].file, found.evidence[1].line) == (CI, 7)


@pytest.mark.parametrize(
    "text",
    [
        LIST + "The tap is pushed with `TAP_TOKEN`.\n",
        LIST.replace("`ROLE_ARN`", "`OTHER`"),  # a list of something else
        LIST.replace("Required secrets", "Secrets"),  # some of them
        LIST.replace("- `ROLE_ARN`: the role", "None."),
    ],
)
def test_a_list_that_is_complete_or_of_something_else_is_not(text: str) -> None:
    assert ask(CHECK, {CI: job(STEPS), "RELEASING.md": text}) == []


def test_a_list_is_that_of_the_workflows_that_read_it() -> None:
    other = ".github/workflows/other.yml"
    files = {
        CI: job("- run: echo ${{ secrets.ROLE_ARN }} ${{ secrets.GITHUB_TOKEN }}"),
        other: job("- run: echo ${{ secrets.TAP_TOKEN }}"),
    }
    assert ask(CHECK, {**files, "RELEASING.md": LIST}) == []
