"""Runs the activation flow for a command: progress on stderr, the report on stdout and in its file."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

from flows import prefect_client
from flows.asked import Asked
from flows.command import BLOCKED, DONE
from flows.opening import looking, opened_from, refuse_mistakes
from flows.planning import plan_of, seek_before
from flows.reporting import report_of
from flows.session import Session
from flows.settings_told import settings_told
from flows.showing import show
from tasks.domain.phase import Phase
from tasks.reports import progress
from tasks.systems import prefect_server
from tasks.systems.prefect_server import PrefectServer
from tasks.systems.state import state_root


def activate(asked: Asked, environment: MutableMapping[str, str]) -> int:
    """Run the phases that were asked for and show what they came to; returns the exit code."""
    state = state_root(environment)
    refuse_mistakes(asked, environment)  # a server that started for them would be of no use
    reporting = prefect_client.begin(state, environment, live=asked.live)
    with (
        progress.display(sys.stderr, environ=environment, quiet=asked.quiet) as emit,
        opened_from(asked, environment=environment, emit=emit) as session,
    ):
        session.tell("waiting for the Prefect server")
        prefect_client.prepare_import(state, environment)
        server = reporting.ready()
        session.learned.notes += reporting.notes
        reported = orchestrated(session, server)
        report = report_of(session)
    show(report, asked, environment)
    if not reported:
        prefect_client.leave(report.exit)
    return report.exit


def plan(asked: Asked, environment: MutableMapping[str, str]) -> int:
    """Show every setting with its origin and every change that would be made; makes none."""
    with (
        progress.display(sys.stderr, environ=environment, quiet=asked.quiet) as emit,
        looking(asked, environment, emit) as session,
    ):
        session.run(Phase.PREFLIGHT)
        session.tell("looking at what is left to do")
        planned, stopping = plan_of(session)
        blocked = any(finding.blocks for finding in (*session.learned.findings, *stopping))
        report = report_of(session, exit_code=BLOCKED if blocked else DONE, plan=planned, more=stopping)
    if not asked.json:
        for line in settings_told(session.settings):
            sys.stdout.write(f"{line}\n")
    show(report, asked, environment)
    return report.exit


def orchestrated(session: Session, server: PrefectServer | None) -> bool:
    """Run the flow; False when the Prefect server went away on the way and the rest was done without it."""
    from flows.activation import activation  # noqa: PLC0415 - Prefect takes a second to import

    settings = session.settings
    try:
        with prefect_client.reporting_to(server):
            ended = activation(
                repository=str(settings.source_path or ""),
                live=settings.world.value == "live",
                until=settings.until,
                only=settings.only,
                scenario=settings.scenario,
                return_state=True,
            )
        if any(phase not in session.results for phase in session.phases):
            ended.result(raise_on_failure=True)
    except Exception as error:
        if server is None or prefect_server.answers(server.api_url, server.auth):
            raise
        unreported(session, error)
        return False
    return True


def unreported(session: Session, error: Exception) -> None:
    """Run what is left of the phases without Prefect, whose server is gone: it only shows what is done."""
    session.learned.notes.append(
        f"the Prefect server went away in the middle ({type(error).__name__}): its UI lacks what came then"
    )
    for phase in session.phases:
        if phase not in session.results:
            seek_before(session, phase)
            session.run(phase)
