"""Which phase a broken workflow stops."""

from __future__ import annotations

from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.workflow import Workflows
from tasks.domain.workflow_phase import placed, stopped
from tests.checks.testing import job, snapshot

PUSH = ".github/workflows/ci.yml"
NIGHTLY = ".github/workflows/nightly.yml"
RELEASE = ".github/workflows/release.yml"
BY_HAND = ".github/workflows/measure.yml"
DEPLOY = ".github/workflows/to-servers.yml"
FILES = {
    PUSH: job("- run: cargo test"),
    NIGHTLY: job("- run: cargo test", on="{schedule: [{cron: '0 1 * * *'}], workflow_dispatch: {}}"),
    RELEASE: job("- run: cargo build", on="{push: {tags: ['v*']}}"),
    BY_HAND: job("- run: cargo bench", on="workflow_dispatch"),
    DEPLOY: job("- run: cargo build", on="workflow_dispatch", extra="environment: production"),
}


def _placed(
    *paths: str,
    check: str = "workflow-target-exists",
    phase: Phase = Phase.FIRST_RUN,
    weight: Weight = Weight.BLOCKER,
) -> tuple[Phase, Weight]:
    finding = Finding(
        check=check,
        phase=phase,
        subject="x",
        verdict=Verdict.BROKEN,
        weight=weight,
        message="is not there",
        evidence=tuple(Evidence(file=path, line=1) for path in paths),
    )
    found = placed(finding, snapshot(FILES))
    return found.phase, found.weight


def test_what_every_push_runs_stops_the_first_run() -> None:
    assert _placed(PUSH) == (Phase.FIRST_RUN, Weight.BLOCKER)
    assert _placed(NIGHTLY, PUSH) == (Phase.FIRST_RUN, Weight.BLOCKER)


def test_a_program_that_only_a_pushed_workflow_takes_stops_the_first_run() -> None:
    assert _placed(PUSH, phase=Phase.RELEASE) == (Phase.FIRST_RUN, Weight.BLOCKER)


def test_a_nightly_workflow_stops_nobody() -> None:
    assert _placed(NIGHTLY) == (Phase.DEPLOYMENT, Weight.WARNING)
    assert _placed(NIGHTLY, phase=Phase.RELEASE) == (Phase.DEPLOYMENT, Weight.WARNING)


def test_what_a_tag_starts_stops_the_release_also_when_a_script_shows_it() -> None:
    assert _placed("tools/build.sh", RELEASE) == (Phase.RELEASE, Weight.BLOCKER)


def test_a_file_that_github_refuses_shows_a_failed_run_at_every_push() -> None:
    assert _placed(RELEASE, check="workflow-ids-valid") == (Phase.FIRST_RUN, Weight.BLOCKER)


def _called(condition: str = "") -> tuple[Phase, Weight]:
    middle, leaf = ".github/workflows/middle.yml", ".github/workflows/leaf.yml"
    call = "jobs:\n  a:\n    uses: ./{}\n{}"
    files = {
        PUSH: "on: push\n" + call.format(middle, condition),
        middle: "on: workflow_call\n" + call.format(leaf, ""),
        leaf: job("- run: x", on="workflow_call"),
    }
    finding = Finding(
        check="local-action-exists",
        phase=Phase.FIRST_RUN,
        subject="x",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="is not there",
        evidence=(Evidence(file=leaf, line=1),),
    )
    found = placed(finding, snapshot(files))
    return found.phase, found.weight


def test_a_workflow_that_a_pushed_one_calls_through_another_stops_the_first_run() -> None:
    assert _called() == (Phase.FIRST_RUN, Weight.BLOCKER)
    pushes = "    if: github.event_name != 'pull_request' && github.actor != 'github-actions[bot]'\n"
    assert _called(pushes) == (Phase.FIRST_RUN, Weight.BLOCKER)


def test_a_call_that_may_never_happen_stops_nobody() -> None:
    assert _called("    if: needs.changes.outputs.docs == 'true'\n") == (Phase.DEPLOYMENT, Weight.WARNING)


