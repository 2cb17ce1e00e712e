from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tasks.systems.lease import LIFETIME, Held, Holder, file_lease, table_lease

START = datetime(2026, 11, 22, tzinfo=UTC)


def now() -> datetime:
    return START


@dataclass(frozen=True)
class Item:
    holder: str
    expires: float


class Tables:
    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def acquire(self, table: str, key: str, holder: str, *, now: float, seconds: float) -> Item:
        known = self.items.get(key)
        if known and known.holder != holder and known.expires >= now:
            return known
        self.items[key] = Item(holder, now + seconds)
        return self.items[key]

    def release(self, table: str, key: str, holder: str) -> None:
        if key in self.items and self.items[key].holder == holder:
            del self.items[key]


def test_a_second_activation_is_told_who_holds_the_lease(tmp_path: Path) -> None:
    path = tmp_path / "lease.json"
    with (
        file_lease(path, "activate acme/moon", now),
        pytest.raises(Held, match="activate acme/moon") as refused,
        file_lease(path, "another", now),
    ):
        pass
    assert isinstance(refused.value.holder, Holder)
    assert refused.value.holder.pid == os.getpid()


def test_a_lease_given_back_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with file_lease(tmp_path / "lease.json", "activate", now):
            pass


@pytest.mark.processes
def test_a_lease_is_free_at_once_after_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "lease.json"
    program = (
        "import datetime, pathlib, sys\n"
        "from tasks.systems.lease import file_lease\n"
        "with file_lease(pathlib.Path(sys.argv[1]), 'killed', lambda: datetime.datetime.now(datetime.UTC)):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    root = Path(__file__).parents[2]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=root, **pipes) as other:  # type: ignore[call-overload]
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Held, match="killed"), file_lease(path, "mine", now):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        with file_lease(path, "mine", now):
            pass


def test_the_table_lease_keeps_a_second_machine_out_and_is_given_back() -> None:
    tables = Tables()
    with (
        table_lease(tables, "locks", "acme/moon", "first", now),
        pytest.raises(Held, match="first"),
        table_lease(tables, "locks", "acme/moon", "second", now),
    ):
        pass
    assert tables.items == {}


def test_a_table_lease_of_a_machine_that_died_is_taken_over_within_a_minute() -> None:
    tables = Tables()
    tables.acquire("locks", "acme/moon", "died", now=START.timestamp(), seconds=LIFETIME.total_seconds())
    assert timedelta(seconds=60) >= LIFETIME
    with table_lease(tables, "locks", "acme/moon", "second", lambda: START + LIFETIME + timedelta(seconds=1)):
        assert "second" in tables.items["acme/moon"].holder
