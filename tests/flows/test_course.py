from dataclasses import dataclass, field
from typing import Any

from flows.course import run_phase
from flows.gate import Gate
from tasks.domain.event import PhaseEnded, PhaseStarted, StepEnded, StepStarted, StepTold
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.step import Decision, StepResult, StepState
from tasks.steps.step import Step


def a_step(
    name: Any, *, phase: Any = Phase.RELEASE, blocked_by: Any = (), after: Any = (), configured: bool = True
) -> Any:
    return Step(
        name=name,
        phase=phase,
        title=name.title(),
        look=lambda: None,
        decide=lambda _: Decision(),
        act=lambda _change, _seen: None,
        blocked_by=frozenset(blocked_by),
        after=tuple(after),
        configured=configured,
    )


def a_finding(
    check: Any, *, phase: Any = Phase.RELEASE, verdict: Any = Verdict.BROKEN, weight: Any = Weight.BLOCKER
) -> Any:
    return Finding(check=check, phase=phase, subject="x", verdict=verdict, weight=weight, message="no")


@dataclass
class Runner:
    ends: dict[str, Any] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def __call__(self, step: Any, tell: Any) -> Any:
        self.ran.append(step.name)
        tell("working")
        tell("working")
        end = self.ends.get(step.name, StepState.DONE)
        if isinstance(end, Exception):
            raise end
        return StepResult(step=step.name, phase=step.phase, state=end)


def run(steps: Any, findings: Any = (), earlier: Any = None, **ends: Any) -> Any:
    runner = Runner(ends={k.replace("_", "-"): v for k, v in ends.items()})
    events: list[Any] = []
    result = run_phase(
        Phase.RELEASE,
        steps,
        gate=Gate.over(findings, steps),
        earlier=earlier or {},
        run=runner,
        emit=events.append,
        now=iter(range(1000)).__next__,
    )
    return result, runner.ran, events


def test_a_blocked_step_stops_only_what_comes_after_it() -> None:
    steps = [a_step("tag"), a_step("release", after=["tag"]), a_step("notes")]
    result, ran, _ = run(steps, tag=StepState.BLOCKED)
    assert ran == ["tag", "notes"]
    assert [s.state for s in result.steps] == [StepState.BLOCKED, StepState.BLOCKED, StepState.DONE]
    assert result.steps[1].why == "comes after tag, which is blocked"
    assert result.state is StepState.BLOCKED


def test_what_comes_after_a_waiting_step_waits() -> None:
    result, _, _ = run([a_step("a"), a_step("b", after=["a"])], a=StepState.WAITING)
    assert [s.state for s in result.steps] == [StepState.WAITING, StepState.WAITING]


def test_a_skipped_step_holds_nobody_up() -> None:
    result, ran, _ = run([a_step("a"), a_step("b", after=["a"])], a=StepState.SKIPPED)
    assert ran == ["a", "b"]
    assert result.state is StepState.DONE


def test_a_step_of_an_earlier_phase_counts_too() -> None:
    before = {"runs-green": StepResult(step="runs-green", phase=Phase.FIRST_RUN, state=StepState.FAILED)}
    result, ran, _ = run([a_step("tag", after=["runs-green"])], earlier=before)
    assert ran == []
    assert result.steps[0].why == "comes after runs-green, which has failed"


def test_an_error_fails_its_step_with_a_finding_and_the_rest_goes_on() -> None:
    result, ran, _ = run([a_step("a"), a_step("b")], a=RuntimeError("boom"))
    assert ran == ["a", "b"]
    assert result.steps[0].state is StepState.FAILED
    assert "boom" in result.steps[0].findings[0].message
    assert result.state is StepState.FAILED


def test_a_blocker_stops_the_step_that_names_it_and_no_other() -> None:
    steps = [a_step("a", blocked_by=["secrets-are-set"]), a_step("b")]
    result, ran, _ = run(steps, [a_finding("secrets-are-set")])
    assert ran == ["b"]
    assert result.steps[0].findings[0].check == "secrets-are-set"


def test_a_blocker_that_no_step_names_stops_its_whole_phase() -> None:
    steps = [a_step("a"), a_step("b", phase=Phase.DEPLOYMENT)]
    _, ran, _ = run(steps, [a_finding("workflow-binary-exists")])
    assert ran == ["b"]


def test_a_preflight_blocker_that_no_step_names_stops_the_first_run_but_not_provisioning() -> None:
    finding = a_finding("git-clean", phase=Phase.PREFLIGHT)
    gate = Gate.over([finding], [])
    assert gate.stops(a_step("push", phase=Phase.FIRST_RUN)) == (finding,)
    assert gate.stops(a_step("bucket", phase=Phase.PROVISIONING)) == ()


def test_a_step_that_is_not_configured_is_skipped_whatever_stops_the_others() -> None:
    steps = [
        a_step("bucket", blocked_by=["budget"]),
        a_step("table", blocked_by=["budget"], after=["bucket"], configured=False),
    ]
    findings = [a_finding("budget"), a_finding("nobodys")]
    result, ran, _ = run(steps, findings, table=StepState.SKIPPED)
    assert ran == ["table"]
    assert [s.state for s in result.steps] == [StepState.BLOCKED, StepState.SKIPPED]
    assert result.steps[1].findings == ()


def test_an_unknown_blocker_stops_and_a_warning_does_not() -> None:
    step = a_step("a", blocked_by=["u", "w"])
    assert Gate.over([a_finding("u", verdict=Verdict.UNKNOWN)], [step]).stops(step)
    assert not Gate.over([a_finding("w", weight=Weight.WARNING)], [step]).stops(step)


def test_events_tell_the_run_in_order_and_the_same_words_once() -> None:
    _, _, events = run([a_step("a")])
    assert [type(e) for e in events] == [PhaseStarted, StepStarted, StepTold, StepEnded, PhaseEnded]
    assert events[0].steps == ("a",)
    assert events[-1].result.seconds > 0
