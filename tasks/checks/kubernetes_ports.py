"""Whether services, ingresses and probes of Kubernetes ask for ports that are there."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.kubernetes import WORKLOADS, Kubernetes, KubernetesObject, value
from tasks.domain.located import Map, scalars
from tasks.domain.phase import Phase

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


@check(
    "kubernetes-port-agrees",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Write the port as the container or the service calls it", minutes=10),
)
def kubernetes_port_agrees(kubernetes: Kubernetes) -> Iterator[Answer]:
    """Every port that a service, an ingress or a probe asks for is one of those it leads to."""
    for one in kubernetes:
        if one.kind == "Service":
            yield from merged(_targets(one, kubernetes))
        elif one.kind == "Ingress":
            yield from merged(_backends(one, kubernetes))
        elif one.kind in WORKLOADS:
            yield from merged(_probes(one))


def _targets(service: KubernetesObject, kubernetes: Kubernetes) -> Iterator[Answer]:
    selector = service.selector
    pods = [
        one
        for one in kubernetes.beside(service, *WORKLOADS, "Pod")
        if selector and selector.items() <= one.labels.items()
    ]
    # What has no image is only a change to a workload of somewhere else.
    if not pods or not all("image" in container for one in pods for container in one.containers):
        return
    ports = [port for one in pods for container in one.containers for port in container.seq("ports")]
    known = [port for port in ports if isinstance(port, Map)]
    names = {str(name) for port in known if (name := value(port, "name")) is not None}
    numbers = {str(number) for port in known if (number := value(port, "containerPort")) is not None}
    for asked in _ports_of(service):
        target = value(asked, "targetPort") or value(asked, "port")
        if target is None:
            continue
        subject = f"{_shown(service)}: {target}"
        told = f"leads to port {target} of {_shown(pods[0])}, "
        place = service.source.at(target)
        if not target.isdecimal() and target not in names:
            has = f"whose ports are called {listed(sorted(names))}" if names else "which calls no port so"
            yield broken(subject, f"{told}{has}: the service finds no pod", place, *_ports(pods))
        elif (
            target.isdecimal()
            and numbers
            and target not in numbers
            and _is_only(service, known, target, pods)
        ):
            has = f"which declares {listed(sorted(numbers))}"
            yield broken(subject, f"{told}{has}", place, *_ports(pods), weight=Weight.NOTE)
        else:
            yield holds(subject, "is a port of its pods")


def _ports(pods: list[KubernetesObject]) -> Iterator[Evidence]:
    for one in pods:
        for container in one.containers:
            if "ports" in container:
                yield one.source.at(container.line_of("ports"))
                return


def _is_only(service: KubernetesObject, known: list[Map], number: str, pods: list[KubernetesObject]) -> bool:
    """Tell whether a service with one port and pods with one port can only mean that one.

    A program may listen on more than its container declares; where it is told to, the number is written.
    """
    if len(_ports_of(service)) != 1 or len(known) != 1:
        return False
    texts = [one.text for pod in pods for one in scalars(pod.root)]
    from_elsewhere = any("envFrom" in container for pod in pods for container in pod.containers)
    return not from_elsewhere and not any(number in text for text in texts)


def _backends(ingress: KubernetesObject, kubernetes: Kubernetes) -> Iterator[Answer]:
    services = kubernetes.beside(ingress, "Service")
    for rule in ingress.root.map("spec").seq("rules"):
        for path in rule.map("http").seq("paths") if isinstance(rule, Map) else ():
            asked = path.map("backend").map("service") if isinstance(path, Map) else Map()
            meant = [one for one in services if one.name is not None and one.name == value(asked, "name")]
            port = value(asked.map("port"), "number") or value(asked.map("port"), "name")
            if not meant or port is None:
                continue
            has = [one for service in meant for one in _ports_of(service)]
            said = [(value(one, "port"), value(one, "name")) for one in has]
            numbers = [str(number) for number, _ in said if number is not None]
            known = {str(word) for pair in said for word in pair if word is not None}
            if not numbers:
                continue
            subject = f"{_shown(ingress)}: {_shown(meant[0])}: {port}"
            if port in known:
                yield holds(subject, "is a port of the service")
            else:
                told = f"leads to port {port} of {_shown(meant[0])}, which has "
                told += listed(numbers)
                at = meant[0].source.at(meant[0].root.map("spec").line_of("ports"))
                yield broken(subject, told, ingress.source.at(port), at)


def _ports_of(service: KubernetesObject) -> list[Map]:
    return [one for one in service.root.map("spec").seq("ports") if isinstance(one, Map)]


def _probes(workload: KubernetesObject) -> Iterator[Answer]:
    for container in workload.containers:
        ports = [one for one in container.seq("ports") if isinstance(one, Map)]
        names = {str(name) for one in ports if (name := value(one, "name")) is not None}
        for probe in _PROBES:
            for way in ("httpGet", "tcpSocket"):
                port = value(container.map(probe).map(way), "port")
                if port is None or port.isdecimal():
                    continue
                subject = f"{_shown(workload)}: {probe}: {port}"
                if port in names:
                    yield holds(subject, "is a port of the container")
                else:
                    told = f"{probe} asks port {port}, which its container does not have: it never gets ready"
                    yield broken(subject, told, workload.source.at(port))


def _shown(one: KubernetesObject) -> str:
    return f"{one.kind} {one.name}" if one.name is not None else one.kind
