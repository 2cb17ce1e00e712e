from __future__ import annotations

from tasks.domain.run import Run, RunArtifact
from tasks.domain.run_log import counted, excerpt, may_pass_next_time, rank
from tasks.domain.run_metrics import RunRecord, kind_of, run_metrics
from tasks.domain.settings import Threshold

LOG = """\
\ufeff2026-11-22T13:00:00.0000000Z ##[group]Run cargo test --workspace
2026-11-22T13:00:00.0000000Z \x1b[36;1mcargo test --workspace\x1b[0m
2026-11-22T13:00:00.0000000Z shell: /usr/bin/bash -e {0}
2026-11-22T13:00:00.0000000Z ##[endgroup]
2026-11-22T13:00:01.0000000Z test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out
2026-11-22T13:00:02.0000000Z \x1b[31merror\x1b[0m: test failed, to rerun pass `-p moon`
2026-11-22T13:00:02.0000000Z test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out
2026-11-22T13:00:02.0000000Z ##[error]Process completed with exit code 101.
"""


def run(**fields: object) -> Run:
    known: dict[str, object] = {
        "id": 1,
        "workflow": ".github/workflows/build.yml",
        "name": "Build",
        "event": "push",
        "sha": "0" * 40,
        "ref": "main",
        "status": "completed",
        "conclusion": "success",
        "attempt": 1,
        "title": "",
        "url": "",
        "created_at": "2026-11-22T13:00:00Z",
        "started_at": "2026-11-22T13:00:00Z",
        "updated_at": "2026-11-22T13:01:30Z",
    }
    return Run(**{**known, **fields})  # type: ignore[arg-type]


def test_an_excerpt_is_the_output_before_the_error_without_the_echoed_script() -> None:
    shown = excerpt(LOG)
    assert shown
    assert shown.line == 8
    assert shown.command == "cargo test --workspace"
    assert shown.lines[0].startswith("test result: ok")
    assert "error: test failed, to rerun pass `-p moon`" in shown.lines
    assert not any("exit code" in line for line in shown.lines)


def test_telling_lines_from_further_up_are_kept_and_ranked() -> None:
    middle = "".join(f"2026-11-22T13:00:00.0000000Z at frame {n}\n" for n in range(40))
    failed = "2026-11-22T13:00:00.0000000Z test phase::full ... FAILED\n"
    shown = excerpt(failed + middle + LOG.split("##[endgroup]\n")[1])
    assert shown
    assert shown.lines[0] == "test phase::full ... FAILED"
    assert min(shown.lines, key=rank) == "test phase::full ... FAILED"
    assert rank("error[E0308]: mismatched types") < rank("test a ... FAILED") < rank("error: no such file")
    assert rank("error: could not compile `moon`") == rank("at frame 1")


def test_places_are_those_of_the_repositorys_own_code() -> None:
    text = (
        "thread 'a' panicked at crates/moon/src/phase.rs:44:9:\n"
        "thread 'b' panicked at /rustc/abc/library/core/src/option.rs:1:2:\n"
        "  --> src/main.rs:2:18\n"
        "##[error]Process completed with exit code 101.\n"
    )
    shown = excerpt(text)
    assert shown
    assert [(place.file, place.line) for place in shown.places] == [
        ("crates/moon/src/phase.rs", 44),
        ("src/main.rs", 2),
    ]


def test_a_log_without_an_error_has_no_excerpt() -> None:
    assert excerpt("2026-11-22T13:00:00.0000000Z fine\n") is None


def test_tests_are_added_up_over_all_results() -> None:
    counts = counted(LOG)
    assert counts
    assert (counts.passed, counts.failed, counts.ignored) == (4, 2, 1)


def test_a_log_without_results_has_no_counts() -> None:
    assert counted("all tests passed\n") is None


def test_only_words_of_the_network_before_the_error_are_worth_another_attempt() -> None:
    assert not may_pass_next_time(LOG)
    assert may_pass_next_time(
        "curl: (56) Recv failure: Connection reset by peer\n##[error]Process completed with exit code 56.\n"
    )
    assert not may_pass_next_time("assertion: got 502 items\n##[error]Process completed with exit code 1.\n")


def test_a_workflow_is_judged_by_the_word_in_its_file_name() -> None:
    names = ("ci-build.yml", "tests-all.yml", "integration-tests.yml", "ci.yml", "release.yml")
    kinds = [kind_of(f".github/workflows/{name}") for name in names]
    assert kinds == ["build_minutes", "test_minutes", "integration_minutes", "build_minutes", None]


def values(*records: RunRecord) -> dict[str, float | None]:
    thresholds = {"build_minutes": Threshold(target=30, alert=40)}
    return {metric.name: metric.value for metric in run_metrics(records, thresholds)}


def test_figures_are_read_from_runs_logs_and_artifacts() -> None:
    artifact = RunArtifact(id=1, name="a", size=2_500_000, digest=None, expired=False)
    found = values(
        RunRecord(
            run=run(),
            logs=(LOG, "Cache restored from key: x\nCache not found for input keys: y\n"),
            artifacts=(artifact,),
        )
    )
    assert found == {
        "build_minutes": 1.5,
        "passed_tests": 4,
        "failed_tests": 2,
        "artifact_megabytes": 2.5,
        "cache_hit_percent": 50,
    }


def test_what_could_not_be_read_is_unknown_and_not_zero() -> None:
    found = values(RunRecord(run=run(updated_at=None), logs=(None,), artifacts=None))
    assert set(found.values()) == {None}


def test_a_run_that_did_not_succeed_tells_neither_its_time_nor_how_many_tests_there_are() -> None:
    green = "2026-11-22T13:00:01.0000000Z test result: ok. 3 passed; 0 failed; 0 ignored\n"
    for conclusion in ("failure", "neutral"):
        record = RunRecord(run=run(conclusion=conclusion), logs=(green,), artifacts=())
        values = {metric.name: metric.value for metric in run_metrics([record], {})}
        assert (values["build_minutes"], values["passed_tests"], values["failed_tests"]) == (None, None, None)
