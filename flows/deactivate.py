"""End what a rehearsal left running: the embedded world, the services deployed in it, our Prefect server.

What the rehearsal remembers stays in the state directory, so that the next one finds it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flows import arguments, command
from flows.asked import Asked
from tasks.domain.mistake import Mistake, Mistaken

NAME = "deactivate"


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    made = arguments.parser(NAME, str(__doc__))
    arguments.add_world(made)
    arguments.add_approval(made)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """End, or with --plan show what would be ended; returns the exit code."""
    given = sys.argv[1:] if argv is None else argv
    asked, mistakes = arguments.read(parser(), NAME, given)
    if mistakes:
        return command.told(NAME, mistakes, as_json="--json" in given)
    return command.run(NAME, lambda: _work(asked), as_json=asked.json)


def _work(asked: Asked) -> int:
    from tasks.systems.state import state_root  # noqa: PLC0415 - --help must not pay for it

    if asked.live:
        raise Mistaken(
            [
                Mistake(
                    place="argument --live",
                    message="removes nothing yet: it cannot prove what it made",
                    expected="the journal (python -m flows.journal show) names every effect",
                )
            ]
        )
    state = state_root(os.environ)
    running = _running(state, asked.scenario)
    if not asked.plan:
        _end(state, asked.scenario)
    left = _running(state, asked.scenario)
    exit_code = command.DONE if asked.plan or not left else command.BROKE
    verb = "would end" if asked.plan else "ended"
    if asked.json:
        document = {"schema": 1, "command": NAME, "world": "embedded", "exit": exit_code, "running": left}
        print(json.dumps({**document, "would_end" if asked.plan else "ended": running}))
        return exit_code
    for one in running:
        print(f"{verb} {one['what']}" + (f" at {one['url']}" if one.get("url") else ""))
    if not running:
        print("nothing is running")
    for one in left if not asked.plan else ():
        print(f"still running: {one['what']}", file=sys.stderr)
    return exit_code


def _running(state: Path, scenario: str | None) -> list[dict[str, Any]]:
    """List what runs: services, their worlds, what killed worlds left behind, the Prefect server."""
    from deployments.embedded import client  # noqa: PLC0415 - as above
    from flows.prefect_client import directory  # noqa: PLC0415 - as above
    from tasks.systems import prefect_server  # noqa: PLC0415 - as above

    found: list[dict[str, Any]] = []
    for world in client.running(state):
        if scenario is not None and world.scenario != scenario:
            continue
        services: Mapping[str, Any] = client.status(world)["services"]
        found += [
            {"what": f"the service in {name}", "url": service["url"]}
            for name, service in services.items()
            if service["processes"]
        ]
        found.append({"what": f"the embedded world {world.directory.name}", "url": world.github_api_url})
    for name, count in client.left_behind(state).items():
        if scenario in (None, name):
            several = "processes" if count > 1 else "process"
            found.append({"what": f"{count} {several} of the embedded world {name}, which was killed"})
    if scenario is None and prefect_server.processes(directory(state)):
        server = prefect_server.find(directory(state))
        found.append({"what": "the Prefect server", "url": server.ui_url if server else None})
    return found


def _end(state: Path, scenario: str | None) -> None:
    from deployments.embedded import client  # noqa: PLC0415 - as above
    from flows.prefect_client import directory  # noqa: PLC0415 - as above
    from tasks.systems import prefect_server  # noqa: PLC0415 - as above

    client.stop(state, scenario=scenario, every=scenario is None)
    if scenario is None:
        prefect_server.stop(directory(state))


if __name__ == "__main__":
    sys.exit(command.entered(main))
