"""Whether the machines that dist (cargo-dist) plans a release on are there."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.dist_release import DistMachine, dist_machines
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.runner_label import ENDING, REMOVED, gone
from tasks.domain.source import Sources
from tasks.domain.today import Today
from tasks.domain.workflow import Workflows


@check("dist-machine-offered", phase=Phase.RELEASE)
def dist_machine_offered(sources: Sources, workflows: Workflows, today: Today | Unseen) -> Iterator[Answer]:
    """Every machine that dist plans to build a release on is one that GitHub still offers."""
    day = today.day if isinstance(today, Today) else None
    machines = list(dist_machines(sources, workflows))
    ended = [one for one in machines if gone(one.label.lower(), day)]
    ending = [one for one in machines if one not in ended and one.label.lower() in ENDING]
    if ended:
        yield _told(ended, "which GitHub offers no more: the release is never made", Weight.BLOCKER)
    if ending:
        yield _told(ending, "whose end GitHub has announced", Weight.WARNING)
    if machines and not ended and not ending:
        yield holds("dist", f"builds on {listed(sorted({one.label for one in machines}))}")


def _told(machines: list[DistMachine], what: str, weight: Weight) -> Answer:
    labels = list(dict.fromkeys(one.label for one in machines))
    targets = listed([one.target for one in machines], most=6)
    lines = ", ".join(f'`{one.target} = "{_newer(one)}"`' for one in machines)
    remedy = Remedy(summary=f"Write below `github-custom-runners` of dist's settings: {lines}", minutes=10)
    subject = "dist" if weight is Weight.BLOCKER else "dist later"
    told = f"dist builds {targets} on {listed(labels, most=6)}, {what}"
    places = dict.fromkeys(one.place for one in machines)
    return broken(subject, told, *places, remedy=remedy, weight=weight)


def _newer(machine: DistMachine) -> str:
    if "-darwin" in machine.target:
        return "macos-15-intel" if machine.target.startswith("x86_64") else "macos-15"
    return "ubuntu-22.04" if "-linux-" in machine.target else REMOVED.get(machine.label, "windows-2022")
