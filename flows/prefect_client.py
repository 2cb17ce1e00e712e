"""Which Prefect server a run reports to, settled before Prefect is imported.

A server that ``PREFECT_API_URL`` names is used when it answers (in a rehearsal only when it is on this
machine: a rehearsal asks nobody else). Otherwise the user's own one is started in the background and kept
for the next command; Prefect's temporary server, which loses records, is the last resort. The user's own
``~/.prefect`` is never touched.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from tasks.systems import prefect_server
from tasks.systems.prefect_server import NotServing, PrefectServer, Starting

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ROOT = Path(__file__).parents[1]


def directory(state: Path) -> Path:
    """Return where the user's own server keeps what it needs."""
    return state / "prefect"


@dataclass(kw_only=True)
class Reporting:
    """The server of a run: found at once or starting while the run prepares itself."""

    server: PrefectServer | None = None
    starting: Starting | None = None
    notes: list[str] = field(default_factory=list)

    def ready(self) -> PrefectServer | None:
        """Return the server as soon as it answers, None when only a temporary one is left."""
        if self.server is None and self.starting is not None:
            try:
                self.server = self.starting.ready()
            except NotServing as reason:
                self.notes.append(f"{reason}; a temporary one stands in, which may lose records")
        return self.server


def begin(state: Path, environment: Mapping[str, str], *, live: bool) -> Reporting:
    """Find the server or begin to start it; returns without waiting."""
    if url := environment.get("PREFECT_API_URL"):
        if not live and urlsplit(url).hostname not in LOOPBACK:
            note = "PREFECT_API_URL is not on this machine: a rehearsal does not report to it"
        elif prefect_server.answers(url, environment.get("PREFECT_API_AUTH_STRING")):
            return Reporting(
                server=PrefectServer(api_url=url, auth=environment.get("PREFECT_API_AUTH_STRING"))
            )
        else:
            note = "no Prefect server answers at PREFECT_API_URL"
        own = begin(state, {}, live=live)
        own.notes.append(note)
        return own
    if server := prefect_server.find(directory(state)):
        return Reporting(server=server)
    return Reporting(starting=Starting(directory(state), ROOT))


def prepare_import(state: Path, environment: MutableMapping[str, str]) -> None:
    """Set what Prefect reads while it is imported; call it before the first import."""
    logging.raiseExceptions = False  # a line that could not be sent to the server is no news on a terminal
    home = directory(state) / "client"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment["PREFECT_HOME"] = str(home)
    environment["PREFECT_PROFILES_PATH"] = str(home / "profiles.toml")
    environment["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    environment["DO_NOT_TRACK"] = "1"
    # A server that is gone would hold up each request for a minute; a busy one is asked again for 6 s.
    environment["PREFECT_CLIENT_MAX_RETRIES"] = "2"
    # Our own display is on stderr; Prefect's lines go to its server, where its UI shows them.
    environment["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    environment["PREFECT_INTERNAL_LOGGING_LEVEL"] = "CRITICAL"
    environment["PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW"] = "ignore"


def leave(code: int) -> NoReturn:
    """End this process now: Prefect would try for minutes to reach the server that is gone."""
    with contextlib.suppress(BrokenPipeError):  # nobody reads it any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


@contextmanager
def reporting_to(server: PrefectServer | None) -> Iterator[None]:
    """Run flows against a server; None lets Prefect start a temporary one."""
    from prefect.settings import (  # noqa: PLC0415 - after prepare_import
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
        temporary_settings,
    )

    updates = {
        PREFECT_API_URL: server.api_url if server else None,
        PREFECT_API_AUTH_STRING: server.auth if server else None,
        # With a heartbeat, every flow and subflow ends with a join of about a second.
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: True,
    }
    with temporary_settings(updates):
        yield
