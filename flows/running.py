"""Runs the activation flow for a command: progress on stderr, the report on stdout and in its file."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from pathlib import Path

from flows import prefect_client
from flows.asked import Asked
from flows.command import BLOCKED, DONE
from flows.opening import opened_from, session_of
from flows.planning import plan_of
from flows.reporting import report_of
from flows.session import Session
from flows.settings_told import settings_told
from tasks.domain.phase import Phase
from tasks.domain.report import Report
from tasks.reports import html_report, json_report, progress, terminal
from tasks.systems.prefect_server import PrefectServer
from tasks.systems.state import state_root


def activate(asked: Asked, environment: MutableMapping[str, str]) -> int:
    """Run the phases that were asked for and show what they came to; returns the exit code."""
    state = state_root(environment)
    reporting = prefect_client.begin(state, environment, live=asked.live)
    with (
        progress.display(sys.stderr, environ=environment, quiet=asked.quiet) as emit,
        opened_from(asked, environment=environment, emit=emit) as session,
    ):
        session.tell("waiting for the Prefect server")
        prefect_client.prepare_import(state, environment)
        server = reporting.ready()
        session.learned.notes += reporting.notes
        _flow(session, server)
        report = report_of(session)
    show(report, asked, environment)
    return report.exit


def plan(asked: Asked, environment: MutableMapping[str, str]) -> int:
    """Show every setting with its origin and every change that would be made; makes none."""
    with progress.display(sys.stderr, environ=environment, quiet=asked.quiet) as emit:
        session = session_of(asked, environment, emit)
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


def _flow(session: Session, server: PrefectServer | None) -> None:
    from flows.activation import activation  # noqa: PLC0415 - Prefect takes a second to import

    settings = session.settings
    with prefect_client.reporting_to(server):
        ended = activation(
            repository=str(settings.source_path or ""),
            live=settings.world.value == "live",
            until=settings.until,
            only=settings.only,
            return_state=True,
        )
    if not session.results:
        ended.result(raise_on_failure=True)


def show(report: Report, asked: Asked, environment: MutableMapping[str, str]) -> None:
    """Write the report's page and show the report on stdout, as text or as JSON alone."""
    if report.report_file:
        Path(report.report_file).write_text(html_report.render(report), encoding="utf-8")
    if asked.json:
        sys.stdout.write(json_report.render(report))
        sys.stdout.write("\n")
    else:
        terminal.show(report, sys.stdout, environment)
