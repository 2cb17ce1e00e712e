"""Whether the links of documents lead to files of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.causes import together
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.ignored import Ignored
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.tree import Tree

_DEFINED = re.compile(r"^ {0,3}\[(?P<label>[^\]^][^\]]*)\]:[ \t]+<?(?P<to>[^\s<>]+)>?(?:[ \t]+[\"'(].*)?$")
_HAS_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#|@/|mailto:)", re.IGNORECASE)
_NO_PATH = re.compile(r"[][{}<>$*|\\ \"'`%&;=,()]")
_HOST = re.compile(
    r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|gov|edu)|[\w.+-]+@[\w-]+\.[\w.-]+"
)
_FORGE = frozenset(
    {
        "issues", "pull", "pulls", "tree", "blob", "raw", "wiki", "releases", "discussions", "actions",
        "compare", "commit", "commits", "edit", "security", "labels", "milestone", "graphs",
    }
)  # fmt: skip
"""What GitHub has beside the files of a repository: `../../issues` leads there."""
_MADE = frozenset({"target", "build", "dist", "out", "node_modules", "coverage", "tmp", "public", "_site"})
_AGENTS = re.compile(
    r"(?:^|/)\.(?:claude|cursor|agents?|gemini|codex|github/(?:instructions|prompts))/"
    r"|(?:^|/)(?:CLAUDE|AGENTS|GEMINI|\.?copilot-instructions)\.md$",
    re.IGNORECASE,
)
_INCLUDED = re.compile(r"(?:^|/)_?(?:includes?|partials|snippets|shared)/")
_ROOTS = ("", "static", "public", "assets")
_MANY = 3  # links of a document that all lead nowhere
_TEMPLATE_ENDS = (".liquid", ".hbs", ".tera", ".j2", ".jinja", ".tmpl", ".template")
_PAGE_ENDS = ("", ".md", ".mdx", "/index.md", "/_index.md", "/index.mdx", "/README.md")


@dataclass(frozen=True, kw_only=True)
class _Gone:
    """A link that leads to ``path``, which is not there; ``above`` is what is missing first."""

    document: Document
    link: Text
    path: str
    above: str


@check(
    "documented-link-leads",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Correct the links, or add what they lead to", minutes=10),
)
def documented_link_leads(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every relative link of a document that people follow leads to a file of the repository."""
    sites, ignored = Sites.of(tree), Ignored(sources)
    pages = frozenset(posixpath.basename(one.path).partition(".")[0] for one in documents)
    gone: list[_Gone] = []
    for document in followed(documents, "](", "]:"):
        if sites.have(document) or _INCLUDED.search(document.path):
            continue
        links = (*document.links, *_references(document))
        led = [(link, path) for link in links if (path := _linked(document, link, tree)) is not None]
        lost = [
            _Gone(document=document, link=link, path=path, above=_first_missing(path, tree))
            for link, path in led
            if not (tree.has(path) or tree.unseen(path) or path in ignored)
            if not _is_elsewhere(link, path, document, tree, pages)
        ]
        if not (len(lost) == len(led) >= _MANY and _is_shown_elsewhere(lost, tree)):
            gone += lost
        if led and not lost:
            yield holds(document.path, "leads to files")
    for group in together(
        gone, lambda one: one.document.path, lambda one: one.above, lambda one: str(one.link)
    ):
        places = [one.document.source.at(one.link) for one in group]
        yield broken(group[0].document.path, _said(group, tree), *places[:MOST_PLACES])


def _references(document: Document) -> Iterator[Text]:
    """Go through the targets that a document defines for labels, where its text has the label as a link."""
    if "]: " not in document.source.text:
        return
    lines = tuple(document.prose)
    defined = [(number, found) for number, line in lines if (found := _DEFINED.match(line)) is not None]
    told = "\n".join(line for _, line in lines if not _DEFINED.match(line)).lower() if defined else ""
    for number, found in defined:
        if f"[{found['label'].lower()}]" in told:
            yield Text(found["to"], line=number, column=found.start("to") + 1)


def _said(group: list[_Gone], tree: Tree) -> str:
    hosts = [one.link for one in group if _HOST.fullmatch(str(one.link).partition("/")[0])]
    if len(hosts) == len(group):
        return f"{listed([str(one) for one in hosts])} is no address without https:// or mailto: in front"
    said = f"there is {listed([f'no {one.path}' for one in group], most=4)}"
    if len({one.path for one in group}) == 1:
        meant = _meant(group[0], tree)
        said += f"; {meant} is there" if meant else ""
    count = len({one.document.path for one in group})
    return said if count == 1 else f"{said}, to which links of {count} documents lead"


def _meant(gone: _Gone, tree: Tree) -> str | None:
    """Return what a link means that was written as seen from the root."""
    written = posixpath.normpath(re.split(r"[#?]", str(gone.link))[0].lstrip("/"))
    return written if tree.has(written) else None


def _is_shown_elsewhere(lost: list[_Gone], tree: Tree) -> bool:
    """Tell whether a document of which no link leads anywhere seems to be a part of another one."""
    here = lost[0].document.path
    speaks = "/" not in here or posixpath.basename(here).lower().startswith(("readme", "contributing"))
    return not speaks and not any(_meant(one, tree) for one in lost)


def _linked(document: Document, link: Text, tree: Tree) -> str | None:
    """Return the path in the repository that a link leads to; None for what is no file of it."""
    path = re.split(r"[#?]", str(link))[0]
    if not path or _HAS_SCHEME.match(str(link)) or _NO_PATH.search(path):
        return None
    if not re.search(r"\.\w+$|/", path) or path.endswith((".html", ".htm")):
        return None
    # Programs that write code stand at the root, whatever the place of their instructions is.
    at_root = _AGENTS.search(document.path) is not None and path.partition("/")[0] in tree.top
    base = "" if at_root or path.startswith("/") else posixpath.dirname(document.path)
    made = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
    return None if made.startswith("..") or made == "." else made


def _is_elsewhere(link: Text, path: str, document: Document, tree: Tree, pages: frozenset[str]) -> bool:
    """Tell whether a link is one of GitHub's own addresses, of a site, or leads to what a build makes."""
    written = re.split(r"[#?]", str(link))[0]
    parts = [one for one in written.split("/") if one not in ("", ".", "..")]
    if not parts or (written.startswith(("/", "..")) and parts[0] in _FORGE) or not _MADE.isdisjoint(parts):
        return True
    bare = "." not in parts[-1]
    if written.startswith("/"):
        # From the root of a site, which may be any directory above the document, or somewhere else.
        return bare or parts[0] not in tree.top or _is_of_site(written.strip("/"), document, tree)
    if any(tree.file(path + end) for end in _TEMPLATE_ENDS):
        return True  # the document is of what is made from a template, and so is the file
    return bare and (parts[-1] in pages or any(tree.file(path + end) for end in _PAGE_ENDS))


def _is_of_site(written: str, document: Document, tree: Tree) -> bool:
    above = posixpath.dirname(document.path)
    while above:
        if any(
            tree.has(posixpath.join(above, beside, written)) for beside in ("", "static", "public", "assets")
        ):
            return True
        above = posixpath.dirname(above)
    return False


def _first_missing(path: str, tree: Tree) -> str:
    """Return the shortest beginning of a path that is not there."""
    parts = path.split("/")
    beginnings = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return next((one for one in beginnings if not tree.has(one)), path)
