from datetime import date

import pytest

from tasks.domain.forge_plan import ForgePlan
from tasks.domain.today import Today
from tests.checks.testing import CI, ask, job, places

OTHER = ".github/workflows/other.yml"


def on(label: str, matrix: str = "") -> str:
    return f"on: push\njobs:\n  a:\n    runs-on: {label}\n{matrix}    steps: [run: x]\n"


@pytest.mark.parametrize(
    "label",
    [
        "ubuntu-20.04",
        "macOS-13",
        "windows-2019",
        "ubuntu-24.4",
        "ubuntu-lastet",
        "ubuntu-lastest",
        "ubunt-latest",
    ],
)
def test_a_machine_that_github_does_not_offer_is_named(label: str) -> None:
    (found,) = ask("runner-label-exists", {CI: on(label)})
    assert (places([found]), found.subject, found.weight) == ([(CI, 4)], label, "blocker")


def test_a_machine_of_the_matrix_is_looked_at() -> None:
    matrix = "    strategy: {matrix: {os: [ubuntu-latest, ubuntu-18.04]}}\n"
    (found,) = ask("runner-label-exists", {CI: on("${{ matrix.os }}", matrix)})
    assert (places([found]), found.subject) == ([(CI, 5)], "ubuntu-18.04")


def test_a_machine_is_told_once_and_stops_what_the_first_of_its_workflows_stops() -> None:
    nightly = "on: {schedule: [{cron: 1 1 * * *}]}\njobs:\n  b: {runs-on: ubuntu-20.04, steps: [run: x]}\n"
    (found,) = ask("runner-label-exists", {".github/workflows/a.yml": nightly, CI: on("ubuntu-20.04")})
    assert places([found]) == [(CI, 4)]
    assert (len(found.evidence), found.phase, found.weight) == (2, "first-run", "blocker")
    assert "a of ci.yml and b of a.yml" in found.message


def test_a_machine_whose_end_is_announced_is_a_warning() -> None:
    for label, newer in (("macos-14", "macos-15"), ("macos-14-xlarge", "macos-15-xlarge")):
        (found,) = ask("runner-label-exists", {CI: on(label)})
        assert found.weight == "warning"
        assert found.remedy is not None
        assert found.remedy.summary == f"Write `{newer}` for `{label}`"
        assert found.remedy.commands == (f"sed -i 's/{label}/{newer}/w /dev/stdout' {CI} | grep .",)


def test_a_machine_whose_announced_end_has_come_stops_the_run() -> None:
    for day, weight in ((date(2026, 11, 1), "warning"), (date(2026, 11, 2), "blocker")):
        (found,) = ask("runner-label-exists", {CI: on("macos-14")}, Today(day=day))
        assert (found.subject, found.weight) == ("macos-14", weight)
    assert found.message == (
        "by GitHub's announcement macos-14 ended on 2026-11-02; what asks for it fails, or waits in the "
        "queue for a day: a of ci.yml"
    )


@pytest.mark.parametrize(
    ("label", "matrix"),
    [
        ("${{ matrix.os }}", "{os: [ubuntu-latest, macos-13], a: '${{ fromJSON(needs.x.outputs.a) }}'}"),
        ("${{ matrix.on.label }}", "{on: [{label: macos-13, v: '${{ vars.V }}'}, {label: '${{ vars.L }}'}]}"),
        ("${{ matrix.os }}", "{include: [{os: macos-13}, {os: '${{ vars.L }}'}]}"),
        ("${{ matrix.os }}", f"{{os: [macos-13], a: {list(range(70))}}}"),
    ],
)
def test_a_machine_beside_what_only_a_run_knows_is_looked_at(label: str, matrix: str) -> None:
    text = on(label, f"    strategy: {{matrix: {matrix}}}\n")
    (found,) = ask("runner-label-exists", {CI: text})
    assert (places([found]), found.subject) == ([(CI, 5)], "macos-13")


