"""A job's steps run as GitHub runs them."""

from pathlib import Path

import pytest

from deployments.embedded.runner.interface import RunResult
from deployments.embedded.runner.log import JobLog
from deployments.embedded.runner.masks import Masks
from tests.embedded.runner.bench import Bench

pytestmark = pytest.mark.processes

HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"


def job(steps: str) -> str:
    return HEAD + "\n".join(f"      {line}" for line in steps.strip("\n").splitlines()) + "\n"


def conclusions(result: RunResult) -> list[str | None]:
    """The conclusions of the steps the workflow itself has."""
    return [
        step.conclusion for step in result.jobs[0].steps if step.name not in ("Set up job", "Complete job")
    ]


def test_output_is_stamped_and_framed_as_on_github(bench: Bench) -> None:
    result = bench.run(job("- run: echo hello\n- run: exit 7"))
    log = bench.log(result.jobs[0]).splitlines()
    assert all(line[:11].count("-") == 2 and "Z " in line[:30] for line in log)
    texts = [line.split("Z ", 1)[1] for line in log]
    start = texts.index("##[group]Run echo hello")
    assert texts[start : start + 5] == [
        "##[group]Run echo hello",
        "\x1b[36;1mecho hello\x1b[0m",
        "shell: bash -e {0}",
        "##[endgroup]",
        "hello",
    ]
    assert "##[error]Process completed with exit code 7." in texts
    assert [step.name for step in result.jobs[0].steps] == [
        "Set up job",
        "Run echo hello",
        "Run exit 7",
        "Complete job",
    ]


def test_after_a_failure_only_steps_that_ask_for_it_run(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- run: exit 1
- run: echo never
- if: failure()
  run: echo on failure
- if: always()
  run: echo always
- if: cancelled()
  run: echo never
"""
        )
    )
    assert result.conclusion == "failure"
    assert conclusions(result) == ["failure", "skipped", "success", "success", "skipped"]


def test_continue_on_error_keeps_the_outcome_and_changes_the_conclusion(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- id: bad
  run: exit 1
  continue-on-error: true
- run: test "${{ steps.bad.outcome }}-${{ steps.bad.conclusion }}" = failure-success
"""
        )
    )
    assert result.conclusion == "success"


def test_env_has_three_levels_and_what_a_step_exports(bench: Bench) -> None:
    text = """
on: push
env: {A: workflow, B: workflow, C: workflow}
jobs:
  a:
    runs-on: ubuntu-latest
    env: {B: job, C: job}
    steps:
      - env: {C: step}
        run: test "$A $B $C ${{ env.C }}" = "workflow job step step"
      - run: |
          echo "B=exported" >> "$GITHUB_ENV"
          printf 'M<<END\\nfirst\\nsecond=2\\nEND\\n' >> "$GITHUB_ENV"
          mkdir bin; printf '#!/bin/sh\\necho found' > bin/mytool; chmod +x bin/mytool
          echo "$PWD/bin" >> "$GITHUB_PATH"
          echo "GITHUB_SHA=forged" >> "$GITHUB_ENV"
      - run: |
          test "$B" = exported
          test "$M" = "$(printf 'first\\nsecond=2')"
          test "$(mytool)" = found
          test "$GITHUB_SHA" != forged
"""
    assert bench.run(text).conclusion == "success"


def test_outputs_travel_from_step_to_job_to_the_jobs_behind(bench: Bench) -> None:
    text = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs: {v: "${{ steps.s.outputs.v }}", secret: "x${{ secrets.KEY }}"}
    steps:
      - id: s
        run: echo "v=1.2.3" >> "$GITHUB_OUTPUT"
  b:
    needs: a
    runs-on: ubuntu-latest
    steps:
      - run: |
          test "${{ needs.a.outputs.v }}|${{ needs.a.outputs.secret }}" = "1.2.3|"
          test "${{ needs.a.result }}" = success
"""
    bench.host.secrets["KEY"] = "very-secret-value"
    result = bench.run(text)
    assert result.conclusion == "success"
    assert bench.job(result, "a").outputs == {"v": "1.2.3"}
    assert any("may contain secret" in remark.message for remark in bench.job(result, "a").annotations)


@pytest.mark.parametrize("line", ["nonsense", "A<<END\\nnever closed", "NODE_OPTIONS=--x"])
def test_a_broken_environment_file_fails_the_step(bench: Bench, line: str) -> None:
    result = bench.run(job(f"- run: printf '{line}\\n' >> \"$GITHUB_ENV\""))
    assert result.conclusion == "failure"
    assert "Unable to process file command" in bench.log(result.jobs[0])


def test_commands_become_annotations_groups_and_masks(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- run: |
    echo "::error file=src/a.rs,line=3,endLine=4,col=5,title=Bad%3A thing::first%0Asecond"
    echo "::warning::careful"
    echo "::notice::look"
    echo "::group::G"
    echo "::endgroup::"
    echo "::add-mask::hide-me-please"
    echo "value hide-me-please"
    echo "::stop-commands::token123"
    echo "::error::not a command now"
    echo "::token123::"
    echo "::debug::not shown"
"""
        )
    )
    remarks = result.jobs[0].annotations
    assert [(item.level, item.message) for item in remarks] == [
        ("failure", "first\nsecond"),
        ("warning", "careful"),
        ("notice", "look"),
    ]
    first = remarks[0]
    assert (first.path, first.start_line, first.end_line, first.start_column) == ("src/a.rs", 3, 4, 5)
    assert first.title == "Bad: thing"
    log = bench.log(result.jobs[0])
    assert "##[group]G" in log
    assert "value ***" in log
    assert "::error::not a command now" in log
    assert "##[debug]" not in log


