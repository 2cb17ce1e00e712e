from __future__ import annotations

import gc
import os
import signal
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from tasks.systems.watcher import Watcher

pytestmark = pytest.mark.processes


def children() -> set[int]:
    return {one.pid for one in psutil.Process().children()}


@pytest.fixture
def sleepers() -> Iterator[list[subprocess.Popen[bytes]]]:
    started = [subprocess.Popen(["sleep", "60"], start_new_session=True) for _ in range(3)]
    yield started
    for one in started:
        one.kill()
        one.wait()


def test_what_is_watched_ends_with_its_watcher_and_what_was_let_go_stays(
    sleepers: list[subprocess.Popen[bytes]],
) -> None:
    watcher = Watcher()
    for one in sleepers:
        watcher.watch(one.pid)
    watcher.let_go(sleepers[1].pid)
    assert set(watcher.groups) == {sleepers[0].pid, sleepers[2].pid}
    del watcher
    gc.collect()
    assert [sleepers[0].wait(5), sleepers[2].wait(5)] == [-signal.SIGTERM, -signal.SIGTERM]
    assert sleepers[1].poll() is None


def test_a_watcher_that_somebody_ended_is_replaced_and_its_successor_knows_all_groups(
    sleepers: list[subprocess.Popen[bytes]],
) -> None:
    before = children()
    watcher = Watcher()
    watcher.watch(sleepers[0].pid)
    (own,) = children() - before
    os.kill(own, signal.SIGKILL)
    os.waitid(os.P_PID, own, os.WEXITED | os.WNOWAIT)
    watcher.watch(sleepers[1].pid)
    del watcher
    gc.collect()
    assert [one.wait(5) for one in sleepers[:2]] == [-signal.SIGTERM] * 2
    assert sleepers[2].poll() is None


def test_an_ended_watcher_leaves_no_process(sleepers: list[subprocess.Popen[bytes]]) -> None:
    before = children()
    watcher = Watcher()
    watcher.watch(sleepers[0].pid)
    watcher.let_go(sleepers[0].pid)
    assert children() - before
    del watcher
    gc.collect()
    assert children() <= before
