import pytest

from tests.checks.testing import CI, ask, job, places

RUN = "- run: make"


@pytest.mark.parametrize(
    ("text", "line", "where"),
    [
        ("on: push\njobs: {}\n", 2, "jobs"),
        ("jobs: {a: {runs-on: x, steps: [run: y]}}\n", 1, "on"),
        ("on: push\njob:\njobs: {a: {runs-on: x, steps: [run: y]}}\n", 2, "job"),
        ("on: push\njobs:\n  a:\n    steps: [run: y]\n", 3, "jobs.a"),
        ("on: push\njobs:\n  a:\n    runs-on: x\n", 3, "jobs.a.steps"),
        (job(RUN, extra="run-on: x"), 5, "jobs.build.run-on"),
        (job(RUN, extra="timeout-minutes: ten"), 5, "jobs.build.timeout-minutes"),
        (job(RUN, extra="continue-on-error: yes"), 5, "jobs.build.continue-on-error"),
        (job(RUN, extra="concurrency: {cancel-in-progress: true}"), 5, "jobs.build.concurrency"),
        (job(RUN, extra="environment: {url: x}"), 5, "jobs.build.environment"),
        (job(RUN, extra="env: [A]"), 5, "jobs.build.env"),
        (job(RUN, extra="strategy: {fail_fast: true}"), 5, "jobs.build.strategy.fail_fast"),
        (job("- name: x"), 6, "jobs.build.steps[0]"),
        (job("- run: x\n  uses: a/b@v1"), 7, "jobs.build.steps[0]"),
        (job("- run: x\n  with: {a: b}"), 7, "jobs.build.steps[0].with"),
        (job("- uses: a/b@v1\n  working-directory: x"), 7, "jobs.build.steps[0].working-directory"),
        (job("- uses: a/b"), 6, "jobs.build.steps[0].uses"),
        (job("- uses: a/b@${{ matrix.v }}"), 6, "jobs.build.steps[0].uses"),
        (job("- uses: a/b@v1\n  with:\n    x: [1]"), 8, "jobs.build.steps[0].with.x"),
        ("on: push\njobs:\n  a:\n    uses: x.yml\n", 4, "jobs.a.uses"),
        ("on: push\njobs:\n  a:\n    uses: a/b/c.yml@v1\n    steps: []\n", 5, "jobs.a.steps"),
    ],
)
def test_what_github_refuses_is_named_with_its_line(text: str, line: int, where: str) -> None:
    found = ask("workflow-schema", {CI: text})
    assert (places(found), found[0].subject) == ([(CI, line)], f"ci.yml: {where}")


def test_a_misspelled_key_is_told_with_the_one_that_was_meant() -> None:
    (found,) = ask("workflow-schema", {CI: job("- run: x\n  timeout_minutes: 3")})
    assert "did 'timeout_minutes' mean 'timeout-minutes'?" in found.message


def test_every_form_that_github_accepts_is_accepted() -> None:
    text = """
        name: All
        run-name: ${{ github.actor }}
        on: {push: {branches: main}}
        env: {A: , B: 1, C: true}
        defaults: {run: {shell: bash, working-directory: x}}
        concurrency: one
        permissions: read-all
        jobs:
          a:
            runs-on: {group: big, labels: [x]}
            needs: b
            timeout-minutes: ${{ fromJSON(vars.MINUTES) }}
            continue-on-error: ${{ matrix.maybe }}
            strategy: {fail-fast: false, max-parallel: 2, matrix: {maybe: [true, false]}}
            container: rust:1
            services: {db: {image: postgres, ports: ["5432:5432"]}}
            environment: {name: x, url: y}
            concurrency: {group: x, cancel-in-progress: "${{ github.ref != 'x' }}"}
            outputs: {x: "${{ steps.x.outputs.y }}"}
            env: ${{ fromJSON('{}') }}
            steps:
              - {uses: ./action, with: {a: , b: 1}, id: x}
              - {uses: "docker://alpine:3"}
              - {uses: $/action}
              - {uses: a/b/c@main, timeout-minutes: 1.5, continue-on-error: true}
              - {run: x, shell: bash, working-directory: y, env: {A: b}, if: always()}
          b:
            uses: a/b/.github/workflows/c.yml@v1
            with: {a: 1}
            secrets: inherit
    """
    assert ask("workflow-schema", {CI: text}) == []


def test_a_run_of_a_composite_action_without_shell_is_named() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - run: make\n    - {run: make, shell: bash}\n"
    assert places(ask("action-steps-have-shell", {"a/action.yml": action})) == [("a/action.yml", 4)]


def test_actions_that_are_no_composite_have_no_shell_to_name() -> None:
    action = "runs: {using: node24, main: x.js}\n"
    assert ask("action-steps-have-shell", {"a/action.yml": action}) == []


def test_an_id_that_begins_with_a_digit_is_named() -> None:
    text = "on: push\njobs:\n  10pct:\n    runs-on: x\n    steps: [run: y]\n"
    found = ask("workflow-ids-valid", {CI: text})
    assert (places(found), found[0].subject) == ([(CI, 3)], "ci.yml: ids")
    assert "'10pct'" in found[0].message


def test_ids_of_one_file_that_github_refuses_are_one_finding() -> None:
    jobs = ("10pct: {steps: [{run: y}]}", "b: {steps: [{id: 2x, run: y}]}", "c: {steps: [{run: y}]}")
    text = "on: push\njobs:\n" + "".join(f"  {one}\n" for one in jobs)
    (found,) = ask("workflow-ids-valid", {CI: text})
    assert [(place.file, place.line) for place in found.evidence] == [(CI, 3), (CI, 4)]


def test_two_steps_of_one_id_are_named_at_the_second() -> None:
    assert places(ask("workflow-ids-valid", {CI: job("- {id: a, run: x}\n- {id: A, run: x}")})) == [(CI, 7)]


def test_ids_of_two_jobs_may_be_the_same_and_hold_dashes() -> None:
    text = "on: push\njobs:\n  a-1: {steps: [{id: _x-1, run: y}]}\n  b_2: {steps: [{id: _x-1, run: y}]}\n"
    assert ask("workflow-ids-valid", {CI: text}) == []


def test_a_command_that_stands_beside_its_run_is_a_key_that_nobody_knows() -> None:
    (found,) = ask("workflow-schema", {CI: job("- run: |\n  curl -u ${{ github.token }} https://a.b/c:")})
    assert places([found]) == [(CI, 7)]
    assert found.blocks
    assert ask("workflow-schema", {CI: job("- run: x\n  ${{ insert }}: {name: y}")}) == []


def test_one_slip_in_many_steps_is_one_finding() -> None:
    (found,) = ask("workflow-schema", {CI: job("- {run: x, with: {a: b}}\n- {run: y, with: {a: b}}")})
    assert [one.line for one in found.evidence] == [6, 7]


def test_a_file_that_is_no_workflow_at_all_is_told_once_and_stops_nobody() -> None:
    (found,) = ask(
        "workflow-schema", {CI: job("- run: x"), ".github/workflows/tool.yml": "_extends: other\n"}
    )
    assert (places([found]), found.weight) == ([(".github/workflows/tool.yml", 1)], "warning")
