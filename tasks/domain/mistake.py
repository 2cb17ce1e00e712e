"""What a person wrote that cannot be meant: in an argument, a file or the environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing to correct: where it stands, what is wrong with it, and what was expected."""

    place: str  # a file, ``argument --until`` or ``environment ACTIVATION_AWS_REGION``
    line: int | None = None
    message: str
    expected: str | None = None

    def __str__(self) -> str:
        """Render as ``activation.toml:7: message; expected ...``."""
        where = f"{self.place}:{self.line}" if self.line else self.place
        return f"{where}: {self.message}" + (f"; expected {self.expected}" if self.expected else "")


class Mistaken(Exception):  # noqa: N818 - the mistakes are the person's, the program works
    """Everything that has to be corrected before anything can be done, all at once."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)
