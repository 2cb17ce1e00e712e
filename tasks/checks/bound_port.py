"""Whether images, services and documents speak of the port that the only program listens on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.answers import MOST_PLACES
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.compose import Compose
from tasks.domain.crate import Manifests, TargetKind
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.kubernetes import WORKLOADS, Kubernetes
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.port_default import ASKED, BoundPort, PortDefaults
from tasks.domain.script import Command
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Terraform

_EXPOSE = re.compile(r"^[ \t]*EXPOSE[ \t]+(?P<ports>.+)$", re.IGNORECASE | re.MULTILINE)
_STARTS = re.compile(r"^[ \t]*(?:CMD|ENTRYPOINT)\b.*$", re.IGNORECASE | re.MULTILINE)
_PUBLISHED = re.compile(r"(?:[\d.]+:)?\d+:(?P<inner>\d+)(?:/tcp)?")
_CONTAINER = re.compile(r"\bcontainerPort\"?\s*[=:]\s*(?P<port>[^\s,}\]]+)")
_IMAGE = re.compile(r"\bimage\"?\s*[=:]\s*(?P<image>.+)")
_HERE = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(?P<port>\d{2,5})(?=[/?\"'`\s)]|$)")
_LISTENS = re.compile(r"^(?:[^|`]*[.:] )?(?:It )?[Ll]istens on port `?(?P<port>\d{4,5})`?(?!\w)")
_CHECKED = re.compile(
    r"^[ \t]*HEALTHCHECK\b(?:[^\n]*\\\n)*[^\n]*?(?P<url>http://(?:localhost|127\.0\.0\.1)(?::(?P<port>\d+))?(?=[/\s\"']))",
    re.MULTILINE,
)
_LEADS = re.compile(
    r"EXPOSE|(?:(?:container|host|target|node|service)(?:_p|P)ort|from_port|to_port)\"?\s*[:=]|"
    r"^\s*-\s*\"?(?:[\d.]+:)?\d+:\d+|localhost:|127\.0\.0\.1:"
)
_LEADS_THERE = re.compile(r"\bport\"?\s*[:=]")  # in Terraform and for Kubernetes; elsewhere it is a setting
"""A line that says where requests go; it tells no program what to listen on."""
_IN_FRONT = re.compile(r"nginx|caddy|envoy|haproxy|traefik|supervisord|socat|httpd", re.IGNORECASE)
_IMPLIED = {
    "8000": ("rocket", "poem", "gotham", "mdbook"),
    "9000": ("metrics-exporter-prometheus",),
    "6669": ("console-subscriber",),
    "5150": ("loco-rs",),
}
"""The ports that libraries take by themselves."""
_BESIDE = frozenset({"cargo", "curl", "cd", "git", "sleep", "echo", "jq"})
"""Programs beside which nothing but the workspace's own one listens."""
_DOCUMENTS = (".md", ".mdx", ".markdown")


@dataclass(frozen=True, kw_only=True)
class _Side:
    """A place that leads requests to a port; ``sends`` tells that they really come there."""

    port: str
    place: Evidence = field(repr=False)
    sends: bool


