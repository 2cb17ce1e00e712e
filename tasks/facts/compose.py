"""Reads Compose files for the services that are built from Dockerfiles of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from tasks.domain.compose import Compose, ComposeService
from tasks.domain.located import Map
from tasks.domain.script import inside
from tasks.domain.source import Source
from tasks.facts.yaml_file import read_yaml

_NAME = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml")


def read_compose(sources: Iterable[Source]) -> Compose:
    """Take the Compose files among the sources."""
    found = (one for source in sources if _is_compose(source) for one in _services(source))
    return Compose(services=tuple(sorted(found, key=lambda one: (one.source.path, one.root.line))))


def _is_compose(source: Source) -> bool:
    named = _NAME.fullmatch(posixpath.basename(source.path)) is not None
    return named and source.readable and "build" in source.text and "ports" in source.text


def _services(source: Source) -> Iterator[ComposeService]:
    root = read_yaml(source).root
    for name, service in root.map("services").items() if isinstance(root, Map) else ():
        if not isinstance(service, Map):
            continue
        built = service.map("build")
        context = service.text("build") or built.text("context")
        if context is None or "$" in context or "target" in built or "dockerfile_inline" in built:
            continue  # which of the stages is built says which port is its own
        directory = inside(str(context), posixpath.dirname(source.path))
        if directory is not None:
            path = posixpath.normpath(posixpath.join(directory, built.text("dockerfile") or "Dockerfile"))
            yield ComposeService(source=source, name=str(name), dockerfile=path, root=service)
