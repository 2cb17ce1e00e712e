import pytest

from tests.checks.testing import CI, answers, ask, job, places

RUN = "- run: make"


def test_text_beside_the_braces_makes_a_condition_that_always_holds() -> None:
    text = job("- run: x\n  if: ${{ github.ref_name }} == 'main'")
    assert places(ask("condition-is-no-text", {CI: text})) == [(CI, 7)]


def test_the_line_end_of_a_block_makes_a_condition_that_always_holds() -> None:
    text = job("- run: x\n  if: |\n    ${{ github.ref_name == 'main' }}")
    assert places(ask("condition-is-no-text", {CI: text})) == [(CI, 8)]


def test_conditions_that_were_copied_with_text_around_them_are_one_finding() -> None:
    steps = "- run: a\n  if: ${{ github.ref }} == 'a'\n- run: b\n  if: ${{ github.ref }} == 'b'"
    (found,) = ask("condition-is-no-text", {CI: job(steps), ".github/workflows/z.yml": job(steps)})
    assert [one.line for one in found.evidence] == [7, 9, 7, 9]


def test_a_condition_of_one_expression_is_fine() -> None:
    steps = """
        - {run: x, if: "${{ github.ref_name == 'main' && contains('}}', 'x') }}"}
        - run: x
          if: |
            github.ref_name == 'main'
        - run: x
          if: >-
            ${{ github.ref_name == 'main' }}
    """
    assert ask("condition-is-no-text", {CI: job(steps)}) == []


def test_a_step_for_an_event_that_never_starts_the_workflow_is_a_note() -> None:
    text = job("- run: x\n  if: always() && github.event_name == 'release'")
    assert places(ask("condition-event-can-happen", {CI: text})) == [(CI, 7)]


def test_steps_that_wait_for_one_event_in_vain_are_one_finding() -> None:
    step = "- run: x\n  if: github.event_name == 'release'"
    (found,) = ask("condition-event-can-happen", {CI: job(f"{step}\n{step}")})
    assert [one.line for one in found.evidence] == [7, 9]
    (found,) = ask("condition-event-can-happen", {CI: job(step), ".github/workflows/z.yml": job(step)})
    assert [one.file for one in found.evidence] == [CI, ".github/workflows/z.yml"]


@pytest.mark.parametrize(
    ("condition", "on", "meant"),
    [
        ("github.event.workflow_run.conclusion == 'success'", "workflow_dispatch", "'workflow_run'"),
        ("github.event.pull_request.merged", "push", "'pull_request' or 'pull_request_review'"),
        ("github.ref == 'x' && github.event.release.prerelease == true", "push", "'release'"),
    ],
)
def test_a_job_that_asks_for_an_object_no_event_brings_never_runs(
    condition: str, on: str, meant: str
) -> None:
    (found,) = ask("condition-event-can-happen", {CI: job(RUN, on=on, extra=f"if: {condition}")})
    assert (places([found]), found.weight) == ([(CI, 5)], "warning")
    assert meant in found.message
    step = job(f'- {{run: x, if: "{condition}"}}', on=on)
    assert [one.weight for one in ask("condition-event-can-happen", {CI: step})] == ["note"]


@pytest.mark.parametrize(
    ("condition", "on"),
    [
        ("github.event.workflow_run.conclusion == 'success'", "[workflow_run, push]"),
        ("github.event.pull_request.merged", "pull_request_target"),
        ("github.event.pull_request.head.repo.fork == false", "push"),
        ("github.event.pull_request.number == ''", "push"),
        ("!github.event.pull_request.draft", "push"),
        ("github.event.pull_request.draft != true", "push"),
        ("github.event.pull_request || github.ref == 'x'", "push"),
        ("github.event.head_commit.id == 'x'", "push"),
    ],
)
def test_a_condition_that_holds_without_the_object_or_with_it_is_fine(condition: str, on: str) -> None:
    text = job(RUN, on=on, extra=f'if: "{condition}"')
    assert ask("condition-event-can-happen", {CI: text}) == []


def test_a_condition_that_asks_for_another_thing_as_well_can_hold() -> None:
    steps = "- run: x\n  if: github.event_name == 'release' || github.ref == 'x'"
    other = "- run: x\n  if: github.event_name != 'release' && github.event_name == 'push'"
    called = job("- run: x\n  if: github.event_name == 'release'", on="[push, workflow_call]")
    for text in (job(steps), job(other), called):
        assert ask("condition-event-can-happen", {CI: text}) == []


