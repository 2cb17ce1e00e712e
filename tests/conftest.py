"""Every test runs guarded, with nobody's credentials, and leaves no process behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guard import Guard, left_behind

GUARD = pytest.StashKey[Guard]()
LEFT = pytest.StashKey[list[str]]()

CREDENTIALS = ("GITHUB_", "GH_", "AWS_", "ACTIVATION_", "PREFECT_", "CARGO_REGISTRY_TOKEN", "GIT_")


def pytest_configure(config: pytest.Config) -> None:
    """Install the guard once per process: an audit hook cannot be taken out again."""
    if GUARD in config.stash:
        return
    guard = config.stash[GUARD] = Guard()
    sys.addaudithook(guard.hear)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Listen from a test's first fixture to its last."""
    guard = item.config.stash[GUARD]
    guard.enter(item.name, processes=item.get_closest_marker("processes") is not None)
    try:
        return (yield)
    finally:
        guard.leave()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail a test that did what it may not, even when the code under test swallowed the refusal."""
    result = yield
    if violations := item.config.stash[GUARD].violations:
        told = "\n".join(dict.fromkeys(violations))
        violations.clear()
        pytest.fail(f"{item.name}\n{told}", pytrace=False)
    return result


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session, in its first process, when a process of the tests is still there."""
    if hasattr(session.config, "workerinput"):
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    left = session.config.stash[LEFT] = left_behind(factory.getbasetemp())
    if left and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what the tests left behind; it has been ended."""
    if left := config.stash.get(LEFT, []):
        terminalreporter.section("processes left behind by the tests", red=True)
        for line in left:
            terminalreporter.line(line, red=True)


@pytest.fixture(autouse=True, scope="session")
def without_credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the person's credentials and settings, and give what tests start no way out and no real state."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(CREDENTIALS):
                patch.delenv(name)
        patch.setenv("ACTIVATION_STATE_DIR", str(tmp_path_factory.mktemp("state-of-nobody")))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("CARGO_NET_OFFLINE", "true")
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        patch.setenv("DO_NOT_TRACK", "1")
        yield


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty state directory and HOME of the test's own; the Rust toolchain stays where it is."""
    real_home = Path.home()
    for name, place in (("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")):
        if name not in os.environ and (real_home / place).is_dir():
            monkeypatch.setenv(name, str(real_home / place))
    home, directory = tmp_path / "home", tmp_path / "state"
    home.mkdir()
    directory.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ACTIVATION_STATE_DIR", str(directory))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return directory
