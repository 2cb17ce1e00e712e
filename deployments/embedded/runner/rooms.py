"""The directories of one job, and the environment its processes start from."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployments.embedded.runner.interface import RunRequest

WORLD_MARK = "ACTIVATION_WORLD"
JOB_MARK = "RUNNER_TRACKING_ID"
_SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_STANDINS = Path(__file__).parent / "standins"
# The tools a Cargo repository's workflows are about: found where this machine has them, else not at all.
_TOOLS = ("git", "cargo", "rustup", "python3", "node")
# Nobody listens here: a toolchain must never be installed by a rehearsal.
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Where one job works; everything is below `root` and goes with it."""

    root: Path
    workspace: Path
    home: Path
    temp: Path
    tools: Path
    files: Path

    @classmethod
    def create(cls, root: Path, repository_name: str) -> "Rooms":
        """Make the directories of a job, empty."""
        shutil.rmtree(root, ignore_errors=True)
        rooms = cls(
            root=root,
            workspace=root / repository_name / repository_name,
            home=root / "home",
            temp=root / "_temp",
            tools=root / "_tool",
            files=root / "_temp" / "_runner_file_commands",
        )
        for directory in (rooms.workspace, rooms.home, rooms.temp, rooms.tools, rooms.files):
            directory.mkdir(parents=True)
        return rooms

    def clear(self) -> None:
        """Remove everything of the job, also what a step made read-only."""
        shutil.rmtree(self.root, onerror=_make_writable)


def _make_writable(remove: object, path: str, _error: object) -> None:
    parent = Path(path).parent
    parent.chmod(0o700)
    if remove in (os.unlink, os.remove):
        Path(path).unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def base_environment(
    request: RunRequest, rooms: Rooms, machine: Mapping[str, str], job_mark: str
) -> dict[str, str]:
    """Build a job's environment from nothing; of `machine` only where the tools are is taken over."""
    cargo_home = machine.get("CARGO_HOME") or str(Path.home() / ".cargo")
    rustup_home = machine.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    installed = rooms.home / ".cargo"
    directories = [
        *([str(request.standins)] if request.standins else []),
        str(_STANDINS),
        str(installed / "bin"),
        *_tool_directories(machine),
        *_SYSTEM_PATH,
    ]
    return {
        "PATH": os.pathsep.join(dict.fromkeys(directories)),
        "HOME": str(rooms.home),
        "USER": "runner",
        "LANG": "C.UTF-8",
        "TMPDIR": str(rooms.temp),
        "XDG_CONFIG_HOME": str(rooms.home / ".config"),
        "CI": "true",
        "DEBIAN_FRONTEND": "noninteractive",
        "GIT_TERMINAL_PROMPT": "0",
        "CARGO_HOME": cargo_home,
        "CARGO_INSTALL_ROOT": str(installed),
        "CARGO_NET_OFFLINE": "true",
        "RUSTUP_HOME": rustup_home,
        "RUSTUP_AUTO_INSTALL": "0",
        "RUSTUP_DIST_SERVER": _NOWHERE,
        "RUSTUP_UPDATE_ROOT": _NOWHERE,
        "AWS_EC2_METADATA_DISABLED": "true",
        "ACTIVATION_PYTHON": sys.executable,
        WORLD_MARK: request.world_id,
        JOB_MARK: job_mark,
        **request.environment,
    }


def _tool_directories(machine: Mapping[str, str]) -> list[str]:
    search = machine.get("PATH", os.defpath)
    found = [shutil.which(tool, path=search) for tool in _TOOLS]
    # Links stay links: rustup's proxies know their name from the path they are called by.
    own = str(Path(sys.executable).parent)
    return [directory for path in found if path and (directory := str(Path(path).parent)) != own]
