"""The world's own endpoint below `/_embedded/`, for whoever has the control token."""

import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from werkzeug import Request, Response

from deployments.embedded.github.web.access import shown_token
from deployments.embedded.github.web.faults import Faults

_log = logging.getLogger(__name__)

ControlHandler = Callable[[Request], Any]


class Control:
    """Handlers by path; each returns something that can be written as JSON."""

    def __init__(self, token: str, faults: Faults) -> None:
        self._token = token
        self._faults = faults
        self._handlers: dict[str, ControlHandler] = {"faults": self._serve_faults}

    def register(self, path: str, handler: ControlHandler) -> None:
        """Serve `/_embedded/PATH`."""
        self._handlers[path.removeprefix("/_embedded/").strip("/")] = handler

    def __call__(self, request: Request) -> Response | None:
        """Answer a control request; None for any other path. A ValueError of a handler is a 400."""
        if not request.path.startswith("/_embedded/"):
            return None
        shown = shown_token(request.headers.get("Authorization", "")) or ""
        if not hmac.compare_digest(shown, self._token):
            return _json({"message": "The control token is missing or wrong."}, 401)
        handler = self._handlers.get(request.path.removeprefix("/_embedded/").strip("/"))
        if handler is None:
            return _json({"message": "No such control.", "controls": sorted(self._handlers)}, 404)
        try:
            return _json(handler(request), 200)
        except (ValueError, TypeError, KeyError) as problem:
            return _json({"message": str(problem)}, 400)
        except Exception as problem:  # noqa: BLE001 - the caller is told, and the log has it
            _log.exception("The control %s failed", request.path)
            return _json({"message": f"{type(problem).__name__}: {problem}"}, 500)

    def _serve_faults(self, request: Request) -> Any:
        """GET lists, POST adds (`kind` and the fields of a fault), DELETE clears."""
        if request.method == "POST":
            return asdict(self._faults.add(**request.get_json()))
        if request.method == "DELETE":
            self._faults.clear()
        return [asdict(fault) for fault in self._faults.listed()]


def _json(body: Any, status: int) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json; charset=utf-8")
