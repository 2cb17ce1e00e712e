"""Jobs start when they may, in the combinations they should, and add up to a run."""

import json
import threading
import time

import psutil
import pytest

from deployments.embedded.runner.interface import RunResult
from tests.embedded.runner.bench import Bench

pytestmark = pytest.mark.processes


def step(line: str) -> str:
    return f"runs-on: ubuntu-latest, steps: [{{run: {json.dumps(line)}}}]"


def test_needs_order_jobs_and_a_failure_skips_what_is_behind(bench: Bench) -> None:
    result = bench.run(
        f"""
on: push
jobs:
  a: {{ {step("exit 1")} }}
  b: {{ needs: a, {step("true")} }}
  c: {{ needs: b, if: always(), {step("test '${{ needs.b.result }}' = skipped")} }}
  d: {{ needs: c, {step("true")} }}
  e: {{ needs: a, if: failure(), {step("true")} }}
  f: {{ needs: [c], if: "!cancelled() && needs.c.result == 'success'", {step("true")} }}
"""
    )
    ends = {job.key: job.conclusion for job in result.jobs}
    # d needs only c, which succeeded, but GitHub looks at everything before it.
    assert ends == {
        "a": "failure",
        "b": "skipped",
        "c": "success",
        "d": "skipped",
        "e": "success",
        "f": "success",
    }
    assert result.conclusion == "failure"


def test_jobs_without_needs_run_at_the_same_time(bench: Bench) -> None:
    wait = (
        "touch ../../../{1}; for i in $(seq 200); do test -e ../../../{0} && exit 0; sleep 0.05; done; exit 1"
    )
    first, second = step(wait.format("one", "two")), step(wait.format("two", "one"))
    result = bench.run(f"on: push\njobs:\n  a: {{ {first} }}\n  b: {{ {second} }}\n")
    assert result.conclusion == "success"


def test_a_matrix_makes_named_jobs_and_joins_their_outputs(bench: Bench) -> None:
    result = bench.run(
        """
on: push
jobs:
  a:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix: {os: [ubuntu-latest], n: [1, 2], include: [{n: 2, extra: "yes"}]}
    outputs: {o: "${{ matrix.extra }}"}
    steps: [{run: 'test "${{ strategy.job-total }}" = 2'}]
  named:
    name: Build ${{ matrix.n }}
    runs-on: ubuntu-latest
    strategy: {matrix: {n: "${{ fromJSON('[7]') }}"}}
    steps: [{run: "true"}]
  b:
    needs: a
    runs-on: ubuntu-latest
    steps: [{run: 'test "${{ needs.a.outputs.o }}" = yes'}]
"""
    )
    assert result.conclusion == "success"
    assert {job.name for job in result.jobs} == {
        "a (ubuntu-latest, 1)",
        "a (ubuntu-latest, 2, yes)",
        "Build 7",
        "b",
    }


def test_fail_fast_cancels_the_other_combinations(bench: Bench) -> None:
    text = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: {FAST matrix: {n: [1, 2]}}
    steps: [{run: 'test ${{ matrix.n }} = 2 && exit 1; sleep SECONDS'}]
"""
    result = bench.run(text.replace("FAST", "").replace("SECONDS", "60"))
    assert {job.name: job.conclusion for job in result.jobs} == {"a (1)": "cancelled", "a (2)": "failure"}
    result = bench.run(text.replace("FAST", "fail-fast: false,").replace("SECONDS", "0.1"))
    assert {job.name: job.conclusion for job in result.jobs} == {"a (1)": "success", "a (2)": "failure"}


def test_max_parallel_is_kept(bench: Bench) -> None:
    result = bench.run(
        """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: {max-parallel: 1, matrix: {n: [1, 2, 3]}}
    steps: [{run: 'mkdir ../../../lock && sleep 0.1 && rmdir ../../../lock'}]
"""
    )
    assert result.conclusion == "success"


def test_a_job_that_may_fail_does_not_fail_the_run(bench: Bench) -> None:
    result = bench.run(
        f"""
on: push
jobs:
  a: {{ continue-on-error: true, {step("exit 1")} }}
  b: {{ needs: a, {step("true")} }}
"""
    )
    assert {job.key: job.conclusion for job in result.jobs} == {"a": "failure", "b": "success"}
    assert result.conclusion == "success"


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ("runs-on: windows-latest", "Windows"),
        ("runs-on: macos-14", "macOS"),
        ("runs-on: [self-hosted, gpu]", "`gpu`"),
        ("runs-on: ubuntu-latest, container: 'rust:1'", "container"),
        ("runs-on: ubuntu-latest, services: {db: {image: x}}", "container"),
    ],
)
def test_what_this_machine_cannot_run_is_skipped_with_its_reason_and_never_green(
    bench: Bench, job: str, reason: str
) -> None:
    result = bench.run(
        f"on: push\njobs:\n  a: {{ {job}, steps: [{{run: 'true'}}] }}\n  b: {{ {step('true')} }}\n"
    )
    stuck = bench.job(result, "a")
    assert stuck.conclusion == "skipped"
    assert reason in stuck.annotations[0].message
    assert result.conclusion == "neutral"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("on: push\njobs: [", "line"),
        ("on: push\njobs: {}", "at least one job"),
        ("on: push\njobs: {a: {runs-on: x, needs: b, steps: [{run: x}]}}", "unknown job 'b'"),
        ("on: push\njobs: {a: {uses: ./.github/workflows/gone.yml}}", "was not found"),
        ("on: push\njobs: {a: {uses: other/repo/.github/workflows/x.yml@v1}}", "does not have the workflow"),
    ],
)
def test_a_file_that_cannot_start_says_why(bench: Bench, text: str, words: str) -> None:
    result = bench.run(text)
    assert result.conclusion == "startup_failure"
    assert words in (result.problem or "")
    assert result.jobs == ()


def test_an_environment_gates_the_job_and_gets_its_url(bench: Bench) -> None:
    bench.host.environment_secrets["staging"] = {"KEY": "of-staging"}
    text = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    environment: {name: staging, url: "${{ steps.s.outputs.url }}"}
    steps:
      - id: s
        run: echo "url=http://127.0.0.1:1/" >> "$GITHUB_OUTPUT"; test "${{ secrets.KEY }}" = of-staging
"""
    result = bench.run(text)
    assert result.conclusion == "success"
    assert bench.host.entered == ["staging"]
    assert bench.host.left[0].environment_url == "http://127.0.0.1:1/"
    assert bench.host.left[0].conclusion == "success"
    assert "waiting" in [job.status for job in bench.host.history]
    bench.host.refuse_environment = "nobody approved"
    refused = bench.run(text)
    assert refused.conclusion == "failure"
    assert refused.jobs[0].annotations[0].message == "nobody approved"


