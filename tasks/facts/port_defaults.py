"""Reads the default ports of programs from Rust sources, for variables that documents or scripts name.

Two forms are certain: a text or number in an ``unwrap_or`` behind the variable's name, and clap's ``env``
and ``default_value`` in one attribute. Of ports that are bound without a variable only literal ones count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.crate import Manifests
from tasks.domain.document import Document, Documents
from tasks.domain.evidence import Evidence
from tasks.domain.followed import followed
from tasks.domain.port_default import ASKED, KINDS, NAMES, BoundPort, PortDefault, PortDefaults
from tasks.domain.script import Scripts
from tasks.domain.source import Source, source
from tasks.facts.tree import Files

LARGEST = 2 * 1024 * 1024
"""Bytes of sources that are read for this; above it nothing is."""

_ROW = re.compile(r"^\s*\|\s*`(?P<name>[A-Z][A-Z0-9_]*)`\s*\|", re.MULTILINE)
_EXPORT = re.compile(r"export(?<!\wexport)\s+(?P<name>[A-Z][A-Z0-9_]*)=")  # begins with letters: read faster
_BEHIND = (
    r'"%s"\s*\)(?P<between>[^;{}"]{0,120}?)'
    r"\.unwrap_or(?:_else)?\(\s*(?:\|[^|]*\|\s*)?(?P<value>\"[^\"]*\"|\d+)"
)
_CLAP = re.compile(r"#\[\s*(?:arg|clap)\((?P<inside>[^\]]*)\)\s*\]")
_CLAP_ENV = re.compile(r'\benv\s*=\s*"(?P<name>\w+)"')
_CLAP_DEFAULT = re.compile(r"\bdefault_value(?:_t)?\s*=\s*(?P<value>\"[^\"]*\"|\d+)")
_BINDS = re.compile(
    rb'"(?:0\.0\.0\.0|\[::\]):(\d{2,5})"|\(\s*\[\s*0\s*,\s*0\s*,\s*0\s*,\s*0\s*\]\s*,\s*(\d{2,5})\s*\)|'
    rb'\bUNSPECIFIED(?:\.into\(\))?\s*,\s*(\d{2,5})\b|\(\s*"0\.0\.0\.0"\s*,\s*(\d{2,5})\s*\)'
)
"""An address for everybody with a literal port."""
_BY_DEFAULT = re.compile(
    rb'env::var\(\s*"(?P<name>(?:[A-Z][A-Z0-9]*_)*PORT)"\s*\)[^;{}"]{0,120}?'
    rb"\.unwrap_or(?:_else)?\(\s*(?:\|[^|]*\|\s*)?(?P<port>\d{2,5})\b"
)
"""A port's variable and the number that is taken without it, as rustfmt may split them over lines."""
_OF_ANY = ("PORT", "HTTP_PORT", "SERVER_PORT", "APP_PORT", "LISTEN_PORT", "BIND_PORT")
_CLAP_UNNAMED = re.compile(rb"\benv\s*[,)]")
_NUMBER = re.compile(rb"(?<![\w.])\d{2,5}(?![\w.])")
_VARIABLE = re.compile(rb'"((?:[A-Z][A-Z0-9]*_)*(?:LISTEN|PORT|ADDR|ADDRESS|BIND)(?:_[A-Z0-9]+)*)"')
_ROUTE = re.compile(
    rb'"(/[\w/.{}<>:*-]*|[\w-]*(?:health|ready|live|ping|status)[\w-]*)"', re.IGNORECASE
)  # some libraries take the parts of a path without slashes
_OF_TESTS = re.compile(r"(?:^|/)(?:tests?|benches|examples?|mocks?|testing)(?:/|\.rs$|_)")
_PORT = re.compile(r"(?:^|[\w.\]]:)(?P<port>\d{2,5})$")


