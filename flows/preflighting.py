"""Runs the preflight for its command: no Prefect, no lease, no journal, nothing is changed."""

from __future__ import annotations

import json
import sys
from collections.abc import MutableMapping

from flows.asked import Asked
from flows.command import BLOCKED, DONE
from flows.opening import session_of
from flows.reporting import report_of
from flows.running import show
from tasks import checks
from tasks.domain.phase import Phase
from tasks.reports import progress


def preflight(asked: Asked, environment: MutableMapping[str, str]) -> int:
    """Look at everything and show what was found; returns the exit code."""
    with progress.display(
        sys.stderr, environ=environment, quiet=asked.quiet, phases=(Phase.PREFLIGHT,)
    ) as emit:
        session = session_of(asked, environment, emit)
        session.run(Phase.PREFLIGHT)
        stops = any(finding.blocks for finding in session.learned.findings)
        report = report_of(session, exit_code=BLOCKED if stops else DONE, of=(Phase.PREFLIGHT,))
    show(report, asked, environment)
    return report.exit


def listed(*, as_json: bool) -> int:
    """Show every check there is."""
    every = checks.load()
    if as_json:
        rows = [
            {
                "check": one.id,
                "subject": one.subject,
                "phase": one.phase,
                "weight": one.weight,
                "title": one.title,
            }
            for one in every
        ]
        sys.stdout.write(
            json.dumps({"schema": 1, "command": "preflight", "exit": DONE, "checks": rows}) + "\n"
        )
        return DONE
    width = max((len(one.id) for one in every), default=0)
    for one in every:
        sys.stdout.write(f"{one.id:<{width}}  {one.phase.value:<12}  {one.title}\n")
    return DONE
