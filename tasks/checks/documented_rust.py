"""Whether the Rust that documents call enough is one that cargo builds the packages with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests, Package, table
from tasks.domain.document import Document, Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.foreign_section import of_another_project
from tasks.domain.own_clone import own_names
from tasks.domain.phase import Phase
from tasks.domain.rust_version import RustVersion
from tasks.domain.source import Sources
from tasks.domain.tree import Tree

_BEGIN = r"^[\s>|*+-]*(?:\[[ x]\]\s*)?!?[\[*_`]*"
_AT_LEAST = r"[`*_)\]]*\s*(?:\+|(?:or|and)\s+(?:later|newer|above|higher|greater|up)\b)"
_NUMBER = r"[`*_(:]*\s*(?:v|>=\s*|≥\s*)?(?P<number>1\.\d{2}(?:\.\d+)?)(?![\d.]*\d)"
_MINIMUM = r"(?:MSRV|[Mm]inimum (?:[Ss]upported )?[Rr]ust [Vv]ersion(?: \(MSRV\))?)"
_RUST = r"[Rr]ust(?:c)?(?:\s+(?:version|toolchain|compiler))?[`*_:]*\s+"
_STATED = (
    re.compile(rf"{_BEGIN}{_RUST}{_NUMBER}{_AT_LEAST}"),
    re.compile(
        rf"{_BEGIN}(?:[`*_\w-]+\s+){{0,2}}(?:[Rr]equires?|[Nn]eeds?|[Ii]nstall)\s+(?:at\s+least\s+)?{_RUST}{_NUMBER}{_AT_LEAST}"
    ),
    re.compile(rf"{_BEGIN}{_MINIMUM}[`*_:]*\s+(?:is\s+)?{_NUMBER}"),
    re.compile(rf"{_BEGIN}[Rr]ust[`*_:]*\s+[`*_(]*(?:>=|≥)\s*(?P<number>1\.\d{{2}}(?:\.\d+)?)"),
)
"""How a line begins that says which Rust is enough."""
_HIDDEN = re.compile(r"(?:^|/)\.(?!github/)")


@check(
    "documented-rust-suffices",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Write the rust-version of the manifests into the documents", minutes=5),
)
def documented_rust_suffices(
    documents: Documents, manifests: Manifests, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    """No document calls a Rust enough that is older than the rust-version of every package it speaks of."""
    if manifests.broken or not any(one.rust_version for one in manifests):
        return
    own = own_names(sources)
    found: list[tuple[str, RustVersion, Package, Evidence]] = []
    sites = Sites.of(tree)
    for document in followed(documents, "Rust ", "Rust*", "Rust:", "rust ", "MSRV"):
        if _HIDDEN.search(document.path) or sites.have(document):
            continue
        needing = _needing(document, manifests)
        least = RustVersion.read(needing.rust_version or "") if needing is not None else None
        for line, written in _stated(document) if least is not None else ():
            stated = RustVersion.read(written)
            if stated is None or least is None or needing is None or stated[:2] >= least[:2]:
                continue
            if not of_another_project(document, line, tree, own):
                found.append((written, least, needing, document.source.at(line)))
    if found:
        stated_all = listed([written for written, *_ in found])
        wanted = listed([str(least) for _, least, *_ in found])
        told = (
            f"documents call Rust {stated_all} enough, and the packages have rust-version {wanted}: "
            "cargo refuses to build them with an older one"
        )
        manifest = found[0][2].toml.at("package", "rust-version")
        places = [place for *_, place in found][: MOST_PLACES - 1]
        yield broken("the Rust of the documents", told, *places, manifest)


def _stated(document: Document) -> Iterator[tuple[int, str]]:
    """Go through the lines that say which Rust is enough."""
    for number, line in enumerate(document.source.lines, 1):
        if "1." in line and ("ust" in line or "MSRV" in line):
            match = next((match for one in _STATED if (match := one.search(line)) is not None), None)
            if match is not None:
                yield number, match["number"]


def _needing(document: Document, manifests: Manifests) -> Package | None:
    """Return the package that asks least of those a document speaks of: of its directory, or of the root.

    None where one of them does not say, and the workspace does not say it for all of them either.
    """
    parts = document.path.split("/")[:-1]
    while parts:
        beside = manifests.at("/".join(parts))
        if beside is not None:
            return beside
        if any(one.directory.startswith(f"{'/'.join(parts)}/") for one in manifests):
            break
        parts.pop()
    root = manifests.workspace("") if not parts else None
    own = list(root.packages if root is not None and root.directory == "" else manifests.packages)
    own = [one for one in own if f"{one.directory}/".startswith("".join(f"{part}/" for part in parts))]
    known = [
        (version, one) for one in own if (version := RustVersion.read(one.rust_version or "")) is not None
    ]
    of_all = table(table(root.toml.root.get("workspace")).get("package")) if root is not None else {}
    if not known or (len(known) < len(own) and "rust-version" not in of_all):
        return None
    return min(known, key=lambda pair: pair[0])[1]
