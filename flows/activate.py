"""Take a Cargo repository from written to live: preflight, provisioning, first run, release, deployment.

Without --live this is a rehearsal against an embedded GitHub and an embedded AWS on this machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from flows import arguments, command
from flows.asked import Asked

NAME = "activate"


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    made = arguments.parser(NAME, str(__doc__))
    arguments.add_world(made)
    made.add_argument("--until", metavar="PHASE", help="stop after this phase")
    made.add_argument("--only", metavar="PHASE", help="look, then do only this phase")
    arguments.add_approval(made)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Activate, or show the plan; returns the exit code."""
    given = sys.argv[1:] if argv is None else argv
    asked, mistakes = arguments.read(parser(), NAME, given)
    if mistakes:
        return command.told(NAME, mistakes, as_json="--json" in given)
    return command.run(NAME, lambda: _work(asked), as_json=asked.json)


def _work(asked: Asked) -> int:
    from flows.running import activate, plan  # noqa: PLC0415 - --help must not pay for it

    return (plan if asked.plan else activate)(asked, os.environ)


if __name__ == "__main__":
    sys.exit(command.entered(main))
