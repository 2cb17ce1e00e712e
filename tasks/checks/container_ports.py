"""Whether the port that is published of an own container is one that its Dockerfile exposes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.compose import Compose, ComposeService
from tasks.domain.document import Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.located import scalars
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.source import Source, Sources

_EXPOSE = re.compile(r"^\s*EXPOSE\s+(?P<ports>.+)$", re.IGNORECASE | re.MULTILINE)
_PORT = re.compile(r"(?P<port>\d+)(?:/tcp)?")
_PUBLISHED = re.compile(r"(?:[\d.]+:)?\d+:(?P<inner>\d+)(?:/tcp)?")


@check(
    "container-port-exposed",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Publish the port that the container listens on, or expose the other", minutes=5),
)
def container_port_exposed(
    scripts: Scripts, documents: Documents, sources: Sources, compose: Compose
) -> Iterator[Answer]:
    """Every port that `docker run -p` or Compose publishes of an own image is one its Dockerfile exposes."""
    for service in compose:
        yield from merged(_composed(service, sources))
    told = [
        one
        for document in followed(documents, "docker")
        for one in (*document.scripts_with("docker"), *document.spoken_with("docker"))
    ]
    commands = [
        (script, command)
        for script in (*scripts, *told)
        if "docker" in script.text
        for command in script.running("docker")
    ]
    built = dict(_built(commands, sources))
    for script, command in commands if built else ():
        yield from merged(_published(script, command, built))


def _built(commands: list[tuple[Script, Command]], sources: Sources) -> Iterator[tuple[str, Source]]:
    """Go through the names of images that are built here, each with its Dockerfile."""
    for _, command in commands:
        if "build" not in command.literals[:2]:
            continue
        context = command.literals[-1] if command.literals else None
        named = command.option("-f", "--file")
        path = named.literal if named is not None else posixpath.join(context or "", "Dockerfile")
        dockerfile = None if path is None or context is None else sources.get(posixpath.normpath(path))
        for word in command.options("-t", "--tag"):
            if dockerfile is not None and word.literal is not None:
                yield word.literal.partition(":")[0], dockerfile


def _composed(service: ComposeService, sources: Sources) -> Iterator[Answer]:
    dockerfile = sources.get(service.dockerfile)
    exposed = None if dockerfile is None else _exposed(dockerfile)
    if dockerfile is None or not exposed:
        return
    # What tells the program its port may stand in any other line of the service, or in files of settings.
    settings = [one.text for one in scalars(service.root) if one.way[0] != "ports"]
    if "env_file" in service.root or "extends" in service.root:
        return
    # A program with several ports may have more than it exposes: one against one can only mean the same.
    if len(service.ports) != 1 or len(exposed) != 1:
        return
    for written in service.ports:
        found = _PUBLISHED.fullmatch(written)
        if found is None:
            continue
        port = found["inner"]
        subject = f"{service.source.path}: {service.name}: port {port}"
        if port in exposed:
            yield holds(subject, "is exposed")
        elif port not in dockerfile.text and not any(port in one for one in settings):
            told = f"publishes port {port} of {service.name}, and {dockerfile.path} exposes "
            line = dockerfile.line_of("EXPOSE")
            yield broken(
                subject, told + listed(sorted(exposed)), service.source.at(written), dockerfile.at(line)
            )


def _exposed(dockerfile: Source) -> frozenset[str]:
    """Return the ports that a Dockerfile exposes; none when they are not certain."""
    found = list(_EXPOSE.finditer(dockerfile.text))
    if any("$" in one["ports"] for one in found):
        return frozenset()
    return frozenset(each["port"] for one in found for each in _PORT.finditer(one["ports"]))


def _published(script: Script, command: Command, built: dict[str, Source]) -> Iterator[Answer]:
    if "run" not in command.literals[:2] or None in command.literals:
        return
    images = [str(one).partition(":")[0] for one in command.literals]
    image = next((one for one in images if one in built), None)
    if image is None:
        return
    dockerfile = built[image]
    exposed = _exposed(dockerfile)
    if not exposed:
        return
    for word in command.options("-p", "--publish"):
        found = _PUBLISHED.fullmatch(word.literal or "")
        if found is None:
            continue
        port = found["inner"]
        subject = f"{script.path}: {image}: port {port}"
        others = [one.text for one in command.words if one is not word and one.text != word.text]
        if port in exposed:
            yield holds(subject, "is exposed")
        elif port not in dockerfile.text and not any(port in one for one in others):
            told = (
                f"publishes port {port} of {image}, and {dockerfile.path} exposes {listed(sorted(exposed))}"
            )
            line = dockerfile.line_of("EXPOSE")
            yield broken(subject, told, script.source.at(command), dockerfile.at(line))
