"""The script that runs on a node: it installs, does nothing twice, and goes back from what is not healthy."""

import hashlib
import os
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.embedded.seed import SAMPLE

pytestmark = pytest.mark.processes

# Stands for the service: healthy unless its release says otherwise.
SERVICE = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
if [ "$1" = --check ]; then cat "$here/health"; grep -q ok "$here/health"; exit; fi
exec sleep 60
"""
AWS = """\
#!/bin/sh
exec cp "${3#s3://}" "$4"
"""


@dataclass
class Node:
    home: Path

    @property
    def root(self) -> Path:
        return self.home / "moonphase"

    def release(self, version: str, health: str) -> Path:
        folder = self.home.parent / version
        folder.mkdir()
        (folder / "moond").write_text(SERVICE)
        (folder / "moond").chmod(0o755)
        (folder / "health").write_text(health)
        archive = folder / "moond.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            for name in ("moond", "health"):
                tar.add(folder / name, name)
        return archive

    def install(self, archive: Path, *, digest: str = "") -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.home.parent / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "NODE_PORT": "1",
            "VERSION": archive.parent.name,
            "SOURCE": f"s3://{archive}",
            "SHA256": digest or hashlib.sha256(archive.read_bytes()).hexdigest(),
        }
        script = ["sh", str(SAMPLE / "deploy" / "install.sh")]
        return subprocess.run(
            script, env=environment, capture_output=True, text=True, timeout=30, check=False
        )

    @property
    def pid(self) -> int | None:
        file = self.root / "pid"
        return int(file.read_text()) if file.exists() else None

    @property
    def current(self) -> str | None:
        link = self.root / "current"
        return link.readlink().name.partition("-")[0] if link.is_symlink() else None


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aws").write_text(AWS)
    (tmp_path / "bin" / "aws").chmod(0o755)
    (tmp_path / "home").mkdir()
    made = Node(home=tmp_path / "home")
    yield made
    if made.pid is not None:
        os.kill(made.pid, signal.SIGKILL)


def test_a_release_is_installed_once(node: Node) -> None:
    archive = node.release("1.0.0", "ok")
    first = node.install(archive)
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.splitlines()[-1] == "url=http://127.0.0.1:1"
    pid = node.pid
    again = node.install(archive)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert node.pid == pid


def test_the_release_before_is_kept_and_comes_back_when_the_new_one_is_not_healthy(node: Node) -> None:
    node.install(node.release("1.0.0", "ok"))
    node.install(node.release("1.1.0", "ok"))
    assert (node.root / "previous").readlink().name.startswith("1.0.0-")
    done = node.install(node.release("1.2.0", '{"status":"unhealthy","reason":"no names"}'))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == '1.2.0 is not healthy: {"status":"unhealthy","reason":"no names"}'
    assert node.current == "1.1.0"
    assert node.pid is not None
    os.kill(node.pid, 0)


def test_without_a_release_before_nothing_is_left_running(node: Node) -> None:
    done = node.install(node.release("1.0.0", '{"status":"unhealthy"}'))
    assert done.returncode == 1
    assert (node.current, node.pid) == (None, None)


def test_an_archive_with_another_sum_is_not_installed(node: Node) -> None:
    archive = node.release("1.0.0", "ok")
    assert node.install(archive, digest="0" * 64).returncode != 0
    assert (node.current, node.pid) == (None, None)
    assert list((node.root / "releases").iterdir()) == []
