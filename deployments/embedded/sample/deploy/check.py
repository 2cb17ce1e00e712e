"""Asks a deployed service, from outside, whether it is healthy and is the version it should be.

usage: check.py URL VERSION
"""

import json
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

LIMIT_SECONDS = 60
PAUSE_SECONDS = 0.5


def problem(url: str, version: str) -> str | None:
    """Why the service is not what it should be; None when it is."""
    try:
        with urlopen(f"{url}/healthz", timeout=5):
            pass
        with urlopen(f"{url}/version", timeout=5) as answer:
            said = json.load(answer).get("version")
    except HTTPError as error:
        return f"{error.url} answers {error.code}: {error.read(500).decode(errors='replace').strip()}"
    except (URLError, OSError, ValueError) as error:
        return f"{url}: {error}"
    return None if said == version else f"{url}/version says {said}, not {version}"


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    url, version = arguments[0].rstrip("/"), arguments[1].removeprefix("v")
    deadline = time.monotonic() + LIMIT_SECONDS
    while found := problem(url, version):
        if time.monotonic() >= deadline:
            print(f"::error::{found}")
            return 1
        time.sleep(PAUSE_SECONDS)
    print(f"{url} is healthy and answers as version {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