def test_a_machine_that_lanes_may_be_taken_from_is_not_certain() -> None:
    for matrix in (
        "{os: [macos-13], a: '${{ fromJSON(vars.A) }}', exclude: [{os: macos-13}]}",
        "{os: '${{ fromJSON(vars.A) }}'}",
        "{os: ['${{ vars.A }}', macos-15], b: [macos-13]}",
    ):
        text = on("${{ matrix.os }}", f"    strategy: {{matrix: {matrix}}}\n")
        assert ask("runner-label-exists", {CI: text}) == []


def test_the_edit_of_a_label_covers_every_line_that_has_it() -> None:
    text = """\
    on: push
    jobs:
      a:
        runs-on: ${{ matrix.os }}
        strategy: {matrix: {os: [ubuntu-20.04, ubuntu-24.04]}}
        steps:
          - run: x
            if: matrix.os == 'ubuntu-20.04' || matrix.os == 'ubuntu-20.04-arm'
    """
    (found,) = ask("runner-label-exists", {CI: text})
    assert found.remedy is not None
    (command,) = found.remedy.commands
    assert command.count(" -e ") == 2
    assert "-arm" not in command


@pytest.mark.parametrize(
    "label",
    [
        "ubuntu-latest",
        "macOS-latest",
        "[self-hosted, ubuntu-20.04]",
        "{group: x, labels: ubuntu-20.04}",
        "ubuntu-latest-16-cores",
        "ubuntu-latest4",
        "ubuntu-latest-m",
        "my-machine",
        "${{ vars.RUNNER }}",
    ],
)
def test_machines_that_are_offered_or_somebodys_own_are_fine(label: str) -> None:
    assert ask("runner-label-exists", {CI: on(label)}) == []


def test_a_matrix_of_too_many_jobs_is_named() -> None:
    matrix = f"    strategy:\n      matrix: {{a: {list(range(20))}, b: {list(range(20))}}}\n"
    assert places(ask("matrix-is-valid", {CI: on("x", matrix)})) == [(CI, 6)]


def test_a_dimension_without_values_is_named() -> None:
    assert places(ask("matrix-is-valid", {CI: on("x", "    strategy: {matrix: {a: []}}\n")})) == [(CI, 5)]


def test_matrices_that_github_accepts_are_fine() -> None:
    for matrix in (
        "{a: [1, 2], include: [{a: 3, b: 4}]}",
        "{a: '${{ fromJSON(vars.X) }}'}",
        "{include: [{a: 1}]}",
    ):
        assert ask("matrix-is-valid", {CI: on("x", f"    strategy: {{matrix: {matrix}}}\n")}) == []


def test_more_jobs_than_run_at_once_are_a_note() -> None:
    many = on("ubuntu-latest", f"    strategy: {{matrix: {{a: {list(range(21))}}}}}\n")
    (found,) = ask("jobs-fit-the-plan", {CI: many})
    assert (places([found]), found.weight) == ([(CI, 2)], "note")


MACS = "    strategy: {matrix: {os: [macos-15, macos-26, macos-15-intel], p: [a, b]}}\n"


def test_more_jobs_on_macos_than_run_at_once_are_a_note() -> None:
    (found,) = ask("jobs-fit-the-plan", {CI: on("${{ matrix.os }}", MACS)})
    assert (places([found]), found.weight) == ([(CI, 2)], "note")
    assert "6 jobs on macOS at once in 1 workflow; the free plan runs 5" in found.message


@pytest.mark.parametrize(
    "flow",
    [
        on("${{ matrix.os }}", MACS.replace("[a, b]", "[a]")),
        on("${{ matrix.os }}", MACS.replace("macos-26", "ubuntu-24.04")),
        on("${{ matrix.os }}", MACS.replace("{matrix:", "{max-parallel: 5, matrix:")),
        on("[self-hosted, macos]", MACS),
        on("macos-15-xlarge", MACS),
    ],
)
def test_few_jobs_on_macos_or_on_other_machines_fit_the_plan(flow: str) -> None:
    assert ask("jobs-fit-the-plan", {CI: flow}) == []


