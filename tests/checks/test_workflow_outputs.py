import pytest

from tests.checks.testing import CI, ask, job, places

WRITES = "- {id: v, run: 'echo \"version=1\" >> $GITHUB_OUTPUT'}\n"
ACTION = "outputs: {sum: {value: x}}\nruns: {using: composite, steps: []}\n"


def ci(steps: str, *, extra: str = "") -> dict[str, str]:
    return {CI: job(steps, extra=extra), "a/action.yml": ACTION}


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        (f"{WRITES}- run: echo ${{{{ steps.v.outputs.versoin }}}}", 7),
        ("- {id: v, uses: ./a}\n- run: echo ${{ steps.v.outputs.total }}", 7),
        (f"{WRITES}- run: echo ${{{{ steps.v.output.version }}}}", 7),
    ],
)
def test_an_output_that_no_earlier_step_writes_is_named_with_its_line(steps: str, line: int) -> None:
    assert places(ask("step-output-is-written", ci(steps))) == [(CI, line)]


READS_A = (
    "  last:\n    needs: build\n    runs-on: x\n    steps: [{run: 'echo ${{ needs.build.outputs.a }}'}]\n"
)


def test_an_output_of_a_job_that_no_step_writes_is_named() -> None:
    files = ci(WRITES, extra="outputs: {a: '${{ steps.v.outputs.b }}'}")
    assert ask("step-output-is-written", files) == []
    assert places(ask("output-is-read", files)) == [(CI, 5)]
    files[CI] += READS_A
    found = ask("step-output-is-written", files)
    assert (places(found), found[0].subject) == ([(CI, 5)], "ci.yml: build: steps.v.outputs.b")


def test_an_output_that_only_a_caches_key_lacks_is_a_note() -> None:
    cache = "- {uses: actions/cache@v5, with: {path: x, key: 'a-${{ steps.v.outputs.tag }}'}}\n"
    (found,) = ask("step-output-is-written", ci(WRITES + cache))
    assert found.weight == "note"
    (found,) = ask("step-output-is-written", ci(f"{WRITES}{cache}- run: ./x ${{{{ steps.v.outputs.tag }}}}"))
    assert found.weight == "warning"


def test_several_names_that_one_step_does_not_write_are_one_finding() -> None:
    steps = (
        f"{WRITES}- run: echo ${{{{ steps.v.outputs.tag }}}}\n- run: echo ${{{{ steps.v.outputs.image }}}}"
    )
    (found,) = ask("step-output-is-written", ci(steps))
    assert [one.line for one in found.evidence] == [7, 6, 8]
    assert found.message == "the step 'v' writes no output 'tag' and 'image' (it writes: version)"


PROGRAM = 'import os\nwith open(os.environ["GITHUB_OUTPUT"], "a") as out:\n    out.write(f"url={1}\\n")\n'


@pytest.mark.parametrize(
    ("run", "name", "told"),
    [
        ("python3 deploy/roll.py", "urlx", 1),
        ("cd deploy && ./roll.py", "ulr", 1),
        ("deploy/roll.sh", "ulr", 1),
        ("deploy/roll.sh", "url", 0),
        ("deploy/roll.sh", "host", 0),
        ("python3 deploy/roll.py", "url", 0),
        ("python3 deploy/roll.py", "something", 0),
        ("python3 deploy/roll.py && ./other.sh", "urlx", 0),
        ("echo urlx=1 >> $GITHUB_OUTPUT; python3 deploy/roll.py", "urlx", 0),
        ("python3 deploy/silent.py", "urlx", 0),
    ],
)
def test_a_slip_in_the_name_of_a_programs_output_is_named(run: str, name: str, told: int) -> None:
    reads = f"- run: echo ${{{{ steps.v.outputs.{name} }}}}"
    steps = f"- uses: actions/checkout@v6\n- {{id: v, run: '{run}'}}\n{reads}"
    files = {**ci(steps), "deploy/roll.py": PROGRAM, "deploy/silent.py": "url = 1\n"}
    files["deploy/roll.sh"] = 'echo "url=$1" >> "$GITHUB_OUTPUT"\n'
    assert places(ask("step-output-is-written", files)) == [(CI, 8)] * told
    computed = PROGRAM + '    for url in all: out.write(f"{url}={1}\\n")\n'
    assert ".sh" in run or ask("step-output-is-written", {**files, "deploy/roll.py": computed}) == []


def test_the_names_that_there_are_are_told_as_they_are_written() -> None:
    steps = "- {id: v, run: 'echo isDoc=1 >> $GITHUB_OUTPUT'}\n- run: echo ${{ steps.v.outputs.isRust }}"
    (found,) = ask("step-output-is-written", ci(steps))
    assert "(it writes: isDoc)" in found.message
    assert ask("step-output-is-written", ci(steps.replace("isRust", "ISDOC"))) == []