def read_port_defaults(
    files: Files, documents: Documents, scripts: Scripts, manifests: Manifests
) -> PortDefaults:
    """Read the defaults of the variables that are named; without a name no source is read."""
    names = {name for one in followed(documents, *KINDS) for name in _ROW.findall(one.source.text)}
    names |= {name for one in scripts.files for name in _EXPORT.findall(one.text)}
    names = {name for name in names if NAMES.fullmatch(name)}
    entries = [
        one
        for package in manifests
        for one in files.tree.below(f"{package.directory}/src".lstrip("/"))
        if one.path.endswith(".rs")
    ]
    contained = "Dockerfile" in files.tree.named or any(_asks(one) for one in followed(documents, *ASKED))
    if not (names or contained) or sum(one.size or 0 for one in entries) > LARGEST:
        return PortDefaults()
    found: dict[str, dict[str, PortDefault]] = {}
    contents = files.read([one.path for one in entries])
    for path, content in contents.items() if names else ():
        if any(name.encode() in content for name in names):
            for one in _defaults(source(path, content), names):
                found.setdefault(one.variable, {}).setdefault(one.port, one)
    return PortDefaults(
        found=tuple(next(iter(ports.values())) for _, ports in sorted(found.items()) if len(ports) == 1),
        bound=(_bound(contents) or _bound_by_default(contents, manifests)) if contained else None,
    )


def _asks(document: Document) -> bool:
    """Tell whether a document may have people ask a port of a program that they started with cargo."""
    return "cargo run" in document.source.text


def _bound(contents: Mapping[str, bytes]) -> BoundPort | None:
    """Return the only port that is bound on every address, outside of tests and comments."""
    places: dict[str, Evidence] = {}
    for path, content in contents.items():
        for found in _BINDS.finditer(content.partition(b"#[cfg(test)]")[0]):
            begin = content.rfind(b"\n", 0, found.start()) + 1
            line = content[begin : (content + b"\n").index(b"\n", found.start())]
            if line.lstrip().startswith(b"//") or _OF_TESTS.search(path):
                continue
            if _CLAP_UNNAMED.search(line):
                return None  # a variable whose name only clap makes
            port = next(one for one in found.groups() if one).decode()
            places.setdefault(port, source(path, content).at(content.count(b"\n", 0, begin) + 1))
    return _only(places, contents) if len(places) == 1 else None


def _bound_by_default(contents: Mapping[str, bytes], manifests: Manifests) -> BoundPort | None:
    """Return the port of the only program's own variable, where it listens in the file that reads it."""
    if any(_BINDS.search(one) for one in contents.values()):
        return None
    own = {f"{one.name.upper().replace('-', '_')}_PORT" for one in manifests} | {*_OF_ANY}
    places: dict[str, Evidence] = {}
    names: set[str] = set()
    for path, content in contents.items():
        for found in (
            _BY_DEFAULT.finditer(content.partition(b"#[cfg(test)]")[0]) if b"PORT" in content else ()
        ):
            name = found["name"].decode()
            if name not in own or b"bind(" not in content or _OF_TESTS.search(path):
                return None
            names.add(name)
            line = content.count(b"\n", 0, found.start("port")) + 1
            places.setdefault(found["port"].decode(), source(path, content).at(line))
    return _only(places, contents, next(iter(names))) if len(places) == len(names) == 1 else None


def _only(places: Mapping[str, Evidence], contents: Mapping[str, bytes], variable: str = "") -> BoundPort:
    whole = b"\n".join(contents.values())
    return BoundPort(
        port=next(iter(places)),
        place=next(iter(places.values())),
        default_of=variable or None,
        numbers=frozenset(one.decode() for one in _NUMBER.findall(whole)),
        variables=frozenset(one.decode() for one in _VARIABLE.findall(whole)),
        paths=frozenset(one.decode() for one in _ROUTE.findall(whole)),
    )


def _defaults(text: Source, names: set[str]) -> Iterator[PortDefault]:
    for name in sorted(names):
        for found in re.finditer(_BEHIND % re.escape(name), text.text) if name in text.text else ():
            yield from _default(text, name, found["value"], found.start("value"))
    for attribute in _CLAP.finditer(text.text):
        env, default = (one.search(attribute["inside"]) for one in (_CLAP_ENV, _CLAP_DEFAULT))
        if env is not None and default is not None and env["name"] in names:
            at = attribute.start("inside") + default.start("value")
            yield from _default(text, env["name"], default["value"], at)


def _default(text: Source, name: str, value: str, at: int) -> Iterator[PortDefault]:
    port = _PORT.search(value.strip('"'))
    if port is not None:
        place = text.at(text.text.count("\n", 0, at) + 1)
        yield PortDefault(variable=name, port=port["port"], place=place)
