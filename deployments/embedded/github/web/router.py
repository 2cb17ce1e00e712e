"""Routes: a method and a path template, what the caller needs, and the function that answers."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from deployments.embedded.github.web.answers import Answer
from deployments.embedded.github.web.call import Call

Level = Literal["read", "write", "admin"]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a route asks of its caller.

    `permission` and `level` are the words of fine-grained tokens. `scopes` are the classic scopes, any one of
    which is enough; `anonymous` lets nobody in particular read a public repository.
    """

    permission: str
    level: Level = "read"
    scopes: tuple[str, ...] = ("repo",)
    anonymous: bool = False


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One endpoint. `{name}` in the template is a path segment, `{name+}` the rest of the path.

    `paid` is what private repositories have on paid plans only.
    """

    method: str
    template: str
    handler: Handler
    needs: Needs | None
    paid: bool = False

    def pattern(self) -> re.Pattern[str]:
        """Return the expression that a path must match in full."""
        escaped = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", self.template)
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", escaped) + "/?")


def read(permission: str, *, anonymous: bool = True) -> Needs:
    """Need to read; without a token that works on public repositories."""
    return Needs(permission=permission, anonymous=anonymous)


def write(permission: str) -> Needs:
    """Need to write."""
    return Needs(permission=permission, level="write")


def administer(permission: str = "administration", level: Literal["read", "write"] = "write") -> Needs:
    """Need a right that only people with admin access to the repository have."""
    return Needs(permission=permission, level=level)


class Router:
    """Finds the route of a request; routes that were named first win."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[str, list[tuple[re.Pattern[str], Route]]] = {}
        for route in routes:
            self._routes.setdefault(route.method, []).append((route.pattern(), route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and the values of its template, or None."""
        for pattern, route in self._routes.get("GET" if method == "HEAD" else method, ()):
            if found := pattern.fullmatch(path):
                return route, found.groupdict()
        return None
