"""The embedded world by hand: look at it, end it, and do what a person would do about a scenario.

usage: python -m deployments.embedded COMMAND --help
"""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deployments.embedded import client
from deployments.embedded.connection import Connection
from deployments.embedded.scenarios import SCENARIOS
from tasks.domain.typed import by, interpreter

Answer = tuple[int, Mapping[str, Any], str]  # exit code, JSON, text
_UNREAD = 141  # what a shell says of a program that SIGPIPE ended


def start(wanted: argparse.Namespace) -> Answer:
    """Start a world, or find the one that runs."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    document = _shown(found)
    return 0, document, "\n".join(f"{name:<10} {value}" for name, value in document.items())


def status(wanted: argparse.Namespace) -> Answer:
    """Say which worlds run, what they do, and where their services are."""
    worlds = [{**_shown(found), **client.status(found)} for found in client.running(wanted.state)]
    lines = []
    for world in worlds:
        doing = "runs workflows" if world["busy"] else f"idle for {world['idle_seconds']} s"
        lines.append(f"{world['name']}: process {world['pid']}, {doing}, GitHub at {world['github']}")
        lines += [
            f"  {name}: {service['url']}" if service["processes"] else f"  {name}: nothing is deployed"
            for name, service in world["services"].items()
        ]
    left = client.left_behind(wanted.state)
    lines += [
        f"{name}: was killed and left {count} process{'es' if count > 1 else ''}; `stop` ends them"
        for name, count in left.items()
    ]
    return 0, {"worlds": worlds, "left_behind": left}, "\n".join(lines) or "no embedded world runs"


def stop(wanted: argparse.Namespace) -> Answer:
    """End every world with its runs and services."""
    ended = client.stop(wanted.state, scenario=wanted.scenario, every=wanted.scenario is None)
    return 0, {"stopped": ended}, f"ended: {', '.join(ended)}" if ended else "no embedded world runs"


def scenarios(_wanted: argparse.Namespace) -> Answer:
    """List the ways to be stuck and their remedies."""
    listed = [
        {
            "name": each.name,
            "story": each.story,
            "remedy": by(each.command, interpreter(sys.orig_argv[0], Path.cwd())),
            "does": each.remedy.does,
        }
        for each in SCENARIOS.values()
    ]
    text = "\n\n".join(f"{e['name']}\n  {e['story']}\n  {e['remedy']}\n  {e['does']}" for e in listed)
    return 0, {"scenarios": listed}, text


def remedy(wanted: argparse.Namespace) -> Answer:
    """Do what a person would do about a scenario."""
    did = client.ask(client.connect(wanted.state, scenario=wanted.name), "remedy")["did"]
    return 0, {"did": did}, str(did)


def token(wanted: argparse.Namespace) -> Answer:
    """Give the world's engineer a token with other scopes."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    scopes = client.ask(found, "token", scopes=wanted.scopes.split(","))["scopes"]
    return 0, {"scopes": scopes}, f"the token has the scopes {', '.join(scopes)}"


def secret(wanted: argparse.Namespace) -> Answer:
    """Set a repository secret to what is typed or read from standard input, or to a random value."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    value = _value(wanted)
    if not value:
        return 2, {"set": None}, f"{wanted.name} was given no value: type one, pipe one, or say --random"
    given = {**_named(wanted), "secret": wanted.name, "value": value, "environment": wanted.environment}
    client.ask(found, "secret", **given)
    place = f"{wanted.environment} of {wanted.repository}" if wanted.environment else wanted.repository
    how = " to a new random value" if wanted.random else ""
    return 0, {"set": wanted.name}, f"{wanted.name} is set in {place}{how}"


def variable(wanted: argparse.Namespace) -> Answer:
    """Set a repository variable to what is typed or read from standard input."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    value = input(f"value of {wanted.name}: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\n")
    if not value:
        return 2, {"set": None}, f"{wanted.name} was given no value: type one, or pipe one"
    given = {**_named(wanted), "variable": wanted.name, "value": value, "environment": wanted.environment}
    client.ask(found, "variable", **given)
    place = f"{wanted.environment} of {wanted.repository}" if wanted.environment else wanted.repository
    return 0, {"set": wanted.name}, f"{wanted.name} is set in {place}"


def environment(wanted: argparse.Namespace) -> Answer:
    """Create an environment of a repository, without protection; one that exists stays as it is."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    name = client.ask(found, "environment", **_named(wanted), environment=wanted.name)["name"]
    return 0, {"environment": name}, f"{wanted.repository} has the environment {name}"


def log(wanted: argparse.Namespace) -> Answer:
    """Print the log of a job."""
    text = client.ask(client.connect(wanted.state, scenario=wanted.scenario), "log", job=wanted.job)["log"]
    return 0, {"log": text}, str(text).rstrip("\n")


def rerun(wanted: argparse.Namespace) -> Answer:
    """Start the failed jobs of a run again."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    client.rerun_failed(found, wanted.repository, wanted.run_id)
    return 0, {"run": wanted.run_id}, f"the failed jobs of run {wanted.run_id} have begun again"