def test_more_jobs_on_macos_than_a_plan_has_are_told_with_all_jobs() -> None:
    many = on("macos-15", f"    strategy: {{matrix: {{a: {list(range(21))}}}}}\n")
    (found,) = ask("jobs-fit-the-plan", {CI: many})
    assert found.message.endswith("the free plan runs 20, and 5 of the 21 on macOS")
    assert ask("jobs-fit-the-plan", {CI: many}, ForgePlan(owner="o", name="enterprise")) == []


def test_jobs_that_fit_the_plan_that_is_paid_for_are_fine() -> None:
    many = on("ubuntu-latest", f"    strategy: {{matrix: {{a: {list(range(45))}}}}}\n")
    (found,) = ask("jobs-fit-the-plan", {CI: many}, ForgePlan(owner="o", name="pro"))
    assert "the pro plan runs 40" in found.message
    assert ask("jobs-fit-the-plan", {CI: many}, ForgePlan(owner="o", name="team")) == []


def test_jobs_that_a_push_does_not_start_are_not_counted() -> None:
    many = on("ubuntu-latest", f"    strategy: {{matrix: {{a: {list(range(21))}}}}}\n")
    assert ask("jobs-fit-the-plan", {CI: many.replace("on: push", "on: workflow_dispatch")}) == []
    assert ask("jobs-fit-the-plan", {CI: many.replace("on: push", "on: {push: {tags: ['v*']}}")}) == []


def test_jobs_on_machines_of_ones_own_are_not_counted() -> None:
    mine = "    strategy: {matrix: {a: [arc-big, ubuntu-latest], b: " + f"{list(range(20))}}}}}\n"
    text = on("ubuntu-latest", mine).replace("runs-on: ubuntu-latest", "runs-on: '${{ matrix.a }}'")
    assert ask("jobs-fit-the-plan", {CI: text}) == []
    assert len(ask("jobs-fit-the-plan", {CI: text.replace("arc-big", "ubuntu-22.04")})) == 1


def test_jobs_that_wait_for_different_branches_are_not_counted_together() -> None:
    half = on("ubuntu-latest", f"    strategy: {{matrix: {{a: {list(range(11))}}}}}\n")
    other = half.replace("on: push", "on: {push: {branches: ['release/**']}}")
    files = {CI: half.replace("on: push", "on: {push: {branches: [master]}}"), OTHER: other}
    assert ask("jobs-fit-the-plan", files) == []
    assert len(ask("jobs-fit-the-plan", {CI: half, OTHER: other})) == 1


def test_a_job_that_a_push_skips_is_not_counted() -> None:
    rest = f"    strategy: {{matrix: {{a: {list(range(21))}}}}}\n"
    never = "    if: github.event_name == 'schedule' || github.event_name == 'pull_request'\n"
    assert ask("jobs-fit-the-plan", {CI: on("ubuntu-latest", rest + never)}) == []
    either = "    if: github.event_name == 'schedule' || github.event_name == 'push'\n"
    assert len(ask("jobs-fit-the-plan", {CI: on("ubuntu-latest", rest + either)})) == 1


@pytest.mark.parametrize(
    ("on", "condition"),
    [
        ("{push: {}, pull_request: {}}", "github.event_name == 'pull_request' && github.actor != 'a'"),
        ("{push: {}, pull_request: {}}", "github.event_name != 'push'"),
        ("{push: {paths: ['old/**']}}", "always()"),
    ],
)
def test_jobs_that_no_push_can_run_are_not_counted(on: str, condition: str) -> None:
    matrix = f"strategy: {{matrix: {{a: {list(range(21))}}}}}"
    text = job("- run: x", on=on, extra=f"if: {condition}\n{matrix}")
    assert ask("jobs-fit-the-plan", {CI: text}) == []
    assert len(ask("jobs-fit-the-plan", {CI: text.replace(condition, "github.ref != 'a'"), "old/x": ""})) == 1


