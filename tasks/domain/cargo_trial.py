"""A call of cargo that a workflow makes beside the first of its kind, as it is tried here, and its end."""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass

from tasks.domain.cargo_run import CargoRun
from tasks.domain.evidence import Evidence
from tasks.domain.limit import Limit


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is called here for a call of a workflow.

    ``options`` are cargo's with what stands behind ``--``. It is called in the directory ``cwd`` for the
    manifest in ``directory``; ``root`` is its workspace, which the compiler's paths begin at. ``denied`` are
    lint levels that make errors of warnings and stand in no option: they are looked for among the warnings,
    so that nothing compiles anew.
    """

    subcommand: str  # check, clippy, doc or test
    options: tuple[str, ...]
    place: Evidence
    of: str  # the file of the workflow and its job
    cwd: str = ""
    directory: str = ""
    root: str = ""
    env: tuple[tuple[str, str], ...] = ()
    toolchain: str | None = None
    target: str | None = None
    denied: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()  # lints that ``denied`` lets pass

    @property
    def command(self) -> str:
        """What a person types at the root of the repository for it."""
        env = dict(self.env)
        if self.denied:
            env["RUSTFLAGS"] = " ".join([*self.denied, *filter(None, [env.get("RUSTFLAGS")])])
        given = [f"{name}={shlex.quote(value)}" for name, value in env.items()]
        chosen = [f"+{self.toolchain}"] if self.toolchain else []
        called = ["cargo", *chosen, self.subcommand, *_of("", self.directory), *self.options]
        return " ".join([*given, shlex.join(called)])

    @property
    def arguments(self) -> tuple[str, ...]:
        """What cargo is given behind the subcommand where it is called."""
        return (*_of(self.cwd, self.directory), *self.options)


def _of(cwd: str, directory: str) -> tuple[str, ...]:
    """Return the option that names the manifest in a directory, for a call in another one."""
    if cwd == directory:
        return ()
    return ("--manifest-path", posixpath.join(posixpath.relpath(directory or ".", cwd or "."), "Cargo.toml"))


@dataclass(frozen=True, kw_only=True)
class CargoTrials:
    """The calls to try, in the order of the workflows; ``left`` are those beyond the most of a subcommand."""

    trials: tuple[Trial, ...] = ()
    left: tuple[Trial, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How a trial ended: ``run`` is None when it was not made, and ``lacks`` says why it gave no answer."""

    trial: Trial
    run: CargoRun | None = None
    failures: tuple[str, ...] = ()  # the tests that failed
    lacks: Limit | None = None


@dataclass(frozen=True, kw_only=True)
class CargoFurther:
    """How the further calls of workflows ended here; ``known`` is what the first calls named.

    A place is a file with a line, a failing test its name.
    """

    tried: tuple[Tried, ...] = ()
    known: frozenset[object] = frozenset()
