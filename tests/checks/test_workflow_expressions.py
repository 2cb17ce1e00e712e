import pytest

from tests.checks.testing import CI, ask, job, places

RUN = "- run: make"
CALL = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    with: {x: '${{ %s }}'}\n"


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        (job(RUN, extra="if: secrets.KEY != ''"), 5, "secrets"),
        (job(RUN, extra="if: matrix.os == 'x'"), 5, "matrix"),
        (job(RUN, extra="if: env.X == 'x'"), 5, "env"),
        (job("- run: x\n  if: ${{ secrets.KEY }}"), 7, "secrets"),
        (job(RUN, extra="runs-on: ${{ env.X }}").replace("    runs-on: ubuntu-latest\n", ""), 4, "env"),
        (job(RUN, extra="env: {A: '${{ runner.os }}'}"), 5, "runner"),
        (job(RUN, extra="env: {A: '${{ hashFiles(1) }}'}"), 5, "hashfiles()"),
        (job("- run: echo ${{ success() }}"), 6, "success()"),
        (job("- run: echo ${{ secret.X }}"), 6, "secret"),
        (job("- run: echo ${{ jobs.X }}"), 6, "jobs"),
        (CALL % "secrets.X", 5, "secrets"),
        (CALL % "env.X", 5, "env"),
        (f"concurrency: '${{{{ matrix.x }}}}'\n{job(RUN)}", 1, "matrix"),
    ],
)
def test_what_is_not_offered_in_a_place_is_named(text: str, line: int, name: str) -> None:
    (found,) = ask("expression-context-available", {CI: text})
    assert (places([found]), found.subject.rpartition(": ")[2]) == ([(CI, line)], name)


def test_what_the_table_offers_is_accepted_in_any_letter_case() -> None:
    text = job(
        """
        - run: echo ${{ Secrets.X }} ${{ hashFiles('**') }} ${{ runner.os }}
          if: always() && hashFiles('x') != '' && steps.a.outcome == 'failure' && env.A
          env: {B: '${{ secrets.X }}'}
        """,
        extra="""
            if: always() && needs.a.result == 'success' && vars.X && inputs.y
            env: {A: '${{ secrets.X }}${{ matrix.y }}'}
            environment: {name: '${{ inputs.e }}', url: '${{ steps.a.outputs.url }}'}
            container: {image: '${{ vars.X }}', credentials: {password: '${{ secrets.P }}'}}
            outputs: {x: '${{ steps.a.outputs.x }}'}
        """,
    )
    assert ask("expression-context-available", {CI: text}) == []


def test_a_composite_action_has_no_secrets() -> None:
    action = (
        "runs:\n  using: composite\n  steps:\n    - {shell: bash, run: '${{ inputs.x }}${{ secrets.X }}'}\n"
    )
    assert places(ask("expression-context-available", {"action.yml": action})) == [("action.yml", 4)]


