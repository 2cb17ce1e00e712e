from tasks.domain.lane import lanes, values
from tasks.domain.located import Text
from tasks.domain.source import source
from tasks.domain.workflow import Workflow
from tasks.facts.workflows import action, read_workflow, read_workflows

CI = ".github/workflows/ci.yml"


def workflow(text: str) -> Workflow:
    made = read_workflow(source(CI, text.encode()))
    assert isinstance(made, Workflow)
    return made


FULL = """\
name: CI
on:
  push: {branches: [main]}
  workflow_dispatch:
permissions:
  contents: read
env: {BIN: app}
jobs:
  build:
    runs-on: ${{ matrix.os }}-latest
    needs: [lint]
    if: github.ref == 'refs/heads/main'
    environment: {name: staging, url: http://x}
    strategy:
      matrix:
        os: [ubuntu, macos]
        include: [{os: ubuntu, target: gnu}, {os: macos, target: darwin}]
    steps:
      - uses: Actions/checkout/sub@v4
      - id: Make
        run: |
          echo hi
          echo ${{ secrets.TOKEN }} ${{ env.BIN }}
        continue-on-error: true
  lint:
    uses: ./.github/workflows/lint.yml
"""


def test_jobs_steps_and_their_lines_are_read() -> None:
    made = workflow(FULL)
    build = made.jobs["build"]
    assert (made.name, made.file, [str(e) for e in made.events]) == (
        "CI",
        "ci.yml",
        ["push", "workflow_dispatch"],
    )
    assert (build.line, build.needs, [step.line for step in build.steps]) == (9, ("lint",), [19, 20])
    assert build.environment is not None
    assert (build.environment.name, build.environment.line) == ("staging", 13)
    assert build.steps[1].may_fail
    assert build.step("make") is build.steps[1]


def test_an_action_is_named_as_github_compares_it() -> None:
    action = workflow(FULL).jobs["build"].steps[0].action
    assert action is not None
    assert (action.name, action.ref, action.pinned, action.line) == ("actions/checkout/sub", "v4", False, 19)
    called = workflow(FULL).jobs["lint"].action
    assert called is not None
    assert called.local == ".github/workflows/lint.yml"


def test_what_expressions_read_is_told_with_line_job_and_step() -> None:
    found = {(one.context, one.path): one for one in workflow(FULL).reads}
    secret = found["secrets", ("TOKEN",)]
    assert (secret.line, secret.use.job, secret.use.step, secret.use.key) == (23, "build", 1, "run")
    assert found["github", ("ref",)].use.condition


def test_an_expression_that_github_refuses_is_kept_with_its_reason() -> None:
    made = workflow("on: push\njobs:\n  a:\n    name: ${{ x( }}\n    steps: []\n    if: a ==\n")
    assert [(use.line, use.error is not None) for use in made.uses] == [(4, True), (6, True)]


def test_an_input_that_is_called_if_is_no_condition() -> None:
    steps = "      - uses: a/b@v1\n        with:\n          if: not an ! expression\n"
    made = workflow(f"on: push\njobs:\n  a:\n    steps:\n{steps}")
    assert made.uses == ()


def test_values_of_one_lane_belong_together() -> None:
    made = workflow(FULL)
    here = lanes(made, made.jobs["build"])
    assert values("${{ matrix.os }}-${{ matrix.target }}", here) == ("ubuntu-gnu", "macos-darwin")
    assert [lane.system for lane in here] == ["Linux", "macOS"]


def test_a_computed_matrix_leaves_values_open() -> None:
    strategy = "strategy: {matrix: '${{ fromJSON(needs.x.outputs.m) }}'}"
    made = workflow(f"on: push\njobs:\n  a:\n    {strategy}\n    steps: []\n")
    assert values("x-${{ matrix.a }}", lanes(made, made.jobs["a"])) is None


def test_a_choice_counts_only_when_nothing_else_starts_the_workflow() -> None:
    inputs = "{inputs: {to: {type: choice, options: [a, b]}}}"
    alone = workflow(f"on:\n  workflow_dispatch: {inputs}\njobs:\n  j: {{steps: []}}\n")
    also = workflow(f"on:\n  workflow_dispatch: {inputs}\n  push:\njobs:\n  j: {{steps: []}}\n")
    assert values("${{ inputs.to }}", lanes(alone, alone.jobs["j"])) == ("a", "b")
    assert values("${{ inputs.to }}", lanes(also, also.jobs["j"])) is None


def test_a_condition_is_true_false_or_open() -> None:
    made = workflow(FULL)
    lane = lanes(made, made.jobs["build"])[0]
    assert lane.condition("matrix.os == 'ubuntu'") is True
    assert lane.condition("matrix.os == 'macos' && github.ref == 'x'") is False
    assert lane.condition("github.ref == 'x'") is None
    assert lane.condition("always()") is None


def test_permissions_of_a_job_replace_those_of_the_workflow() -> None:
    made = workflow(
        "on: push\npermissions: write-all\n"
        "jobs:\n  a: {steps: []}\n  b: {permissions: {contents: read}, steps: []}\n"
    )
    assert made.permission(made.jobs["a"], "id-token") == "write"
    assert made.permission(made.jobs["b"], "id-token") == "none"


def test_files_that_are_no_workflows_are_told_apart() -> None:
    found = read_workflows(
        [
            source(CI, b"a: [\n"),
            source(".github/workflows/sub/x.yml", b"on: push\n"),
            source("act/action.yml", b"runs: {using: composite}\n"),
        ]
    )
    assert [one.source.path for one in found.unparsed] == [CI]
    assert found.files == ()
    assert found.action("act") is not None


def test_an_action_of_the_repository_itself_needs_no_checkout_to_be_local() -> None:
    for written in ("$/actions/a", "$/./actions/a/", "./actions/a/"):
        found = action(Text(written))
        assert found is not None
        assert found.local == "actions/a"
