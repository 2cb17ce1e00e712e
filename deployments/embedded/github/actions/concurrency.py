"""Concurrency groups: one holder in progress, one waiting, and who has to give way."""

import threading
from dataclasses import dataclass, field

from deployments.embedded.runner.interface import Admission

_LOOK_AGAIN = 0.1


@dataclass(eq=False)
class _Place:
    """Somebody who holds a group or waits for it."""

    holder: str
    cancel: threading.Event
    replaced: bool = False


@dataclass
class _Group:
    running: _Place | None = None
    waiting: _Place | None = None


@dataclass
class Concurrency:
    """All groups of all repositories; names are compared without case, as GitHub does."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _groups: dict[tuple[int, str], _Group] = field(default_factory=dict)

    def enter(
        self,
        repository_id: int,
        group: str,
        holder: str,
        *,
        cancel_in_progress: bool,
        cancel: threading.Event,
    ) -> Admission:
        """Wait for the group; who already waits for it is replaced, who holds it may be cancelled."""
        me = _Place(holder=holder, cancel=cancel)
        with self._changed:
            entry = self._groups.setdefault((repository_id, group.lower()), _Group())
            if entry.running is None and entry.waiting is None:
                entry.running = me
                return Admission(allowed=True)
            if entry.waiting is not None:
                entry.waiting.replaced = True
                entry.waiting.cancel.set()
            entry.waiting = me
            if cancel_in_progress and entry.running is not None:
                entry.running.cancel.set()
            self._changed.notify_all()
            while True:
                if me.replaced:
                    reason = f"Canceling since a higher priority waiting request for '{group}' exists"
                    return Admission(allowed=False, reason=reason)
                if cancel.is_set():
                    entry.waiting = None
                    return Admission(allowed=False, reason="The operation was canceled.")
                if entry.running is None:
                    entry.running, entry.waiting = me, None
                    return Admission(allowed=True)
                # `cancel` may be set by somebody who does not know this condition.
                self._changed.wait(_LOOK_AGAIN)

    def leave(self, repository_id: int, group: str, holder: str) -> None:
        """Give the group to whoever waits for it."""
        with self._changed:
            entry = self._groups.get((repository_id, group.lower()))
            if entry is not None and entry.running is not None and entry.running.holder == holder:
                entry.running = None
                self._changed.notify_all()