def test_a_result_of_a_job_that_is_not_needed_is_empty() -> None:
    text = "on: push\njobs:\n  a: {steps: []}\n  b:\n    steps:\n      - run: echo ${{ needs.a.result }}\n"
    (found,) = ask("expression-name-exists", {CI: text})
    assert (places([found]), found.subject) == ([(CI, 6)], "ci.yml: b: needs.a")


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("github.refname", "did you mean 'ref_name'"),
        ("runner.system", "has no 'system'"),
        ("matrix.oss", "did you mean 'os'"),
        ("steps.vresion.outputs.x", "did you mean 'version'"),
        ("steps.later.outputs.x", "has not run when it is read"),
        ("inputs.x", "which has no inputs"),
        ("github.event.inputs.x", "which has no inputs"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_one_that_was_meant(read: str, meant: str) -> None:
    steps = f"- {{id: version, run: x}}\n- run: echo ${{{{ {read} }}}}\n- {{id: later, run: x}}"
    text = job(steps, extra="strategy: {matrix: {os: [a], include: [{extra: 1}]}}")
    (found,) = ask("expression-name-exists", {CI: text})
    assert places([found]) == [(CI, 8)]
    assert meant in found.message


def test_what_is_empty_is_the_name_and_not_the_whole_expression() -> None:
    found = ask("expression-name-exists", {CI: job("- {run: x, if: matrix.os != 'mac'}")})
    assert [one.message for one in found] == ["`matrix.os` is empty: the job 'build' has no matrix"]
    assert found[0].weight == "warning"


def test_a_name_that_has_another_value_behind_it_is_a_note() -> None:
    matrix = "strategy: {matrix: {os: [a]}}"
    text = job("- run: echo ${{ inputs.x == '' && 'main' || matrix.commit || 'x' }}", extra=matrix)
    found = {one.subject: one.weight for one in ask("expression-name-exists", {CI: text})}
    assert found == {"ci.yml: inputs.x": "warning", "ci.yml: build: matrix.commit": "note"}
    last = job("- run: echo ${{ matrix.commit || 'x' }} ${{ 'x' && matrix.commit }}", extra=matrix)
    assert [one.weight for one in ask("expression-name-exists", {CI: last})] == ["warning"]
    slip = job("- run: echo ${{ github.head_reff || github.ref }}")
    assert [one.weight for one in ask("expression-name-exists", {CI: slip})] == ["warning"]


def test_a_name_that_only_people_or_caches_read_is_a_note() -> None:
    for text in (
        job("- {name: 'For ${{ matrix.os }}', run: x}"),
        job(RUN, extra="name: build ${{ matrix.os }}"),
        job("- {uses: actions/cache@v5, with: {key: 'a-${{ matrix.os }}', path: target}}"),
    ):
        assert [one.weight for one in ask("expression-name-exists", {CI: text})] == ["note"]
    both = job("- {name: 'For ${{ matrix.os }}', run: 'make ${{ matrix.os }}'}")
    assert [one.weight for one in ask("expression-name-exists", {CI: both})] == ["warning"]


LANES = """\
strategy:
  matrix:
    include:
      - {os: linux}
      #- os: macos
      #  xcode: "true"
      # - {os: windows, exe: .exe}
"""


def test_a_key_of_a_lane_that_is_commented_out_is_no_slip() -> None:
    text = job("- run: cp trust${{ matrix.exe }} ${{ matrix.xcode }}", extra=LANES)
    assert ask("expression-name-exists", {CI: text}) == []
    slip = text.replace("matrix.exe ", "matrix.exf ")
    assert [one.subject for one in ask("expression-name-exists", {CI: slip})] == ["ci.yml: build: matrix.exf"]
    machine = text.replace("runs-on: ubuntu-latest", "runs-on: ${{ matrix.exe }}")
    assert len(ask("expression-name-exists", {CI: machine})) == 1


@pytest.mark.parametrize(
    ("run", "weight"),
    [
        ('echo "tag: ${{ steps.made.outputs.tag }}"', "note"),
        ("git push origin ${{ steps.made.outputs.tag }}", "warning"),
        ('echo "tag=${{ steps.made.outputs.tag }}" >> "$GITHUB_OUTPUT"', "warning"),
    ],
)
def test_a_step_that_reads_its_own_result_is_told(run: str, weight: str) -> None:
    steps = f"- id: made\n  run: |\n    echo tag=1 >> $GITHUB_OUTPUT\n    {run}"
    (found,) = ask("expression-name-exists", {CI: job(steps)})
    assert (found.weight, places([found])) == (weight, [(CI, 9)])
    assert "reads its own" in found.message
    assert found.remedy
    assert "a later step" in found.remedy.summary
    after = f"- id: made\n  run: echo tag=1 >> $GITHUB_OUTPUT\n- run: |\n    {run}"
    assert ask("expression-name-exists", {CI: job(after)}) == []


def test_names_that_are_empty_for_one_lack_are_one_finding() -> None:
    (found,) = ask("expression-name-exists", {CI: job("- run: ${{ inputs.a }}\n- run: ${{ inputs.b }}")})
    assert [one.line for one in found.evidence] == [6, 7]
    told = "are empty: the workflow is started by push, which has no inputs"
    assert found.message == f"`inputs.a` and `inputs.b` {told}"
    (found,) = ask("expression-name-exists", {CI: job("- run: ${{ matrix.a }}\n- run: ${{ matrix.b }}")})
    assert found.message == "`matrix.a` and `matrix.b` are empty: the job 'build' has no matrix"


def test_one_slip_in_many_files_is_one_finding() -> None:
    text = job("- run: echo ${{ github.events.input.x }}")
    (found,) = ask("expression-name-exists", {CI: text, ".github/workflows/b.yml": text})
    assert [one.file for one in found.evidence] == [".github/workflows/b.yml", CI]


def test_jobs_that_were_copied_with_their_slip_are_one_finding() -> None:
    text = """\
on: push
jobs:
  a: {runs-on: x, env: {V: "${{ needs.setup.outputs.v }}"}, steps: [{run: x}]}
  b: {runs-on: x, env: {V: "${{ needs.setup.outputs.v }}"}, steps: [{run: x}]}
"""
    (found,) = ask("expression-name-exists", {CI: text})
    assert [one.line for one in found.evidence] == [3, 4]
    assert found.message.endswith("the job 'a' needs no 'setup'; likewise in 'b'")


def test_files_that_were_copied_with_their_slip_are_one_finding() -> None:
    read = job("- run: ${{ matrix.os }}", extra="strategy: {matrix: {config: [{os: a}]}}")
    files = {CI: read, ".github/workflows/z.yml": read.replace("build:", "sign:")}
    (found,) = ask("expression-name-exists", files)
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), (".github/workflows/z.yml", 7)]
    assert found.message.endswith("the matrix of the job 'build' has no 'os'; likewise in 'sign' of z.yml")


