"""Whether the targets, recipes and scripts that workflows call by name are defined."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out, placed
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import Ignored
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.recipe_needs import needed_of_just, needed_of_make, phony
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.tree import Tree

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_JUSTFILES = ("justfile", "Justfile", ".justfile")
_RULE = re.compile(r"^(?P<names>[^\s#:=?+!][^:=#]*?)\s*::?(?!=)", re.MULTILINE)
_RECIPE = re.compile(r"^@?(?P<name>[A-Za-z_][\w-]*)(?![ \t]*:=)(?:[ \t][^\n]*?)?:(?!=)", re.MULTILINE)
_ALIAS = re.compile(r"^alias\s+(?P<name>[\w-]+)\s*:=", re.MULTILINE)
_MAKE_WITH_VALUE = frozenset({"-j", "-f", "-C", "-o", "-W", "-I", "--file", "--directory"})
_STARTS_FILE = re.compile(
    r"(?:node|tsx|ts-node|bash|sh|python3?)\s+((?:\.{1,2}/|[\w-]+/)?[\w][\w./-]*\.(?:[cm]?[jt]s|sh|py))(?=\s|$)"
)
_SOURCES = ("ts", "tsx", "mts", "cts", "coffee", "js", "mjs", "cjs")
_AT_INSTALL = frozenset({"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare"})
_MADE_PLACES = frozenset({"dist", "build", "lib", "out", "target", "node_modules", "pkg", "bin", ".next"})
_DEFINE = Remedy(summary="Define it, or call what is defined", minutes=5)


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a file defines, and whether more may be defined than can be read there."""

    file: Source
    names: frozenset[str]
    open: bool = False