TAGGED = "startsWith(github.ref, 'refs/tags/v')"


@pytest.mark.parametrize("condition", [TAGGED, f"success() && {TAGGED}", "github.ref_type == 'tag'"])
def test_a_step_for_tags_in_a_workflow_that_only_branches_start_is_a_note(condition: str) -> None:
    on = "{push: {branches: [main]}, pull_request: }"
    (found,) = ask("condition-event-can-happen", {CI: job(f'- {{run: x, if: "{condition}"}}', on=on)})
    assert (places([found]), found.weight) == ([(CI, 6)], "note")
    (found,) = ask("condition-event-can-happen", {CI: job(RUN, on=on, extra=f"if: {condition}")})
    assert (places([found]), found.weight) == ([(CI, 5)], "warning")


@pytest.mark.parametrize(
    ("on", "condition"),
    [
        ("push", TAGGED),
        ("{push: {branches: [main], tags: ['v*']}}", TAGGED),
        ("{push: {branches: [main]}, workflow_dispatch: }", TAGGED),
        ("{push: {branches: [main]}, release: }", TAGGED),
        ("{push: {branches: [main]}}", f"!{TAGGED}"),
        ("{push: {branches: [main]}}", f"{TAGGED} || github.ref == 'refs/heads/main'"),
    ],
)
def test_a_condition_for_tags_that_can_hold_is_fine(on: str, condition: str) -> None:
    assert ask("condition-event-can-happen", {CI: job(RUN, on=on, extra=f'if: "{condition}"')}) == []


@pytest.mark.parametrize(
    ("on", "condition"),
    [
        ("push", "github.event_name == 'release' || github.event_name == 'schedule'"),
        ("{push: {branches: [main]}, pull_request: }", "github.ref == 'refs/heads/master'"),
        ("{push: {branches: [main]}, pull_request: }", "github.ref_name == 'develop' || inputs.all"),
        ("{push: {tags: ['v*']}}", "github.ref == 'refs/heads/main' && github.event_name == 'push'"),
        ("{pull_request: , workflow_dispatch: }", "github.event_name == 'pull_request' && inputs.deploy"),
        ("push", "github.head_ref == 'release'"),
    ],
)
def test_a_job_whose_condition_no_beginning_of_a_run_makes_true_never_runs(on: str, condition: str) -> None:
    (found,) = ask("condition-event-can-happen", {CI: job(RUN, on=on, extra=f'if: "{condition}"')})
    assert (places([found]), found.weight) == ([(CI, 5)], "warning")


@pytest.mark.parametrize(
    ("on", "condition"),
    [
        ("{push: {branches: ['ma*']}}", "github.ref == 'refs/heads/master'"),
        ("{push: {branches: [main]}, workflow_dispatch: }", "github.ref == 'refs/heads/master'"),
        ("{push: {branches: [main]}, schedule: }", "github.ref == 'refs/heads/master'"),
        ("{push: {branches-ignore: [main]}}", "startsWith(github.ref, 'refs/heads/release/')"),
        ("{push: {branches: [main]}, workflow_call: }", "github.ref == 'refs/heads/master'"),
        ("{pull_request: {types: [closed]}}", "github.ref == 'refs/heads/main'"),
        ("{push: {branches: [main]}}", "github.ref == format('refs/heads/{0}', 'main')"),
        ("{push: {branches: [main]}}", "contains(github.ref, 'ain')"),
        ("{push: {branches: [main]}}", "github.event.repository.default_branch == 'x'"),
        ("push", "inputs.deploy == '' || github.head_ref == ''"),
        ("[push, workflow_dispatch]", "github.event.inputs.deploy == 'yes'"),
        ("push", "${{ false }}"),
    ],
)
def test_a_condition_that_some_beginning_may_make_true_is_fine(on: str, condition: str) -> None:
    assert ask("condition-event-can-happen", {CI: job(RUN, on=on, extra=f'if: "{condition}"')}) == []


