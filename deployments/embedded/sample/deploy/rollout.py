"""Installs a release on the nodes of an environment through AWS Systems Manager, and waits for it.

usage: rollout.py --environment NAME --version VERSION --archive NAME --sha256 SUM
The nodes are those that carry the tag Environment=NAME. Reads ARTIFACT_BUCKET; writes `url` to GITHUB_OUTPUT.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INSTALL = Path(__file__).with_name("install.sh")
LIMIT_SECONDS = 300
PAUSE_SECONDS = 1.0
UNFINISHED = {"Pending", "InProgress", "Delayed", "Cancelling"}


class Failed(Exception):
    """The rollout did not succeed; the message says on which node and why."""


def aws(*arguments: str) -> dict:
    """What one AWS command answers."""
    done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"aws {arguments[0]} {arguments[1]}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def commands(values: dict[str, str], script: str) -> list[str]:
    """The lines that a node runs: the values, quoted, and then the script."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return [*exports, *script.splitlines()]


def send(environment: str, lines: list[str]) -> str:
    """Start the lines on every node of the environment; the answer is the command's id."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as parameters:
        json.dump({"commands": lines, "executionTimeout": [str(LIMIT_SECONDS)]}, parameters)
        parameters.flush()
        answer = aws(
            "ssm",
            "send-command",
            "--document-name",
            "AWS-RunShellScript",
            "--targets",
            f"Key=tag:Environment,Values={environment}",
            "--parameters",
            f"file://{parameters.name}",
            "--comment",
            f"moonphase to {environment}",
        )
    return answer["Command"]["CommandId"]


def wait(command: str, environment: str) -> list[dict]:
    """Every node's invocation, once all of them have ended."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        answer = aws("ssm", "list-command-invocations", "--command-id", command, "--details")
        found = answer["CommandInvocations"]
        if found and not any(one["Status"] in UNFINISHED for one in found):
            return found
        time.sleep(PAUSE_SECONDS)
    reason = "is still running" if found else f"found no node with the tag Environment={environment}"
    raise Failed(f"after {LIMIT_SECONDS} s, the command {command} {reason}")


def output_of(invocation: dict) -> str:
    """What the node's script wrote."""
    return "\n".join(plugin.get("Output", "") for plugin in invocation["CommandPlugins"]).strip()


def url_from(invocations: list[dict]) -> str:
    """The address that the nodes say; every node has to have succeeded."""
    for one in invocations:
        print(f"::group::{one['InstanceId']}: {one['Status']}\n{output_of(one)}\n::endgroup::")
    if failed := [one for one in invocations if one["Status"] != "Success"]:
        last = (output_of(failed[0]).splitlines() or ["it wrote nothing"])[-1]
        raise Failed(f"{failed[0]['InstanceId']}: {failed[0]['Status']}: {last}")
    for line in output_of(invocations[0]).splitlines():
        if line.startswith("url="):
            return line.removeprefix("url=")
    raise Failed(f"{invocations[0]['InstanceId']} succeeded but did not say its url")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("environment", "version", "archive", "sha256"):
        parser.add_argument(f"--{name}", required=True)
    wanted = parser.parse_args()
    values = {
        "VERSION": wanted.version.removeprefix("v"),
        "SOURCE": f"s3://{os.environ['ARTIFACT_BUCKET']}/releases/{wanted.version}/{wanted.archive}",
        "SHA256": wanted.sha256,
    }
    try:
        command = send(wanted.environment, commands(values, INSTALL.read_text()))
        url = url_from(wait(command, wanted.environment))
    except Failed as failure:
        print(f"::error::{failure}")
        return 1
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"url={url}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
