"""Look at everything that is known to matter before a repository goes live; change nothing.

Without --live this asks the embedded GitHub and AWS; with --offline only the repository itself.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from flows import arguments, command
from flows.asked import Asked

NAME = "preflight"


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    made = arguments.parser(NAME, str(__doc__))
    arguments.add_world(made, offline=True)
    made.add_argument("--only", dest="only_check", metavar="CHECK", help="ask only this check")
    made.add_argument("--list", action="store_true", help="list every check and end")
    made.add_argument(
        "--fix", action="store_true", help="put right what is local and can be taken back; commit nothing"
    )
    made.add_argument("--all", action="store_true", help="also show what holds")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Look; returns the exit code."""
    given = sys.argv[1:] if argv is None else argv
    asked, mistakes = arguments.read(parser(), NAME, given)
    if mistakes:
        return command.told(NAME, mistakes, as_json="--json" in given)
    work = _list if "--list" in given else _look
    return command.run(NAME, lambda: work(asked), as_json=asked.json)


def _look(asked: Asked) -> int:
    from flows.preflighting import preflight  # noqa: PLC0415 - --help must not pay for it

    return preflight(asked, os.environ)


def _list(asked: Asked) -> int:
    from flows.listing import listed  # noqa: PLC0415 - as above

    return listed(as_json=asked.json)


if __name__ == "__main__":
    sys.exit(command.entered(main))
