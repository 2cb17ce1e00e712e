"""Runs the preflight for its command: no Prefect, no lease, no journal, nothing is changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import ExitStack

from flows import one_check, waivers
from flows.asked import Asked
from flows.command import BLOCKED, DONE
from flows.fixing import Fixed, fix
from flows.opening import looking
from flows.reporting import report_of
from flows.session import Session
from flows.showing import show
from flows.worlds import shell
from tasks import checks
from tasks.domain.phase import Phase
from tasks.reports import progress
from tasks.systems import ahead


def preflight(asked: Asked, environment: MutableMapping[str, str]) -> int:
    """Look at everything and show what was found; returns the exit code."""
    one_check.chosen(checks.load(), asked.only_check)  # a mistake is told before anything is opened
    # Thousands of facts come into being and all of them stay: the collector would walk them again and again.
    gc.disable()
    with (
        progress.display(
            sys.stderr, environ=environment, quiet=asked.quiet, phases=(Phase.PREFLIGHT,)
        ) as emit,
        ExitStack() as stack,
    ):

        def look() -> Session:
            session = stack.enter_context(looking(asked, environment, emit, helpers=ahead.helpers()))
            session.run(Phase.PREFLIGHT)
            return session

        session = look()
        if asked.fix:
            session = _put_right(session, look, environment)
        learned, settings = session.learned, session.settings
        if asked.only_check is None:
            known = (one.id for one in checks.load())
            today = session.clock.now().date()
            learned.notes += waivers.told(settings, learned.findings, known, today)
        elif asked.only_check in learned.not_asked:
            learned.notes.append(
                f"{asked.only_check} was not asked: what it asks about is not looked at here"
            )
        elif not any(finding.check == asked.only_check for finding in learned.findings):
            learned.notes.append(f"{asked.only_check} was asked and had nothing to judge here")
        stops = any(finding.blocks for finding in learned.findings)
        report = report_of(session, exit_code=BLOCKED if stops else DONE, of=(Phase.PREFLIGHT,))
    show(report, asked, environment)
    return report.exit


def _put_right(before: Session, look: Callable[[], Session], environment: Mapping[str, str]) -> Session:
    """Put right what can be and look again; what was done is among the new session's notes."""
    settings = before.settings
    directory = settings.source_path or settings.repository_path
    outcomes = fix(before.learned.findings, directory, shell(environment, settings.world))
    session = before
    if any(isinstance(one, Fixed) for one in outcomes):
        before.leave()
        session = look()
    session.learned.notes += [str(one) for one in outcomes] or ["there is nothing that --fix puts right"]
    return session
