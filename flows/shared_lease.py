"""One activation at a time per repository across machines: the lease in the lock table of a live account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tasks.domain.settings import Settings, WorldKind
from tasks.systems.lease import LockTables, Now, table_lease


@contextmanager
def shared_lease(
    settings: Settings, tables: Callable[[], LockTables], what: str, now: Now
) -> Iterator[str | None]:
    """Hold the repository's lease in the lock table; yields why it cannot be held, None when it is.

    Only a live account is shared between machines. A table that is not there yet (provisioning makes it) or
    may not be written stops nothing: the steps look before they act. Raises Held when another machine has it.
    """
    table = settings.aws.lock_table
    if table is None or settings.world is not WorldKind.LIVE:
        yield None
        return
    from tasks.systems.aws.errors import AwsFailure  # noqa: PLC0415 - boto3 takes half a second to import

    with ExitStack() as stack:
        why = None
        try:
            lease = table_lease(tables(), table, f"activation/{settings.full_name}", what, now)
            stack.enter_context(lease)
        except AwsFailure as error:
            why = f"other machines are not kept out while this runs: no lease in {table}: {error}"
        yield why
