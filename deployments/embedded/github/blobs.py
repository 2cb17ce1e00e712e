"""The log and blob host: signed links that end, and no welcome for a token."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug import Request, Response
from werkzeug.wsgi import wrap_file

from deployments.embedded.github.forge import Forge

_PATH = re.compile(r"/(logs|artifacts|assets)/(\d+)(?:/([^/]+))?")
_XML = '<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
_TYPES = {"logs": "text/plain", "artifacts": "application/zip", "assets": "application/octet-stream"}


class BlobHost:
    """A WSGI application of its own, on another port than the API."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if "Authorization" in request.headers:
            return _refuse(
                401, "AuthenticationFailed", "The format of the Authorization header is not supported."
            )
        found = _PATH.fullmatch(request.path)
        if found is None or request.method not in ("GET", "HEAD"):
            return _refuse(404, "ResourceNotFound", "The specified resource does not exist.")
        good = self._forge.vault.link_is_good(
            request.path, request.args.get("se", ""), request.args.get("sig", "")
        )
        if not good:
            return _refuse(403, "AuthenticationFailed", "Signature not valid in the specified time frame.")
        kind, number, name = found.groups()
        path = self._file(kind, int(number))
        if path is None or not path.is_file():
            return _refuse(404, "BlobNotFound", "The specified blob does not exist.")
        response = Response(
            wrap_file(request.environ, path.open("rb")),
            content_type=_TYPES[kind],
            direct_passthrough=True,
        )
        response.content_length = path.stat().st_size
        if name:
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _file(self, kind: str, number: int) -> Path | None:
        if kind == "logs":
            job = self._forge.store.jobs.get(number)
            return job.record.log if job else None
        return self._forge.file(kind, number)


def _refuse(status: int, code: str, message: str) -> Response:
    return Response(
        _XML.format(code=code, message=message), status=status, content_type="application/xml; charset=utf-8"
    )
