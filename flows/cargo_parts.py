"""The parts of the preflight in which cargo, rustc and rustfmt look at the committed tree."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from flows.looking import CHECKOUT, TEXTS, Part
from flows.worlds import World
from tasks.domain.advisory import Advisories
from tasks.domain.cargo_calls import FurtherCalls, further_calls
from tasks.domain.cargo_plan import CargoPlan, cargo_plan
from tasks.domain.cargo_run import (
    CargoBuild,
    CargoClippy,
    CargoDoc,
    CargoFormat,
    CargoMetadata,
    CargoNightly,
    CargoOutcome,
    CargoRun,
    CargoTest,
)
from tasks.domain.crate import Lock, Manifests
from tasks.domain.fact import Snapshot
from tasks.domain.limit import Limit
from tasks.domain.root_build import RootBuild
from tasks.domain.rust_syntax import RustSyntax
from tasks.domain.script import Scripts
from tasks.domain.tree import Tree
from tasks.domain.work_tree import WorkTree
from tasks.domain.workflow import Workflows

if TYPE_CHECKING:
    from tasks.systems.cargo import Cargo
    from tasks.systems.rustup import Instead

Look = Callable[[Snapshot], Snapshot]


def cargo_parts(world: World) -> Iterator[Part]:
    """Build and test the committed tree in a clean checkout that stays, so that a second look is quick."""
    from tasks.facts import cargo as facts  # noqa: PLC0415 - only a repository with a manifest needs it

    committed = _Committed(world)
    locked = world.static_has("Cargo.lock")
    plan = _cargo_plan(world)

    def calling(kind: type[CargoRun], *command: str, call: Callable[[Cargo], CargoRun]) -> Look:
        def look(seen: Snapshot) -> Snapshot:
            lacks = committed.lacks
            run = call(committed.cargo) if lacks is None else facts.not_run(kind, command, lacks)
            return seen.with_facts(run)

        return look

    def compiling(
        subcommand: str,
        title: str,
        kind: type[CargoRun],
        arguments: Sequence[str],
        call: Callable[[Cargo], CargoRun],
        *,
        after: str = "cargo-build",
    ) -> Part:
        return Part(
            name=f"cargo-{subcommand}",
            title=title,
            kinds=(kind,),
            strand=CHECKOUT,
            look=calling(kind, "cargo", subcommand, *arguments, call=call),
            after=(after,),
            timeout=2200,
        )

    def readable(cargo: Cargo) -> CargoMetadata:
        """Read the manifests with whatever Rust there is, where the one that is asked for is not here."""
        run = facts.metadata(cargo)
        other = committed.instead(run)
        again = run if other is None else facts.metadata(cargo.using(other.name))
        # What another release refuses the one that is asked for may take.
        return again if again.outcome is CargoOutcome.PASSED else run

    read = calling(CargoMetadata, "cargo", "metadata", "--no-deps", call=readable)

    def brought(seen: Snapshot) -> Snapshot:
        committed.bring()
        return read(seen)

    yield Part(
        name="cargo-metadata",
        title="The workspace as cargo reads it",
        kinds=(CargoMetadata,),
        strand=CHECKOUT,
        look=brought,
    )
    yield Part(
        name="cargo-fmt",
        title="Formatting",
        kinds=(CargoFormat,),
        strand=CHECKOUT,
        look=calling(
            CargoFormat,
            *("cargo", "fmt", "--all", "--check"),
            call=lambda cargo: facts.formatted(cargo, committed.checkout, plan.style),
        ),
        after=("cargo-metadata",),
    )
    yield from _rust_syntax(world, committed, plan)
    yield compiling(
        "build",
        "Build",
        CargoBuild,
        plan.build,
        lambda cargo: facts.with_further(
            cargo,
            facts.built(cargo, plan.build, locked=locked, asked_locked=plan.locked),
            _further(world, plan.build, "build", "check"),
            locked=locked and plan.locked,
        ),
        after="cargo-metadata",
    )
    yield compiling(
        "test",
        "Tests",
        CargoTest,
        plan.test,
        lambda cargo: facts.with_further(
            cargo,
            facts.tested(cargo, plan.test, locked=locked, asked_locked=plan.locked),
            _further(world, plan.test, "test"),
            locked=locked and plan.locked,
        ),
    )
    if (lock := _lock(world)) is not None:
        yield Part(
            name="advisories",
            title="Security advisories about the locked crates",
            kinds=(Advisories,),
            strand=TEXTS,
            look=lambda seen: seen.with_facts(_advisories(world, lock)),
        )
    if (asked := plan.nightly) is not None:
        yield Part(
            name="cargo-nightly",
            title="Nightly Rust",
            kinds=(CargoNightly,),
            strand=CHECKOUT,
            look=lambda seen: seen.with_facts(facts.nightly(committed.cargo, asked)),
            after=("cargo-metadata",),
            timeout=90,
        )
    if (clippy := plan.clippy) is not None:
        yield compiling("clippy", "Clippy", CargoClippy, clippy, lambda cargo: facts.linted(cargo, clippy))
    if (doc := plan.doc) is not None:
        yield compiling(
            "doc", "Documentation", CargoDoc, doc, lambda cargo: facts.documented(cargo, doc, plan.rustdoc)
        )


class _Committed:
    """The clean checkout of the commit; ``lacks`` is what keeps this machine from having it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.checkout = world.workshop.directory / "checkout"
        self.lacks: Limit | None = None

    def bring(self) -> None:
        """Bring the checkout to the commit; of a clone that holds only a part of it nothing is told."""
        from tasks.systems.checkout import clean_checkout  # noqa: PLC0415 - only with a manifest
        from tasks.systems.git_objects import REFETCH, DamagedClone  # noqa: PLC0415 - as above

        world = self._world
        try:
            clean_checkout(world.shell, world.place.repository, str(world.settings.commit), self.checkout)
            self.lacks = None
        except DamagedClone as damaged:
            self.lacks = Limit(what=damaged.lack, obtain=REFETCH)

    @functools.cached_property
    def cargo(self) -> Cargo:
        """Run cargo in the checkout; what it builds lies beside it."""
        from tasks.systems.cargo import Cargo  # noqa: PLC0415 - as above

        target = self._world.workshop.directory / "target"
        return Cargo(self._world.shell, self.checkout, target, self.toolchain)

    @functools.cached_property
    def toolchain(self) -> str | None:
        """The name of the release that the toolchain file names, where this machine calls it otherwise."""
        from tasks.systems.rustup import stands_for  # noqa: PLC0415 - as above

        manifests = self._world.static.get(Manifests)
        file = manifests.toolchain if isinstance(manifests, Manifests) else None
        if file is None or file.channel is None:
            return None
        return stands_for(self._world.shell, file.channel, self._world.workshop.directory)

    def instead(self, run: CargoRun) -> Instead | None:
        """Return another Rust than the one that the toolchain file names, where a call had none."""
        lacks = run.lacks if run.outcome is CargoOutcome.IMPOSSIBLE else None
        missing = lacks is not None and (lacks.obtain or "").startswith("rustup toolchain install")
        return self._newest if missing else None

    @functools.cached_property
    def _newest(self) -> Instead | None:
        from tasks.systems.rustup import instead_of  # noqa: PLC0415 - as above

        manifests = self._world.static.get(Manifests)
        file = manifests.toolchain if isinstance(manifests, Manifests) else None
        if file is None or file.channel is None:
            return None
        return instead_of(self._world.shell, file.channel, self._world.workshop.directory)


