"""An embedded AWS account for tests, and the product's own adapter bound to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deployments.embedded.aws import EmbeddedAws
from tasks.systems.aws.account import Aws
from tasks.systems.aws.clients import AwsAccess


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account on one side and the adapter on the other."""

    world: EmbeddedAws
    aws: Aws

    def adapter(self, *, attempts: int = 2, key_id: str | None = None) -> Aws:
        """Return another adapter, over clients of its own."""
        return adapter(self.world, attempts=attempts, key_id=key_id)


def adapter(world: EmbeddedAws, *, attempts: int = 2, key_id: str | None = None) -> Aws:
    """Return an adapter that signs in as the engineer, or with a key id of one's own."""
    key = world.credentials
    return Aws(
        AwsAccess(
            region=world.region,
            endpoint_url=world.endpoint_url,
            access_key_id=key_id or key.access_key_id,
            secret_access_key=key.secret_access_key,
            attempts=attempts,
            connect_seconds=2,
            read_seconds=10,
        )
    )


@contextmanager
def opened(state: Path, *, issuer_url: str | None = None) -> Iterator[Account]:
    """Open an account in a directory, and end it with everything that runs in it."""
    world = EmbeddedAws(state, world_id=f"test-{state.parent.name}-{state.name}", issuer_url=issuer_url)
    world.start()
    try:
        yield Account(world=world, aws=adapter(world))
    finally:
        world.stop()
