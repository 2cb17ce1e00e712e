"""The lease in the lock table of an account that two machines share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.shared_lease import shared_lease
from tasks.domain.settings import AwsSettings, Settings, WorldKind
from tasks.systems.lease import Held
from tests.aws_account import Account, opened

TABLE = "acme-locks"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with opened(tmp_path / "aws") as account:
        yield account


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        world=WorldKind.LIVE,
        repository_path=tmp_path,
        owner="acme",
        name="moon",
        branch="main",
        state_directory=tmp_path,
        aws=AwsSettings(lock_table=TABLE),
    )


def now() -> datetime:
    return datetime.now(UTC)


def test_another_machine_is_told_who_activates_and_may_when_that_has_ended(
    account: Account, settings: Settings
) -> None:
    account.aws.tables.create(TABLE)
    other = account.adapter()
    with shared_lease(settings, lambda: account.aws.tables, "activate acme/moon", now) as unshared:
        assert unshared is None
        with (
            pytest.raises(Held, match="activate acme/moon"),
            shared_lease(settings, lambda: other.tables, "nightly acme/moon", now),
        ):
            pass
    assert account.aws.tables.lease(TABLE, "activation/acme/moon") is None
    with shared_lease(settings, lambda: other.tables, "nightly acme/moon", now) as unshared:
        assert unshared is None


def test_repositories_of_one_account_do_not_wait_for_each_other(account: Account, settings: Settings) -> None:
    account.aws.tables.create(TABLE)
    sun = replace(settings, name="sun")
    with (
        shared_lease(settings, lambda: account.aws.tables, "activate", now) as first,
        shared_lease(sun, lambda: account.aws.tables, "activate", now) as second,
    ):
        assert (first, second) == (None, None)


def test_a_table_that_is_not_there_yet_stops_nothing_and_is_told(
    account: Account, settings: Settings
) -> None:
    with shared_lease(settings, lambda: account.aws.tables, "activate", now) as unshared:
        assert unshared is not None
        assert f"no lease in {TABLE}" in unshared


def test_a_failure_of_the_activation_gives_the_lease_back(account: Account, settings: Settings) -> None:
    account.aws.tables.create(TABLE)
    with (
        pytest.raises(ZeroDivisionError),
        shared_lease(settings, lambda: account.aws.tables, "activate", now),
    ):
        raise ZeroDivisionError
    assert account.aws.tables.lease(TABLE, "activation/acme/moon") is None


def test_a_rehearsal_asks_no_account(settings: Settings) -> None:
    def refuse() -> None:
        raise AssertionError("asked")

    embedded = replace(settings, world=WorldKind.EMBEDDED)
    with shared_lease(embedded, refuse, "activate", now) as unshared:  # type: ignore[arg-type]
        assert unshared is None