def test_a_disabled_command_fails_the_step(bench: Bench) -> None:
    result = bench.run(job("- run: 'echo \"::set-env name=A::b\"'"))
    assert result.conclusion == "failure"
    assert "command is disabled" in bench.log(result.jobs[0])


def test_secrets_are_hidden_whole_line_by_line_and_encoded(bench: Bench) -> None:
    bench.host.secrets["KEY"] = "line-one-secret\nline-two-secret"
    result = bench.run(
        job(
            """
- env: {KEY: "${{ secrets.KEY }}"}
  run: |
    echo "$KEY"
    echo "$KEY" | base64 -w0
    echo "user:line-one-secret" | base64
    echo "${{ github.token }}"
    echo "see line-one-secret" >> "$GITHUB_STEP_SUMMARY"
"""
        )
    )
    assert result.conclusion == "success"
    log = bench.log(result.jobs[0])
    for secret in ("line-one-secret", "line-two-secret", "bGluZS1vbmUtc2VjcmV0", "ghs_token_of"):
        assert secret not in log
    assert result.jobs[0].summary == "see ***\n"


@pytest.mark.parametrize(
    ("shell", "body"),
    [
        ("bash", "false | true"),
        ("python", "raise SystemExit(3)"),
        ("sh", "exit 1"),
        ("bash {0} extra", 'test "$1" != extra'),
        ("cmd", "echo"),
        ("nonsense", "echo"),
    ],
)
def test_shells_fail_as_they_do_on_github(bench: Bench, shell: str, body: str) -> None:
    assert bench.run(job(f"- shell: {shell}\n  run: {body!r}")).conclusion == "failure"


def test_without_a_shell_a_failing_pipe_goes_unnoticed(bench: Bench) -> None:
    assert bench.run(job("- run: false | true")).conclusion == "success"


def test_a_working_directory_comes_from_the_step_or_the_defaults(bench: Bench) -> None:
    text = """
on: push
defaults: {run: {working-directory: sub}}
jobs:
  a:
    runs-on: ubuntu-latest
    defaults: {run: {shell: bash}}
    steps:
      - {run: mkdir -p sub/deep, working-directory: .}
      - run: test "$(basename "$PWD")" = sub; test "$0" != x
      - {run: 'test "$(basename "$PWD")" = deep', working-directory: sub/deep}
"""
    result = bench.run(text)
    assert result.conclusion == "success"
    assert "bash --noprofile --norc -eo pipefail {0}" in bench.log(result.jobs[0])


def test_a_step_out_of_time_is_ended_with_its_children(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- timeout-minutes: 0.005
  run: sleep 60 & sleep 60; wait
- if: failure()
  run: echo after
"""
        )
    )
    assert conclusions(result) == ["failure", "success"]
    assert "has timed out after" in bench.log(result.jobs[0])


def test_a_job_out_of_time_is_cancelled(bench: Bench) -> None:
    text = job("- run: sleep 60").replace("    steps:", "    timeout-minutes: 0.005\n    steps:")
    result = bench.run(text)
    assert result.jobs[0].conclusion == "cancelled"
    assert "exceeded the maximum execution time" in bench.log(result.jobs[0])


def test_the_environment_is_built_from_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_TOKEN", "x")
    result = bench.run(
        job(
            """
- run: |
    test -z "${SOMEBODYS_TOKEN:-}"
    test "$CI" = true
    test "$GITHUB_REPOSITORY" = acme/thing
    test "$GITHUB_RUN_ID" = 7
    test -n "$ACTIVATION_WORLD"
    case "$HOME" in "$RUNNER_WORKSPACE"/../home) ;; */home) ;; *) exit 1 ;; esac
    test "$(ls -A "$HOME" | wc -l)" -eq 0
    grep -q '"ref": "refs/heads/main"' "$GITHUB_EVENT_PATH"
"""
        )
    )
    assert result.conclusion == "success", bench.log(result.jobs[0])


def test_the_standins_say_what_they_do(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- run: sudo -E sh -c 'echo as is'
- run: sudo apt-get update && sudo apt-get install -y git
- continue-on-error: true
  run: sudo apt-get install -y no-such-package-here
- continue-on-error: true
  run: docker ps
- continue-on-error: true
  run: aws sts get-caller-identity
"""
        )
    )
    log = bench.log(result.jobs[0])
    assert result.conclusion == "success"
    for words in (
        "as is",
        "cannot install: no-such-package-here",
        "exit code 100",
        "no container engine",
        "AWS_ENDPOINT_URL",
    ):
        assert words in log


def test_hash_files_looks_below_the_workspace(bench: Bench) -> None:
    bench.files.update({"Cargo.lock": "x", "deep/Cargo.lock": "y"})
    result = bench.run(
        job(
            """
- uses: actions/checkout@v4
- run: |
    test "${{ hashFiles('**/Cargo.lock') }}" != "${{ hashFiles('Cargo.lock') }}"
    test -n "${{ hashFiles('Cargo.lock') }}"
    test -z "${{ hashFiles('nothing') }}"
    test "${{ hashFiles('**/Cargo.lock', '!deep/**') }}" = "${{ hashFiles('Cargo.lock') }}"
"""
        )
    )
    assert result.conclusion == "success"


def test_an_unknown_action_fails_and_says_so(bench: Bench) -> None:
    result = bench.run(job("- uses: somebody/something@v9"))
    assert result.conclusion == "failure"
    assert (
        "action somebody/something@v9 has no stand-in in the embedded world"
        in result.jobs[0].annotations[0].message
    )


def test_the_log_is_bounded(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "log", Masks(), most_bytes=1000)
    for number in range(100):
        log.write(f"line {number}")
    log.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines[-1].endswith("the rest of this job's output is not kept.")
    assert len(lines) < 40