def test_concurrency_is_asked_of_the_host_for_run_and_job(bench: Bench) -> None:
    result = bench.run(
        f"""
on: push
concurrency: {{group: "w-${{{{ github.ref_name }}}}", cancel-in-progress: true}}
jobs:
  a: {{ concurrency: deploy, {step("true")} }}
"""
    )
    assert result.conclusion == "success"
    assert bench.host.groups == [
        ("run", "w-main", True),
        ("job", "deploy", False),
        ("left", "deploy", False),
        ("left", "w-main", False),
    ]


def test_cancelling_ends_processes_and_still_runs_what_asks_for_it(bench: Bench) -> None:
    text = f"""
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo started; (sleep 300 & sleep 300)
      - if: always()
        run: echo cleaned up
      - run: echo never
  b: {{ needs: a, {step("true")} }}
  c: {{ needs: a, if: always(), {step("true")} }}
"""
    done: list[RunResult] = []
    thread = threading.Thread(target=lambda: done.append(bench.run(text)))
    thread.start()
    bench.host.wait_until(
        lambda job: any(
            s.name.startswith("Run echo started") and s.status == "in_progress" for s in job.steps
        )
    )
    bench.cancel.set()
    thread.join(30)
    (result,) = done
    assert result.conclusion == "cancelled"
    first = bench.job(result, "a")
    assert [s.conclusion for s in first.steps] == ["success", "cancelled", "success", "skipped", "success"]
    assert {job.key: job.conclusion for job in result.jobs} == {
        "a": "cancelled",
        "b": "skipped",
        "c": "success",
    }


def test_no_process_outlives_its_job(bench: Bench) -> None:
    result = bench.run(
        """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          setsid sleep 301 >/dev/null 2>&1 & echo $! > pid
          sleep 302 >/dev/null 2>&1 &
      - run: kill -0 "$(cat pid)"
"""
    )
    assert result.conclusion == "success", bench.log(result.jobs[0])
    assert "Terminate orphan process: sleep" in bench.log(result.jobs[0])
    mark = bench.seen[0].world_id
    alive = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("ACTIVATION_WORLD") == mark:
                alive.append(process.name())
        except psutil.Error:
            continue
    assert alive == []
    assert list((bench.root / "work").iterdir()) == []


def test_a_rerun_of_failed_jobs_keeps_what_succeeded(bench: Bench) -> None:
    text = f"""
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs: {{o: "${{{{ steps.s.outputs.o }}}}"}}
    steps: [{{id: s, run: 'echo "o=kept" >> "$GITHUB_OUTPUT"'}}]
  b: {{ needs: a, {step("test '${{ needs.a.outputs.o }}-${{ github.run_attempt }}' = kept-2")} }}
"""
    first = bench.run(text)
    assert {job.key: job.conclusion for job in first.jobs} == {"a": "success", "b": "failure"}
    kept = tuple(job for job in first.jobs if job.conclusion == "success")
    second = bench.run(text, attempt=2, earlier=kept)
    assert second.conclusion == "success"
    assert bench.job(second, "a") == kept[0]
    assert bench.job(second, "b").attempt == 2


@pytest.mark.parametrize(
    ("permissions", "default", "expected"),
    [
        ("", "read", {"contents": "read", "packages": "read", "metadata": "read"}),
        ("permissions: {id-token: write}", "write", {"id-token": "write", "metadata": "read"}),
        ("permissions: {}", "write", {"metadata": "read"}),
    ],
)
def test_the_token_gets_what_the_file_grants(
    bench: Bench, permissions: str, default: str, expected: dict[str, str]
) -> None:
    bench.run(f"on: push\n{permissions}\njobs:\n  a: {{ {step('true')} }}\n", default_permissions=default)
    assert bench.host.tokens["a"] == expected


def test_jobs_start_at_once_when_their_needs_are_met(bench: Bench) -> None:
    start = time.monotonic()
    chain = "".join(f"  j{n}: {{ {f'needs: j{n - 1}, ' if n else ''}{step('true')} }}\n" for n in range(6))
    assert bench.run(f"on: push\njobs:\n{chain}").conclusion == "success"
    assert time.monotonic() - start < 10
