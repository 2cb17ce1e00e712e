"""Reports as commands make them, for the renderers' tests and for looking at the page.

``python -m tests.reports.examples DIRECTORY`` writes each as HTML.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tasks.domain.change import Change
from tasks.domain.critical_path import critical_path_minutes
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Waiver, Weight
from tasks.domain.phase import Phase
from tasks.domain.plan import Plan, PlannedStep
from tasks.domain.report import Asset, Deployment, Metric, Release, Report
from tasks.domain.step import PhaseResult, StepResult, StepState
from tasks.reports import html_report

COMMIT = "4f1c2d3e4b5a69788796a5b4c3d2e1f00f1e2d3c"
SUM = "9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de"


def finding(**given: object) -> Finding:
    """Make a blocker that is broken, except for what is given."""
    usual: dict[str, object] = {
        "check": "secrets-are-set",
        "phase": Phase.RELEASE,
        "subject": "SIGNING_KEY",
        "verdict": Verdict.BROKEN,
        "weight": Weight.BLOCKER,
        "message": "release.yml reads the secret SIGNING_KEY, which is not set in acme/moonphase",
        "evidence": (
            Evidence(
                file=".github/workflows/release.yml",
                line=46,
                excerpt="          SIGNING_KEY: ${{ secrets.SIGNING_KEY }}",
            ),
        ),
        "remedy": Remedy(
            summary="Set the repository secret SIGNING_KEY",
            commands=("gh secret set SIGNING_KEY --repo acme/moonphase",),
            owner="github-admin",
            minutes=5,
        ),
    }
    return Finding(**{**usual, **given})  # type: ignore[arg-type]


def step(name: str, phase: Phase, state: StepState = StepState.DONE, **given: object) -> StepResult:
    """Make the result of a step."""
    return StepResult(step=name, phase=phase, state=state, **given)  # type: ignore[arg-type]


LIVE_STEPS: dict[Phase, tuple[tuple[str, float, str], ...]] = {
    Phase.PREFLIGHT: (
        ("repository", 0.4, "clean, on main"),
        ("committed-tree", 9.8, "builds; 31 tests pass"),
    ),
    Phase.PROVISIONING: (
        ("state-bucket", 0.1, "versioned, encrypted and private"),
        ("lock-table", 0.1, "exists"),
        ("artifact-bucket", 0.1, "exists"),
        ("deploy-role", 0.2, "trusts repo:acme/moonphase"),
        ("budget", 0.1, "$25.00 a day, alerts at 80 and 100 %"),
    ),
    Phase.FIRST_RUN: (
        ("workflows-pushed", 0.6, "main is at 4f1c2d3e4b"),
        ("runs-green", 41.2, "3 of 3 runs are green"),
    ),
    Phase.RELEASE: (("tag", 0.2, "v0.1.0 at 4f1c2d3e4b"), ("release", 18.3, "4 assets verified")),
    Phase.DEPLOYMENT: (
        ("rollout-staging", 7.1, "answers 0.1.0"),
        ("approval", 0.0, "rehearsal"),
        ("rollout-production", 6.9, "answers 0.1.0"),
    ),
}

LIVE = Report(
    command="activate",
    repo="acme/moonphase",
    commit=COMMIT,
    world="embedded",
    exit=0,
    seconds=96.4,
    static_seconds=0.2,
    held=87,
    not_asked=4,
    phases=tuple(
        PhaseResult(
            phase=phase,
            state=StepState.DONE,
            seconds=sum(seconds for _, seconds, _ in steps),
            steps=tuple(step(name, phase, changed=True, why=why, seconds=took) for name, took, why in steps),
        )
        for phase, steps in LIVE_STEPS.items()
    ),
    release=Release(
        tag="v0.1.0",
        url="http://127.0.0.1:41001/acme/moonphase/releases/tag/v0.1.0",
        assets=(
            Asset(
                name="moond-x86_64-unknown-linux-gnu.tar.gz",
                sha256=SUM,
                target="x86_64-unknown-linux-gnu",
                size=412_331,
            ),
            Asset(
                name="moon-x86_64-unknown-linux-gnu.tar.gz",
                sha256=SUM[::-1],
                target="x86_64-unknown-linux-gnu",
                size=398_120,
            ),
            Asset(name="SHA256SUMS", sha256=SUM[1:] + "a", size=214),
        ),
    ),
    deployments=(
        Deployment(environment="staging", url="http://127.0.0.1:42001", version="0.1.0", sha256=SUM),
        Deployment(environment="production", url="http://127.0.0.1:42002", version="0.1.0", sha256=SUM),
    ),
    metrics=(
        Metric(name="build time", value=0.4, unit="min", target=10, alert=20, source="build.yml"),
        Metric(name="test time", value=12.5, unit="min", target=10, alert=20, source="tests.yml"),
        Metric(name="cache hit rate", value=None, unit="%", target=70, alert=50, source="caches"),
        Metric(name="failed tests", value=0, unit="", target=0, alert=0, source="logs"),
        Metric(name="artifact size", value=620, unit="MB", target=500, alert=550, source="artifacts"),
    ),
    critical_path_minutes=0,
    report_file="/home/ada/.local/state/activation/acme/moonphase/report.html",
    journal_file="/home/ada/.local/state/activation/acme/moonphase/journal.jsonl",
    next_commands=("curl http://127.0.0.1:42002/version", "python -m flows.deactivate"),
)

SCOPE = Remedy(
    summary="Give the token the workflow scope",
    commands=("gh auth refresh --hostname github.com --scopes repo,workflow,read:org",),
    url="https://github.com/settings/tokens",
    owner="github-admin",
    minutes=3,
)
FINDINGS = (
    finding(),
    finding(
        check="push-is-allowed",
        phase=Phase.FIRST_RUN,
        subject=".github/workflows/build.yml",
        message="refusing to allow a Personal Access Token to create or update workflow "
        "`.github/workflows/build.yml` without `workflow` scope",
        evidence=(
            Evidence(
                source="github", url="https://api.github.com/user", excerpt="X-OAuth-Scopes: repo, read:org"
            ),
        ),
        remedy=SCOPE,
    ),
    finding(
        check="push-is-allowed",
        phase=Phase.FIRST_RUN,
        subject=".github/workflows/tests.yml",
        message="refusing to allow a Personal Access Token to create or update workflow "
        "`.github/workflows/tests.yml` without `workflow` scope",
        evidence=(),
        remedy=SCOPE,
    ),
    finding(
        check="role-can-be-assumed",
        phase=Phase.DEPLOYMENT,
        subject="deploy.yml: rollout",
        verdict=Verdict.UNKNOWN,
        message="could not look: AWS did not answer within 10 s",
        evidence=(),
        remedy=Remedy(
            summary="Log in to AWS and look again", commands=("aws sso login",), owner="operator", minutes=2
        ),
    ),
    finding(
        check="job-has-a-timeout",
        phase=Phase.FIRST_RUN,
        subject="tests.yml: unit",
        weight=Weight.WARNING,
        message="the job `unit` has no timeout-minutes and may run for six hours",
        evidence=(Evidence(file=".github/workflows/tests.yml", line=14, excerpt="  unit:"),),
        remedy=Remedy(summary="Give the job a timeout", minutes=2),
    ),
    finding(
        check="actions-are-pinned",
        subject="actions/checkout",
        weight=Weight.NOTE,
        message="actions/checkout@v4 can be moved by its owner",
        evidence=(
            Evidence(file=".github/workflows/tests.yml", line=17, excerpt="- uses: actions/checkout@v4"),
        ),
        waived=Waiver(
            check="actions-are-pinned", subject="*", reason="GitHub's own", owner="ada", expires="2027-01-01"
        ),
    ),
)

BLOCKED = replace(
    LIVE,
    exit=3,
    seconds=12.9,
    findings=FINDINGS,
    phases=(
        *LIVE.phases[:2],
        PhaseResult(
            phase=Phase.FIRST_RUN,
            state=StepState.BLOCKED,
            seconds=0.7,
            steps=(
                step(
                    "workflows-pushed",
                    Phase.FIRST_RUN,
                    StepState.BLOCKED,
                    why=FINDINGS[1].message,
                    seconds=0.6,
                ),
                step("runs-green", Phase.FIRST_RUN, StepState.SKIPPED, why="workflows-pushed is not done"),
                step("metrics", Phase.FIRST_RUN, StepState.SKIPPED, why="workflows-pushed is not done"),
            ),
        ),
        PhaseResult(phase=Phase.RELEASE, state=StepState.SKIPPED),
        PhaseResult(phase=Phase.DEPLOYMENT, state=StepState.SKIPPED),
    ),
    release=None,
    deployments=(),
    metrics=(),
    critical_path_minutes=critical_path_minutes(FINDINGS),
    next_commands=("python -m flows.activate",),
)

PLAN = Plan(
    repo="acme/moonphase",
    commit=COMMIT,
    world="live",
    steps=(
        PlannedStep(
            step="state-bucket",
            phase=Phase.PROVISIONING,
            changes=(Change(verb="create", target="s3://acme-moonphase-state", daily_usd=0.01),),
        ),
        PlannedStep(
            step="tag",
            phase=Phase.RELEASE,
            changes=(Change(verb="create", target="refs/tags/v0.1.0", reversible=False),),
        ),
    ),
)
WAITING = replace(
    LIVE,
    world="live",
    exit=4,
    seconds=3.1,
    plan=PLAN,
    phases=(LIVE.phases[0],),
    release=None,
    deployments=(),
    metrics=(),
    next_commands=(f"python -m flows.activate --live --approve {PLAN.digest}",),
)
PREFLIGHT = replace(BLOCKED, command="preflight", world="offline", seconds=0.4, phases=(), next_commands=())
EMPTY = Report(command="preflight", repo="a/b", commit=None, world="offline", exit=0, seconds=0.1)
ALL = {"live": LIVE, "blocked": BLOCKED, "waiting": WAITING, "preflight": PREFLIGHT, "empty": EMPTY}


if __name__ == "__main__":
    for name, report in ALL.items():
        Path(sys.argv[1], f"{name}.html").write_text(html_report.render(report))
