"""How the steps of one phase are run: in order, each as soon as nothing stops it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flows.gate import Gate
from tasks.domain.event import Emit, PhaseEnded, PhaseStarted, StepEnded, StepStarted, StepTold
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.step import PhaseResult, StepResult, StepState, phase_state
from tasks.steps.step import Step, Tell

RunStep = Callable[[Step[Any], Tell], StepResult]
UNMET = (StepState.BLOCKED, StepState.WAITING, StepState.FAILED)


def run_phase(
    phase: Phase,
    steps: Sequence[Step[Any]],
    *,
    gate: Gate,
    earlier: Mapping[str, StepResult],
    run: RunStep,
    emit: Emit,
    now: Callable[[], float],
) -> PhaseResult:
    """Run a phase's steps and say how each ended; a failed step fails nothing but what comes after it."""
    started = now()
    emit(PhaseStarted(phase=phase, at=started, steps=tuple(step.name for step in steps)))
    results: dict[str, StepResult] = {}
    for step in steps:
        result = _stopped(step, gate, {**earlier, **results})
        if result is None:
            result = _attempt(step, run, emit, now)
        results[step.name] = result
        emit(StepEnded(phase=phase, step=step.name, result=result, at=now()))
    ended = tuple(results.values())
    state = phase_state(ended) if ended else StepState.SKIPPED
    outcome = PhaseResult(phase=phase, state=state, seconds=now() - started, steps=ended)
    emit(PhaseEnded(phase=phase, result=outcome, at=now()))
    return outcome


def _stopped(step: Step[Any], gate: Gate, ended: Mapping[str, StepResult]) -> StepResult | None:
    """Return how a step ends that may not start, or None."""
    if findings := gate.stops(step):
        why = "; ".join(dict.fromkeys(f"{finding.check}: {finding.message}" for finding in findings))
        return StepResult(
            step=step.name, phase=step.phase, state=StepState.BLOCKED, why=why, findings=findings
        )
    for name in step.after if step.configured else ():
        before = ended.get(name)
        if before is not None and before.state in UNMET:
            state = StepState.WAITING if before.state is StepState.WAITING else StepState.BLOCKED
            how = "has failed" if before.state is StepState.FAILED else f"is {before.state.value}"
            return StepResult(
                step=step.name, phase=step.phase, state=state, why=f"comes after {name}, which {how}"
            )
    return None


def _attempt(step: Step[Any], run: RunStep, emit: Emit, now: Callable[[], float]) -> StepResult:
    started = now()
    emit(StepStarted(phase=step.phase, step=step.name, title=step.title, at=started))
    said: list[str] = []

    def tell(text: str) -> None:
        if said[-1:] != [text]:  # the same words twice are no news
            said[:] = [text]
            emit(StepTold(phase=step.phase, step=step.name, text=text, at=now()))

    try:
        return run(step, tell)
    except Exception as error:  # noqa: BLE001 - told as this step's failure; the other steps go on
        return failed(step, error, now() - started)


def failed(step: Step[Any], error: Exception, seconds: float) -> StepResult:
    """Return the result of a step that an error ended, with what a person can do about it."""
    said = f"{type(error).__name__}: {error}"
    finding = Finding(
        check=f"step-{step.name}",
        phase=step.phase,
        subject=step.name,
        verdict=Verdict.UNKNOWN,
        weight=Weight.BLOCKER,
        message=f"{step.title}: {said}",
        remedy=Remedy(
            summary="Run it again: what is done is found done, and only the rest is tried",
            owner="operator",
            minutes=5,
        ),
    )
    return StepResult(
        step=step.name,
        phase=step.phase,
        state=StepState.FAILED,
        why=said,
        seconds=seconds,
        findings=(finding,),
    )
