"""Whether the processes that somebody has to keep running do run, and write their logs."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import counted
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.supervision import Supervision


@check("process-alive", phase=Phase.DEPLOYMENT, weight=Weight.WARNING)
def process_alive(supervision: Supervision) -> Iterator[Answer]:
    """Every configured process runs."""
    for one in supervision.watched:
        asked = one.asked
        if asked.command is None:
            continue
        remedy = Remedy(
            summary=f"Start {asked.name}; its log says why it ended",
            commands=(f"pgrep -af {asked.command!r}", *((f"tail -n 50 {asked.log}",) if asked.log else ())),
            owner="operator",
            minutes=10,
        )
        if one.pids:
            yield holds(asked.name, f"runs as {', '.join(map(str, one.pids))}")
        elif one.hidden:
            told = f"no process with {asked.command!r} was found, and some may not be looked at"
            yield unknown(asked.name, told, remedy=remedy)
        else:
            told = f"{asked.name} does not run: no process has {asked.command!r} in its command line"
            yield broken(asked.name, told, Evidence(source="processes", excerpt=asked.command), remedy=remedy)


@check("log-fresh", phase=Phase.DEPLOYMENT, weight=Weight.WARNING)
def log_fresh(supervision: Supervision) -> Iterator[Answer]:
    """Every configured log was written to within its time."""
    for one in supervision.watched:
        asked = one.asked
        if asked.log is None:
            continue
        place = Evidence(source="log", excerpt=asked.log)
        remedy = Remedy(
            summary=f"See what {asked.name} is doing, or start it again",
            commands=(f"tail -n 50 {asked.log}",),
            owner="operator",
            minutes=10,
        )
        if one.log_seconds is None:
            yield broken(asked.name, f"{asked.name} has no log {asked.log}", place, remedy=remedy)
        elif one.log_seconds > asked.fresh_minutes * 60:
            ago = counted(int(one.log_seconds // 60), "minute")
            told = f"{asked.log} was last written to {ago} ago; {asked.fresh_minutes} are allowed"
            yield broken(asked.name, told, place, remedy=remedy)
        else:
            yield holds(asked.name, f"wrote {counted(int(one.log_seconds // 60), 'minute')} ago")