def aws(wanted: argparse.Namespace) -> Answer:
    """Ask the embedded AWS with the AWS CLI of this environment."""
    found = client.connect(wanted.state, scenario=wanted.scenario)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {
        "AWS_ENDPOINT_URL": found.aws_endpoint,
        "AWS_ACCESS_KEY_ID": found.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": found.aws_secret_access_key,
        "AWS_DEFAULT_REGION": found.aws_region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "awscli", *wanted.arguments],
        env={**kept, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, {"output": ran.stdout, "error": ran.stderr}, (ran.stdout + ran.stderr).rstrip("\n")


def serve(wanted: argparse.Namespace) -> int:
    """Be the background process."""
    from deployments.embedded import daemon  # noqa: PLC0415 - moto takes a second that no other command needs

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return daemon.serve(
        wanted.directory, scenario=wanted.scenario, ready=wanted.ready, idle_limit=wanted.idle_limit
    )


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 the world could not, 2 usage, 141 nobody read the output."""
    wanted = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Answer | int] = wanted.run
    try:
        answer = run(wanted)
    except client.WorldError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command
        return 1
    if isinstance(answer, int):
        return answer
    code, document, text = answer
    return code if _printed(json.dumps(document) if wanted.json else text) else _UNREAD


def _printed(text: str) -> bool:
    """Print a text; False when whoever read the output went away."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        # What is still in the buffer is written once more when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        return False
    return True


def _value(wanted: argparse.Namespace) -> str:
    """Return a secret's value; what is typed is not echoed."""
    if wanted.random:
        return secrets.token_hex(32)
    if sys.stdin.isatty():
        return getpass.getpass(f"value of {wanted.name}: ")
    return sys.stdin.read().rstrip("\n")


def _named(wanted: argparse.Namespace) -> dict[str, str]:
    owner, _, name = wanted.repository.partition("/")
    return {"owner": owner, "name": name}


def _shown(found: Connection) -> dict[str, Any]:
    """Return what may be shown of a connection: nothing that opens a door."""
    return {
        "name": found.directory.name,
        "pid": found.pid,
        "github": found.github_api_url,
        "aws": found.aws_endpoint,
        "directory": str(found.directory),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.embedded", description=_first_line(__doc__))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], Any], *, scenario: bool) -> argparse.ArgumentParser:
        line = _first_line(run.__doc__)
        added = commands.add_parser(run.__name__, help=line, description=line)
        added.add_argument("--json", action="store_true", help="print JSON and nothing else")
        added.add_argument(
            "--state", type=Path, default=client.state_directory(), metavar="DIR", help="the state directory"
        )
        if scenario:
            added.add_argument("--scenario", choices=list(SCENARIOS), help="the world of this scenario")
        added.set_defaults(run=run)
        return added

    command(start, scenario=True)
    command(status, scenario=False)
    command(stop, scenario=True)
    command(scenarios, scenario=False)
    command(remedy, scenario=False).add_argument("name", choices=list(SCENARIOS))
    command(token, scenario=True).add_argument("scopes", help="such as repo,workflow,read:org")
    adding = command(secret, scenario=True)
    adding.add_argument("name")
    adding.add_argument("--random", action="store_true", help="a new random value")
    adding.add_argument("--environment", default="", metavar="NAME", help="a secret of this environment only")
    putting = command(variable, scenario=True)
    putting.add_argument("name")
    putting.add_argument("--environment", default="", metavar="NAME", help="only of this environment")
    making = command(environment, scenario=True)
    making.add_argument("name")
    asking = command(aws, scenario=True)
    asking.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="as for the AWS CLI")
    command(log, scenario=True).add_argument("job", type=int)
    again = command(rerun, scenario=True)
    again.add_argument("run_id", type=int, metavar="run")
    for of_repository in (adding, putting, making, again):
        of_repository.add_argument("--repository", default="acme/moonphase", metavar="OWNER/NAME")
    serving = commands.add_parser("serve")
    serving.add_argument("directory", type=Path)
    serving.add_argument("--scenario", choices=list(SCENARIOS))
    serving.add_argument("--ready", type=int)
    serving.add_argument("--idle-limit", type=float, default=3600.0, metavar="SECONDS")
    serving.set_defaults(run=serve)
    return parser


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
