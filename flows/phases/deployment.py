"""The phase ``deployment`` as Prefect shows it; its steps are listed in ``flows.runbook``."""

from __future__ import annotations

from prefect import State, flow

from flows.orchestration import as_tasks, state_of
from flows.session import current_session
from tasks.domain.phase import Phase


@flow(name="deployment", flow_run_name="deployment {repository}", persist_result=False)
def deployment(repository: str) -> State[None]:
    """Roll out to one environment after the other, each only when the one before is healthy.

    ``repository`` names the run in the UI; the work is that of the session of this process.
    """
    session = current_session()
    session.expect(repository)
    return state_of(session.run(Phase.DEPLOYMENT, as_tasks()))
