from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flows.consent import Approvals, Consent, keys_of, sought
from tasks.domain.approval import Approval
from tasks.domain.change import Change
from tasks.domain.phase import Phase
from tasks.domain.plan import Plan, PlannedStep
from tasks.domain.step import Decision
from tasks.steps.step import Step

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CREATE = Change(verb="create", target="s3://state")
DELETE = Change(verb="delete", target="s3://state")


def a_plan(*changes: Any) -> Any:
    steps = (PlannedStep(step="bucket", phase=Phase.PROVISIONING, changes=changes),)
    return Plan(repo="a/b", commit="c", world="live", steps=steps)


def a_step(*changes: Any) -> Any:
    return Step(
        name="bucket",
        phase=Phase.PROVISIONING,
        title="Bucket",
        look=lambda: None,
        decide=lambda _: Decision(changes=changes),
        act=lambda _change, _seen: None,
    )


def approval(digest: Any, when: Any = NOW) -> Any:
    return Approval(who="ann", when=when, digest=digest)


def test_an_approved_plan_lets_its_changes_through_and_no_other() -> None:
    plan = a_plan(CREATE)
    consent = sought(plan, given=[approval(plan.digest)], now=NOW, command="x")
    assert consent.bind(a_step(CREATE)).decide(None).changes == (CREATE,)
    held = consent.bind(a_step(CREATE, DELETE)).decide(None)
    assert held.changes == ()
    assert "delete s3://state" in str(held.waiting)


def test_an_approval_of_another_plan_counts_for_nothing() -> None:
    plan = a_plan(CREATE)
    consent = sought(plan, given=[approval(a_plan(DELETE).digest)], now=NOW, command="activate")
    assert consent.digest == plan.digest
    assert f"activate --approve {plan.digest}" in str(consent.bind(a_step(CREATE)).decide(None).waiting)


def test_an_approval_expires() -> None:
    plan = a_plan(CREATE)
    old = approval(plan.digest, NOW - timedelta(hours=24))
    assert sought(plan, given=[old], now=NOW, command="x").digest == plan.digest


def test_nothing_to_change_needs_no_approval() -> None:
    assert sought(a_plan(), given=[], now=NOW, command="x").digest is None


def test_a_step_that_has_nothing_to_change_does_not_wait() -> None:
    assert Consent().bind(a_step()).decide(None).waiting is None


def test_a_change_with_other_details_is_another_change() -> None:
    one = a_plan(Change(verb="dispatch", target="staging", detail={"input.version": "1"}))
    two = a_plan(Change(verb="dispatch", target="staging", detail={"input.version": "2"}))
    assert keys_of(one) != keys_of(two)


def test_approvals_are_kept_for_the_person_alone(tmp_path: Path) -> None:
    approvals = Approvals(tmp_path / "approvals.json")
    assert approvals.given() == ()
    approvals.add(approval("abc"))
    approvals.add(approval("def"))
    assert [one.digest for one in approvals.given()] == ["abc", "def"]
    assert (tmp_path / "approvals.json").stat().st_mode & 0o777 == 0o600


def test_what_was_approved_earlier_in_the_run_stays_approved() -> None:
    first, second = a_plan(CREATE), a_plan(DELETE)
    allowed = sought(first, given=[approval(first.digest)], now=NOW, command="x").approved
    assert sought(first, given=[], now=NOW, command="x", before=allowed).digest is None
    later = sought(second, given=[], now=NOW, command="x", before=allowed)
    assert later.digest == second.digest
    assert later.bind(a_step(CREATE)).decide(None).changes == (CREATE,)
