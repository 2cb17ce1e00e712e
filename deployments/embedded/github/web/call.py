"""One request on its way through the embedded GitHub."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug import Request

from deployments.embedded.github.actions.engine import Engine
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.accounts import Token, User
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: a user with the token shown, or nobody."""

    user: User | None
    token: Token | None


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request with everything a route needs to answer it."""

    forge: Forge
    engine: Engine
    request: Request
    caller: Caller
    values: dict[str, str] = field(default_factory=dict)
    found: Repository | None = None

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def user(self) -> User:
        """The user who asks; 401 for nobody."""
        if self.caller.user is None:
            raise RefusedError(401, "Requires authentication")
        return self.caller.user

    def number(self, name: str) -> int:
        """Return a path value that must be a number; anything else does not exist."""
        try:
            return int(self.values[name])
        except ValueError:
            raise not_found() from None

    def query(self, name: str) -> str | None:
        """Return a query parameter, None when it is absent or empty."""
        return self.request.args.get(name) or None

    def json(self) -> dict[str, Any]:
        """Return the JSON object of the request's body; an empty body is an empty object."""
        if not self.request.data:
            return {}
        try:
            body = self.request.get_json(force=True, silent=False)
        except Exception as problem:
            raise RefusedError(400, "Problems parsing JSON") from problem
        if not isinstance(body, dict):
            raise RefusedError(400, "Body should be a JSON object")
        return body

    def wanted(self, name: str, kind: type[T]) -> T:
        """Return a field that the body must have, with its type."""
        value = self.json().get(name)
        if not isinstance(value, kind):
            raise invalid(
                "Invalid request.\n\n"
                + (f'"{name}" wasn\'t supplied.' if value is None else f'"{name}" is not a {kind.__name__}.')
            )
        return value

    def page(self, items: Sequence[T], shape: Callable[[T], Any], *, key: str | None = None) -> Answer:
        """Answer with the page of a list that the query asks for, and a Link header when there are more.

        With `key` the list is wrapped as `{"total_count": N, key: [...]}`.
        """
        size = self._positive("per_page", 30, most=100)
        number = self._positive("page", 1, most=10_000_000)
        chosen = [shape(item) for item in items[(number - 1) * size : number * size]]
        last = max(1, -(-len(items) // size))
        links: dict[str, int] = {}
        if number > 1:
            links |= {"prev": min(number - 1, last), "first": 1}
        if number < last:
            links |= {"next": number + 1, "last": last}
        base = self.forge.urls.api + self.request.path
        arguments = {name: value for name, value in self.request.args.items() if name != "page"}
        link = ", ".join(
            f'<{base}?{urlencode({**arguments, "page": target})}>; rel="{name}"'
            for name, target in links.items()
        )
        body: Any = chosen if key is None else {"total_count": len(items), key: chosen}
        return Answer(body=body, headers={"Link": link} if link else {})

    def _positive(self, name: str, default: int, *, most: int) -> int:
        value = self.query(name)
        if value is None or not value.isdigit() or int(value) < 1:
            return default
        return min(int(value), most)
