"""How Prefect runs a step: named, retried, timed, visible in its UI; nothing else knows Prefect.

The work itself is a plain function of ``tasks``; it is wrapped here from outside. A task takes no arguments
and keeps no result, so nothing of a run's credentials can end up in Prefect's database.
"""

from __future__ import annotations

from collections.abc import Callable
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


def run_as_task(step: Step[Any], tell: Tell, ensure: Callable[[Step[Any], Tell], StepResult]) -> StepResult:
    """Run a step as a Prefect task and return its result; what the step raises at last is raised here."""

    def body() -> State[StepResult]:
        logger = get_run_logger()

        def say(text: str) -> None:
            logger.info(text)
            tell(text)

        result = ensure(step, say)
        return Completed(name=result.state.value.capitalize(), message=result.why or None, data=result)

    wrapped = task(
        name=step.name,
        description=step.title,
        retries=step.retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=1),
        retry_condition_fn=may_pass,
        timeout_seconds=max(step.timeout, step.patience + SLACK),
        cache_policy=NO_CACHE,
        persist_result=False,
    )(body)
    ended: State[Any] = wrapped(return_state=True)
    result = ended.result(raise_on_failure=True)
    if not isinstance(result, StepResult):
        raise TypeError(f"{step.name} came to {type(result).__name__}, not to a StepResult")
    return result


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failure may pass by itself: throttling, a 5xx, a lost answer; a denial never does."""
    error = state.result(raise_on_failure=False)
    return bool(getattr(error, "retryable", False))


def state_of(result: PhaseResult) -> State[None]:
    """Return the Prefect state that shows how a phase ended; blocked and waiting are no failures of a run."""
    told = [f"{step.step}: {step.why}" for step in result.steps if step.state is not StepState.DONE]
    message = "; ".join(told) or f"{len(result.steps)} steps done"
    if result.state is StepState.FAILED:
        return Failed(message=message)
    return Completed(name=result.state.value.capitalize(), message=message)


def title_of(phase: Phase, repository: str) -> str:
    """Return the name a flow run of a phase shows."""
    return f"{phase.value} {repository}"