def test_a_step_that_asks_for_another_event_than_its_job_is_a_note() -> None:
    step = "- run: x\n  if: github.event_name == 'push'"
    text = job(step, on="[push, pull_request]", extra="if: github.event_name == 'pull_request'")
    (found,) = ask("condition-event-can-happen", {CI: text})
    assert (places([found]), found.weight) == ([(CI, 8)], "note")
    assert "runs only on pull_request" in found.message
    same = job(step, on="[push, pull_request]", extra="if: github.ref == 'refs/heads/main'")
    assert ask("condition-event-can-happen", {CI: same}) == []


NEEDING = """
    on:
      push: {branches: [main]}
      pull_request:
    jobs:
      plan:
        if: github.event_name == 'pull_request'
        runs-on: ubuntu-latest
        steps: [{run: make}]
      fmt:
        runs-on: ubuntu-latest
        steps: [{run: make}]
      apply:
        needs: [fmt, plan]
        if: CONDITION
        runs-on: ubuntu-latest
        steps: [{run: make}]
      tell:
        needs: apply
        runs-on: ubuntu-latest
        steps: [{run: make}]
    """


@pytest.mark.parametrize(
    "condition",
    ["github.event_name == 'push'", "github.event_name != 'pull_request'", "github.ref == 'refs/heads/main'"],
)
def test_a_job_that_needs_one_of_another_event_never_runs(condition: str) -> None:
    (found,) = ask("needed-job-runs-too", {CI: NEEDING.replace("CONDITION", condition)})
    assert (found.subject, places([found])[0]) == ("ci.yml: apply", (CI, 15))
    assert "only on push of main, and waits for 'plan' (only on pull_request)" in found.message


@pytest.mark.parametrize(
    "condition",
    [
        "always() && github.event_name == 'push'",
        "${{ !cancelled() && github.ref == 'refs/heads/main' }}",
        "github.event_name == 'pull_request'",
        "github.actor != 'me'",
        "github.event_name == 'push' || needs.plan.outputs.changed",
    ],
)
def test_a_job_that_can_run_with_those_it_needs_or_without_them_is_fine(condition: str) -> None:
    found = answers("needed-job-runs-too", {CI: NEEDING.replace("CONDITION", condition)})
    assert [one.verdict for one in found] == ["holds", "holds"]


def test_a_job_that_needs_two_which_never_run_together_never_runs() -> None:
    both = NEEDING.replace("needs: [fmt, plan]", "needs: [fmt, plan, ship]").replace(
        "        if: CONDITION\n", ""
    )
    ship = "      ship: {runs-on: ubuntu-latest, if: github.event_name == 'push', steps: [{run: x}]}\n    "
    (found,) = ask("needed-job-runs-too", {CI: both.rstrip() + "\n" + ship})
    assert found.subject == "ci.yml: apply"
    assert "'ship' (only on push of main)" in found.message


def test_a_job_that_needs_one_which_never_runs_is_told_of_there() -> None:
    text = NEEDING.replace("CONDITION", "github.event_name == 'push'")
    never = text.replace("if: github.event_name == 'pull_request'", "if: github.event_name == 'release'")
    assert ask("needed-job-runs-too", {CI: never}) == []


PUBLISH = """\
    on:
      workflow_dispatch:
      release:
        types: [published]
    jobs:
      publish:
        runs-on: ubuntu-latest
        if: github.repository == 'a/b' && startsWith(github.event.release.tag_name, 'v')
        steps:
          - run: cargo publish
"""


def test_a_start_by_hand_with_which_no_job_can_run_is_told() -> None:
    (found,) = ask("condition-event-can-happen", {CI: PUBLISH})
    assert (places([found]), found.subject) == ([(CI, 2)], "ci.yml: workflow_dispatch")
    assert [one.line for one in found.evidence] == [2, 8]


def test_a_start_by_hand_that_some_job_answers_is_fine() -> None:
    other = PUBLISH + "      test:\n        runs-on: ubuntu-latest\n        steps: [{run: make}]\n"
    assert ask("condition-event-can-happen", {CI: other}) == []
    either = PUBLISH.replace("startsWith", "(github.event_name == 'workflow_dispatch' || startsWith")
    assert ask("condition-event-can-happen", {CI: either.replace("'v')", "'v'))")}) == []
    main = PUBLISH.replace(
        "startsWith(github.event.release.tag_name, 'v')", "github.ref == 'refs/heads/main'"
    )
    assert ask("condition-event-can-happen", {CI: main}) == []