def test_an_empty_output_that_nobody_reads_is_told_of_elsewhere() -> None:
    text = job(RUN, extra="outputs: {v: '${{ steps.none.outputs.v }}'}")
    assert ask("expression-name-exists", {CI: text}) == []
    assert len(ask("output-is-read", {CI: text})) == 1


def test_a_condition_on_the_contrary_of_what_is_not_there_is_a_note() -> None:
    text = job("- {run: x, if: '${{ !matrix.qemu }}'}", extra="strategy: {matrix: {os: [a]}}")
    assert [one.weight for one in ask("expression-name-exists", {CI: text})] == ["note"]


def test_a_step_that_no_lane_runs_is_told_of_elsewhere() -> None:
    text = job("- {run: x, if: matrix.os == 'mac'}")
    assert ask("expression-name-exists", {CI: text}) == []
    assert len(ask("step-runs-in-a-lane", {CI: text})) == 1


def test_names_that_are_there_are_not_accused() -> None:
    steps = """
        - {id: Version, run: x}
        - run: echo ${{ steps.version.outputs.x }} ${{ matrix.OS }} ${{ matrix.extra.y }}
        - run: echo ${{ github.ref_name }} ${{ inputs.x }} ${{ github.event.inputs.x }}
        - run: echo ${{ steps[matrix.os].outputs.x }} ${{ needs.*.result }}
    """
    extra = (
        "outputs: {a: '${{ steps.version.outputs.x }}'}\nstrategy: {matrix: {os: [a], include: [{extra: 1}]}}"
    )
    text = job(steps, on="{workflow_dispatch: {inputs: {X: {}}}}", extra=extra)
    assert ask("expression-name-exists", {CI: text}) == []


def test_a_matrix_that_only_a_run_knows_has_any_name() -> None:
    for matrix in ("'${{ fromJSON(vars.M) }}'", "{include: '${{ fromJSON(vars.M) }}'}"):
        text = job("- run: echo ${{ matrix.x }}", extra=f"strategy: {{matrix: {matrix}}}")
        assert ask("expression-name-exists", {CI: text}) == []


def test_a_step_that_is_read_before_it_runs_is_to_be_moved() -> None:
    text = job("""
        - run: echo ${{ steps.late.outputs.id }}
        - id: late
          run: echo id=1 >> $GITHUB_OUTPUT
    """)
    (found,) = ask("expression-name-exists", {CI: text})
    assert (places([found]), found.remedy is not None) == ([(CI, 6)], True)
    assert found.remedy is not None
    assert found.remedy.summary.startswith("Move the step late above the first one that reads it")


@pytest.mark.parametrize(
    ("run", "script", "weight"),
    [
        ('./ci/x.sh "${{ inputs.file }}"', 'F="${1:-CHANGELOG.md}"', "note"),
        ("bash ci/x.sh a ${{ inputs.file }}", "F=${2:-CHANGELOG.md}", "note"),
        ('./ci/x.sh "${{ inputs.file }}"', 'F="$1"', "warning"),
        ('./ci/x.sh "a-${{ inputs.file }}"', 'F="${1:-CHANGELOG.md}"', "warning"),
        ('./ci/x.sh "${{ inputs.file }}" && cat "${{ inputs.file }}"', 'F="${1:-a}"', "warning"),
    ],
)
def test_an_empty_argument_for_which_the_script_has_a_value_is_a_note(
    run: str, script: str, weight: str
) -> None:
    text = job(f"- uses: actions/checkout@v4\n- run: {run}", on="pull_request")
    (found,) = ask("expression-name-exists", {CI: text, "ci/x.sh": f"#!/bin/bash\n{script}\n"})
    assert found.weight == weight
    assert ("default" in found.message) is (weight == "note")


