"""GitHub's own description of its API, as githubkit generates it: which model an endpoint answers with."""

import datetime as dt
import json
import re
import typing
from functools import cache
from pathlib import Path
from typing import Any

from githubkit_schemas import v2026_03_10
from githubkit_schemas.latest import models
from pydantic import TypeAdapter, ValidationError

_CHUNK = re.compile(r"\n    (?:async )?def (?!async_)")
_URL = re.compile(r'^        url = \(?\s*((?:f?"[^"]*"\s*)+)', re.MULTILINE)
_METHOD = re.compile(r'_github\.request\(\s+"([A-Z]+)"')
_MODEL = re.compile(r"response_model=(.+?),\n\s+(?:error_models=|\)\s)", re.DOTALL)
_REFUSALS = re.compile(r"error_models=\{(.*?)\n\s+\}", re.DOTALL)
_REFUSAL = re.compile(r'"(\d{3})": ([^\n]+?),?\n')
_NOUNS = ("actions", "checks", "git", "orgs", "rate_limit", "repos", "users", "meta")
# A parameter of these names may hold slashes.
_DEEP = ("path", "ref", "branch", "basehead", "tag")


class Endpoint(typing.NamedTuple):
    """One operation of the description."""

    method: str
    template: str
    pattern: re.Pattern[str]
    model: str | None
    refusals: typing.Mapping[int, str]


@cache
def endpoints() -> list[Endpoint]:
    """Read the operations from the generated client; specific templates before general ones."""
    found: dict[tuple[str, str], Endpoint] = {}
    for noun in _NOUNS:
        source = (Path(next(iter(v2026_03_10.__path__))) / "rest" / f"{noun}.py").read_text()
        for chunk in _CHUNK.split(source):
            url, method, model = _URL.search(chunk), _METHOD.search(chunk), _MODEL.search(chunk)
            if url and method:
                template = "".join(re.findall(r'"([^"]*)"', url.group(1)))
                expression = re.sub(
                    r"\{(\w+)\}", lambda name: "(.+)" if name.group(1) in _DEEP else "([^/]+)", template
                )
                found[method.group(1), template] = Endpoint(
                    method.group(1),
                    template,
                    re.compile(expression),
                    model.group(1) if model else None,
                    _refusals(chunk),
                )
    return sorted(found.values(), key=lambda item: (item.template.count("{"), -len(item.template)))


def _refusals(chunk: str) -> dict[int, str]:
    named = _REFUSALS.search(chunk)
    text = f"{named.group(1)}\n" if named else ""
    return {int(status): model.rstrip(",") for status, model in _REFUSAL.findall(text)}


def find(method: str, path: str) -> Endpoint | None:
    """Return the operation that a request names."""
    for endpoint in endpoints():
        if endpoint.method == method and endpoint.pattern.fullmatch(path):
            return endpoint
    return None


class _Names(dict[str, Any]):
    """The names in model expressions; the generated package loads each model when it is asked for."""

    def __missing__(self, name: str) -> Any:
        for place in (models, typing):
            if hasattr(place, name):
                return getattr(place, name)
        raise KeyError(name)


@cache
def adapter(model: str) -> TypeAdapter[Any]:
    """Return the validator of a model expression of the generated client."""
    return TypeAdapter(eval(model, {"datetime": dt.datetime, "date": dt.date}, _Names()))


def faults(endpoint: Endpoint, body: bytes, status: int = 200) -> list[str]:
    """Return where an answer departs from the description: `place: what`.

    A refusal that an operation does not name (401 and 404 are everywhere) has GitHub's basic form.
    """
    if status >= 400:
        said = json.loads(body)  # the description leaves both optional; GitHub always gives them
        silent = [f"{name}: missing" for name in ("message", "documentation_url") if not said.get(name)]
        return silent + _faults(endpoint.refusals.get(status, "BasicError"), body)
    if endpoint.model is None:
        return [] if body in (b"", b"{}") else ["body where none is described"]
    return _faults(endpoint.model, body)


def _faults(model: str, body: bytes) -> list[str]:
    try:
        adapter(model).validate_json(body)
    except ValidationError as problem:
        return sorted(
            {f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in problem.errors()}
        )
    return []
