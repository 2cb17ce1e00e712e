"""The phase ``provisioning`` as Prefect shows it; its steps are listed in ``flows.runbook``."""

from __future__ import annotations

from prefect import State, flow

from flows.orchestration import as_tasks, state_of
from flows.session import current_session
from tasks.domain.phase import Phase


@flow(name="provisioning", flow_run_name="provisioning {repository}", persist_result=False)
def provisioning(repository: str) -> State[None]:
    """Create what the workflows need: buckets, lock, role, secrets, environments, budget.

    ``repository`` names the run in the UI; the work is that of the session of this process.
    """
    session = current_session()
    session.expect(repository)
    return state_of(session.run(Phase.PROVISIONING, as_tasks()))
