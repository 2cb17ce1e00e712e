"""The phase ``preflight`` as Prefect shows it; its steps are listed in ``flows.runbook``."""

from __future__ import annotations

from prefect import State, flow

from flows.orchestration import as_tasks, state_of
from flows.session import current_session
from tasks.domain.phase import Phase


@flow(name="preflight", flow_run_name="preflight {repository}", persist_result=False)
def preflight(repository: str) -> State[None]:
    """Look at everything that is already known to matter, change nothing.

    ``repository`` names the run in the UI; the work is that of the session of this process.
    """
    session = current_session()
    session.expect(repository)
    return state_of(session.run(Phase.PREFLIGHT, as_tasks()))
