"""Called workflows and the repository's own actions."""

import pytest

from tests.embedded.runner.bench import Bench

pytestmark = pytest.mark.processes

CALLED = """
on:
  workflow_call:
    inputs: {who: {type: string, required: true}, times: {type: number, default: 2}}
    secrets: {key: {required: true}}
    outputs: {said: {value: "${{ jobs.inner.outputs.said }}"}}
jobs:
  inner:
    runs-on: ubuntu-latest
    permissions: {contents: write}
    outputs: {said: "${{ steps.s.outputs.said }}"}
    steps:
      - id: s
        run: |
          test "${{ secrets.key }}" = handed-on
          echo "said=hello ${{ inputs.who }} ${{ inputs.times }}" >> "$GITHUB_OUTPUT"
"""
CALLER = """
on: push
permissions: {contents: read}
jobs:
  call:
    uses: ./.github/workflows/called.yml
    with: {who: ada}
    secrets: {key: "${{ secrets.OUTER }}"}
  after:
    needs: call
    runs-on: ubuntu-latest
    steps: [{run: 'test "${{ needs.call.outputs.said }}" = "hello ada 2"'}]
"""
COMPOSITE = """
inputs: {who: {default: nobody}, unused: {}}
outputs: {said: {value: "${{ steps.s.outputs.said }}"}}
runs:
  using: composite
  steps:
    - id: s
      shell: bash
      run: |
        test -f "$GITHUB_ACTION_PATH/action.yml"
        echo "said=$PREFIX ${{ inputs.who }}" >> "$GITHUB_OUTPUT"
    - if: inputs.who == 'bad'
      shell: bash
      run: exit 1
    - shell: bash
      run: echo "EXPORTED=by-composite" >> "$GITHUB_ENV"
"""


def test_a_called_workflow_runs_under_its_callers_name(bench: Bench) -> None:
    bench.files[".github/workflows/called.yml"] = CALLED
    bench.host.secrets["OUTER"] = "handed-on"
    result = bench.run(CALLER)
    assert result.conclusion == "success", [job.annotations for job in result.jobs]
    assert {job.name for job in result.jobs} == {"call / inner", "after"}
    assert bench.job(result, "call / inner").key == "call/inner"
    # A called workflow never gets more than its caller has.
    assert bench.host.tokens["call / inner"]["contents"] == "read"


def test_a_call_that_fails_fast_ends_the_jobs_that_the_others_called(bench: Bench) -> None:
    bench.files[".github/workflows/called.yml"] = """
on: {workflow_call: {inputs: {n: {type: number}}}}
jobs:
  inner:
    runs-on: ubuntu-latest
    steps: [{run: 'test ${{ inputs.n }} = 2 && exit 1; sleep 60'}]
"""
    result = bench.run(
        """
on: push
jobs:
  call:
    strategy: {matrix: {n: [1, 2]}}
    uses: ./.github/workflows/called.yml
    with: {n: "${{ matrix.n }}"}
"""
    )
    assert {job.name: job.conclusion for job in result.jobs} == {
        "call (1) / inner": "cancelled",
        "call (2) / inner": "failure",
    }


def test_a_call_without_its_inputs_and_secrets_names_all_that_is_missing(bench: Bench) -> None:
    bench.files[".github/workflows/called.yml"] = CALLED
    result = bench.run("on: push\njobs: {call: {uses: ./.github/workflows/called.yml}}")
    assert result.conclusion == "failure"
    message = result.jobs[0].annotations[0].message
    assert "Required input 'who' not provided" in message
    assert "Secret key is required" in message


@pytest.mark.parametrize(("who", "conclusion"), [("ada", "success"), ("bad", "failure")])
def test_a_composite_action_has_inputs_outputs_and_its_own_steps(
    bench: Bench, who: str, conclusion: str
) -> None:
    bench.files["tools/greet/action.yml"] = COMPOSITE
    result = bench.run(
        f"""
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: g
        uses: ./tools/greet
        with: {{who: {who}}}
        env: {{PREFIX: hi}}
      - run: test "${{{{ steps.g.outputs.said }}}}-$EXPORTED" = "hi ada-by-composite"
"""
    )
    assert result.conclusion == conclusion, bench.log(result.jobs[0])
    assert [step.name for step in result.jobs[0].steps][2] == "Run ./tools/greet"


def test_a_local_action_without_a_checkout_is_not_found(bench: Bench) -> None:
    bench.files["tools/greet/action.yml"] = COMPOSITE
    result = bench.run("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: ./tools/greet}]}}")
    assert result.conclusion == "failure"
    assert "Did you forget to run actions/checkout" in result.jobs[0].annotations[0].message


def test_a_docker_action_of_the_repository_fails_honestly(bench: Bench) -> None:
    bench.files["tools/d/action.yml"] = "runs: {using: docker, image: Dockerfile}"
    result = bench.run(
        """
on: push
jobs:
  a: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v4}, {uses: ./tools/d}]}
"""
    )
    assert result.conclusion == "failure"
    assert "which the embedded world does not have" in result.jobs[0].annotations[0].message
