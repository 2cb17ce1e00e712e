import pytest

from tasks.domain.forge import ForgeRule, ForgeRules
from tests.checks.testing import CI, ask, places

CHECK = "result-job-sees-failure"


def ci(
    steps: str = "- run: echo passed", *, extra: str = "", on: str = "pull_request", id_: str = "ci-success"
) -> str:
    more = f"    {extra}\n" if extra else ""
    body = "".join(f"      {line}\n" for line in steps.splitlines())
    return (
        f"on: {on}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{{run: make}}]\n"
        f"  {id_}:\n    needs: [test]\n    runs-on: ubuntu-latest\n{more}    steps:\n{body}"
    )


@pytest.mark.parametrize(
    "text",
    [
        ci(),
        ci("- run: exit 0"),
        ci("- run: exit 0\n  if: success()\n- run: exit 1\n  if: ${{ !success() }}", id_="result"),
        ci(extra="if: github.repository_owner == 'acme'"),
    ],
)
def test_a_result_job_that_is_left_out_when_a_job_fails_is_a_note(text: str) -> None:
    (found,) = ask(CHECK, {CI: text})
    assert (places([found]), found.weight) == ([(CI, 6)], "note")
    assert "left out" in found.message


def test_one_that_the_branch_requires_is_a_warning_and_another_is_fine() -> None:
    for name, weights in (("ci-success", ["warning"]), ("test", [])):
        rule = ForgeRule(
            type="required_status_checks",
            source="main",
            parameters={"required_status_checks": [{"context": name}]},
        )
        rules = ForgeRules(branch="main", rules=(rule,), protected=None)
        assert [one.weight for one in ask(CHECK, {CI: ci()}, rules)] == weights


def test_a_judge_that_does_not_run_after_a_failure_is_made_to() -> None:
    judge = "- uses: re-actors/alls-green@release/v1\n  with:\n    jobs: ${{ toJSON(needs) }}"
    (found,) = ask(CHECK, {CI: ci(judge)})
    assert found.remedy is not None
    assert "if: always()" in " ".join(found.remedy.commands)
    assert ask(CHECK, {CI: ci(judge, extra="if: always()")}) == []


def test_one_that_runs_always_and_reads_no_result_is_named() -> None:
    for text in (ci(extra="if: always()"), ci(extra="if: ${{ !cancelled() }}", on="push")):
        (found,) = ask(CHECK, {CI: text})
        assert "looks at no result" in found.message


@pytest.mark.parametrize(
    "text",
    [
        ci(on="push"),
        ci(id_="summary"),
        ci("- run: make deploy", id_="all"),
        ci("- run: '[[ ${{ needs.test.result }} == success ]]'", extra="if: always()"),
        ci("- run: exit 1\n  if: contains(needs.*.result, 'failure')", extra="if: always()"),
        ci("- run: echo $R\n  env: {R: '${{ needs.test.result }}'}", extra="if: always()"),
        ci(extra="if: always() && needs.test.result == 'failure'"),
        ci(extra="environment: production", id_="gate"),
        ci() + "  after:\n    needs: ci-success\n    runs-on: x\n    steps: [{run: make}]\n",
        ci() + "  failed:\n    needs: test\n    if: failure()\n    runs-on: x\n    steps: [{run: exit 1}]\n",
    ],
)
def test_a_job_that_sees_failures_or_stands_for_no_others_is_fine(text: str) -> None:
    assert ask(CHECK, {CI: text}) == []
