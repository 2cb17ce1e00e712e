"""Which committed Rust files the compiler's own parser cannot read, seen without any dependency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.evidence import Evidence
from tasks.domain.limit import Limit


class Reach(StrEnum):
    """The first call of cargo that has to read a file, and so ends at it."""

    BUILD = "cargo build"
    TEST = "cargo test"
    BENCH = "cargo bench"
    NEVER = "never"  # switched off by `cfg`, or of a package that is not built by itself


@dataclass(frozen=True, kw_only=True)
class SyntaxFault:
    """One file and its first fault, in the parser's words."""

    place: Evidence
    message: str
    reach: Reach
    package: str
    corrected: bool = False  # the file that lies in the directory can be read
    lying: str | None = None  # the file that the commit lacks and that lies in the directory

    @property
    def path(self) -> str:
        """The file, relative to the repository's root."""
        return str(self.place.file)


@dataclass(frozen=True, kw_only=True)
class RustSyntax:
    """Every file with a fault; ``complete`` is False when one hid others from the parser.

    ``absent`` are the places of ``mod name;`` whose file is not committed, ``uncommitted`` those of faults
    that only the directory has. ``unseen`` says why nobody could look, and ``lacks`` what this machine
    would have needed, where that is known.
    """

    faults: tuple[SyntaxFault, ...] = ()
    absent: tuple[SyntaxFault, ...] = ()
    uncommitted: tuple[SyntaxFault, ...] = ()
    complete: bool = True
    unseen: str = ""
    lacks: Limit | None = None

    @property
    def clean(self) -> bool:
        """Tell whether every file was looked at and none has a fault."""
        return self.complete and not (self.faults or self.absent or self.uncommitted or self.unseen)
