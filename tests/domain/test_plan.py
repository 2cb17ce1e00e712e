"""People approve a thing, not a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tasks.domain.approval import Approval
from tasks.domain.baseline import drifted
from tasks.domain.change import Change
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.plan import Plan, PlannedStep

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def plan(*changes: Change) -> Plan:
    planned = PlannedStep(step="state-bucket", phase=Phase.PROVISIONING, changes=changes)
    return Plan(repo="acme/moon", commit="0" * 40, world="live", steps=(planned,))


def test_the_same_changes_have_the_same_digest_and_others_another() -> None:
    bucket = Change(verb="create", target="s3://a")
    assert plan(bucket).digest == plan(bucket).digest
    assert plan(bucket).digest != plan(Change(verb="create", target="s3://b")).digest


def test_an_approval_covers_only_its_digest_and_only_for_a_day() -> None:
    approval = Approval(who="ada", when=NOW, digest="abc")
    assert approval.covers("abc", NOW + timedelta(hours=23))
    assert not approval.covers("abc", NOW + timedelta(hours=24))
    assert not approval.covers("abd", NOW)


def test_an_unknown_cost_makes_the_sum_unknown() -> None:
    assert plan(Change(verb="a", target="a", daily_usd=1.5), Change(verb="b", target="b")).daily_usd == 1.5
    assert plan(Change(verb="a", target="a", daily_usd=None)).daily_usd is None


def test_drift_is_a_verdict_that_is_not_the_accepted_one() -> None:
    def finding(subject: str, verdict: Verdict) -> Finding:
        return Finding(
            check="c",
            phase=Phase.PREFLIGHT,
            subject=subject,
            verdict=verdict,
            weight=Weight.BLOCKER,
            message="",
        )

    accepted = {"c/a": Verdict.HOLDS, "c/b": Verdict.BROKEN}
    now = [finding("a", Verdict.BROKEN), finding("b", Verdict.BROKEN), finding("new", Verdict.HOLDS)]
    assert [(d.finding.subject, d.was) for d in drifted(accepted, now)] == [("a", Verdict.HOLDS)]
