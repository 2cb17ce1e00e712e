"""What ``python -m deployments.serve`` says, without Prefect."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments import serve
from tasks.systems.prefect_server import NotServing


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_it_says_at_once_that_prefect_is_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def stop(_directory: Path) -> bool:
        out, err = capsys.readouterr()
        said.extend((out, err))
        return False

    def starting(*_: object) -> object:
        raise NotServing("port 4200 is taken")

    monkeypatch.setenv("ACTIVATION_STATE_DIR", str(tmp_path))
    monkeypatch.setattr("tasks.systems.prefect_server.stop", stop)
    monkeypatch.setattr("deployments.serve.Starting", starting)
    assert serve.main([]) == 1
    first, *_, last = said
    assert first.startswith("Prefect is starting")
    assert str(tmp_path / "prefect" / "server.log") in first
    assert "port 4200 is taken" in last
