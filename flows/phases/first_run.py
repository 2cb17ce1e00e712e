"""The phase ``first-run`` as Prefect shows it; its steps are listed in ``flows.runbook``."""

from __future__ import annotations

from prefect import State, flow

from flows.orchestration import as_tasks, state_of
from flows.session import current_session
from tasks.domain.phase import Phase


@flow(name="first-run", flow_run_name="first-run {repository}", persist_result=False)
def first_run(repository: str) -> State[None]:
    """Push the commits, watch every run they start, read what the runs say.

    ``repository`` names the run in the UI; the work is that of the session of this process.
    """
    session = current_session()
    session.expect(repository)
    return state_of(session.run(Phase.FIRST_RUN, as_tasks()))
