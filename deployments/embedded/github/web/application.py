"""The WSGI application of the API: from a request to its answer, with everything that is common to all."""

import hashlib
import logging
import re
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from werkzeug import Request, Response
from werkzeug.wsgi import wrap_file

from deployments.embedded.github.actions.engine import Engine
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.web import access
from deployments.embedded.github.web.answers import Answer, RefusedError, not_found
from deployments.embedded.github.web.call import Call, Caller
from deployments.embedded.github.web.router import Route, Router

_log = logging.getLogger(__name__)

_FREE = {"/rate_limit"}
_NUMBERED = re.compile(r"/repositories/(\d+)(|/.*)")
Extra = Callable[[Request], Response | None]


class LostAnswerError(Exception):
    """The fault `lost-answer`: everything was done, nothing is said."""


class Application:
    """Answers REST requests. `extras` are asked first, for paths that are not of the REST API."""

    def __init__(self, forge: Forge, engine: Engine, router: Router, extras: Iterable[Extra]) -> None:
        self._forge = forge
        self._engine = engine
        self._router = router
        self._extras = tuple(extras)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        try:
            response = self.respond(request)
        except LostAnswerError:
            connection: socket.socket = environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError from None
        return response(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Return the response to one request; faults act around it."""
        faults = self._forge.faults
        if not request.path.startswith("/_embedded/"):
            fault = faults.take("status", request.method, request.path)
            if fault is not None:
                return _faulty(fault.code, fault.retry_after)
        for extra in self._extras:
            response = extra(request)
            if response is not None:
                break
        else:
            response = self._rest(request)
        if not request.path.startswith("/_embedded/") and faults.take(
            "lost-answer", request.method, request.path
        ):
            response.close()
            raise LostAnswerError
        return response

    def _rest(self, request: Request) -> Response:
        caller = Caller(user=None, token=None)
        found = self._router.find(request.method, self._by_name(request.path))
        route = found[0] if found else None
        try:
            caller = access.authenticate(
                self._forge.store, request.headers.get("Authorization", ""), self._forge.now()
            )
            self._within_limit(request, caller)
            answer = self._answer(request, caller, *found) if found else not_found().answer()
        except RefusedError as refusal:
            answer = refusal.answer()
        except Exception:  # noqa: BLE001 - the client gets a 500, the log the reason
            _log.exception("%s %s failed", request.method, request.path)
            answer = Answer(status=500, body={"message": "Server Error"})
        return self._finish(request, caller, route, answer)

    def _by_name(self, path: str) -> str:
        """Return the path by owner and name for one that names a repository by its number."""
        if numbered := _NUMBERED.fullmatch(path):
            repository = self._forge.store.repositories.get(int(numbered.group(1)))
            if repository is not None:
                return f"/repos/{repository.full_name}{numbered.group(2)}"
        return path

    def _within_limit(self, request: Request, caller: Caller) -> None:
        if request.path not in _FREE and self._forge.limits.of(caller.token).remaining == 0:
            whom = f"user ID {caller.user.id}" if caller.user else request.remote_addr
            raise RefusedError(403, f"API rate limit exceeded for {whom}.")

    def _answer(self, request: Request, caller: Caller, route: Route, values: dict[str, str]) -> Answer:
        repository = None
        if "repo" in values:
            repository = self._forge.store.repository(values["owner"], values["repo"])
            if repository is None:
                raise not_found()
            owner = self._forge.store.users.get(repository.owner)
            access.signed_in(caller, owner, self._forge.urls.api)
        if route.needs is not None:
            access.check(route.needs, caller, repository)
        if route.paid and repository is not None:
            access.paid(repository, self._forge.store.users.get(repository.owner))
        return route.handler(
            Call(
                forge=self._forge,
                engine=self._engine,
                request=request,
                caller=caller,
                values=values,
                found=repository,
            )
        )

    def _finish(self, request: Request, caller: Caller, route: Route | None, answer: Answer) -> Response:
        headers = dict(answer.headers)
        if answer.file is not None:
            response = Response(
                wrap_file(request.environ, answer.file.open("rb")),
                status=answer.status,
                content_type=answer.content_type,
                direct_passthrough=True,
            )
            response.content_length = answer.file.stat().st_size
        else:
            payload = answer.payload()
            if request.method in ("GET", "HEAD") and answer.status == 200:
                # The answer depends on who asks, so the tag does too.
                kind = caller.token.digest if caller.token else ""
                headers["ETag"] = f'W/"{hashlib.sha256(kind.encode() + payload).hexdigest()}"'
                headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
                headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept"
                if headers["ETag"] in request.headers.get("If-None-Match", ""):
                    answer, payload = replace(answer, status=304), b""
            response = Response(payload, status=answer.status, content_type=answer.content_type)
            if answer.status in (204, 304):
                del response.headers["Content-Type"]
        free = answer.status == 304 or request.path in _FREE
        limits = self._forge.limits
        budget = limits.of(caller.token) if free else limits.use(caller.token)
        response.headers.extend(
            {**headers, **budget.headers(), **access.headers(route.needs if route else None, caller)}
        )
        response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        response.headers["X-GitHub-Api-Version-Selected"] = "2026-03-10"
        response.headers["X-GitHub-Request-Id"] = secrets.token_hex(8).upper()
        return response


def _faulty(code: int, retry_after: int | None) -> Response:
    """Return the answer of the fault `status`, in the words of the real thing."""
    if code == 502:
        return Response("<html><body>502 Bad Gateway</body></html>", status=502, content_type="text/html")
    said = {
        403: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        if retry_after is not None
        else "Resource not accessible by personal access token",
        429: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    }
    answer = RefusedError(code, said.get(code, "Server Error")).answer()
    response = Response(answer.payload(), status=code, content_type=answer.content_type)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
