"""Looks whether the Rust sources of a package have the names that workflows filter its tests by.

A test is called by its modules and its function, so a filter that no path and no text of the package holds
matches no test: cargo then runs none of them and reports success.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.crate import Manifests, Package
from tasks.domain.script import Command, Script, Scripts
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

_HARNESS_FLAGS = frozenset(
    {
        "--exact", "--nocapture", "--no-capture", "--ignored", "--include-ignored", "--show-output", "--test",
        "-q", "--quiet", "--shuffle", "--report-time",
    }
)  # fmt: skip
_HARNESS_VALUES = frozenset(
    {"--skip", "--test-threads", "--format", "--color", "--logfile", "-Z", "--shuffle-seed"}
)
"""Options of the harness that comes with Rust (``cargo test -- --help``); of others nothing is known."""
_KINDS = ("bin", "test", "example", "bench")
_TEST = re.compile(r"\s*test\(\s*([A-Za-z_]\w*(?:::\w+)*)\s*\)\s*")

_PASTES = re.compile(rb"\bpaste!|concat_idents!|\btest_case\b")
"""Macros that put names of tests together from pieces and texts."""


def read_wanted_tests(files: Files, scripts: Scripts, manifests: Manifests) -> WantedTests:
    """Read the filters of all workflows and search the sources of the packages they test."""
    return WantedTests(filters=tuple(_filters(files, scripts, manifests)))


def _filters(files: Files, scripts: Scripts, manifests: Manifests) -> Iterator[WantedTest]:
    if manifests.broken:
        return
    for script in scripts:
        if script.job is None or script.never:
            continue
        for command in script.running("cargo"):
            yield from _of_command(files, script, command, manifests)


def _of_command(files: Files, script: Script, command: Command, manifests: Manifests) -> Iterator[WantedTest]:
    call = cargo_command(command)
    if call is None or call.subcommand not in ("test", "nextest") or call.has("--exclude"):
        return
    packages = call.chosen(manifests)
    found = [*_words(call, script), *_passed(call, script, packages or ()), *_expressions(call, script)]
    if call.passed and len(found) > 1:
        return  # one of several is enough for a test to run
    for filter_, line in found if packages else ():
        yield WantedTest(
            filter=filter_,
            packages=tuple(one.name for one in packages or ()),
            source=script.source,
            line=line,
            named=_named(files, packages or (), filter_),
            nextest=call.subcommand == "nextest" and not any(call.given("--no-tests")),
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


def _passed(call: CargoCommand, script: Script, packages: Iterable[Package]) -> Iterator[tuple[str, int]]:
    """Go through the filters behind ``--``; nothing when a harness of its own may read them otherwise."""
    found: list[tuple[str, int]] = []
    skip = False
    for word in call.passed:
        if skip:
            skip = False
        elif word.text in _HARNESS_VALUES:
            skip = True
        elif word.text.startswith("-"):
            if word.text not in _HARNESS_FLAGS and word.text.partition("=")[0] not in _HARNESS_VALUES:
                return
        elif word.literal is None or not script.understood:
            return
        else:
            found.append((word.literal, word.line))
    if not any(_has_own_harness(one) for one in packages):
        yield from found


def _has_own_harness(package: Package) -> bool:
    """Tell whether a target of a package says ``harness = false``."""
    targets = [package.toml.root.get("lib"), *(each for kind in _KINDS for each in _list(package, kind))]
    return any(isinstance(one, dict) and one.get("harness") is False for one in targets)


def _list(package: Package, kind: str) -> list[object]:
    given = package.toml.root.get(kind)
    return given if isinstance(given, list) else []


def _expressions(call: CargoCommand, script: Script) -> Iterator[tuple[str, int]]:
    """Go through the names of nextest's ``-E 'test(NAME)'`` when that is all of the expression."""
    if call.subcommand != "nextest" or not script.understood:
        return
    words = tuple(call.given("-E", "--filter-expr", "--filterset"))
    said = _TEST.fullmatch(words[0].literal or "") if len(words) == 1 else None
    if said is not None:
        yield said[1], words[0].line


def _named(files: Files, packages: Iterable[Package], filter_: str) -> bool | None:
    """Tell whether the sources have the modules and the name of a filter; None when that is not certain."""
    sources = [path for package in packages for path in _sources(files.tree, package)]
    *modules, name = filter_.split("::")
    wanted = [_module(one) for one in modules if not any(one in path for path in sources)]
    # rstest counts its cases: no source has the names.
    if not name.startswith("case_") and not any(name in path for path in sources):
        wanted.append(re.compile(re.escape(name.encode())))
    if not wanted:
        return True
    size = sum(entry.size or 0 for path in sources if (entry := files.tree.file(path)) is not None)
    if size > LARGEST:
        return None
    contents = files.read(sources).values()
    if all(any(one.search(content) for content in contents) for one in wanted):
        return True
    return None if any(_PASTES.search(content) for content in contents) else False


def _module(name: str) -> re.Pattern[bytes]:
    """Return what names a module that has no file of its own, also as an argument of a macro."""
    own = re.escape(name.encode())
    return re.compile(
        rb"\b(?:mod|fn)\s+\w*" + own + rb"\b|" + own + rb"\s*(?:\{|=>|;)|[(,]\s*" + own + rb"\s*[,)]"
    )


def _sources(tree: Tree, package: Package) -> list[str]:
    return [entry.path for entry in tree.below(package.directory) if entry.path.endswith(".rs")]
