"""How a step ends when it does not succeed."""

from deployments.embedded.runner.process import End
from tasks.domain.limit import Limit


class StepFailedError(Exception):
    """A step that failed; the message is what the log and the annotation say."""


class NotHereError(StepFailedError):
    """A step that nobody could run on this machine; it says nothing about the workflow."""

    def __init__(self, message: str, limit: Limit | None = None) -> None:
        super().__init__(message)
        self.limit = limit or Limit(what=message)


class StepEndedError(Exception):
    """A step that was ended from outside: cancelled, or out of time."""

    def __init__(self, end: End, message: str = "") -> None:
        super().__init__(message or end)
        self.end = end
