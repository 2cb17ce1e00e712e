"""Requests to GitHub's REST API through PyGithub's transport, with its traps closed.

PyGithub by itself sends a POST again after a 502 (a second deployment), follows a redirect to another port of
the same host with the token, and knows no conditional requests on lists. So: only GET and HEAD are repeated,
redirects are followed here without the token, and answers are kept with their ETag.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tasks.systems.github.errors import (
    GithubFailure,
    NotFound,
    Rejected,
    Throttled,
    Unreachable,
    failure,
)
from tasks.systems.http import Http, HttpFailure

if TYPE_CHECKING:
    from github.Requester import Requester

READS = frozenset({"GET", "HEAD"})
VERSION = "2022-11-28"
PAGE = 100
LONGEST_WAIT = 90.0  # seconds; a longer throttle is the caller's to wait for
WAITS = 3

Sleep = Callable[[float], None]


def near(url: str) -> bool:
    """Tell whether an address is on this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


class Api:
    """Speaks to one GitHub with one token; usable from several threads, each with a client of its own."""

    def __init__(self, *, base_url: str, token: str, sleep: Sleep, http: Http, retries: int = 4) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._sleep = sleep
        self._http = http
        self._retries = retries
        self._local = threading.local()
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, Any]] = {}

    def __repr__(self) -> str:
        """Name the server and never the token."""
        return f"Api({self.base_url})"

    @property
    def loopback(self) -> bool:
        """Tell whether this GitHub is on this machine."""
        return near(self.base_url)

    def get(self, path: str, **parameters: object) -> Any:
        """Return the JSON of a resource; raises NotFound when there is none."""
        return self.exchange("GET", path, parameters)[1]

    def find(self, path: str, **parameters: object) -> Any | None:
        """Return the JSON of a resource, None when there is none."""
        try:
            return self.get(path, **parameters)
        except NotFound:
            return None

    def fresh(self, path: str, **parameters: object) -> Any:
        """Return the JSON of a resource, asking only whether it changed: a 304 costs nothing of the limit."""
        key = f"{path}?{sorted(parameters.items())}"
        with self._lock:
            known = self._known.get(key)
        headers, body = self.exchange(
            "GET", path, parameters, headers={"If-None-Match": known[0]} if known else {}
        )
        if body is _UNCHANGED and known:
            return known[1]
        if etag := headers.get("etag"):
            with self._lock:
                self._known[key] = (etag, body)
        return body

    def pages(self, path: str, key: str | None = None, **parameters: object) -> Iterator[Any]:
        """Yield the items of a list over all its pages; ``key`` is where an answer holds them."""
        page = 1
        while True:
            headers, body = self.exchange("GET", path, {"per_page": PAGE, **parameters, "page": page})
            items = body[key] if key else body
            yield from items
            if 'rel="next"' not in headers.get("link", ""):
                return
            page += 1

    def write(self, verb: str, path: str, body: object = None) -> Any:
        """Send one mutation exactly once (a throttled one was not made and is sent again)."""
        return self.exchange(verb, path, body=body)[1]

    def download(self, path: str, accept: str = "application/octet-stream") -> bytes:
        """Return the bytes behind a resource, which GitHub keeps on another host; the token stays here.

        A link that has expired since it was given out, and a server that stumbles, are asked again.
        """
        headers = {"Authorization": f"Bearer {self._token}", "Accept": accept, "User-Agent": "activation"}
        problem: GithubFailure | None = None
        for attempt in range(self._retries):
            try:
                given = self._http.get(f"{self.base_url}{path}", timeout=120, headers=headers, follow=False)
                if given.status >= 400:
                    problem = failure("GET", path, given.status, given.headers, given.text)
                elif given.status >= 300:
                    return self._http.get(given.headers["location"], timeout=300).checked()
                else:
                    return given.content
            except HttpFailure as error:
                problem = Unreachable(f"GET {path}: {error}", error.status)
            if not problem.retryable:
                break
            self._sleep(0.1 if self.loopback else 2.0**attempt)
        raise problem or Unreachable(f"GET {path}: was never asked")

    def upload(self, url: str, content: bytes, media_type: str) -> Any:
        """Send bytes to an upload address that GitHub gave; sent once."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": media_type}
        answer = self._http.post(url, content, headers=headers, timeout=300)
        if answer.status >= 400:
            raise failure("POST", urlsplit(url).path, answer.status, answer.headers, answer.text)
        return json.loads(answer.text)

    def exchange(
        self,
        verb: str,
        path: str,
        parameters: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Mapping[str, str], Any]:
        """Send a request and return the headers and the JSON of its answer; raises GithubFailure."""
        for wait in range(WAITS + 1):
            status, answered, text = self._send(verb, path, parameters or {}, body, headers or {})
            if status == 304:
                return answered, _UNCHANGED
            if status < 400:
                return answered, json.loads(text) if text else None
            problem = failure(verb, path, status, answered, text)
            if not isinstance(problem, Throttled) or wait == WAITS or problem.retry_after > LONGEST_WAIT:
                raise problem
            self._sleep(min(problem.retry_after, 1.0) if self.loopback else problem.retry_after)
        raise AssertionError("the last wait raises")

    def _send(
        self, verb: str, path: str, parameters: Mapping[str, object], body: object, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        from github import GithubException  # noqa: PLC0415 - PyGithub takes 0.2 s to import

        texts = {name: str(value) for name, value in parameters.items() if value is not None}
        try:
            return self._requester.requestJson(verb, path, texts, dict(headers), body)
        except GithubException as error:
            # Raised from inside the retry for a GET that it does not repeat.
            data = error.data if isinstance(error.data, str | bytes) else json.dumps(error.data)
            answered = {name.lower(): value for name, value in (error.headers or {}).items()}
            text = data.decode(errors="replace") if isinstance(data, bytes) else data
            return error.status, answered, text
        except (OSError, AssertionError) as error:
            if isinstance(error, AssertionError):
                raise Rejected(
                    f"{verb} {path}: GitHub answered with an address of another host: {error}"
                ) from error
            raise Unreachable(
                f"{verb} {path}: no answer from {self.base_url} ({type(error).__name__})"
            ) from error

    @property
    def _requester(self) -> Requester:
        mine: Requester | None = getattr(self._local, "requester", None)
        if mine is None:
            mine = self._local.requester = self._connect()
        return mine

    def _connect(self) -> Requester:
        from github import Auth, Github, GithubRetry  # noqa: PLC0415 - PyGithub takes 0.2 s to import

        fast = self.loopback
        retry = GithubRetry(
            total=self._retries,
            backoff_factor=0.05 if fast else 1.0,
            status_forcelist=[500, 502, 503, 504],
            allowed_methods=READS,
            secondary_rate_wait=1 if fast else 60,
            max_rate_limit_wait=LONGEST_WAIT,
        )
        with _connecting(direct=fast):
            client = Github(
                base_url=self.base_url,
                auth=Auth.Token(self._token),
                user_agent="activation",
                retry=retry,
                timeout=60,
                seconds_between_requests=0 if fast else 0.1,
                seconds_between_writes=0 if fast else 1.0,
                api_version=VERSION,
            )
        return client.requester


@contextlib.contextmanager
def _connecting(*, direct: bool) -> Iterator[None]:
    """Let clients made inside speak to this machine without the proxies of the environment.

    A client takes its kind of connection when it is made; PyGithub has no other way in.
    """
    from github.Requester import (  # noqa: PLC0415 - PyGithub takes 0.2 s to import
        HTTPRequestsConnectionClass,
        HTTPSRequestsConnectionClass,
        Requester,
    )

    class Direct(HTTPRequestsConnectionClass):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.session.trust_env = False

    with _CONNECTING:
        if direct:
            Requester.injectConnectionClasses(Direct, HTTPSRequestsConnectionClass)
        try:
            yield
        finally:
            Requester.resetConnectionClasses()


_CONNECTING = threading.Lock()


class _Unchanged:
    pass


_UNCHANGED = _Unchanged()


__all__ = ["Api", "GithubFailure", "Sleep"]
