"""Counts the tests in Rust sources, when a document states how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tasks.domain.counted_tests import Count, CountedTests
from tasks.domain.crate import Manifests, Package
from tasks.domain.stated_tests import StatedTests
from tasks.domain.tree import Tree
from tasks.facts.tree import Files

LARGEST = 64 * 1024 * 1024
"""Bytes of sources that are counted."""

_TEST = re.compile(
    rb"^[ \t]*#\[\s*(?:\w+::)*(?:test|wasm_bindgen_test|rstest|proptest|quickcheck)\s*[\](]", re.MULTILINE
)
# What makes more tests than there are attributes: cases, macros that name functions, written sources.
_MAKES_MORE = re.compile(
    rb"#\[(?:\w+::)*(?:rstest|test_case|case|apply|template|dir_test|matrix|test_matrix|parameterized|files|"
    rb"test_resources|test_each\w*)\b|quickcheck!|libtest_mimic|datatest|"
    rb"#\[[\w:]*test\b[^\]]*\]\s*(?:(?:#\[[^\]]*\]|\$\(#[^)]*\)\*?)\s*)*(?:pub\s+)?(?:async\s+)?fn\s+(?:\$|\[<)|"
    rb'include!\(\s*concat!\(\s*env!\(\s*"OUT_DIR"'
)
_FENCE = re.compile(rb"^[ \t]*//[/!][ \t]*```", re.MULTILINE)


def counted_tests(files: Files, manifests: Manifests, claims: Iterable[StatedTests]) -> CountedTests:
    """Count the tests of every package; nothing is read when nobody states a number."""
    if manifests.broken or not any(True for _ in claims):
        return CountedTests()
    sources = {one.name: _sources(files.tree, one, manifests) for one in manifests}
    size = sum(
        entry.size or 0 for paths in sources.values() for path in paths if (entry := files.tree.file(path))
    )
    if size > LARGEST:
        return CountedTests()
    return CountedTests(packages={name: _count(files, paths) for name, paths in sources.items()})


def _sources(tree: Tree, package: Package, manifests: Manifests) -> list[str]:
    inner = [
        f"{one.directory}/"
        for one in manifests
        if one.directory != package.directory and f"{one.directory}/".startswith(_below(package))
    ]
    return [
        entry.path
        for entry in tree.below(package.directory)
        if entry.path.endswith(".rs") and not entry.path.startswith(tuple(inner))
    ]


def _below(package: Package) -> str:
    return f"{package.directory}/" if package.directory else ""


def _count(files: Files, paths: list[str]) -> Count:
    least, examples, more = 0, 0, False
    for content in files.read(paths).values():
        least += len(_TEST.findall(content))
        examples += len(_FENCE.findall(content)) // 2
        more = more or _MAKES_MORE.search(content) is not None
    return Count(least=least, most=None if more else least + examples)