def test_a_note_keeps_its_weight_and_what_no_workflow_shows_its_phase() -> None:
    assert _placed(RELEASE, weight=Weight.NOTE) == (Phase.RELEASE, Weight.NOTE)
    assert _placed("main.tf") == (Phase.FIRST_RUN, Weight.BLOCKER)
    assert _placed(PUSH, phase=Phase.PROVISIONING) == (Phase.PROVISIONING, Weight.BLOCKER)
    assert _placed(PUSH, phase=Phase.DEPLOYMENT) == (Phase.DEPLOYMENT, Weight.BLOCKER)


def test_by_hand_only_what_goes_live_stops_the_deployment() -> None:
    assert _placed(BY_HAND) == (Phase.DEPLOYMENT, Weight.WARNING)
    assert _placed(DEPLOY) == (Phase.DEPLOYMENT, Weight.BLOCKER)


def test_what_is_published_by_hand_stops_the_release_and_what_follows_a_run_is_of_the_first() -> None:
    files = {
        ".github/workflows/publish.yml": job("- run: cargo publish", on="workflow_dispatch"),
        ".github/workflows/publish-site.yml": job("- run: x", on="workflow_dispatch").replace(
            "build", "deploy"
        ),
        ".github/workflows/comment.yml": job("- run: x", on="{workflow_run: {workflows: [CI]}}"),
    }

    def stops(path: str) -> tuple[Phase, Weight]:
        workflow = snapshot(files).get(Workflows)
        assert isinstance(workflow, Workflows)
        found = workflow.at(f".github/workflows/{path}")
        assert found is not None
        return stopped(found, None)

    assert stops("publish.yml") == (Phase.RELEASE, Weight.BLOCKER)
    assert stops("publish-site.yml") == (Phase.DEPLOYMENT, Weight.BLOCKER)
    assert stops("comment.yml") == (Phase.FIRST_RUN, Weight.WARNING)


def test_what_is_broken_in_a_workflow_that_nothing_starts_applies_to_nobody() -> None:
    dead = ".github/workflows/old.yml"
    on = "{push: {paths: ['old/**']}, pull_request: {paths: ['old/**']}}"
    files = {**FILES, dead: job("- run: cargo test", on=on)}

    def verdict(check: str, *paths: str) -> tuple[Verdict, Weight]:
        finding = Finding(
            check=check,
            phase=Phase.FIRST_RUN,
            subject="x",
            verdict=Verdict.BROKEN,
            weight=Weight.BLOCKER,
            message="is not there",
            evidence=tuple(Evidence(file=path, line=1) for path in paths),
        )
        found = placed(finding, snapshot(files))
        return found.verdict, found.weight

    assert verdict("workflow-directory-exists", dead)[0] is Verdict.NOT_APPLICABLE
    assert verdict("trigger-paths-match", dead)[0] is Verdict.BROKEN
    assert verdict("workflow-schema", dead)[0] is Verdict.BROKEN
    assert verdict("workflow-directory-exists", dead, NIGHTLY) == (Verdict.BROKEN, Weight.WARNING)
    files["old/a.rs"] = ""
    assert verdict("workflow-directory-exists", dead) == (Verdict.BROKEN, Weight.BLOCKER)


def test_what_answers_comments_and_deploys_nothing_is_of_the_first_run() -> None:
    talk = "{issue_comment: {types: [created]}, issues: {types: [opened]}}"
    files = {
        ".github/workflows/claude.yml": job("- run: x", on=talk),
        ".github/workflows/chatops.yml": job("- run: x", on=talk).replace("build:", "deploy:"),
        ".github/workflows/nightly.yml": job("- run: x", on="{issues: {}, schedule: [{cron: '0 1 * * *'}]}"),
    }

    def stops(path: str) -> tuple[Phase, Weight]:
        workflow = snapshot(files).get(Workflows)
        assert isinstance(workflow, Workflows)
        found = workflow.at(path)
        assert found is not None
        return stopped(found, None)

    each = [stops(path) for path in files]
    assert each == [
        (Phase.FIRST_RUN, Weight.WARNING),
        (Phase.DEPLOYMENT, Weight.WARNING),
        (Phase.DEPLOYMENT, Weight.WARNING),
    ]
