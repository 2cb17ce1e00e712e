from __future__ import annotations

from pathlib import Path

from flows.asked import Asked
from flows.reporting import exit_of, next_commands, told
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.step import PhaseResult, StepResult, StepState


def a_phase(state: StepState, *findings: Finding) -> PhaseResult:
    step = StepResult(step="s", phase=Phase.RELEASE, state=state, findings=findings)
    return PhaseResult(phase=Phase.RELEASE, state=state, steps=(step,))


def a_finding(check: str, subject: str, verdict: Verdict = Verdict.BROKEN) -> Finding:
    return Finding(
        check=check,
        phase=Phase.RELEASE,
        subject=subject,
        verdict=verdict,
        weight=Weight.BLOCKER,
        message="",
    )


def test_the_worst_phase_says_the_exit_code() -> None:
    done, skipped = a_phase(StepState.DONE), a_phase(StepState.SKIPPED)
    assert exit_of([done, skipped]) == 0
    assert exit_of([done, a_phase(StepState.WAITING)]) == 4
    assert exit_of([a_phase(StepState.WAITING), a_phase(StepState.BLOCKED)]) == 3
    assert exit_of([a_phase(StepState.BLOCKED), a_phase(StepState.FAILED)]) == 1


def test_a_finding_is_told_once_however_many_steps_it_stops() -> None:
    finding = a_finding("cargo-build", "tree")
    phases = (a_phase(StepState.BLOCKED, finding), a_phase(StepState.BLOCKED, finding))
    assert list(told([finding], phases)) == [finding]


def test_a_steps_own_word_stands_for_the_check_that_asks_the_same() -> None:
    general, exact = a_finding("secrets-are-set", "KEY"), a_finding("secret-is-set", "KEY")
    phases = (a_phase(StepState.BLOCKED, exact),)
    assert list(told([general], phases, judged=frozenset({"secrets-are-set"}))) == [exact]
    assert list(told([general], (), judged=frozenset({"secrets-are-set"}))) == [general]


def test_what_holds_is_told_only_when_everything_is_asked_for() -> None:
    fine = a_finding("a", "b", Verdict.HOLDS)
    assert list(told([fine], ())) == []
    assert list(told([fine], (), everything=True)) == [fine]


def test_the_next_command_is_the_same_again_after_a_blocker_and_the_end_after_a_success() -> None:
    stuck = next_commands(Asked(command="activate", scenario="red-tests"), 3)
    assert stuck == (
        "python -m deployments.embedded remedy red-tests",
        "python -m flows.activate --scenario red-tests",
        "python -m flows.deactivate",
    )
    assert next_commands(Asked(command="activate"), 0) == ("python -m flows.deactivate",)
    assert next_commands(Asked(command="preflight"), 0)[0] == "python -m flows.activate"


def test_the_path_in_the_next_commands_is_one_word_to_a_shell() -> None:
    odd = Path("/tmp/my $(touch x) app")
    stuck = next_commands(Asked(command="activate", repository=odd), 3)
    assert stuck[0] == "python -m flows.activate '/tmp/my $(touch x) app'"
    offline = next_commands(Asked(command="preflight", repository=odd, offline=True), 0)
    assert offline == ("python -m flows.preflight '/tmp/my $(touch x) app'",)