def test_steps_of_many_jobs_with_one_mistake_are_one_cause() -> None:
    steps = f"{WRITES}- run: echo ${{{{ steps.v.outputs.gone }}}}"
    text = ci(steps)[CI]
    both = text + text.partition("jobs:\n")[2].replace("  build:", "  again:")
    (found,) = ask("step-output-is-written", {CI: both})
    assert found.subject == "ci.yml: build: steps.v.outputs.gone"
    assert len(found.evidence) == 4


@pytest.mark.parametrize(
    "steps",
    [
        f"{WRITES}- run: echo ${{{{ steps.V.outputs.Version }}}}",
        "- {id: v, uses: ./a}\n- run: echo ${{ steps.v.outputs.sum }}",
        "- {id: v, uses: o/r@v1}\n- run: echo ${{ steps.v.outputs.any }}",
        "- {id: v, run: python3 x.py}\n- run: echo ${{ steps.v.outputs.any }}",
        "- {id: v, run: 'echo a=b >> $GITHUB_OUTPUT; ./x.sh'}\n- run: echo ${{ steps.v.outputs.any }}",
        "- {id: v, run: 'echo \"$X=b\" >> $GITHUB_OUTPUT'}\n- run: echo ${{ steps.v.outputs.any }}",
        f"{WRITES}- run: echo ${{{{ steps[matrix.x].outputs.y }}}}",
        f"{WRITES}- run: echo ${{{{ toJSON(steps) }}}}",
        f"{WRITES}- {{run: make, if: steps.v.outcome == 'success'}}",
    ],
)
def test_an_output_that_is_written_or_may_be_is_fine(steps: str) -> None:
    assert ask("step-output-is-written", ci(steps)) == []


CHECKOUT = "- uses: actions/checkout@v6\n"
READS_TAR = "- run: echo ${{ steps.v.outputs.tar }}"
PACKS = "mkdir -p dist; cargo build --release; tar -czf dist/app.tar.gz -C target/release app"


@pytest.mark.parametrize("run", [PACKS, "./pack.sh", "sudo bash pack.sh"])
def test_a_step_that_writes_no_outputs_at_all_has_none_to_read(run: str) -> None:
    files = {**ci(f"{CHECKOUT}- {{id: v, run: {run!r}}}\n{READS_TAR}"), "pack.sh": f"set -e\n{PACKS}\n"}
    (found,) = ask("step-output-is-written", files)
    assert [one.line for one in found.evidence] == [8, 7]
    assert found.message == "the step 'v' writes no output 'tar' (it writes: none)"


@pytest.mark.parametrize(
    "step",
    [
        "run: ./pack.sh",
        "run: ./gone.sh",
        "run: 'make dist'",
        "run: 'cargo run -p xtask'",
        "run: 'cargo xtask dist'",
        "run: 'echo tar=x >> \"$OUT\"'",
        "run: 'echo tar=x | tee -a $OUT'",
        "run: '$PACK dist'",
        "run: 'eval \"$PACK\"'",
        "run: 'python3 -c \"import pack\"'",
        "run: 'source env.sh; echo x'",
        "run: 'echo x', shell: pwsh",
        "run: 'import pack', shell: python",
        "run: 'echo ::set-output name=tar::x'",
    ],
)
def test_a_step_whose_program_may_write_outputs_may_have_them(step: str) -> None:
    files = {**ci(f"{CHECKOUT}- {{id: v, {step}}}\n{READS_TAR}"), "pack.sh": "./other.sh\n"}
    assert ask("step-output-is-written", files) == []
    files["pack.sh"] = "echo tar=x >> $GITHUB_OUTPUT\n"
    assert ask("step-output-is-written", files) == []


def two(output: str, reads: str) -> dict[str, str]:
    return {
        CI: f"""\
on: push
jobs:
  a:
    outputs:
      {output}
    steps: [{{run: make}}]
  b:
    needs: a
    steps: [{{run: 'echo {reads}'}}]
"""
    }


def test_an_output_of_a_job_that_nobody_reads_is_named() -> None:
    found = ask("output-is-read", two("v: x", "${{ needs.a.result }}"))
    assert (places(found), found[0].subject) == ([(CI, 5)], "ci.yml: a.outputs")


@pytest.mark.parametrize(
    "reads", ["${{ needs.a.outputs.V }}", "${{ toJSON(needs) }}", "${{ needs.*.outputs.v }}"]
)
def test_an_output_of_a_job_that_is_read_or_may_be_is_fine(reads: str) -> None:
    assert ask("output-is-read", two("v: x", reads)) == []


def test_an_output_of_a_step_that_nobody_reads_is_named() -> None:
    found = ask("output-is-read", ci(WRITES))
    assert (places(found), found[0].subject) == ([(CI, 6)], "ci.yml: build: steps.v.outputs")
    assert found[0].message == "no step reads the output 'version' of the step 'v'"


def test_all_outputs_of_a_job_that_nobody_reads_are_one_finding() -> None:
    (found,) = ask("output-is-read", two("v: x\n      w: y", "${{ needs.a.result }}"))
    assert [one.line for one in found.evidence] == [5, 6]
    assert found.message == "no job reads the outputs 'v' and 'w' of the job 'a'"


