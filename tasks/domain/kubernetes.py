"""What the manifests of a repository ask Kubernetes for: objects with the place of everything in them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.located import Map, Text
from tasks.domain.source import Source

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


@dataclass(frozen=True, kw_only=True)
class KubernetesObject:
    """One object of a manifest; the lines of ``root`` are those of the file."""

    source: Source
    root: Map

    @property
    def kind(self) -> str:
        """What it is: ``Service``, ``Deployment``."""
        return str(self.root.get("kind"))

    @property
    def name(self) -> Text | None:
        """Its name; None when only a tool makes it."""
        return value(self.root.map("metadata"), "name")

    @property
    def namespace(self) -> Text | None:
        """Its namespace, where the manifest says it."""
        return value(self.root.map("metadata"), "namespace")

    @property
    def directory(self) -> str:
        """The directory of its file: what lies there is put to work together."""
        return posixpath.dirname(self.source.path)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the pods that a workload makes, or of a pod itself."""
        template = self.root if self.kind == "Pod" else self.root.map("spec").map("template")
        return _texts(template.map("metadata").map("labels"))

    @property
    def containers(self) -> tuple[Map, ...]:
        """The containers of the pods that a workload makes, those that end before the others first."""
        pod = self.root if self.kind == "Pod" else self.root.map("spec").map("template")
        spec = pod.map("spec")
        found = (*spec.seq("initContainers"), *spec.seq("containers"))
        return tuple(one for one in found if isinstance(one, Map))

    @property
    def selector(self) -> dict[str, str]:
        """The labels by which a service finds its pods; none when one of them has no value."""
        written = self.root.map("spec").map("selector")
        found = _texts(written)
        return found if len(found) == len(written) else {}


def _texts(labels: Map) -> dict[str, str]:
    return {key: str(said) for key in labels if (said := value(labels, key)) is not None}


def value(of: Map, key: str) -> Text | None:
    """Return a scalar of a manifest; None for an empty one or null too: Kubernetes is told nothing by it."""
    said = of.text(key)
    return None if said is None or said.strip() in ("", "~", "null") else said


@dataclass(frozen=True, kw_only=True)
class Kubernetes:
    """All objects of the manifests that are no templates."""

    objects: tuple[KubernetesObject, ...] = ()

    def __iter__(self) -> Iterator[KubernetesObject]:
        return iter(self.objects)

    def beside(self, one: KubernetesObject, *kinds: str) -> tuple[KubernetesObject, ...]:
        """Return the objects of some kinds in the same directory and, where both say it, namespace."""
        return tuple(
            other
            for other in self
            if other.kind in kinds and other.directory == one.directory
            if None in (one.namespace, other.namespace) or one.namespace == other.namespace
        )
