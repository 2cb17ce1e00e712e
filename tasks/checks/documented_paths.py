"""Whether the files of the repository that sentences of documents name are there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.foreign_section import of_another_project
from tasks.domain.ignored import Ignored
from tasks.domain.located import Text
from tasks.domain.own_clone import own_names
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.told import Told, once
from tasks.domain.tree import Tree

_PATH = re.compile(
    r"(?:\./)?(?P<path>[\w.@+-]+(?:/[\w.@+-]+)*/(?:[\w.@+-]+\.(?:sh|bash|py|rs|toml|tf|ya?ml|sql|proto|service|md)|"
    r"(?:[\w-]+\.)?Dockerfile(?:\.[\w-]+)?|Makefile|[Jj]ustfile))"
    r"(?::\d+(?:-\d+)?|#L\d+(?:-L?\d+)?)?"
)
_MADE = frozenset(
    {
        "target", "build", "dist", "out", "node_modules", "tmp", "pkg", "release", "bin", "venv", ".venv",
        "generated", "gen", "coverage", "output", "results", "logs", "debug", ".cargo", ".claude", ".cursor",
    }
)  # fmt: skip
_STANDS_FOR_ANY = re.compile(
    r"(?:^|[/_.-])(?:your|my|path|some|foo|bar|baz|example\w*|name|new|xxx*|xyz|demo|sample|template|todo|hello)"
    r"(?:[/_.-]|$)",
    re.IGNORECASE,
)
_NOT_HERE = re.compile(
    r"\b(?:create[sd]?|creating|add(?:s|ed|ing)?|new|plan|planned|will|would|should|could|might|todo|future|"
    r"propos\w+|examples?|e\.g|i\.e|like|such|rename\w*|mov(?:e[sd]?|ing)|remov\w+|delet\w+|replac\w+|former\w*|"
    r"old|obsolete|legacy|deprecat\w+|miss\w+|not|no|none|never|without|once|your|instead|cop(?:y|ied|ies)|"
    r"writ\w+|generat\w+|template|optional\w*|emit\w*|produc\w+|output\w*|save[sd]?|dump\w*|previous\w*|"
    r"define|put|place|store|provide|make|touch|expect\w*|"
    r"upstream|repo|repository|repositories|fork\w*|clon\w+|vendor\w*|port(?:ed)?|based on|inspired|"
    r"was|were|had|historical\w*|split|merged?|extract\w*|scaffold\w*|github\.com|https?:)\b|"
    r"n't\b|n\u2019t\b|→|->|~~|❌|\u2717|\|\s*0(?: loc| lines)?\s*\|",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"\b(?:delet\w+|dropped|files? (?:created|added)|"
    r"plan\w*|todo|roadmap|future|history|changes?|changelog|proposal|migrat\w+|upgrad\w+|next|ideas?|phase|"
    r"milestone|sprint|session|examples?|removed|deprecat\w+|legacy|old|appendix|reference\w*|upstream|related|"
    r"alternatives?|prior|credits|acknowledg\w+|template|v?\d+\.\d+)\b",
    re.IGNORECASE,
)
_RUN = re.compile(r"\b(?:run|execute|invoke|start|call)\s+(?:the\s+)?(?:script\s+)?$", re.IGNORECASE)
_SPAN = re.compile(r"`[^`]*`")
_LINKED = re.compile(r"`[^`]*`\]\(")


@check(
    "documented-path-exists",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Correct the path in the document, or add the file", minutes=5),
)
def documented_path_exists(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every file of the repository that a sentence of a document names by its path is there."""
    said = tuple(_gone(documents, tree, sources))
    yield from once(said, lambda told: listed([one.why for one in told], most=4))


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What a path is compared with."""

    tree: Tree
    ignored: Ignored
    sources: Sources

    def is_gone(self, path: str, document: Document, *, to_run: bool = False) -> bool:
        """Tell whether a path can only be one of the repository, in which it is not there."""
        above, _, name = path.rpartition("/")
        tree = self.tree
        known = above in tree.directories or to_run or self._is_near(path)
        if not known or path in self.ignored:
            return False
        here = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), path))
        if any(tree.has(one) or tree.unseen(one) for one in (path, here)):
            return False
        if any(one.endswith(f"/{path}") for one in tree.named.get(name, ())):
            return False
        if fumbled(name, tree.inside.get(above, frozenset())) is not None:
            return False  # told as a slip
        # What a file for machines speaks of too is made by somebody, or known to be optional.
        return not any(self.sources.saying(name, told=False))

    def _is_near(self, path: str) -> bool:
        """Tell whether only directories are gone as well: what is above, or one file of the name, is here."""
        parts = path.split("/")
        here = [one for one in self.tree.named.get(parts[-1], ()) if one in self.tree.entries]
        if not self.tree.directory(parts[0]):
            return False
        return self.tree.directory("/".join(parts[:2])) or len(here) == 1


def _gone(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Told]:
    sites, own = Sites.of(tree), own_names(sources)
    known = _Known(tree=tree, ignored=Ignored(sources), sources=sources)
    for document in followed(documents, "/"):
        if document.path.count("/") > 2 or sites.have(document):
            continue
        for span in document.spans:
            found = _PATH.fullmatch(span) if "/" in span else None
            if found is None:
                continue
            path = posixpath.normpath(found["path"])
            to_run = _is_run(document, span)
            if (
                not _is_plain(path)
                or not known.is_gone(path, document, to_run=to_run)
                or _is_said_otherwise(document, span)
                or of_another_project(document, span.line, tree, own)
            ):
                continue
            moved = [one for one in tree.named.get(posixpath.basename(path), ()) if one in tree.entries]
            hint = f" ({moved[0]} is)" if len(moved) == 1 else ""
            place = document.source.at(span.line)
            yield Told(document=document.path, name=path, place=place, why=f"{path} is not there{hint}")


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    made = not _MADE.isdisjoint(parts) or path.startswith((".github/workflows/", ".git/", ".."))
    return not made and _STANDS_FOR_ANY.search(path) is None


def _is_run(document: Document, span: Text) -> bool:
    """Tell whether a sentence has people run a script of the repository by a path from its root."""
    before = document.source.lines[span.line - 1][: span.column - 1] if span.column else ""
    shallow = document.path.count("/") <= 1 and span.endswith((".sh", ".bash", ".py"))
    return shallow and _RUN.search(before) is not None


def _is_said_otherwise(document: Document, span: Text) -> bool:
    """Tell whether the text around a path may speak of what is not, not yet, or not here."""
    line = document.source.lines[span.line - 1]
    if line.lstrip().startswith(">") or _NOT_HERE.search(_SPAN.sub("", line)) or _LINKED.search(line):
        return True  # a quotation is of somebody else, or of what somebody might write
    headings: dict[int, str] = {}
    for heading in document.headings:
        if heading.line >= span.line:
            break
        text = document.source.lines[heading.line - 1]
        depth = len(text) - len(text.lstrip(" #"))
        headings = {d: one for d, one in headings.items() if d < depth}
        headings[depth] = text
    if any(_SECTION.search(one) for one in headings.values()):
        return True
    name = posixpath.basename(str(span))
    return any(name in block.text or _has_cargo_run(name, block.text) for block in document.blocks)


def _has_cargo_run(name: str, text: str) -> bool:
    """Tell whether a command has cargo run the target that a file is: who looks at commands tells of it."""
    stem, _, ending = name.rpartition(".")
    asked = rf"--(?:test|bench|example|bin)[ =]{re.escape(stem)}(?![\w-])"
    return ending == "rs" and stem in text and re.search(asked, text) is not None
