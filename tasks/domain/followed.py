"""Which documents people follow today, and which of them are pages of a site."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.document import Document, Documents
from tasks.domain.text_index import TextIndex
from tasks.domain.tree import Tree

# Records of what was done or intended at some time: nobody follows them as instructions today.
_RECORD = re.compile(
    r"(?:^|[-_/.])(?:change-?log|changes|history|session\w*|summary|status|report|handoff|progress|complet\w+|"
    r"plans?|future|roadmap|input\w*|output\w*|prompt|notes?|archive|proposal|rfcs?|adr|decisions?|design|migration|"
    r"block[-_]?\d+\w*|phase[-_]?\d+\w*|release-?notes|news|\d{4}-\d{2}(?:-\d{2})?)(?:[-_/.]|$)",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"(?:^|/)(?:blogs?|posts|releases|artifacts|archived?|legacy|deprecated|(?:old|backup)(?:[-_][\w-]+)?|"
    r"(?:[\w.]*[-_])*audits?(?:[-_][\w.-]*)?|versioned_docs|version-[\w.]+|i18n|translations?|locales?)/",
    re.IGNORECASE,
)
"""Directories of what stays as it was written: articles, releases, copies in other languages or versions."""
_OF_OTHERS = re.compile(
    r"(?:^|/)(?:research|prior[-_]art|related[-_]work)/|[-_]research\.\w+$", re.IGNORECASE
)
"""Studies of what other projects do."""
_HEAD = 1500  # characters
_NOT_BUILT = re.compile(
    r"^[>#*_| \t-]*status[*_:| \t]*[^\w\n]*(?:design|draft|propos\w+|plan(?:ned)?|superseded|obsolete|"
    r"deprecated|archived|historical|not (?:yet )?(?:started|implemented|built))\b|"
    r"\bno code (?:is |was |has been )?(?:shipped|written|merged)\b|"
    r"\bnothing (?:here )?is (?:built|implemented) yet\b",
    re.IGNORECASE | re.MULTILINE,
)
"""How the head of a document says that it is a design of what is to be, or no longer holds."""
_PATTERN = re.compile(
    r"(?:^|[-_/.])(?:templates?|tpl|boilerplate|skeleton|scaffold\w*|cookiecutter)(?:[-_/.]|$)", re.IGNORECASE
)
_OF_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testdata|testsuite|mdtest|fixtures|snapshots|corpus|"
    r"tests?[-_](?:data|suites?|cases?|files|fixtures|resources|vectors))/|(?:^|/)syntax_test_[^/]*$",
    re.IGNORECASE,
)
_SPEAKS_TO_PEOPLE = re.compile(
    r"(?:readme|contributing|development|testing|running)(?:[-_.][\w-]+)?\.\w+", re.IGNORECASE
)
_SITE_FILE = re.compile(
    r"(?:mkdocs[^/]*\.yml|zensical\.toml|docusaurus\.config\.[^/]*|book\.toml|astro\.config\.[^/]*|docs\.json|mint\.json|"
    r"_config\.y[^/]*ml|conf\.py|hugo\.[^/]*|antora\.yml|vocs\.config\.[^/]*|rspress\.config\.[^/]*|"
    r"next\.config\.[^/]*|nuxt\.config\.[^/]*|gatsby-config\.[^/]*|sidebars\.[jt]s|_sidebar\.md|SUMMARY\.md|"
    r"\.gitbook\.yaml|\.nojekyll)"
)
"""The files of those who make a site out of documents, beside them or beside their directory."""
_PRESS = re.compile(r"(.*?)/?\.(?:vitepress|vuepress)/config(?:/index)?\.\w+")
_PAGES = ("docs", "doc", "src", "content", "pages")


def followed(documents: Documents, *words: str) -> Iterator[Document]:
    """Go through the documents that people follow today, with words those in whose text one of them stands.

    Records of what was, designs of what is to be, patterns for documents of others, studies of what others
    do, and the data of tests are left out.
    """
    if "followed" not in documents.memo:
        every = tuple(one for one in documents if is_followed(one.path) and _holds(one))
        documents.memo["followed"] = every, TextIndex(one.source.text for one in every)
    known: tuple[tuple[Document, ...], TextIndex] = documents.memo["followed"]
    files, index = known
    numbers = {number for word in words for number in index.holding(word)} if words else range(len(files))
    return (files[number] for number in sorted(numbers))


@functools.lru_cache(maxsize=65536)
def is_followed(path: str) -> bool:
    """Tell whether people of the repository read a document of this path as what holds today."""
    if _RECORD.search(path) or _PAST.search(path) or _PATTERN.search(path):
        return False
    of_here = _OF_TESTS.search(path) is None and _OF_OTHERS.search(path) is None
    return of_here or _SPEAKS_TO_PEOPLE.fullmatch(posixpath.basename(path)) is not None


def _holds(document: Document) -> bool:
    """Tell whether a document does not call itself a design or past; READMEs and runbooks are read anyway."""
    head = document.source.text[:_HEAD]
    lower = head.lower()
    if _SPEAKS_TO_PEOPLE.fullmatch(posixpath.basename(document.path)) or "runbook" in document.path.lower():
        return True
    return not (("status" in lower or "no code" in lower or "nothing" in lower) and _NOT_BUILT.search(head))


@dataclass(frozen=True, kw_only=True)
class Sites:
    """The directories in which a site is configured, and those that are known to hold the pages of one."""

    configured: frozenset[str]
    pages: frozenset[str]

    @classmethod
    def of(cls, tree: Tree) -> Sites:
        """Look for the files of those who make sites."""
        places = [
            (path.rpartition("/")[0], name)
            for name, paths in tree.named.items()
            if _SITE_FILE.fullmatch(name) or name.startswith(("config.", "docusaurus.config.", "hugo."))
            for path in paths
            if path in tree.entries
        ]
        configured = {above for above, name in places if _SITE_FILE.fullmatch(name)}
        configured |= {above for above, name in places if _is_zola(above, name, tree)}
        pages = {
            found[1]
            for path in tree.entries
            if ".vite" in path or ".vue" in path
            if (found := _PRESS.fullmatch(path))
        }
        # Docusaurus has its files in `website` and reads the documents beside that directory.
        pages |= {
            posixpath.join(posixpath.dirname(above), "docs")
            for above, name in places
            if above and name.startswith(("docusaurus.config.", "hugo."))
        }
        return cls(configured=frozenset(configured), pages=frozenset(pages))

    def have(self, document: Document) -> bool:
        """Tell whether a document is a page: its links are the addresses of a site, and pages are made."""
        if document.path.endswith(".mdx") or document.source.text.startswith(("---\n", "+++\n", "---\r\n")):
            return True
        above = posixpath.dirname(document.path)
        while above:
            here = posixpath.dirname(above)
            beside = posixpath.basename(above) in _PAGES and here in self.configured
            if above in self.configured or above in self.pages or beside:
                return True
            above = here
        return "" in self.pages


def _is_zola(above: str, name: str, tree: Tree) -> bool:
    """Tell whether a `config.toml` is that of Zola or Hugo, which have their pages in `content`."""
    return name in ("config.toml", "config.yaml") and tree.directory(posixpath.join(above, "content"))
