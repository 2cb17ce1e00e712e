"""Whether a service that documents have Compose start for the programs of a machine is reached from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.section import Section, sections
from tasks.domain.source import Source, Sources

_FILES = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
)  # as Compose prefers them
_UP = re.compile(
    r"\bdocker[ -]compose\s+up\s+(?:-d\s+|--detach\s+|--wait\s+)*(?P<service>[a-z][\w-]*)"
    r"(?:\s+(?:-d|--detach|--wait))*(?=\s*(?:$|[`&;#]))"
)
_RUNS = re.compile(r"\bcargo\s+(?:run|test|nextest|r|t)\b")
_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "redis": 6379, "mongo": 27017, "nats": 4222}
_IMAGE = re.compile(
    r"^\s+image:\s*[\"']?(?:docker\.io/)?(?:library/)?(?P<name>[a-z]+)(?=[:\"'\s@]|$)", re.MULTILINE
)
_MAY_PUBLISH = re.compile(r"^\s+(?:ports|network_mode|extends|<<|expose_all):|^\s+<<", re.MULTILINE)


@check(
    "documented-service-reached",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Publish the port of the service in the Compose file", minutes=5),
)
def documented_service_reached(documents: Documents, sources: Sources) -> Iterator[Answer]:
    """Every service that documents have Compose start for `cargo run` publishes the port it is asked on."""
    compose = next((one for name in _FILES if (one := sources.get(name)) is not None), None)
    if (
        compose is None
        or any("compose.override." in one.path for one in sources)
        or "include:" in compose.text
    ):
        return
    yield from merged(_answers(documents, compose))


def _answers(documents: Documents, compose: Source) -> Iterator[Answer]:
    for document in followed(documents, "compose up "):
        for section in sections(document):
            found = _UP.search(section.text) if "compose up " in section.text else None
            if found is None or _RUNS.search(section.text) is None:
                continue
            service = _service(compose, found["service"])
            image = _IMAGE.search(service[1]) if service is not None else None
            port = _PORTS.get(image["name"]) if image is not None else None
            if service is None or port is None:
                continue
            asked = _asked(document, documents, port)
            subject = f"{document.path}: {found['service']}"
            if _MAY_PUBLISH.search(service[1]) or re.search(rf"\b{port}:\d+", compose.text):
                yield holds(subject, "publishes its port")
            elif asked is not None:
                told = (
                    f"has Compose start {found['service']} for cargo, and {compose.path} publishes no port "
                )
                told += f"of it: nothing answers on localhost:{port}"
                place = document.source.at(_line(section, found[0]))
                yield broken(subject, told, place, compose.at(service[0]), asked)


def _line(section: Section, text: str) -> int:
    lines = section.text.split("\n")
    return section.first + next((row for row, line in enumerate(lines) if text in line), 0)


def _service(compose: Source, name: str) -> tuple[int, str] | None:
    """Return the line and the text of a service, as it is written."""
    lines = compose.lines
    start = next(
        (row for row, line in enumerate(lines) if re.fullmatch(rf"  {re.escape(name)}:\s*", line)), None
    )
    if start is None:
        return None
    behind = (row for row in range(start + 1, len(lines)) if re.match(r" {0,2}[^\s#]", lines[row]))
    return start + 1, "\n".join(lines[start + 1 : next(behind, len(lines))])


def _asked(document: Document, documents: Documents, port: int) -> Evidence | None:
    """Return where this document, or another one that people follow, names the port on this machine."""
    address = f"localhost:{port}"
    for one in (document, *followed(documents, address)):
        for number, line in enumerate(one.source.lines, 1) if address in one.source.text else ():
            if address in line:
                return one.source.at(number)
    return None
