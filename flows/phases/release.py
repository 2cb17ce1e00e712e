"""The phase ``release`` as Prefect shows it; its steps are listed in ``flows.runbook``."""

from __future__ import annotations

from prefect import State, flow

from flows.orchestration import as_tasks, state_of
from flows.session import current_session
from tasks.domain.phase import Phase


@flow(name="release", flow_run_name="release {repository}", persist_result=False)
def release(repository: str) -> State[None]:
    """Tag the commit, watch the release workflow, verify every asset.

    ``repository`` names the run in the UI; the work is that of the session of this process.
    """
    session = current_session()
    session.expect(repository)
    return state_of(session.run(Phase.RELEASE, as_tasks()))
