"""How a step ends when it does not succeed."""

from deployments.embedded.runner.process import End


class StepFailedError(Exception):
    """A step that failed; the message is what the log and the annotation say."""


class StepEndedError(Exception):
    """A step that was ended from outside: cancelled, or out of time."""

    def __init__(self, end: End, message: str = "") -> None:
        super().__init__(message or end)
        self.end = end