@check("make-target-exists", phase=Phase.FIRST_RUN, remedy=_DEFINE)
def make_target_exists(scripts: Scripts, sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Every target that a workflow makes, and every recipe that it calls with just, is defined."""
    yield from merged(_targets(scripts, sources, tree))


def _targets(scripts: Scripts, sources: Sources, tree: Tree) -> Iterator[Answer]:
    for script, command in _commands(scripts, "make", "just"):
        directory = _directory(command)
        if directory is None or command.option("-f", "--file", "--makefile", "--justfile") is not None:
            continue
        is_make = command.program == "make"
        found = _makefile(sources, directory) if is_make else _justfile(sources, directory)
        wanted = _goals(command)
        if found is None:
            if is_make and not _may_be_there(scripts, script, command, tree, directory):
                told = f"no Makefile is in {directory or 'the root of the repository'}"
                yield broken(_subject(script, "make"), told, script.source.at(command))
            continue
        made = [name for name in wanted if name in found.names]
        for one in needed_of_make(found.file, made) if is_make else needed_of_just(found.file):
            if one.name in found.names or found.open or (is_make and _by_itself(tree, directory, one.name)):
                continue
            told = f"{one.by!r} of {found.file.path} needs {one.name!r}, which is defined nowhere"
            if not is_make:
                told += ": just then runs no recipe at all"
            places = found.file.at(one.line), script.source.at(command)
            yield broken(f"{found.file.path}: {one.name}", told, *places)
        for name in wanted if is_make else wanted[:1]:
            subject = _subject(script, f"{command.program} {name}")
            if name in found.names or found.open or (is_make and _by_itself(tree, directory, name)):
                yield holds(subject, "is defined")
            else:
                told = f"{found.file.path} defines no {'target' if is_make else 'recipe'} {name!r}"
                yield broken(subject, told, script.source.at(command))


@check(
    "justfile-is-one",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put the recipes of all of them into one file and remove the others", minutes=15),
)
def justfile_is_one(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """No directory has two files that just takes for its justfile, whatever the case of their letters."""
    found: dict[str, list[str]] = {}
    for path in tree.entries:
        if path[-8:].lower() == "justfile" and posixpath.basename(path).lower() in ("justfile", ".justfile"):
            found.setdefault(posixpath.dirname(path), []).append(path)
    for directory, paths in found.items():
        if len(paths) == 1:
            yield holds(paths[0], "is the only one in its directory")
            continue
        calls = [
            script.source.at(command)
            for script, command in _commands(scripts, "just")
            if _directory(command) == directory and command.option("-f", "--justfile") is None
        ]
        told = (
            f"{listed(sorted(paths))} are in one directory: just takes each for the justfile, in whatever "
            'case; it answers "multiple candidate justfiles found" there and runs no recipe'
        )
        weight = Weight.BLOCKER if calls else None
        files = [Evidence(source="git", file=path) for path in sorted(paths)]
        yield broken(f"{directory}/justfile".lstrip("/"), told, *files, *calls[:MOST_PLACES], weight=weight)


def _goals(command: Command) -> list[str]:
    """Return the targets of a call whose words are all certain."""
    found: list[str] = []
    skip = False
    for word in command.arguments:
        if skip:
            skip = False
        elif word.text in _MAKE_WITH_VALUE:
            skip = not (word.text == "-j" and not _is_number(command, word.text))
        elif word.literal is None:
            return []
        elif not word.text.startswith("-") and "=" not in word.text:
            found.append(word.literal)
    return found


def _is_number(command: Command, option: str) -> bool:
    """Tell whether a number follows: `make -j test` makes `test`, `make -j 4` does not make `4`."""
    texts = [word.text for word in command.arguments]
    following = texts[texts.index(option) + 1 : texts.index(option) + 2]
    return bool(following) and (following[0].isdigit() or "$" in following[0])


def _makefile(sources: Sources, directory: str) -> Names | None:
    file = _first(sources, directory, _MAKEFILES)
    if file is None:
        return None
    names = {name for found in _RULE.finditer(file.text) for name in found["names"].split()} | phony(file)
    computed = any(mark in name for name in names for mark in "%$") or re.search(
        r"^-?s?include\b|\$\((?:eval|foreach|call)|^define\b", file.text, re.MULTILINE
    )
    return Names(file=file, names=frozenset(names), open=bool(computed))


def _justfile(sources: Sources, directory: str) -> Names | None:
    file = _first(sources, directory, _JUSTFILES)
    if file is None:
        return None
    names = {found["name"] for pattern in (_RECIPE, _ALIAS) for found in pattern.finditer(file.text)}
    more = re.search(r"^(?:import|mod|set\s+fallback)\b", file.text, re.MULTILINE)
    return Names(file=file, names=frozenset(names), open=bool(more))


def _by_itself(tree: Tree, directory: str, name: str) -> bool:
    """Tell whether make needs no rule: the file is there, or one that its own rules make it from."""
    path = posixpath.join(directory, name)
    return tree.has(path) or bool(tree.matching(f"{path}.*"))


@check("npm-script-exists", phase=Phase.FIRST_RUN, remedy=_DEFINE)
def npm_script_exists(scripts: Scripts, sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Every script that a workflow runs with npm, pnpm or yarn is one of its package.json."""
    yield from merged(_npm(scripts, sources, tree))


def _npm(scripts: Scripts, sources: Sources, tree: Tree) -> Iterator[Answer]:
    for script, command in _commands(scripts, "npm", "pnpm", "yarn"):
        words = command.literals
        if words[:1] == ("test",) or (command.program == "npm" and words[:1] in (("t",), ("tst",))):
            words = ("run", "test", *words[1:])
        if command.cwd is None or len(words) < 2 or words[0] not in ("run", "run-script") or words[1] is None:
            continue
        others = (
            "-w",
            "--workspace",
            "--workspaces",
            "--prefix",
            "--if-present",
            "-r",
            "--filter",
            "-C",
            "--cwd",
        )
        if words[1].startswith("-") or any(
            word.text.partition("=")[0] in others for word in command.arguments
        ):
            continue
        file = sources.get(posixpath.join(command.cwd, "package.json"))
        defined = None if file is None else _package_scripts(file)
        subject = _subject(script, f"{command.program} run {words[1]}")
        if file is None or defined is None:
            if not _may_be_there(scripts, script, command, tree, command.cwd, "package.json"):
                told = f"no package.json is in {command.cwd or 'the root of the repository'}"
                yield broken(subject, told, script.source.at(command))
        elif words[1] in defined or words[1] in ("env", "start", "restart"):
            gone = _started_file(defined.get(words[1]), tree, command.cwd)
            if gone is None or f"pre{words[1]}" in defined or gone in Ignored(sources):
                yield holds(subject, "is defined")
                continue
            assert script.job is not None, "said by `_commands`"
            assert script.step is not None, "said by `_commands`"
            harmless = None if _AT_INSTALL & {*defined} else _only_installs
            made = before(scripts, script.path, script.job, script.step, command, harmless)
            if not made.may_hold(gone, tree) and not placed(script.job, script.step, gone):
                place = file.at(file.line_of(f'"{words[1]}"'))
                told = f"the script {words[1]!r} of {file.path} runs {gone}, which is not there"
                yield broken(subject, told, script.source.at(command), place, weight=Weight.WARNING)
        else:
            told = f"{file.path} has no script {words[1]!r} (it has: {', '.join(sorted(defined)) or 'none'})"
            yield broken(subject, told, script.source.at(command))


def _only_installs(command: Command) -> bool:
    """Tell whether a command of npm installs what others have published, with no script of the package."""
    return command.program in ("npm", "pnpm", "yarn") and command.literals[:1] in (
        ("ci",),
        ("install",),
        ("i",),
    )


def _started_file(said: object, tree: Tree, directory: str) -> str | None:
    """Return the file of the repository that a script of npm begins with and that is not there."""
    found = _STARTS_FILE.match(said) if isinstance(said, str) else None
    if found is None or not _MADE_PLACES.isdisjoint(found[1].split("/")):
        return None
    path = posixpath.normpath(posixpath.join(directory, found[1]))
    if path.startswith("..") or tree.has(path) or tree.unseen(path):
        return None
    stem = path.rpartition(".")[0]  # of which another file may be the source
    return None if any(tree.has(f"{stem}.{ending}") for ending in _SOURCES) else path


def _package_scripts(file: Source) -> Mapping[str, object] | None:
    try:
        found = json.loads(file.text)
    except (ValueError, RecursionError):
        return None
    given = found.get("scripts", {}) if isinstance(found, dict) else None
    return given if isinstance(given, dict) else None


def _commands(scripts: Scripts, *programs: str) -> Iterator[tuple[Script, Command]]:
    """Go through the calls that run each time in the repository itself."""
    for script, command in scripts.commands(*programs):
        job, step = script.job, script.step
        if job is None or step is None or script.never or not checked_out(job, step):
            continue
        if command.cwd is not None and command.fatal and not (command.conditional or command.function):
            yield script, command


def _directory(command: Command) -> str | None:
    place = command.option("-C", "--directory")
    if place is None:
        return command.cwd
    return None if place.literal is None else command.path(place.literal)


def _first(sources: Sources, directory: str, names: tuple[str, ...]) -> Source | None:
    found = (sources.get(posixpath.join(directory, name)) for name in names)
    return next((one for one in found if one is not None), None)


def _may_be_there(  # noqa: PLR0917 - a file, its place and who asks
    scripts: Scripts, script: Script, command: Command, tree: Tree, directory: str, name: str = "Makefile"
) -> bool:
    """Tell whether a file may have been made before, or could not be read."""
    assert script.job is not None, "said by `_commands`"
    assert script.step is not None, "said by `_commands`"
    made = before(scripts, script.path, script.job, script.step, command)
    return made.opaque or _may_be_made(scripts, script, command, tree, posixpath.join(directory, name))


def _may_be_made(scripts: Scripts, script: Script, command: Command, tree: Tree, path: str) -> bool:
    """Tell whether a file is there, or an earlier step of the job may have left it there."""
    assert script.job is not None, "said by `_commands`"
    assert script.step is not None, "said by `_commands`"
    made = before(scripts, script.path, script.job, script.step, command)
    return made.may_hold(path, tree) or placed(script.job, script.step, path)


def _subject(script: Script, name: str) -> str:
    return f"{script.path.rpartition('/')[2]}: {name}"