@check(
    "bound-port-agrees",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(
        summary="Write the port that the program listens on, or let it listen on the other", minutes=10
    ),
)
def bound_port_agrees(  # noqa: PLR0917 - every fact is one
    defaults: PortDefaults,
    manifests: Manifests,
    sources: Sources,
    compose: Compose,
    terraform: Terraform,
    kubernetes: Kubernetes,
    documents: Documents,
) -> Iterator[Answer]:
    """Images, services and documents of the only program speak of the port that it listens on."""
    bound = defaults.bound
    if bound is None or _may_be_set(bound, sources):
        return
    programs, image = _programs(manifests), own_image(manifests, sources)
    if image is not None:
        sides = [*_exposed(image), *_health(image), *_composed(compose, image)]
        sides += [*_tasks(terraform), *_pods(kubernetes, programs), *_asked(documents), *_told(documents)]
    elif len(programs) == 1 and not any(True for _ in _dockerfiles(sources)):
        sides = [*_asked_at_once(documents, programs), *_told(documents)]
    else:
        return
    implied = _implied(manifests)
    by_port: dict[str, list[_Side]] = {}
    clusters = frozenset(one.source.path for one in kubernetes)
    for one in sides:
        by_port.setdefault(one.port, []).append(one)
    for port, found in by_port.items():
        if port == bound.port:
            yield holds(f"port {port}", "is listened on")
        elif port not in implied and not _may_be_listened(port, bound, sources, clusters):
            weight = Weight.WARNING if any(one.sends for one in found) else Weight.NOTE
            told = f"port {port} is led to, and the program listens on {bound.port}"
            places = [one.place for one in found][: MOST_PLACES - 1]
            yield broken(f"port {port}", told, *places, bound.place, weight=weight)


def _may_be_set(bound: BoundPort, sources: Sources) -> bool:
    """Tell whether anything may give the program another port; of a default documents may tell the name."""
    others = bound.variables - {bound.default_of}
    if any(True for _ in sources.saying(*others)):
        return True
    name = bound.default_of
    if name is None:
        return False
    return any(not one.path.endswith(_DOCUMENTS) or f"{name}=" in one.text for one in sources.saying(name))


def own_image(manifests: Manifests, sources: Sources) -> Source | None:
    """Return the Dockerfile of the only image that starts a program of the workspace by itself."""
    programs = _programs(manifests)
    images = [one for one in _dockerfiles(sources) if _runs(one, programs)]
    return images[0] if len(images) == 1 else None


def _programs(manifests: Manifests) -> set[str]:
    return {name for one in manifests for name in one.named(TargetKind.BIN)}


def _dockerfiles(sources: Sources) -> Iterator[Source]:
    for one in sources:
        if "Dockerfile" in one.path.rpartition("/")[2] and _STARTS.search(one.text):
            yield one


def _runs(dockerfile: Source, programs: set[str]) -> bool:
    starts = " ".join(_STARTS.findall(dockerfile.text))
    words = set(re.findall(r"[\w-]+", starts))
    return not programs.isdisjoint(words) and _IN_FRONT.search(dockerfile.text) is None


def _exposed(dockerfile: Source) -> Iterator[_Side]:
    found = list(_EXPOSE.finditer(dockerfile.text))
    ports = [port for one in found for port in re.findall(r"(?<![\w/])\d+(?=/tcp|\s|$)", one["ports"])]
    if len(found) == 1 and len(ports) == 1 and "$" not in found[0]["ports"]:
        line = dockerfile.text.count("\n", 0, found[0].start()) + 1
        yield _Side(port=ports[0], place=dockerfile.at(line), sends=False)


def _health(dockerfile: Source) -> Iterator[_Side]:
    """Go through the ports that the image's own health check asks."""
    for found in _CHECKED.finditer(dockerfile.text):
        line = dockerfile.text.count("\n", 0, found.start("url")) + 1
        yield _Side(port=found["port"] or "80", place=dockerfile.at(line), sends=True)


def _composed(compose: Compose, dockerfile: Source) -> Iterator[_Side]:
    for service in compose:
        pair = _PUBLISHED.fullmatch(service.ports[0]) if len(service.ports) == 1 else None
        if service.dockerfile == dockerfile.path and pair is not None:
            yield _Side(port=pair["inner"], place=service.source.at(service.ports[0]), sends=True)


def _tasks(terraform: Terraform) -> Iterator[_Side]:
    """Go through the port of the only container of all task definitions, if its image is an own one."""
    texts = [text for module in terraform for text in module.files if "containerPort" in text.text]
    found = [(text, one) for text in texts for one in _CONTAINER.finditer(text.text)]
    images = [one["image"] for text in texts for one in _IMAGE.finditer(text.text)]
    if len(found) == 1 and len(images) == 1 and "ecr" in images[0] and found[0][1]["port"].isdigit():
        text, one = found[0]
        yield _Side(port=one["port"], place=text.at(text.text.count("\n", 0, one.start()) + 1), sends=True)