def test_jobs_without_timeout_are_one_note_for_all_files() -> None:
    text = "on: push\njobs:\n  a: {steps: [run: x]}\n  b: {steps: [run: x]}\n"
    (found,) = ask("timeout-is-set", {CI: text, OTHER: text})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 3), (CI, 4), (OTHER, 3), (OTHER, 4)]


def test_jobs_with_a_timeout_or_that_call_others_are_fine() -> None:
    called = "on: push\njobs:\n  a: {uses: ./.github/workflows/b.yml}\n"
    for text in (job("- run: x", extra="timeout-minutes: 5"), job("- {run: x, timeout-minutes: 5}"), called):
        assert ask("timeout-is-set", {CI: text}) == []


def test_a_job_that_asks_for_more_than_github_gives_is_named() -> None:
    assert places(ask("timeout-can-be-reached", {CI: job("- run: x", extra="timeout-minutes: 1440")})) == [
        (CI, 5)
    ]


def test_a_job_that_compiles_within_a_minute_is_a_note() -> None:
    (found,) = ask("timeout-can-be-reached", {CI: job("- run: cargo test", extra="timeout-minutes: 1")})
    assert (places([found]), found.weight) == ([(CI, 5)], "note")
    for steps, minutes in (("- run: cargo test", 5), ("- run: cargo fmt --check", 1)):
        text = job(steps, extra=f"timeout-minutes: {minutes}")
        assert ask("timeout-can-be-reached", {CI: text}) == []


def test_a_step_that_may_take_longer_than_its_job_is_named() -> None:
    for text, line in (
        (job("- run: x\n  timeout-minutes: 400"), 7),
        (job("- run: x\n  timeout-minutes: 20", extra="timeout-minutes: 10"), 8),
    ):
        assert places(ask("timeout-can-be-reached", {CI: text})) == [(CI, line)]


def test_machines_of_ones_own_may_take_longer() -> None:
    own = on("[self-hosted, big]", "    timeout-minutes: 2000\n")
    for text in (own, job("- {run: x, timeout-minutes: 360}"), job("- run: x", extra="timeout-minutes: 360")):
        assert ask("timeout-can-be-reached", {CI: text}) == []


def test_a_misspelled_timeout_is_told_by_the_schema_alone() -> None:
    text = job("- run: make", extra="timeout-minute: 5")
    assert ask("timeout-is-set", {CI: text}) == []
    assert len(ask("timeout-is-set", {CI: text.replace("timeout-minute", "max-parallel")})) == 1


def test_jobs_that_wait_for_each_other_do_not_run_at_once() -> None:
    wide = "strategy: {matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}}"
    body = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    %s\n    steps: [{run: make}]\n"
        "  b:\n    %s    runs-on: ubuntu-latest\n    %s\n    steps: [{run: make}]\n"
    )
    assert ask("jobs-fit-the-plan", {CI: body % (wide, "needs: a\n", wide)}) == []
    (found,) = ask("jobs-fit-the-plan", {CI: body % (wide, "\n", wide)})
    assert "24 jobs at once" in found.message


def test_a_workflow_that_dist_writes_has_the_timeouts_that_dist_gives_it() -> None:
    made = "# This file was autogenerated by dist: https://github.com/astral-sh/cargo-dist\n" + job(
        "- run: x"
    )
    assert ask("timeout-is-set", {CI: made}) == []
    by_hand = {CI: made, "Cargo.toml": '[workspace.metadata.dist]\nallow-dirty = ["msi", "ci"]\n'}
    assert len(ask("timeout-is-set", by_hand)) == 1
