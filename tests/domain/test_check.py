"""Checks are pure questions; what could not be seen is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tasks.domain import check as module
from tasks.domain.check import Answer, Check, broken, evaluate, holds
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Which doors are open."""

    open: tuple[str, ...]


def doors_are_shut(doors: Doors) -> Iterator[Answer]:
    """Every door is shut."""
    for name in ("front", "back"):
        yield broken(name, "is open") if name in doors.open else holds(name)


def doors_if_any(doors: Doors | Unseen) -> Iterator[Answer]:
    """Says which of the two it got."""
    yield holds("seen") if isinstance(doors, Doors) else broken("unseen", doors.reason)


def crashing(doors: Doors) -> Iterator[Answer]:
    """Never answers."""
    yield holds(doors.open[7])


def made(ask: object) -> Check:
    return Check(
        id="doors",
        subject="house",
        title="Doors",
        phase=Phase.PREFLIGHT,
        weight=Weight.BLOCKER,
        remedy=Remedy(summary="Shut it"),
        ask=ask,  # type: ignore[arg-type]
    )


def test_a_check_answers_each_subject_with_its_remedy_only_where_it_is_broken() -> None:
    found = made(doors_are_shut).evaluate(Snapshot().with_facts(Doors(open=("back",))))
    assert [(f.subject, f.verdict, f.blocks, f.remedy is not None) for f in found] == [
        ("front", Verdict.HOLDS, False, False),
        ("back", Verdict.BROKEN, True, True),
    ]


def test_what_could_not_be_seen_is_unknown_and_blocks() -> None:
    snapshot = Snapshot().with_facts(unseen={Doors: Unseen(reason="the lights are off")})
    [finding] = made(doors_are_shut).evaluate(snapshot)
    assert (finding.verdict, finding.blocks) == (Verdict.UNKNOWN, True)
    assert "the lights are off" in finding.message


def test_what_nobody_asked_for_leaves_the_check_out() -> None:
    assert list(evaluate([made(doors_are_shut)], Snapshot())) == []


def test_a_check_may_accept_that_something_was_not_seen() -> None:
    [finding] = made(doors_if_any).evaluate(Snapshot())
    assert finding.subject == "unseen"


@pytest.mark.parametrize("weight", list(Weight))
def test_a_check_that_crashes_is_an_unknown_of_its_weight_that_names_the_bug(weight: Weight) -> None:
    [finding] = replace(made(crashing), weight=weight).evaluate(Snapshot().with_facts(Doors(open=())))
    assert (finding.verdict, finding.weight) == (Verdict.UNKNOWN, weight)
    assert finding.blocks is (weight is Weight.BLOCKER)
    assert finding.remedy is not None
    assert ("waive" in finding.remedy.summary) is finding.blocks
    assert "IndexError" in finding.message
    assert "bug in doors" in finding.message


@pytest.mark.parametrize("bug", [ZeroDivisionError("x"), module.TookTooLong("10 s")])
def test_what_a_check_found_before_it_crashed_or_was_stopped_still_counts(bug: Exception) -> None:
    def half_way(doors: Doors) -> Iterator[Answer]:
        """Answers once."""
        yield broken(doors.open[0], "is open")
        raise bug

    proven, crash = made(half_way).evaluate(Snapshot().with_facts(Doors(open=("back",))))
    assert (proven.subject, proven.verdict, proven.blocks) == ("back", Verdict.BROKEN, True)
    assert (crash.verdict, crash.weight, crash.blocks) == (Verdict.UNKNOWN, Weight.BLOCKER, True)


def test_a_credential_on_a_line_that_proves_something_else_is_not_shown() -> None:
    token = "ghp_" + "a1B2c3D4" * 4 + "e5F6"
    key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY0"

    def lines(doors: Doors) -> Iterator[Answer]:
        """Shows lines."""
        for name in doors.open:
            yield broken(name, "is open", Evidence(file="ci.yml", line=3, excerpt=name))

    asked = (
        f"run: curl -H 'Bearer {token}'",
        f"run: x {token[:20]}",
        f"AWS_SECRET: {key}",
        "run: cargo test -p SG",
    )
    found = made(lines).evaluate(Snapshot().with_facts(Doors(open=asked)))
    assert [finding.evidence[0].excerpt for finding in found] == [
        "run: curl -H 'Bearer ghp_***'",
        "run: x ghp_***",
        "AWS_SECRET: ***",
        "run: cargo test -p SG",
    ]


def test_a_check_without_a_docstring_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REGISTRY", {})
    with pytest.raises(ValueError, match="docstring"):
        module.check("silent", phase=Phase.PREFLIGHT)(lambda: ())


def test_two_checks_cannot_share_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REGISTRY", {})
    module.check("doors", phase=Phase.PREFLIGHT)(doors_are_shut)
    with pytest.raises(ValueError, match="twice"):
        module.check("doors", phase=Phase.PREFLIGHT)(doors_are_shut)
