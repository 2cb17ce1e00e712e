"""A threaded WSGI server on a loopback port."""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

_log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Handler(WSGIRequestHandler):
    """Keeps connections open and remembers them, so that the server can end them."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: without this the second waits 40 ms for an acknowledgement.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)  # type: ignore[attr-defined]

    def finish(self) -> None:
        self.server.connections.discard(self.connection)  # type: ignore[attr-defined]
        super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        _log.debug("%s: %s", type, message % args if args else message)


class _Server(ThreadedWSGIServer):
    def __init__(self, port: int, application: Application) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__("127.0.0.1", port, application, handler=_Handler)


class Listener:
    """One application on one port of 127.0.0.1."""

    def __init__(self, application: Application, *, preferred_port: int = 0) -> None:
        """Bind at once, to `preferred_port` when it is free and to any other port when it is not."""
        try:
            self._server = _Server(preferred_port, application)
        except (OSError, SystemExit):
            # Werkzeug ends the process when a port is taken.
            self._server = _Server(0, application)
        self._thread = threading.Thread(target=self._serve, name=f"listener-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._server.port)

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Accept requests."""
        self._thread.start()

    def stop(self) -> None:
        """Accept no more requests and end the open connections."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        for connection in list(self._server.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # The other side was faster.

    def _serve(self) -> None:
        BaseWSGIServer.serve_forever(self._server, poll_interval=0.05)
