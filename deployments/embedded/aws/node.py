"""A managed node: a directory of this machine in which shell really runs and services really stay up.

Everything a command starts carries two environment markers, so that its processes are found again, by this
process or a later one, and can all be ended. It is no security boundary: they run as the user who runs this.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from deployments.embedded.private_file import write_private

WORLD_MARKER = "ACTIVATION_WORLD"
NODE_MARKER = "ACTIVATION_NODE"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How one script ended; `exit_code` is None when it was ended for taking too long."""

    exit_code: int | None
    stdout: str
    stderr: str


class ManagedNode:
    """One node: its identity, its directory, and the processes that live in it."""

    def __init__(
        self, *, name: str, world_id: str, directory: Path, environment: Mapping[str, str], tools: Path
    ) -> None:
        self.name = name
        self.world_id = world_id
        self.directory = directory
        self.instance_id = "mi-" + hashlib.sha256(f"{world_id}/{name}".encode()).hexdigest()[:17]
        self._environment = dict(environment)
        self._tools = tools
        self._record = directory / ".node.json"
        self._lock = threading.Lock()
        self._ending = threading.Event()
        directory.mkdir(parents=True, exist_ok=True)
        self.port = self._settled_port()

    @property
    def environment(self) -> dict[str, str]:
        """What a command on this node sees; nothing of this process's own environment."""
        return {
            "PATH": f"{self._tools}:{_SYSTEM_PATH}",
            "HOME": str(self.directory),
            "LANG": "C.UTF-8",
            WORLD_MARKER: self.world_id,
            NODE_MARKER: self.name,
            "NODE_PORT": str(self.port),
            **self._environment,
        }

    def run(self, script: str, *, timeout: float, output: Path) -> Finished:
        """Run a shell script in the node's directory; services that it leaves behind stay.

        Output goes to files, not pipes: a service that keeps the script's streams open does not hold it up.
        """
        self._ending.clear()
        output.mkdir(parents=True, exist_ok=True)
        file = output / "script.sh"
        write_private(file, script)
        with (output / "stdout").open("wb") as out, (output / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [*_interpreter(script), str(file)],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            try:
                code: int | None = process.wait(timeout)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                code = None
        self.remember()
        # A service may still be on its way from the shell through nohup to what it is: look once more.
        again = threading.Timer(1.0, self.remember)
        again.daemon = True
        again.start()
        return Finished(exit_code=code, stdout=_shown(output / "stdout"), stderr=_shown(output / "stderr"))

    def processes(self) -> list[psutil.Process]:
        """Every living process that carries this node's markers."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                environ = process.environ()
                if environ.get(WORLD_MARKER) == self.world_id and environ.get(NODE_MARKER) == self.name:
                    found.append(process)
        return found

    def remember(self) -> None:
        """Write down the services that run now, so that a node that starts again brings them back."""
        if self._ending.is_set():
            return
        services = []
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                services.append(
                    {
                        "pid": process.pid,
                        "born": process.create_time(),
                        "argv": process.cmdline(),
                        "cwd": process.cwd(),
                        "environment": process.environ(),
                    }
                )
        with self._lock:
            if not self._ending.is_set():
                write_private(self._record, json.dumps({"port": self.port, "services": services}))

    def start(self) -> None:
        """Adopt what still runs of the services remembered, and start the rest again, as an init would."""
        self._ending.clear()
        running = {(process.pid, process.create_time()) for process in self.processes()}
        for service in self._remembered().get("services", []):
            if (service["pid"], service["born"]) in running:
                continue
            with (self.directory / "restarted.log").open("ab") as log:
                log.write(f"starting again: {service['argv']}\n".encode())
                log.flush()
                try:
                    process = subprocess.Popen(
                        service["argv"],
                        cwd=service["cwd"],
                        env={**service["environment"], **self.environment},
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                except OSError as error:
                    log.write(f"not started: {error}\n".encode())
                else:
                    self._move_pid(service["pid"], process.pid)
                    threading.Thread(target=process.wait, daemon=True).start()  # no zombie when it ends
        self.remember()

    def stop(self, *, grace: float = 5.0) -> None:
        """End every process of this node; what ignores the request for `grace` seconds is killed."""
        self._ending.set()
        deadline = time.monotonic() + grace
        asked: set[int] = set()
        while living := self.processes():  # a zombie that init has not collected yet does not count
            for process in living:
                with contextlib.suppress(psutil.NoSuchProcess):
                    if time.monotonic() >= deadline:
                        process.kill()
                    elif process.pid not in asked:
                        asked.add(process.pid)
                        process.terminate()
            time.sleep(0.02)

    def forget(self) -> None:
        """Forget the services, so that the next start brings none back."""
        with self._lock:
            write_private(self._record, json.dumps({"port": self.port, "services": []}))

    def _move_pid(self, old: int, new: int) -> None:
        """Write the new pid of a service over the old one wherever the service's pid file is."""
        for file in (*self.directory.rglob("pid"), *self.directory.rglob("*.pid")):
            if file.is_file() and file.read_text(errors="replace").strip() == str(old):
                file.write_text(f"{new}\n")

    def _remembered(self) -> dict[str, Any]:
        if not self._record.exists():
            return {}
        loaded = json.loads(self._record.read_text())
        assert isinstance(loaded, dict)
        return loaded

    def _settled_port(self) -> int:
        """Return the port this node had, unless a stranger holds it now; else a free one."""
        known = self._remembered().get("port")
        if isinstance(known, int) and (self.processes() or _free(known)):
            return known
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        write_private(self._record, json.dumps({**self._remembered(), "port": port}))
        return port


def tools_directory(directory: Path) -> Path:
    """Make a directory whose `aws` and `python3` are those of this installation."""
    directory.mkdir(parents=True, exist_ok=True)
    aws = directory / "aws"
    aws.write_text(f'#!/bin/sh\nexec {sys.executable} -m awscli "$@"\n')
    aws.chmod(0o755)
    return directory


def _interpreter(script: str) -> list[str]:
    """Return what runs a script: what its first line names, else sh, as AWS-RunShellScript does."""
    first = script.partition("\n")[0]
    return shlex.split(first[2:]) if first.startswith("#!") else ["/bin/sh"]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _shown(file: Path) -> str:
    """Return the first 24,000 characters, which is what SSM keeps of an output."""
    with file.open("rb") as stream:
        return stream.read(96_000).decode("utf-8", "replace")[:24_000]
