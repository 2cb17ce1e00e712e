"""The parts of the preflight in which cargo, rustc and rustfmt look at the committed tree."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flows.committed import Committed
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
    CargoWorkTree,
)
from tasks.domain.cargo_trial import CargoFurther, CargoTrials, Tried
from tasks.domain.cargo_trials import cargo_trials
from tasks.domain.crate import Lock, Manifests
from tasks.domain.fact import Snapshot
from tasks.domain.root_build import RootBuild
from tasks.domain.rust_syntax import RustSyntax
from tasks.domain.script import Scripts
from tasks.domain.tree import Tree
from tasks.domain.work_tree import WorkTree
from tasks.domain.workflow import Workflows

if TYPE_CHECKING:
    from tasks.systems.cargo import Cargo

Look = Callable[[Snapshot], Snapshot]


def cargo_parts(world: World) -> Iterator[Part]:
    """Build and test the committed tree in a clean checkout that stays, so that a second look is quick."""
    committed = Committed(world)
    plan = _cargo_plan(world)
    if world.static_has("Cargo.toml"):
        yield from _root_parts(world, committed, plan)
    trials = _trials(world, plan)
    if trials.trials:
        yield _further_part(world, committed, trials)


def _root_parts(world: World, committed: Committed, plan: CargoPlan) -> Iterator[Part]:
    """Look at the workspace at the root, with the widest call of each kind."""
    from tasks.facts import cargo as facts  # noqa: PLC0415 - only a repository with a manifest needs it

    locked = world.static_has("Cargo.lock")
    directory = world.settings.source_path or world.place.repository

    def built(cargo: Cargo) -> CargoBuild:
        run = facts.with_further(
            cargo,
            facts.built(cargo, plan.build, locked=locked, asked_locked=plan.locked),
            _further(world, plan.build, "build", "check"),
            locked=locked and plan.locked,
        )
        tree = world.static.get(Tree)
        return facts.lying(run, tree, directory) if isinstance(tree, Tree) else run

    def calling(kind: type[CargoRun], *command: str, call: Callable[[Cargo], CargoRun]) -> Look:
        def look(seen: Snapshot) -> Snapshot:
            lacks = committed.lacks
            run = call(committed.cargo) if lacks is None else facts.not_run(kind, command, lacks)
            return seen.with_facts(replace(run, stand_in=committed.toolchain) if lacks is None else run)

        return look

    def compiled(cargo: Cargo, call: Callable[[Cargo], CargoRun]) -> CargoRun:
        if plan.flags is None:
            return call(cargo)
        run = call(cargo.compiling_with(plan.flags))
        return replace(run, command=f"RUSTFLAGS={shlex.quote(plan.flags)} {run.command}")

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
            look=calling(kind, "cargo", subcommand, *arguments, call=lambda cargo: compiled(cargo, call)),
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
    build = compiling(
        "build",
        "Build",
        CargoBuild,
        plan.build,
        built,
        after="cargo-metadata",
    )
    yield replace(
        build,
        kinds=(CargoBuild, CargoWorkTree),
        look=lambda seen: _beside(world, committed, plan, build.look(seen), locked=locked and plan.locked),
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


def _beside(world: World, committed: Committed, plan: CargoPlan, seen: Snapshot, *, locked: bool) -> Snapshot:
    """Compile the checkout with the uncommitted files over it, where they may change what cargo said."""
    from tasks.facts import cargo as facts  # noqa: PLC0415 - only a repository with a manifest needs it
    from tasks.systems.checkout import put_over  # noqa: PLC0415 - as above

    run, work = seen.get(CargoBuild), seen.get(WorkTree)
    assert isinstance(run, CargoBuild), "the part looked at it just now"
    changed = sorted(work.state.changed) if isinstance(work, WorkTree) else []
    files = tuple(path for path in changed if facts.read_by_cargo(path))
    if not files or run.outcome not in (CargoOutcome.PASSED, CargoOutcome.FAILED):
        # What kept the commit from being built keeps the work tree from it as well.
        outcome = run.outcome if files else CargoOutcome.PASSED
        untried = CargoWorkTree(
            command="cargo check", outcome=outcome, seconds=0.0, lacks=run.lacks, files=files
        )
        return seen.with_facts(untried)
    directory = world.settings.source_path or world.place.repository
    cargo = committed.cargo if plan.flags is None else committed.cargo.compiling_with(plan.flags)
    try:
        put_over(committed.checkout, directory, changed)
        checked = facts.checked(cargo, plan.build, files, locked=locked)
    finally:
        committed.bring()
    return seen.with_facts(replace(checked, stand_in=committed.toolchain))


def _trials(world: World, plan: CargoPlan) -> CargoTrials:
    """Return the calls of workflows that are tried beside those of the root's parts."""
    scripts, manifests = world.static.get(Scripts), world.static.get(Manifests)
    workflows = world.static.get(Workflows)
    if not (
        isinstance(scripts, Scripts) and isinstance(manifests, Manifests) and isinstance(workflows, Workflows)
    ):
        return CargoTrials()
    made = (
        *_further(world, plan.build, "build", "check").made,
        *_further(world, plan.test, "test").made,
    )
    return cargo_trials(scripts, manifests, workflows, plan, tuple(one.place for one in made))


def _further_part(world: World, committed: Committed, trials: CargoTrials) -> Part:
    from tasks.facts.cargo_further import cargo_further  # noqa: PLC0415 - only where there are such calls

    def look(seen: Snapshot) -> Snapshot:
        tree = world.static.get(Tree)
        assert isinstance(tree, Tree), "the scripts were read from it"
        if not world.static_has("Cargo.toml"):
            committed.bring()
            if (lacks := committed.lacks) is not None:
                untried = tuple(Tried(trial=one, lacks=lacks) for one in trials.trials)
                return seen.with_facts(CargoFurther(tried=untried))
        if committed.lacks is not None:
            return seen.with_facts(CargoFurther())  # the part of the manifests tells of it
        return seen.with_facts(
            cargo_further(committed.cargo, trials, tree, seen, checkout=committed.checkout)
        )

    return Part(
        name="cargo-further",
        title=f"What else workflows call cargo for ({len(trials.trials)})",
        kinds=(CargoFurther,),
        strand=CHECKOUT,
        look=look,
        after=("cargo-metadata",) if world.static_has("Cargo.toml") else (),
        timeout=400,
    )


def _rust_syntax(world: World, committed: Committed, plan: CargoPlan) -> Iterator[Part]:
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