@pytest.mark.parametrize(
    ("run", "weight"),
    [
        ("cargo test -p app-${{ matrix.crate }} ${{ matrix.features }} --locked", "note"),
        ("cargo test --release ${{ matrix.extra-args }}", "note"),
        ("cargo test ${{ matrix.crates }}", "warning"),  # near to what there is
        ("cargo test --features ${{ matrix.features }}", "blocker"),
        ("cargo test -F ${{ matrix.features }}", "blocker"),
        ("cargo test ${{ matrix.target }}", "warning"),
        ("build -X${{ matrix.flags }}", "warning"),
        ('cargo test "--all ${{ matrix.flags }}"', "warning"),
    ],
)
def test_options_that_a_lane_may_add_to_a_command_are_a_note_where_no_lane_does(
    run: str, weight: str
) -> None:
    text = job(f"- run: {run}", extra="strategy: {matrix: {crate: [a, b]}}")
    (found,) = ask("expression-name-exists", {CI: text})
    assert found.weight == weight
    assert found.message.endswith("the command goes without it") is (weight == "note")


@pytest.mark.parametrize(
    ("given", "weight"),
    [
        ("{commit-message: 'Made by the workflow on ${{ github.run_started_at }}.'}", "note"),
        ("{body: '${{ github.run_started_at }}'}", "warning"),
        ("{ref: 'made by the workflow on ${{ github.run_started_at }}'}", "warning"),
    ],
)
def test_a_word_that_is_missing_in_a_message_is_a_note(given: str, weight: str) -> None:
    (found,) = ask("expression-name-exists", {CI: job(f"- uses: a/b@v1\n  with: {given}")})
    assert found.weight == weight


EMPTY = "strategy: {matrix: {t: [a, b]}}"


def test_a_job_without_a_machine_never_runs() -> None:
    text = job("- run: make", extra=EMPTY).replace("ubuntu-latest", "${{ matrix.platform }}")
    (found,) = ask("expression-name-exists", {CI: text})
    assert (places([found]), found.weight) == ([(CI, 4)], "blocker")
    assert found.message.endswith("; GitHub refuses an empty `runs-on`, and no step of the job runs")
    slip = text.replace("matrix.platform", "matrix.tt")
    assert [one.weight for one in ask("expression-name-exists", {CI: slip})] == ["blocker"]
    named = text.replace("runs-on: ${{ matrix.platform }}", "name: ${{ matrix.platform }}\n    runs-on: x")
    assert [one.weight for one in ask("expression-name-exists", {CI: named})] == ["note"]
    part = text.replace("${{ matrix.platform }}", "ubuntu-${{ matrix.platform }}")
    assert [one.weight for one in ask("expression-name-exists", {CI: part})] == ["warning"]


@pytest.mark.parametrize(
    ("run", "weight"),
    [
        ("cargo build --target ${{ matrix.target }}", "blocker"),
        ("cargo build --target ${{ matrix.target }} --release", "blocker"),
        ('cargo build --target "${{ matrix.target }}" --release', "blocker"),
        ("cross build -p ${{ matrix.crate }}", "blocker"),
        ('cargo build --features "${{ matrix.which }}"', "warning"),
        ("cargo build --target ${{ matrix.target }} || true", "warning"),
        ("cargo build --target-dir out/${{ matrix.target }}", "warning"),
        ("cargo test -- --skip ${{ matrix.target }}", "warning"),
    ],
)
def test_cargo_stops_at_an_option_whose_value_is_empty(run: str, weight: str) -> None:
    step = f"- run: |\n    {run}"
    assert [one.weight for one in ask("expression-name-exists", {CI: job(step, extra=EMPTY)})] == [weight]
    sometimes = f"{step}\n  if: github.ref == 'x'"
    assert [one.weight for one in ask("expression-name-exists", {CI: job(sometimes, extra=EMPTY)})] == [
        "warning"
    ]
