"""Whether documents, firewalls and programs speak of one port for one service."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.port_default import PortDefault, PortDefaults
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Terraform

_ONE = Remedy(summary="Decide on one port and write it everywhere", minutes=10)
_CELL = re.compile(r"^`?(?:[\w.\[\]*-]*:)?(?P<port>\d{2,5})`?$")
_ELSEWHERE = re.compile(
    r"https?://(?:[A-Z][A-Z_]*|<[\w -]+>|\$\{?[A-Z_]+\}?):(?P<port>\d{2,5})(?=[/\"'\s?]|$)"
)
"""An address whose host people fill in: a machine that runs the service."""
_DEFAULTED = r"^\s*(?:export\s+|local\s+)?%s=[\"']?\$\{\w+:-(?P<port>\d{2,5})\}[\"']?\s*$"
_COMMON = 1024  # below it are ports that have a meaning of their own: ssh, http, https


@check(
    "documented-default-port",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_ONE,
)
def documented_default_port(documents: Documents, defaults: PortDefaults) -> Iterator[Answer]:
    """Every default port that a document's table gives for a variable is the one that the program takes."""
    for document in followed(documents, "default") if defaults.found else ():
        yield from merged(_tabled(document, defaults))


def _tabled(document: Document, defaults: PortDefaults) -> Iterator[Answer]:
    column: int | None = None
    for number, line in document.prose:
        if not line.lstrip().startswith("|"):
            column = None
            continue
        cells = [one.strip() for one in line.strip().strip("|").split("|")]
        words = [one.lower() for one in cells]
        if column is None:
            column = next((n for n, one in enumerate(words) if one in ("default", "default value")), -1)
            continue
        known = defaults.of(cells[0].strip("`"))
        said = _CELL.fullmatch(cells[column]) if 0 < column < len(cells) else None
        if known is None or said is None:
            continue
        subject = f"{document.path}: {known.variable}"
        if said["port"] == known.port:
            yield holds(subject, "is the same")
        else:
            told = f"says {known.variable} is {said['port']} by default, and the program takes {known.port}"
            yield broken(subject, told, document.source.at(number), known.place)


@check(
    "documented-port-listened",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_ONE,
)
def documented_port_listened(
    documents: Documents, defaults: PortDefaults, scripts: Scripts, sources: Sources
) -> Iterator[Answer]:
    """Every port that a document has people ask of a machine is the one that the service listens on there."""
    service = _service(defaults, scripts)
    if service is None:
        return
    for document in followed(documents, "curl", "wget"):
        yield from merged(_answers(document, service, sources))


def _answers(document: Document, service: PortDefault, sources: Sources) -> Iterator[Answer]:
    blocks = (*document.scripts_with("curl", "wget"), *document.spoken_with("curl", "wget"))
    for line, port in (one for script in blocks for one in _asked(script)):
        subject = f"{document.path}: port {port}"
        if port == service.port:
            yield holds(subject, "is the one it listens on")
        elif not _is_written(port, sources):
            told = f"asks port {port}, and the service listens on {service.port} ({service.variable})"
            yield broken(subject, told, document.source.at(line), service.place)


def _asked(script: Script) -> Iterator[tuple[int, str]]:
    for command in script.running("curl", "wget"):
        for word in command.arguments:
            if (found := _ELSEWHERE.match(word.text.strip("\"'"))) is not None:
                yield word.line, found["port"]


def _service(defaults: PortDefaults, scripts: Scripts) -> PortDefault | None:
    """Return the port of the only service as installed: a script's default goes before the program's."""
    bound = defaults.bound
    if len(defaults.found) == 1:
        one = defaults.found[0]
    elif not defaults.found and bound is not None and bound.default_of is not None:
        one = PortDefault(variable=bound.default_of, port=bound.port, place=bound.place)
    else:
        return None
    given = [found for script in scripts for found in _given(script, one)]
    ports = {found.port for found in given if found is not None}
    if None in given or len(ports) > 1:
        return None
    return next((found for found in given if found is not None), one)


def _given(script: Script, default: PortDefault) -> Iterator[PortDefault | None]:
    """Go through the ports that a script exports for the service; None for one that is not certain."""
    set_to = re.compile(
        rf"\bexport\s+{default.variable}=[\"']?(?:[\w.\[\]]*:)?(?P<value>\$?\{{?\w+\}}?)[\"']?\s*$"
    )
    lines = script.text.split("\n")
    for number, line in enumerate(lines):
        if default.variable not in line or "=" not in line or line.lstrip().startswith("#"):
            continue
        found = set_to.search(line)
        if found is None:
            yield None
        elif found["value"].isdigit():
            place = script.source.at(script.line + number)
            yield PortDefault(variable=default.variable, port=found["value"], place=place)
        else:
            yield _defaulted(script, lines, found["value"].strip("${}"), default)


def _defaulted(script: Script, lines: list[str], name: str, default: PortDefault) -> PortDefault | None:
    asked = re.compile(_DEFAULTED % re.escape(name))
    found = [(number, one) for number, line in enumerate(lines) if (one := asked.match(line))]
    if len(found) != 1:
        return None
    number, one = found[0]
    return PortDefault(
        variable=default.variable, port=one["port"], place=script.source.at(script.line + number)
    )


@check(
    "opened-port-listened",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Let in the port that the service listens on", minutes=10),
)
def opened_port_listened(
    terraform: Terraform, defaults: PortDefaults, scripts: Scripts, sources: Sources
) -> Iterator[Answer]:
    """Every port that security groups let in for the only service is the one that it listens on."""
    service = _service(defaults, scripts)
    rules = [one for module in terraform for one in _rules(module.of("resource", "aws_security_group"))]
    ports = {port for _, port in rules}
    if service is None or len(ports) != 1 or None in ports:
        return
    (port,) = ports
    rule = rules[0][0]
    if port == service.port:
        yield holds(f"port {port}", "is the one it listens on")
    elif not _is_written(str(port), sources, rule.source.path):
        told = f"lets in port {port}, and the service listens on {service.port} ({service.variable})"
        yield broken(f"port {port}", told, rule.at("from_port"), service.place)


def _rules(groups: tuple[Block, ...]) -> Iterator[tuple[Block, str | None]]:
    """Go through the rules for ports of services, each with its port; None when it lets in several."""
    for group in groups:
        for rule in group.inner("ingress"):
            first, last = rule.get("from_port"), rule.get("to_port")
            if not (isinstance(first, int) and isinstance(last, int) and first == last):
                yield rule, None
            elif first >= _COMMON:
                yield rule, str(first)


def _is_written(port: str, sources: Sources, but: str = "") -> bool:
    """Tell whether a file that is no document speaks of a port: it may belong to another program."""
    whole = re.compile(rf"(?<![\w.]){port}(?![\w.])")
    return any(
        whole.search(one.text)
        for one in sources.saying(port)
        if one.path != but and not one.path.endswith((".md", ".mdx", ".lock"))
    )
