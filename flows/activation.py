"""The flow that takes a repository from written to live: five phases, in order."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from flows.orchestration import shown_as, worst_of
from flows.phases.deployment import deployment
from flows.phases.first_run import first_run
from flows.phases.preflight import preflight
from flows.phases.provisioning import provisioning
from flows.phases.release import release
from flows.planning import seek_before
from flows.reporting import report_of
from flows.session import Session, current
from tasks.domain.phase import Phase
from tasks.reports import markdown

PHASES = {
    Phase.PREFLIGHT: preflight,
    Phase.PROVISIONING: provisioning,
    Phase.FIRST_RUN: first_run,
    Phase.RELEASE: release,
    Phase.DEPLOYMENT: deployment,
}


def _title() -> str:
    asked = flow_run.parameters
    scenario = f" ({asked['scenario']})" if asked.get("scenario") else ""
    return f"activate {asked.get('repository') or 'the sample'}{scenario}"


@flow(name="activation", flow_run_name=_title, persist_result=False)
def activation(
    repository: str = "",
    *,
    live: bool = False,
    until: str | None = None,
    only: str | None = None,
    approve: str | None = None,
    scenario: str | None = None,
) -> State[None]:
    """Take a repository from written to live.

    The parameters are the arguments of ``python -m flows.activate``; an empty ``repository`` is the bundled
    sample. A command opens the session around this flow; under a worker the flow opens its own.
    """
    with ExitStack() as stack:
        session = current()
        if session is None:
            from flows.asked import Asked  # noqa: PLC0415 - only a worker needs these
            from flows.opening import opened_from  # noqa: PLC0415

            asked = Asked.of_parameters(
                "activate",
                repository,
                live=live,
                until=until,
                only=only,
                approve=approve,
                scenario=scenario,
            )
            session = stack.enter_context(opened_from(asked))
        return _run(session)


def _run(session: Session) -> State[None]:
    for phase in session.phases:
        seek_before(session, phase)
        ended: State[Any] = PHASES[phase](repository=session.settings.full_name, return_state=True)
        if phase not in session.results:
            ended.result(raise_on_failure=True)  # the flow itself broke down: its error is the run's
            raise RuntimeError(f"the phase {phase} ended without a result")
    create_markdown_artifact(
        markdown=markdown.render(report_of(session)),
        key="activation",
        description=f"What activating {session.settings.full_name} came to",
    )
    told = ", ".join(f"{phase} {result.state}" for phase, result in session.results.items())
    return shown_as(worst_of(result.state for result in session.results.values()), told)
