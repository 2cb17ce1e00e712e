"""How many jobs of a workflow can run at the same time, when some wait for others."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet


def most_at_once(sizes: Mapping[str, int], needs: Mapping[str, AbstractSet[str]]) -> int:
    """Return the greatest sum of sizes over jobs of which none waits for another, directly or not.

    That is the heaviest antichain of the order: all sizes less the greatest flow from jobs to those that
    wait for them (the theorem of Dilworth, with weights).
    """
    behind: dict[str, list[str]] = {name: [] for name in sizes}
    for later in sizes:
        for name in sorted(_before(later, needs) & sizes.keys()):
            behind[name].append(later)
    left = dict(sizes)  # what a job can still hand on as one that others wait for
    room = dict(sizes)  # what it can still take as one that waits
    flow: dict[tuple[str, str], int] = {}
    senders: dict[str, dict[str, None]] = {}

    def push(name: str, amount: int, seen: set[str]) -> int:
        """Send some of an amount from a job to those behind it, moving what others sent where that helps."""
        for later in behind[name]:
            if later in seen:
                continue
            seen.add(later)
            sent = min(amount, room[later])
            if sent:
                room[later] -= sent
            else:
                for other in senders.get(later, ()):
                    lent = min(amount, flow.get((other, later), 0)) if other != name else 0
                    sent = push(other, lent, seen) if lent else 0
                    if sent:
                        flow[other, later] -= sent
                        break
            if sent:
                flow[name, later] = flow.get((name, later), 0) + sent
                senders.setdefault(later, {})[name] = None
                return sent
        return 0

    total = 0
    for name in sizes:
        while left[name] and (sent := push(name, left[name], set())):
            left[name] -= sent
            total += sent
    return sum(sizes.values()) - total


def _before(name: str, needs: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Return all that a job waits for; a circle of needs is followed once."""
    found: set[str] = set()
    open_ = set(needs.get(name, ()))
    while open_:
        one = open_.pop()
        if one not in found:
            found.add(one)
            open_ |= set(needs.get(one, ()))
    return found - {name}
