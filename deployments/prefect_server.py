"""The user's own Prefect server: one process on loopback, tuned, with a password, gone when nobody asks.

``python -m deployments.prefect_server --directory DIR`` serves the API and the UI on a free port, keeps its
database under DIR and writes ``server.json`` (mode 600: URL and password) there once it answers. It ends on
SIGTERM, and by itself when nobody has asked it anything for ``--idle`` seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

DESCRIPTOR = "server.json"
HOUR = 3600.0
# Seconds. Clients keep a quiet connection for 5 s; a server that ends it first makes them wait 2 s and retry.
QUIET_CONNECTION = 60

# Untuned, a busy run loses task records and meets SQLite locks: records are written in batches instead.
TUNING = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class Attended:
    """An ASGI application that remembers when it was last asked something."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._last = time.monotonic()
        self._open = 0

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass everything on; an open connection counts as being asked."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1
            self._last = time.monotonic()

    def idle(self) -> float:
        """Return for how many seconds nobody has asked anything."""
        return 0.0 if self._open else time.monotonic() - self._last


def environment(directory: Path, port: int, password: str) -> dict[str, str]:
    """Return the settings of the server as environment variables."""
    address = f"http://127.0.0.1:{port}"
    return {
        **TUNING,
        "PREFECT_HOME": str(directory / "home"),
        "PREFECT_PROFILES_PATH": str(directory / "home" / "profiles.toml"),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{directory / 'home' / 'prefect.db'}",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),  # with uvicorn's port alone, the UI still calls 4200
        "PREFECT_UI_API_URL": f"{address}/api",
        "PREFECT_SERVER_API_AUTH_STRING": password,
        # Prefect's own default lets any web page that the user visits start a deployment.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": address,
        "PREFECT_SERVER_ENCRYPTION_KEY": _kept(directory / "encryption.key", _fernet_key),
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def _fernet_key() -> str:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - asked once in the life of a directory

    return Fernet.generate_key().decode()


def _kept(file: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file only its owner reads, made on the first call."""
    if not file.exists():
        _write_privately(file, make())
    return file.read_text()


def _write_privately(file: Path, content: str) -> None:
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(content)
    temporary.replace(file)


async def serve(directory: Path, listener: Any, password: str, idle: float) -> None:
    """Serve until told to end or idle; the descriptor is there exactly while it answers."""
    import uvicorn  # noqa: PLC0415 - after the environment is set
    from prefect.server.api.server import create_app  # noqa: PLC0415 - reads the environment on import

    app = Attended(create_app(final=True))
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=2, timeout_keep_alive=QUIET_CONNECTION
    )
    server = uvicorn.Server(config)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    descriptor = directory / DESCRIPTOR

    async def attend() -> None:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, no event
            await asyncio.sleep(0.05)
        about = {"api_url": f"{address}/api", "ui_url": address, "auth": password, "pid": os.getpid()}
        _write_privately(descriptor, json.dumps(about))
        while idle <= 0 or app.idle() < idle:  # noqa: ASYNC110 - idleness is the absence of events
            await asyncio.sleep(min(5.0, idle) if idle > 0 else 5.0)
        server.should_exit = True

    attendant = asyncio.create_task(attend())
    try:
        await server.serve(sockets=[listener])
    finally:
        attendant.cancel()
        descriptor.unlink(missing_ok=True)


def main(argv: list[str] | None = None) -> int:
    """Serve until ended."""
    import uvicorn  # noqa: PLC0415 - the module is read for its tuning as well

    parser = argparse.ArgumentParser(prog="python -m deployments.prefect_server", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--idle", type=float, default=HOUR, help="end after so many idle seconds; 0: never")
    asked = parser.parse_args(argv)
    directory: Path = asked.directory
    (directory / "home").mkdir(parents=True, exist_ok=True, mode=0o700)
    # The UI has to be told its port before the application is made, so the port is taken first.
    listener = uvicorn.Config("", host="127.0.0.1", port=asked.port, log_level="warning").bind_socket()
    password = _kept(directory / "password", lambda: f"activation:{secrets.token_urlsafe(24)}")
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(environment(directory, listener.getsockname()[1], password))
    asyncio.run(serve(directory, listener, password, asked.idle))
    return 0


if __name__ == "__main__":
    sys.exit(main())