def _pods(kubernetes: Kubernetes, programs: set[str]) -> Iterator[_Side]:
    for one in kubernetes:
        for container in one.containers if one.kind in WORKLOADS else ():
            image = str(container.text("image") or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
            ports = [port for port in container.seq("ports") if isinstance(port, Map)]
            number = ports[0].text("containerPort") if len(ports) == 1 else None
            if image in programs and number is not None and number.isdigit():
                yield _Side(port=str(number), place=one.source.at(number), sends=True)


def _asked(documents: Documents) -> Iterator[_Side]:
    """Go through the ports that documents have people ask behind `cargo run`."""
    for document in followed(documents, *ASKED):
        if "cargo run" not in document.source.text or "docker" in document.source.text.lower():
            continue
        for number, line in enumerate(document.source.lines, 1):
            for found in _HERE.finditer(line) if "http" in line else ():
                yield _Side(port=found["port"], place=document.source.at(number), sends=False)


def _told(documents: Documents) -> Iterator[_Side]:
    """Go through the ports on which a document says that the program listens."""
    for document in followed(documents, "istens on"):
        for number, line in document.prose if "docker" not in document.source.text.lower() else ():
            for found in _LISTENS.finditer(line) if "istens on" in line else ():
                yield _Side(port=found["port"], place=document.source.at(number), sends=False)


def _asked_at_once(documents: Documents, programs: set[str]) -> Iterator[_Side]:
    """Go through the ports that a block asks behind its `cargo run` of the only program, without words."""
    for document in followed(documents, *ASKED):
        if "cargo run" not in document.source.text or "docker" in document.source.text.lower():
            continue
        for script in document.scripts_with(*ASKED):
            runs = [one for one in script.running("cargo") if one.literals[:1] == ("run",)]
            others = {one.program for one in script.commands} - _BESIDE
            if len(runs) != 1 or others or not _is_plain(runs[0], programs):
                continue
            for command in script.running("curl"):
                found = [one for word in command.literals if (one := _HERE.match(word or "")) is not None]
                if command.line >= runs[0].line and len(found) == 1:
                    yield _Side(port=found[0]["port"], place=document.source.at(command), sends=False)


def _is_plain(run: Command, programs: set[str]) -> bool:
    """Tell whether a `cargo run` starts one of some programs and gives it nothing."""
    words = [one for one in run.literals if one is not None]
    options = {"run", "--release", "-r", "--locked", "-p", "--package", "--bin", "-q", "--quiet", "&"}
    return None not in run.literals and not run.assignments and set(words) <= options | programs


def _implied(manifests: Manifests) -> frozenset[str]:
    """Return the ports that a library may take; without a lock file any of them."""
    locked = {name for lock in manifests.locks.values() for name in lock.names}
    return frozenset(port for port, names in _IMPLIED.items() if not locked or not locked.isdisjoint(names))


def _may_be_listened(port: str, bound: BoundPort, sources: Sources, clusters: frozenset[str]) -> bool:
    """Tell whether anything writes a port in a way that can make a program listen there."""
    if port in bound.numbers:
        return True
    whole = re.compile(rf"(?<![\w.]){port}(?![\w.])")
    for one in sources.saying(port):
        document = one.path.endswith(_DOCUMENTS)
        for line in one.text.split("\n"):
            if port not in line or not whole.search(line):
                continue
            there = (one.path.endswith(".tf") or one.path in clusters) and _LEADS_THERE.search(line)
            if not (there or _LEADS.search(line) or (document and "=" not in line)):
                return True
            if document and re.search(rf"=\S*{port}|--?\w*port[ =]{port}|-p \d+:", line):
                return True
    return False
