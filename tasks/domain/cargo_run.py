"""What cargo said about the committed tree, in a clean checkout on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.evidence import Evidence
from tasks.domain.limit import Limit


class CargoOutcome(StrEnum):
    """How a call of cargo ended."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    IMPOSSIBLE = "impossible"  # it could not do its work here: a crate or a toolchain is not on this machine


@dataclass(frozen=True, kw_only=True)
class CargoRun:
    """One call of cargo: what was called, how it ended, and the places it named.

    ``places`` are the errors in the order of the output, each with file and line where cargo states them;
    ``last`` are the last lines of the output, for when it names no place. ``lacks`` is what this machine
    would have needed, where the output names it.
    """

    command: str
    outcome: CargoOutcome
    seconds: float
    places: tuple[Evidence, ...] = ()
    last: str = ""
    lacks: Limit | None = None


@dataclass(frozen=True, kw_only=True)
class CargoMetadata(CargoRun):
    """``cargo metadata``: whether the workspace is one."""


@dataclass(frozen=True, kw_only=True)
class CargoFormat(CargoRun):
    """``cargo fmt --check``; ``stopped`` when rustfmt ended at a file, ``unread`` the ones that it names."""

    stopped: bool = False
    unread: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CargoBuild(CargoRun):
    """``cargo build``; ``warnings`` are the places of the compiler's warnings."""

    warnings: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CargoNightly(CargoRun):
    """Whether nightly Rust is on this machine; ``asked`` is a call that only nightly is asked to run."""

    asked: Evidence | None = None


@dataclass(frozen=True, kw_only=True)
class CargoClippy(CargoRun):
    """``cargo clippy`` as a workflow calls it."""


@dataclass(frozen=True, kw_only=True)
class CargoDoc(CargoRun):
    """``cargo doc`` as a workflow calls it."""


@dataclass(frozen=True, kw_only=True)
class CargoTest(CargoRun):
    """``cargo test``; the counts are None when no test was reached."""

    passed: int | None = None
    failed: int | None = None
    failures: tuple[str, ...] = ()
