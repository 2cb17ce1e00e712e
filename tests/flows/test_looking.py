from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flows.course import run_phase
from flows.gate import Gate
from flows.looking import Looker, Part
from flows.session import Learned
from tasks.domain.check import Answer, Check, broken, holds
from tasks.domain.finding import Verdict, Waiver, Weight
from tasks.domain.phase import Phase
from tasks.domain.step import StepState
from tasks.steps.step import ensure
from tasks.systems.shell import ProgramMissing


@dataclass(frozen=True)
class Tree:
    files: int


@dataclass(frozen=True)
class Forge:
    secrets: int


def a_check(id_: Any, ask: Any, phase: Any = Phase.PREFLIGHT) -> Any:
    return Check(id=id_, subject="s", title="t", phase=phase, weight=Weight.BLOCKER, remedy=None, ask=ask)


def has_files(tree: Tree) -> Iterator[Answer]:
    yield holds("tree") if tree.files else broken("tree", "is empty")


def secrets_match(tree: Tree, forge: Forge) -> Iterator[Answer]:
    yield holds("both") if tree.files == forge.secrets else broken("both", "differ")


class NoJournal:
    def intend(self, step: str, verb: str, target: str) -> str:
        raise AssertionError

    def read_back(self, intent: str, seen: str) -> None:
        raise AssertionError


class Clock:
    def monotonic(self) -> Any:
        return 0.0

    def sleep(self, seconds: Any) -> None:
        raise AssertionError


def part(name: Any, kind: Any, look: Any) -> Any:
    return Part(name=name, title=name, kinds=(kind,), look=look)


def look(checks: Any, parts: Any, waivers: Any = ()) -> Any:
    learned = Learned()
    looker = Looker(checks=checks, learned=learned, waivers=waivers, today=date(2026, 11, 22))
    result = run_phase(
        Phase.PREFLIGHT,
        looker.steps(parts),
        gate=Gate.over([], []),
        earlier={},
        run=lambda step, tell: ensure(step, journal=NoJournal(), clock=Clock(), tell=tell),
        emit=lambda _: None,
        now=lambda: 0.0,
    )
    return result, learned, looker


TREE = part("tree", Tree, lambda seen: seen.with_facts(Tree(1)))
EMPTY = part("tree", Tree, lambda seen: seen.with_facts(Tree(0)))
FORGE = part("forge", Forge, lambda seen: seen.with_facts(Forge(2)))


def unreachable(seen: Any) -> None:
    raise ConnectionError("no answer")


def test_a_check_is_asked_once_all_its_facts_were_looked_at() -> None:
    result, learned, _ = look([a_check("a", has_files), a_check("b", secrets_match)], [TREE, FORGE])
    assert [step.state for step in result.steps] == [StepState.DONE, StepState.BLOCKED]
    assert [(one.check, one.verdict) for one in learned.findings] == [
        ("a", Verdict.HOLDS),
        ("b", Verdict.BROKEN),
    ]


def test_what_could_not_be_looked_at_is_unknown_with_its_reason() -> None:
    result, learned, _ = look([a_check("b", secrets_match)], [TREE, part("forge", Forge, unreachable)])
    (finding,) = learned.findings
    assert finding.verdict is Verdict.UNKNOWN
    assert "no answer" in finding.message
    assert result.state is StepState.BLOCKED


def test_a_finding_of_a_later_phase_does_not_stop_the_preflight() -> None:
    result, learned, _ = look([a_check("a", has_files, Phase.RELEASE)], [EMPTY])
    assert result.state is StepState.DONE
    assert learned.findings[0].blocks


def test_a_check_whose_facts_nobody_looks_at_is_counted_not_accused() -> None:
    _, learned, _ = look([a_check("b", secrets_match)], [TREE])
    assert learned.findings == []
    assert learned.not_asked == {"b"}


def test_a_waiver_counts_until_its_day_and_not_after() -> None:
    def waiver(expires: Any) -> Any:
        return Waiver(check="a", subject="tree", reason="r", owner="o", expires=expires)

    for expires, blocks in (("2026-11-22", False), ("2026-11-21", True)):
        _, learned, _ = look([a_check("a", has_files)], [EMPTY], (waiver(expires),))
        assert learned.findings[0].blocks is blocks


def test_after_a_change_only_what_may_have_moved_is_asked_again() -> None:
    _, learned, looker = look([a_check("a", has_files), a_check("b", secrets_match)], [TREE, FORGE])
    looker.again([part("forge", Forge, lambda seen: seen.with_facts(Forge(1)))])
    assert {(one.check, one.verdict) for one in learned.findings} == {
        ("a", Verdict.HOLDS),
        ("b", Verdict.HOLDS),
    }


def test_only_what_is_asked_of_the_files_alone_counts_as_static() -> None:
    ticks = iter(range(100))
    learned = Learned()
    looker = Looker(
        checks=[a_check("a", has_files), a_check("b", secrets_match)],
        learned=learned,
        waivers=(),
        today=date(2026, 11, 22),
        static=frozenset({Tree}),
        clock=lambda: float(next(ticks)),
    )
    for step in looker.steps([TREE, FORGE]):
        step.look()
    assert learned.static_seconds == 3.0  # what the clock says around the one static check
    assert len(learned.findings) == 2


def test_a_check_that_crashes_is_unknown_and_the_others_are_asked() -> None:
    def crashes(tree: Tree) -> Iterator[Answer]:
        yield holds("first")
        raise KeyError("nothing there")

    _, learned, _ = look([a_check("a", crashes), a_check("b", has_files)], [TREE])
    assert [(one.check, one.verdict) for one in learned.findings] == [
        ("a", Verdict.UNKNOWN),
        ("b", Verdict.HOLDS),
    ]
    assert "bug in a" in learned.findings[0].message


def test_a_missing_program_is_said_in_words_with_what_brings_it() -> None:
    def without(_snapshot: Any) -> Any:
        raise ProgramMissing("cargo")

    _, learned, _ = look([a_check("tree-read", has_files)], [part("tree", Tree, without)])
    found = learned.findings
    assert [one.message for one in found] == ["could not look: `cargo` is not installed or not on PATH"]
    (remedy,) = [one.remedy for one in found]
    assert remedy is not None
    assert any("rustup" in command for command in remedy.commands)
    assert remedy.owner == "operator"
