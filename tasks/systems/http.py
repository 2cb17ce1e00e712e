"""Plain HTTP: what a deployed service answers, and the files GitHub keeps on other hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import urllib3


class HttpFailure(Exception):  # noqa: N818 - reads as the sentence it is
    """No answer (``status`` None) or one with an error status."""

    retryable = True

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message, status)
        self.message = message
        self.status = status

    def __str__(self) -> str:
        """Render the message alone."""
        return self.message


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """One answer; header names are lower case."""

    url: str
    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def checked(self) -> bytes:
        """Return the body of a successful answer; raises HttpFailure otherwise."""
        if self.status >= 400:
            raise HttpFailure(f"{_place(self.url)} answered {self.status}: {self.text[:200]}", self.status)
        return self.content


class Http:
    """Asks web servers; proxies of the environment are used except for this machine."""

    def get(
        self, url: str, *, timeout: float, headers: Mapping[str, str] | None = None, follow: bool = True
    ) -> HttpAnswer:
        """Return the answer whatever its status; raises HttpFailure when there is none in time."""
        return self._request("GET", url, timeout=timeout, headers=headers, redirects=3 if follow else 0)

    def post(
        self, url: str, content: bytes, *, timeout: float, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """Send bytes once and return the answer whatever its status."""
        return self._request("POST", url, timeout=timeout, headers=headers, content=content)

    def _request(
        self,
        verb: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None,
        content: bytes | None = None,
        redirects: int = 0,
    ) -> HttpAnswer:
        import urllib3  # noqa: PLC0415 - commands that ask nobody start faster without it

        pool = _pool(url)
        try:
            answer = pool.request(
                verb,
                url,
                body=content,
                headers=dict(headers or {}),
                timeout=urllib3.Timeout(total=timeout),
                redirect=redirects > 0,
                retries=urllib3.Retry(total=redirects, connect=0, read=0, other=0, redirect=redirects),
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise HttpFailure(f"{_place(url)} does not answer: {_reason(error)}") from error
        finally:
            pool.clear()
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(url=url, status=answer.status, content=answer.data, headers=lowered)


def _pool(url: str) -> urllib3.PoolManager:
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - as above

    import urllib3  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme)
    if proxy and host not in ("127.0.0.1", "localhost", "::1") and not proxy_bypass(host):
        return urllib3.ProxyManager(proxy)
    return urllib3.PoolManager()


def _place(url: str) -> str:
    # Links to logs and artifacts carry their own right to be read in the query: it stays out of messages.
    return url.split("?", 1)[0]


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    text = str(reason)
    return text.rsplit(": ", 1)[-1] if ": " in text else f"{type(reason).__name__} {text}".strip()
