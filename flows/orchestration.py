"""How Prefect runs a step: named, retried, timed, visible in its UI; nothing else knows Prefect.

The work itself is a plain function of ``tasks``; it is wrapped here from outside. A task takes no arguments
and keeps no result, so nothing of a run's credentials can end up in Prefect's database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from prefect import State, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.states import Completed, Failed
from prefect.tasks import Task, exponential_backoff

from tasks.domain.phase import Phase
from tasks.domain.step import PhaseResult, StepResult, StepState
from tasks.steps.step import Step, Tell

SLACK = 60.0  # seconds a task may take beyond the step's own patience
STOPPED = (StepState.FAILED, StepState.BLOCKED, StepState.WAITING)  # the worst first
Ensure = Callable[[Step[Any], Tell], StepResult]


def as_tasks() -> Callable[[Step[Any], Tell, Ensure], StepResult]:
    """Return what runs the steps of one phase as tasks, each linked to the tasks that it comes after."""
    ended: dict[str, State[Any]] = {}

    def run(step: Step[Any], tell: Tell, ensure: Ensure) -> StepResult:
        before = [ended[name] for name in step.after if name in ended]
        result, ended[step.name] = _run(step, tell, ensure, before)
        return result

    return run


def _run(
    step: Step[Any], tell: Tell, ensure: Ensure, before: Iterable[State[Any]]
) -> tuple[StepResult, State[Any]]:
    """Run a step as a Prefect task; what the step raises at last is raised here."""
    results: list[StepResult] = []  # by closure: a state that is no success carries no data

    def body() -> State[None]:
        logger = get_run_logger()

        def say(text: str) -> None:
            logger.info(text)
            tell(text)

        result = ensure(step, say)
        results.append(result)
        return shown_as(result.state, result.why)

    wrapped = task(
        name=step.name,
        task_run_name=lambda: step.title,  # a function: a title is no template
        description=step.title,
        retries=step.retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=1),
        retry_condition_fn=may_pass,
        timeout_seconds=max(step.timeout, step.patience + SLACK),
        cache_policy=NO_CACHE,
        persist_result=False,
    )(body)
    state: State[Any] = wrapped(return_state=True, wait_for=list(before))
    if not results:
        state.result(raise_on_failure=True)
        raise TypeError(f"{step.name} ended as {state.name}, without a result")
    return results[-1], state


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failure may pass by itself: throttling, a 5xx, a lost answer; a denial never does."""
    error = state.result(raise_on_failure=False)
    return bool(getattr(error, "retryable", False))


def state_of(result: PhaseResult) -> State[None]:
    """Return the Prefect state that shows how a phase ended; its message starts with what stopped it."""

    def rank(step: StepResult) -> tuple[int, bool]:
        # What only comes after something else that stopped has no findings of its own.
        return (STOPPED.index(step.state) if step.state in STOPPED else len(STOPPED)), not step.findings

    told = [
        f"{step.step}: {step.why}"
        for step in sorted(result.steps, key=rank)
        if step.state is not StepState.DONE
    ]
    return shown_as(result.state, "; ".join(told) or f"{len(result.steps)} steps done")


def worst_of(states: Iterable[StepState]) -> StepState:
    """Return how the whole stands: the worst of its phases; a phase that had nothing to do spoils nothing."""
    found = set(states)
    return next((state for state in STOPPED if state in found), StepState.DONE)


def shown_as(state: StepState, message: str) -> State[None]:
    """Return the Prefect state of our state's name; what did not get where it should is never a green one.

    Prefect knows no final type for being blocked or waiting: the type says that it is not there yet, the
    name says why.
    """
    make = Failed if state in STOPPED else Completed
    return make(name=state.value.capitalize(), message=message or None)


def title_of(phase: Phase, repository: str) -> str:
    """Return the name a flow run of a phase shows."""
    return f"{phase.value} {repository}"
