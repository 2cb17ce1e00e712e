"""Looks whether the Rust sources of a package have the names that workflows filter its tests by.

A test is called by its modules and its function, so a filter that no path and no text of the package holds
matches no test: cargo then runs none of them and reports success.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.crate import Manifests, Package
from tasks.domain.script import Script, Scripts
from tasks.domain.tree import Tree
from tasks.domain.wanted_test import WantedTest, WantedTests
from tasks.facts.tree import Files

LARGEST = 32 * 1024 * 1024
"""Bytes of source that are searched for one filter; only those that no path holds are searched for."""

_FLAGS = frozenset(
    {
        "--release", "-r", "--workspace", "--all", "--lib", "--bins", "--tests", "--examples", "--benches",
        "--all-targets", "--doc", "--no-run", "--no-fail-fast", "--all-features", "--no-default-features",
        "-q", "--quiet", "-v", "-vv", "--verbose", "--locked", "--offline", "--frozen",
    }
)  # fmt: skip


def read_wanted_tests(files: Files, scripts: Scripts, manifests: Manifests) -> WantedTests:
    """Read the filters of all workflows and search the sources of the packages they test."""
    return WantedTests(filters=tuple(_filters(files, scripts, manifests)))


def _filters(files: Files, scripts: Scripts, manifests: Manifests) -> Iterator[WantedTest]:
    if manifests.broken:
        return
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand not in ("test", "nextest") or call.has("--exclude"):
            continue
        packages = call.chosen(manifests)
        for filter_, line in _words(call, script) if packages else ():
            yield WantedTest(
                filter=filter_,
                packages=tuple(one.name for one in packages or ()),
                source=script.source,
                line=line,
                named=_named(files, packages or (), filter_),
            )


def _words(call: CargoCommand, script: Script) -> Iterator[tuple[str, int]]:
    """Go through the certain filters: the free words, when no unknown option may own them."""
    free = call.filters[1:] if call.subcommand == "nextest" else call.filters
    before = dict(zip(call.options[1:], call.options, strict=False))
    for word in free:
        option = before.get(word)
        owned = option is not None and option.text.startswith("-") and "=" not in option.text
        if owned and option is not None and option.text not in _FLAGS:
            continue
        if word.literal is not None and script.understood and not word.literal.startswith("-"):
            yield word.literal, word.line


def _named(files: Files, packages: Iterable[Package], filter_: str) -> bool | None:
    sources = [path for package in packages for path in _sources(files.tree, package)]
    # A module is called like its file; within a filter only the innermost name is looked for.
    name = filter_.rpartition("::")[2]
    if not name or any(name in path for path in sources):
        return True
    size = sum(entry.size or 0 for path in sources if (entry := files.tree.file(path)) is not None)
    if size > LARGEST:
        return None
    wanted = name.encode()
    return any(wanted in content for content in files.read(sources).values())


def _sources(tree: Tree, package: Package) -> list[str]:
    return [entry.path for entry in tree.below(package.directory) if entry.path.endswith(".rs")]
