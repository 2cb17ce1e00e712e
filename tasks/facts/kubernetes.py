"""Reads the manifests of Kubernetes; those that a tool fills in first are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tasks.domain.kubernetes import Kubernetes, KubernetesObject
from tasks.domain.located import Map
from tasks.domain.source import Source
from tasks.facts.yaml_file import read_yaml

_KIND = re.compile(r"^kind:[ \t]*\S", re.MULTILINE)
_BETWEEN = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_FILLED_IN = re.compile(r"\{\{|\{%|<%|\$\{?\w|\(@|\[\[|@@\w|%%\w|(?<!\S)#@", re.MULTILINE)
"""Marks of Helm, Jinja, ERB, envsubst, ytt and others: what stands there is not what Kubernetes gets."""


def read_kubernetes(sources: Iterable[Source]) -> Kubernetes:
    """Take the manifests among the sources, each object of a file by itself."""
    found = (one for source in sources if _is_manifest(source) for one in _objects(source))
    return Kubernetes(objects=tuple(sorted(found, key=lambda one: (one.source.path, one.root.line))))


def _is_manifest(source: Source) -> bool:
    if not source.path.endswith((".yml", ".yaml")) or "apiVersion:" not in source.text:
        return False
    return source.readable and _KIND.search(source.text) is not None and not _FILLED_IN.search(source.text)


def _objects(source: Source) -> Iterator[KubernetesObject]:
    starts = [0, *(found.start() for found in _BETWEEN.finditer(source.text))]
    for start, end in zip(starts, [*starts[1:], len(source.text)], strict=True):
        # The lines above are kept empty, so that those of the object are those of the file.
        above = "\n" * source.text.count("\n", 0, start)
        read = read_yaml(Source(path=source.path, text=above + source.text[start:end].removeprefix("---")))
        if isinstance(read.root, Map) and "apiVersion" in read.root and "kind" in read.root:
            yield KubernetesObject(source=source, root=read.root)
