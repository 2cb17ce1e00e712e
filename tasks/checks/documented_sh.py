"""Whether scripts of the repository that documents tell people to run by sh are written for it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.bash_only import bash_only
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.own_clone import own_names
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts, inside
from tasks.domain.source import Sources
from tasks.domain.tree import Tree

_PIPED = re.compile(
    r"\b(?:curl|wget)\b[^|\n]*?(?P<address>https?://[^\s\"'`|]+\.sh)[\"']?[^|\n`]*\|\s*"
    r"(?:sudo\s+(?:-E\s+)?)?(?:/bin/)?(?:sh|dash)(?=[\s`]|$)"
)
_RAW = re.compile(
    r"https://raw\.githubusercontent\.com/[\w.-]+/(?P<name>[\w.-]+)/(?:refs/heads/)?[\w.-]+/(?P<path>[\w./-]+)|"
    r"https://github\.com/[\w.-]+/(?P<other>[\w.-]+)/raw/(?:refs/heads/)?[\w.-]+/(?P<file>[\w./-]+)"
)
_MAY_CALL = re.compile(
    r"\|\s*(?:sudo\s+(?:-E\s+)?)?(?:/bin/)?(?:sh|dash)\b|^[ \t$`]*(?:sh|dash) +\S+\.sh\b", re.MULTILINE
)
_CALLED = re.compile(r"^(?:\$\s+)?(?:sh|dash)\s+(?P<path>[\w./-]+\.sh)\b")


@check(
    "documented-sh-understands",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    subject="documents",
    remedy=Remedy(
        summary="Write `bash` for `sh` into the document, or the script so that sh takes it", minutes=5
    ),
)
def documented_sh_understands(
    documents: Documents, scripts: Scripts, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    """Every script that documents have `sh` run is one that dash, the sh of Debian, understands."""
    found = _answers(documents, scripts, sources, tree)
    yield from merged(sorted(found, key=lambda one: one.weight is Weight.NOTE))


def _answers(documents: Documents, scripts: Scripts, sources: Sources, tree: Tree) -> Iterator[Answer]:
    for document in followed(documents, ".sh"):
        for line, written in _lines(document) if _MAY_CALL.search(document.source.text) else ():
            script = _script(document, written, scripts, sources, tree)
            if script is None or not script.understood:
                continue
            found = next((one for one in bash_only(script) if one.ends), None)
            if found is None:
                yield holds(script.path, "is understood by sh")
                continue
            told = (
                f"documents tell people to run {script.path} by sh, which is dash on Debian and Ubuntu "
                f"and does not know `{found.written}`: {found.said}"
            )
            place: Evidence = document.source.at(line)
            # Strangers pipe an installer; who calls a file of the clone sees its first line.
            weight = None if _PIPED.search(written) else Weight.NOTE
            yield broken(script.path, told, script.source.at(found.command), place, weight=weight)


def _lines(document: Document) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(document.source.lines, 1):
        if "sh" in line and ".sh" in line:
            yield number, line.strip()


def _script(document: Document, line: str, scripts: Scripts, sources: Sources, tree: Tree) -> Script | None:
    """Return the script of the repository that a line of a document has sh run, where this is certain."""
    piped = _PIPED.search(line)
    if piped is not None:
        path = _path(piped["address"], scripts, sources, tree)
        return None if path is None else scripts.file(path)
    called = _CALLED.match(line.strip("`"))
    if called is None:
        return None
    for above in ("", posixpath.dirname(document.path)):
        path = inside(called["path"], above)
        script = None if path is None else scripts.file(path)
        if script is not None:
            return script
    return None


def _path(address: str, scripts: Scripts, sources: Sources, tree: Tree) -> str | None:
    """Return what an address leads to in the repository: its raw text, or a script that says it is there."""
    raw = _RAW.fullmatch(address)
    if raw is not None:
        own = (raw["name"] or raw["other"]).lower() in own_names(sources)
        path = raw["path"] or raw["file"]
        return path if own and tree.has(path) else None
    named = [one.path for one in scripts.files if address in one.text and address.endswith(f"/{_name(one)}")]
    return named[0] if len(named) == 1 else None


def _name(script: Script) -> str:
    return posixpath.basename(script.path)
