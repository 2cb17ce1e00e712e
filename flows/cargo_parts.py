"""The parts of the preflight in which cargo, rustc and rustfmt look at the committed tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.looking import Part
from flows.worlds import World
from tasks.domain.advisory import Advisories
from tasks.domain.cargo_plan import CargoPlan, cargo_plan
from tasks.domain.cargo_run import (
    CargoBuild,
    CargoClippy,
    CargoDoc,
    CargoFormat,
    CargoMetadata,
    CargoNightly,
    CargoTest,
)
from tasks.domain.crate import Lock, Manifests
from tasks.domain.fact import Snapshot
from tasks.domain.root_build import RootBuild
from tasks.domain.rust_syntax import RustSyntax
from tasks.domain.script import Scripts
from tasks.domain.tree import Tree
from tasks.domain.work_tree import WorkTree


def cargo_parts(world: World) -> Iterator[Part]:
    """Build and test the committed tree in a clean checkout that stays, so that a second look is quick."""
    from tasks.facts import cargo as facts  # noqa: PLC0415 - only a repository with a manifest needs it
    from tasks.systems.cargo import Cargo  # noqa: PLC0415 - as above
    from tasks.systems.checkout import clean_checkout  # noqa: PLC0415 - as above

    checkout = world.workshop.directory / "checkout"
    cargo = Cargo(world.shell, checkout, world.workshop.directory / "target")
    locked = world.static_has("Cargo.lock")
    plan = _cargo_plan(world)

    def read(seen: Snapshot) -> Snapshot:
        clean_checkout(world.shell, world.place.repository, str(world.settings.commit), checkout)
        return seen.with_facts(facts.metadata(cargo))

    yield Part(
        name="cargo-metadata", title="The workspace as cargo reads it", kinds=(CargoMetadata,), look=read
    )
    yield Part(
        name="cargo-fmt",
        title="Formatting",
        kinds=(CargoFormat,),
        look=lambda seen: seen.with_facts(facts.formatted(cargo, checkout)),
        after=("cargo-metadata",),
    )
    yield from _rust_syntax(world, checkout, plan)
    yield Part(
        name="cargo-build",
        title="Build",
        kinds=(CargoBuild,),
        look=lambda seen: seen.with_facts(
            facts.built(cargo, plan.build, locked=locked, asked_locked=plan.locked)
        ),
        after=("cargo-metadata",),
        timeout=1900,
    )
    yield Part(
        name="cargo-test",
        title="Tests",
        kinds=(CargoTest,),
        look=lambda seen: seen.with_facts(
            facts.tested(cargo, plan.test, locked=locked, asked_locked=plan.locked)
        ),
        after=("cargo-build",),
        timeout=1900,
    )
    if (lock := _lock(world)) is not None:
        yield Part(
            name="advisories",
            title="Security advisories about the locked crates",
            kinds=(Advisories,),
            look=lambda seen: seen.with_facts(_advisories(world, lock)),
        )
    if (asked := plan.nightly) is not None:
        yield Part(
            name="cargo-nightly",
            title="Nightly Rust",
            kinds=(CargoNightly,),
            look=lambda seen: seen.with_facts(facts.nightly(cargo, asked)),
            after=("cargo-metadata",),
            timeout=90,
        )
    if (clippy := plan.clippy) is not None:
        yield Part(
            name="cargo-clippy",
            title="Clippy",
            kinds=(CargoClippy,),
            look=lambda seen: seen.with_facts(facts.linted(cargo, clippy)),
            after=("cargo-build",),
            timeout=1900,
        )
    if (doc := plan.doc) is not None:
        yield Part(
            name="cargo-doc",
            title="Documentation",
            kinds=(CargoDoc,),
            look=lambda seen: seen.with_facts(facts.documented(cargo, doc, plan.rustdoc)),
            after=("cargo-build",),
            timeout=1900,
        )


def _rust_syntax(world: World, checkout: Path, plan: CargoPlan) -> Iterator[Part]:
    """Where formatting stops at a file, name every file that the compiler cannot read."""
    from tasks.facts import rust_syntax as facts  # noqa: PLC0415 - only a repository with a manifest needs it
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
        found = facts.rust_syntax(RustParser(world.shell, checkout, scratch), formatted, tree, build)
        if isinstance(work, WorkTree):
            lying = RustParser(world.shell, directory, scratch)
            found = facts.beside(lying, directory, work.state, found, build)
        return seen.with_facts(found)

    yield Part(
        name="rust-syntax",
        title="Rust files as the compiler's parser reads them",
        kinds=(RustSyntax,),
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
