"""Serve the activation: Prefect server, UI, deployment and worker on this machine, in one command.

``python -m deployments.serve`` stays in the foreground until Ctrl-C. The server listens on loopback only and
asks for a password, which is kept in a file that only its owner reads.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from flows.prefect_client import ROOT, directory
from tasks.systems import prefect_server
from tasks.systems.prefect_server import NotServing, PrefectServer, Starting
from tasks.systems.shell import ProgramFailed, Shell
from tasks.systems.state import state_root

POOL = "activation"
PORT = 4200
YEAR = 365 * 24 * 3600.0


class Ended(BaseException):
    """SIGTERM arrived."""


def client_environment(server: PrefectServer, home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of Prefect's own commands; the password is in it and not in any argv."""
    kept = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": server.api_url,
        "PREFECT_API_AUTH_STRING": server.auth or "",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def deploy(shell: Shell) -> None:
    """Make the work pool and deploy the flows; raises ProgramFailed with Prefect's last words."""
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    shell.check(
        *prefect, "work-pool", "create", POOL, "--type", "process", "--overwrite", cwd=ROOT, timeout=120
    )
    shell.check(
        *prefect, "deploy", "--all", "--prefect-file", "deployments/prefect.yaml", cwd=ROOT, timeout=120
    )


def work(shell: Shell) -> int:
    """Run the worker until it ends; everything it started ends with it."""
    return shell.run(
        sys.executable,
        "-m",
        "prefect",
        "worker",
        "start",
        "--pool",
        POOL,
        "--type",
        "process",
        cwd=ROOT,
        timeout=YEAR,
        on_line=lambda line: print(line, flush=True),  # noqa: T201 - this is a command
    ).exit


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m deployments.serve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"of the server and its UI; {PORT} by default")
    asked = parser.parse_args(argv)

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Ended

    signal.signal(signal.SIGTERM, end)
    place = directory(state_root(os.environ))
    try:
        log = place / "server.log"
        print(f"Prefect is starting, which takes up to a minute; its log is {log}", flush=True)  # noqa: T201
        # A server that a rehearsal left in the background keeps its records in the same place.
        prefect_server.stop(place)
        server = Starting(place, ROOT, ("--port", str(asked.port), "--idle", "0")).ready()
        print(f"Prefect is at {server.ui_url}; the password is in {place / 'password'}", flush=True)  # noqa: T201
        shell = Shell(client_environment(server, place / "client", os.environ))
        deploy(shell)
        print(f"deployed; start a run at {server.ui_url}/deployments, end with Ctrl-C", flush=True)  # noqa: T201
        return work(shell)
    except KeyboardInterrupt:
        return 130
    except Ended:
        return 143
    except (NotServing, ProgramFailed) as error:
        print(f"deployments.serve: {error}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        prefect_server.stop(place)


if __name__ == "__main__":
    sys.exit(main())
