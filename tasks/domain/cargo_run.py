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
class RefusedManifest:
    """A manifest that cargo cannot read, and why; ``line`` is None unless cargo states it."""

    file: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class UnusedKey:
    """A key of a manifest that cargo does not know, dotted, as it warns of it."""

    file: str
    key: str


@dataclass(frozen=True, kw_only=True)
class CargoRun:
    """One call of cargo: what was called, how it ended, and the places it named.

    ``places`` are the errors in the order of the output, each with file and line where cargo states them;
    ``last`` are the last lines of the output, for when it names no place. ``lacks`` is what this machine
    would have needed, where the output names it. ``refused`` is what cargo cannot read of a manifest,
    ``unlocked`` tells that the lock file would have to change, and ``unused`` are keys that cargo ignores.
    ``further`` is where a workflow makes the call that failed, when that is not the first of its kind, and
    ``untried`` counts the workflows' other calls of it that were not made here or gave no answer.
    ``stand_in`` is the installed toolchain that was used as the release which the toolchain file names, and
    which this machine has only under this other name: who types the command has rustup look for that file's.
    ``library`` is what the linker of this machine looked for and did not find (``-lX``), without its ``lib``.
    ``lying`` are the files that the compiler missed and that lie in the directory a person works in.
    """

    command: str
    outcome: CargoOutcome
    seconds: float
    places: tuple[Evidence, ...] = ()
    last: str = ""
    lacks: Limit | None = None
    refused: RefusedManifest | None = None
    unlocked: bool = False
    unused: tuple[UnusedKey, ...] = ()
    further: Evidence | None = None
    untried: int = 0
    stand_in: str | None = None
    library: str | None = None
    lying: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CargoMetadata(CargoRun):
    """``cargo metadata``: whether the workspace is one."""


@dataclass(frozen=True, kw_only=True)
class CargoFormat(CargoRun):
    """``cargo fmt --check``; ``stopped`` when rustfmt ended at a file, ``unread`` the ones that it names."""

    stopped: bool = False
    unread: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A warning of the compiler; ``lint`` is None for one that no lint level changes."""

    place: Evidence
    lint: str | None = None


@dataclass(frozen=True, kw_only=True)
class CargoBuild(CargoRun):
    """``cargo build``; ``warnings`` are those of the repository's own packages."""

    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CargoWorkTree(CargoRun):
    """``cargo check`` of the commit with what lies beside it put over it.

    ``files`` are what the compiler or cargo may read and the commit has not as it lies there. Without any,
    and where the commit's own build could not tell, nothing was called; the latter has that one's outcome.
    """

    files: tuple[str, ...] = ()

    @property
    def mends(self) -> bool:
        """Tell whether it compiles: what the commit lacks to build lies there."""
        return bool(self.files) and self.outcome is CargoOutcome.PASSED


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
class PackageTests:
    """How the tests of one package ended."""

    package: str
    passed: int = 0
    failed: int = 0
    ignored: int = 0
    filtered: int = 0

    @property
    def total(self) -> int:
        """The tests that the package has, ignored ones included."""
        return self.passed + self.failed + self.ignored


@dataclass(frozen=True, kw_only=True)
class CargoTest(CargoRun):
    """``cargo test``; the counts are None when no test was reached.

    ``packages`` counts for each package, documentation tests included; it is empty when the output does not
    tell which result belongs to which program. ``warnings`` are those of compiling with ``cfg(test)``.
    """

    passed: int | None = None
    failed: int | None = None
    ignored: int | None = None
    filtered: int | None = None
    failures: tuple[str, ...] = ()
    packages: tuple[PackageTests, ...] = ()
    warnings: tuple[Warned, ...] = ()

    @property
    def total(self) -> int | None:
        """The tests there are, ignored ones included; None when no test was reached."""
        counts = (self.passed, self.failed, self.ignored)
        return None if None in counts else sum(count for count in counts if count is not None)