def _rust_syntax(world: World, committed: _Committed, plan: CargoPlan) -> Iterator[Part]:
    """Where formatting stops at a file, name every file that the compiler cannot read."""
    from tasks.facts import cargo as cargo_facts  # noqa: PLC0415 - only a repository with a manifest needs it
    from tasks.facts import rust_syntax as facts  # noqa: PLC0415 - as above
    from tasks.systems.rust_parser import RustParser  # noqa: PLC0415 - as above

    tree, manifests = world.static.get(Tree), world.static.get(Manifests)
    build = RootBuild.of(manifests, plan) if isinstance(manifests, Manifests) else None
    if build is None or not isinstance(tree, Tree):
        return
    directory = world.settings.source_path or world.place.repository
    scratch = world.workshop.directory / "syntax"

    def look(seen: Snapshot) -> Snapshot:
        formatted, work = seen.get(CargoFormat), seen.get(WorkTree)
        if not isinstance(formatted, CargoFormat):
            return seen
        other = committed.instead(formatted)
        toolchain = committed.toolchain if other is None else other.name
        here = formatted
        if other is not None:
            here = cargo_facts.formatted(committed.cargo.using(other.name), committed.checkout)
        parser = RustParser(world.shell, committed.checkout, scratch, toolchain)
        found = facts.rust_syntax(parser, here, tree, build)
        if isinstance(work, WorkTree):
            lying = RustParser(world.shell, directory, scratch, toolchain)
            found = facts.beside(lying, directory, work.state, found, build)
        if other is not None and not other.newer and not found.clean:
            # What an older Rust cannot read the one that is asked for may.
            found = facts.rust_syntax(parser, formatted, tree, build)
        return seen.with_facts(found)

    yield Part(
        name="rust-syntax",
        title="Rust files as the compiler's parser reads them",
        kinds=(RustSyntax,),
        strand=CHECKOUT,
        look=look,
        after=("cargo-fmt", "work-tree"),
    )


def _lock(world: World) -> Lock | None:
    """Return the lock file at the root; None when there is none that can be read."""
    manifests = world.static.get(Manifests)
    lock = manifests.locks.get("Cargo.lock") if isinstance(manifests, Manifests) else None
    return None if lock is None or lock.problem is not None else lock


def _advisories(world: World, lock: Lock) -> Advisories:
    from tasks.facts.advisories import advisories  # noqa: PLC0415 - only a repository with a lock file needs it
    from tasks.systems.advisory_database import AdvisoryDatabase  # noqa: PLC0415 - as above

    database = AdvisoryDatabase.found(world.shell)
    return advisories(lock, database, world.clock.now().date(), world.shell.environment)


def _cargo_plan(world: World) -> CargoPlan:
    scripts = world.static.get(Scripts)
    manifests = world.static.get(Manifests)
    return cargo_plan(
        scripts if isinstance(scripts, Scripts) else Scripts(),
        manifests if isinstance(manifests, Manifests) else None,
    )


def _further(world: World, first: tuple[str, ...], *subcommands: str) -> FurtherCalls:
    """Return what workflows call besides the first options."""
    scripts, manifests = world.static.get(Scripts), world.static.get(Manifests)
    workflows = world.static.get(Workflows)
    if not (
        isinstance(scripts, Scripts) and isinstance(manifests, Manifests) and isinstance(workflows, Workflows)
    ):
        return FurtherCalls()
    return further_calls(scripts, manifests, workflows, subcommands, first)
