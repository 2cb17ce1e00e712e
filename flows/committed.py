"""The clean checkout of the commit, and cargo in it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from flows.worlds import World
from tasks.domain.cargo_run import CargoOutcome, CargoRun
from tasks.domain.crate import Manifests
from tasks.domain.limit import Limit

if TYPE_CHECKING:
    from tasks.systems.cargo import Cargo
    from tasks.systems.rustup import Instead


class Committed:
    """The clean checkout of the commit; ``lacks`` is what keeps this machine from having it."""

    def __init__(self, world: World) -> None:
        """Know the world; nothing is brought yet."""
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
