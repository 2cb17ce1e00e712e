"""What is started offline, or in a rehearsal, speaks to nobody: not by itself, and not by a proxy."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows import preflight
from flows.worlds import shell
from tasks.domain.settings import WorldKind

pytestmark = pytest.mark.processes

WANTS_THE_NETWORK = {
    "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
    '[dependencies]\nno-machine-has-this-crate = "1"\n',
    "src/main.rs": "fn main() {}\n",
    "infra/main.tf": 'terraform {\n  required_providers {\n    x = { source = "acme/nowhere" }\n  }\n}\n'
    'resource "x_y" "z" {}\n',
    ".github/workflows/ci.yml": "on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n"
    "      - uses: actions/checkout@v5\n      - run: cargo build\n      - run: cargo +nightly fmt\n",
}


class Listener:
    """Hears whoever connects, and hangs up."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def _hear(self) -> None:
        with suppress(OSError):  # the socket is closed in the end
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    connection.settimeout(5)
                    self.heard.append(connection.recv(200))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def git(path: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *arguments], cwd=path, check=True, capture_output=True)


@pytest.fixture
def partial(tmp_path: Path, listener: Listener) -> Path:
    """A partial clone without its files' texts, whose remote is the listener."""
    whole = tmp_path / "whole"
    whole.mkdir()
    git(whole, "init", "--quiet", "--initial-branch", "main")
    for name, text in WANTS_THE_NETWORK.items():
        (whole / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).write_text(text)
    git(whole, "add", ".")
    git(whole, "commit", "--quiet", "--message", "Begin")
    git(whole, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", whole.as_uri(), "partial")
    git(tmp_path / "partial", "remote", "set-url", "origin", f"{listener.url}/acme/app.git")
    shutil.copytree(whole / ".github", tmp_path / "partial" / ".github")
    for name in ("Cargo.toml", "src", "infra"):
        (shutil.copytree if (whole / name).is_dir() else shutil.copy)(
            whole / name, tmp_path / "partial" / name
        )
    return tmp_path / "partial"


def test_what_listens_is_heard(listener: Listener, partial: Path) -> None:
    ended = shell({"PATH": "/usr/bin:/bin"}, WorldKind.LIVE).run(
        "git",
        "cat-file",
        "blob",
        "HEAD:src/main.rs",
        cwd=partial,
        env={"GIT_TERMINAL_PROMPT": "0"},
        timeout=30,
    )
    assert not ended.ok
    assert listener.heard


def test_offline_reaches_nobody_whatever_the_repository_lacks(
    partial: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, listener.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    code = preflight.main([str(partial), "--offline", "--json", "--quiet"])
    report = json.loads(capsys.readouterr().out)
    assert listener.heard == []
    assert code == 3
    told = {one["check"]: one["message"] for one in report["findings"]}
    assert "lacks parts of its history" in told["cargo-metadata"]


@pytest.mark.parametrize("kind", [WorldKind.OFFLINE, WorldKind.EMBEDDED])
def test_what_speaks_http_is_sent_where_nobody_listens_but_to_this_machine(kind: WorldKind) -> None:
    given = shell(
        {"HTTPS_PROXY": "http://proxy.example:3128", "no_proxy": "*", "PATH": "/bin"}, kind
    ).environment
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        assert urlsplit(given[name]).hostname == "127.0.0.1"
    assert given["no_proxy"] == given["NO_PROXY"] == "127.0.0.1,localhost,::1"
    assert shell({"HTTPS_PROXY": "x"}, WorldKind.LIVE).environment == {"HTTPS_PROXY": "x"}
