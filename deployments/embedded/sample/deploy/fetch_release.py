"""Fetches the service's archive from a GitHub release and verifies it against the release's SHA256SUMS.

usage: fetch_release.py VERSION DIRECTORY
Reads GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN; writes `archive` and `sha256` to GITHUB_OUTPUT.
"""

import hashlib
import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ARCHIVE = "moond-x86_64-unknown-linux-gnu.tar.gz"
SUMS = "SHA256SUMS"
SECONDS = 60


class Refused(Exception):
    """The release is not what it has to be; the message says why."""


def ask(url: str, token: str, accept: str) -> bytes:
    """What GitHub answers. The token is not sent on to the storage host that a download is redirected to."""
    request = Request(url, headers={"Accept": accept, "User-Agent": "moonphase-deploy"})
    request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return answer.read()
    except HTTPError as error:
        raise Refused(f"{url}: HTTP {error.code} {error.reason}") from error


def sum_of(archive: str, sums: str) -> str:
    """The sum that SHA256SUMS gives for an archive."""
    for line in sums.splitlines():
        value, _, name = line.partition(" ")
        if name.lstrip(" *") == archive:
            return value
    raise Refused(f"{SUMS} has no line for {archive}")


def verified(content: bytes, expected: str, name: str) -> bytes:
    """The content, if it has the expected sum."""
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        raise Refused(f"{name} has the sum {actual}, but {SUMS} says {expected}")
    return content


def fetch(version: str, directory: Path, environment: dict[str, str]) -> str:
    """Download the archive into the directory and return its sum."""
    api, repository = environment["GITHUB_API_URL"], environment["GITHUB_REPOSITORY"]
    token = environment["GITHUB_TOKEN"]
    tag = f"v{version.removeprefix('v')}"
    release = json.loads(
        ask(f"{api}/repos/{repository}/releases/tags/{tag}", token, "application/vnd.github+json")
    )
    assets = {asset["name"]: asset["url"] for asset in release["assets"]}
    if missing := {ARCHIVE, SUMS} - assets.keys():
        raise Refused(f"the release {tag} has no asset {' and no '.join(sorted(missing))}")
    sums = ask(assets[SUMS], token, "application/octet-stream").decode()
    expected = sum_of(ARCHIVE, sums)
    content = verified(ask(assets[ARCHIVE], token, "application/octet-stream"), expected, ARCHIVE)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ARCHIVE).write_bytes(content)
    return expected


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        value = fetch(arguments[0], Path(arguments[1]), dict(os.environ))
    except Refused as refusal:
        print(f"::error::{refusal}")
        return 1
    print(f"{ARCHIVE} {value}")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"archive={ARCHIVE}\nsha256={value}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