def test_an_output_that_is_read_by_a_wrong_name_is_told_of_once() -> None:
    files = ci(f"{WRITES}- run: echo ${{{{ steps.v.outputs.versoin }}}}")
    assert len(ask("step-output-is-written", files)) == 1
    assert ask("output-is-read", files) == []


def test_the_outputs_of_a_file_that_a_generator_writes_are_its_own_matter() -> None:
    files = two("v: x", "${{ needs.a.result }}")
    files[CI] = f"# This file was autogenerated by dist\n{files[CI]}"
    assert ask("output-is-read", files) == []


def test_the_lines_of_an_output_of_many_lines_are_no_outputs() -> None:
    lines = "echo 'from<<EOF'\necho type=s3\necho EOF\necho to=b"
    block = "\n".join(f"    {one}" for one in lines.splitlines())
    writes = f"- id: v\n  run: |\n    {{\n{block}\n    }} >> $GITHUB_OUTPUT\n"
    (found,) = ask("output-is-read", ci(f"{writes}- run: echo ${{{{ steps.v.outputs.from }}}}"))
    assert found.message == "no step reads the output 'to' of the step 'v'"


def test_an_output_of_a_step_that_the_job_hands_on_is_read() -> None:
    text = ci(f"{WRITES}- run: echo ${{{{ steps.v.outputs.version }}}}")
    assert ask("output-is-read", text) == []


CALLED = "on: {workflow_call: {outputs: {sum: {value: x}}}}\njobs: {a: {steps: [{run: make}]}}\n"


@pytest.mark.parametrize("job_of", ["steps: [{run: make}]", "uses: ./.github/workflows/called.yml"])
def test_an_output_that_the_needed_job_does_not_declare_is_named(job_of: str) -> None:
    files = two("v: x", "${{ needs.a.outputs.w }}")
    files[CI] = files[CI].replace("steps: [{run: make}]", job_of)
    found = ask("job-output-is-declared", {**files, ".github/workflows/called.yml": CALLED})
    assert (places(found), found[0].subject) == ([(CI, 9)], "ci.yml: needs.a.outputs.w")


def test_a_job_that_calls_a_workflow_gets_its_outputs_declared_there() -> None:
    files = two("v: x", "${{ needs.a.outputs.picture }}")
    files[CI] = files[CI].replace("steps: [{run: make}]", "uses: ./.github/workflows/called.yml")
    (found,) = ask("job-output-is-declared", {**files, ".github/workflows/called.yml": CALLED})
    assert found.message.endswith("(it has: sum): what reads it gets an empty text")
    assert found.remedy is not None
    told = "Declare the output below `on.workflow_call.outputs` of .github/workflows/called.yml"
    assert found.remedy.summary.startswith(told)


def test_an_output_that_the_needed_job_or_the_called_workflow_declares_is_fine() -> None:
    assert ask("job-output-is-declared", two("v: x", "${{ needs.a.outputs.V }} ${{ needs.a.result }}")) == []
    files = two("v: x", "${{ needs.a.outputs.sum }}")
    files[CI] = files[CI].replace("steps: [{run: make}]\n", "uses: ./.github/workflows/called.yml\n", 1)
    assert ask("job-output-is-declared", {**files, ".github/workflows/called.yml": CALLED}) == []


def test_a_needed_job_has_outputs_and_a_result_only() -> None:
    found = ask("job-output-is-declared", two("v: x", "${{ needs.a.output.v }}"))
    assert (places(found), found[0].subject) == ([(CI, 9)], "ci.yml: needs.a.output")


def test_outputs_of_a_workflow_of_others_are_not_judged() -> None:
    files = two("v: x", "${{ needs.a.outputs.sum }}")
    files[CI] = files[CI].replace("steps: [{run: make}]\n", "uses: o/r/.github/workflows/x.yml@v1\n", 1)
    assert ask("job-output-is-declared", files) == []


def test_outputs_that_one_needed_job_does_not_declare_are_one_finding() -> None:
    (found,) = ask("job-output-is-declared", two("v: x", "${{ needs.a.outputs.w }} ${{ needs.a.outputs.z }}"))
    assert "declares no output 'w' and 'z' (it has: v)" in found.message


def test_a_step_that_an_alias_repeats_is_read_where_one_of_the_jobs_reads_it() -> None:
    text = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - &keys {id: k, run: 'echo "x=1" >> $GITHUB_OUTPUT; echo "y=1" >> $GITHUB_OUTPUT'}
      - run: echo ${{ steps.k.outputs.x }}
  b:
    runs-on: ubuntu-latest
    steps:
      - *keys
      - run: echo ${{ steps.k.outputs.%s }}
"""
    assert ask("output-is-read", {CI: text % "y"}) == []
    (found,) = ask("output-is-read", {CI: text % "x"})
    assert found.message == "no step reads the output 'y' of the step 'k'"
