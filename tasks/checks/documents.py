"""Whether what documents tell people to run, open and set is there and does something."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests, TargetKind
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.foreign_section import of_another_project
from tasks.domain.from_root import runs_at_root
from tasks.domain.ignored import Ignored
from tasks.domain.own_clone import own_names
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script
from tasks.domain.source import Sources
from tasks.domain.told import Told, named, once
from tasks.domain.tree import Tree

_NOT_YET = re.compile(
    r"\b(?:create|add|new|plan|planned|will|would|should|todo|future|propos\w+|example|e\.g|like|such|rename\w*|remov\w+|"
    r"delet\w+|former\w*|old|miss\w+|not|no|once|if|your|instead|copy|write|generat\w+|template)\b",
    re.IGNORECASE,
)
_OTHER_REPOSITORY = re.compile(
    r"\b(?:that|another|other|different|separate|upstream|private|own)\s+(?:repositor(?:y|ies)|repos?)\b",
    re.IGNORECASE,
)
_WORKFLOW = re.compile(r"^(?:\./)?(\.github/workflows/[\w.-]+\.ya?ml)$")
_WORKFLOW_BADGE = re.compile(
    r"github\.com/[\w.-]+/(?P<name>[\w.-]+)/actions/workflows/(?P<file>[\w.-]+\.ya?ml)/badge\.svg"
)
_SCRIPT = (".sh", ".bash", ".py", ".ps1", ".mjs", ".js", ".rb", ".pl")
_INTERPRETERS = ("bash", "sh", "python", "python3", "source", ".", "node", "ruby", "perl", "pwsh")
_MADE_BY_TOOLS = frozenset(
    {"target", "build", "dist", "out", "node_modules", "tmp", "path", "to", "venv", ".venv", "examples"}
)
_EXPORTED = re.compile(r"(?:GITHUB|GH)_TOKEN=")
_TAKES_TOKEN = re.compile(
    r"setup-git|credential|x-access-token|insteadOf|set-url|askpass|@github\.com", re.IGNORECASE
)
_MAKES_ONE = re.compile(r"cargo (?:new|init)\b|\[(?:package|workspace)\]|\[\[bin\]\]")
_STANDS_FOR_ANY = re.compile(
    r"^(?:crate|package|example|bin|binary|name)$|(?:^|[-_])(?:your|my|some|foo|bar|name|example)(?:$|[-_])"
)
_ANY_SCRIPT = re.compile(r"(?:^|[-_])(?:x{3,}|your|foo|bar|baz)(?:[-_.]|$)", re.IGNORECASE)
_SENDS_AWAY = re.compile(
    r"(?<!git )\bclon(?:e|ed|ing)\b"
    r"|\b(?:in|to|from|of|into)\s+(?:the\s+)?[`'\"\[][\w./-]+[`'\"\]](?:\([^)]*\))?\s*repo",
    re.IGNORECASE,
)
_ABOVE = 15  # lines in which a text says where people are
_CLONED = r"git clone[^\n]*[/ ]%s(?:\.git)?/?(?:\s|$)"
_CORRECT = Remedy(summary="Correct the document, or add what it names", minutes=10)
_MAKES_AROUND = re.compile(r"(?:cat|tee|curl|wget|create|write|>):?\s")
_MAKES = re.compile(r"(?:>|curl|wget|tee|touch)\s")
_LONGEST_WORD = len("create:\n")


@check("documented-script-exists", phase=Phase.DEPLOYMENT, weight=Weight.NOTE, remedy=_CORRECT)
def documented_script_exists(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every script of the repository that a document tells people to run is there."""
    told = tuple(_scripts(documents, tree, sources))
    yield from once([one for one in told if not one.why], lambda told: _no_script(named(told)))
    moved = [one for one in told if one.why]
    yield from once(moved, lambda told: f"tells to run {listed([one.why for one in told])}")


def _no_script(names: list[str]) -> str:
    return f"tells to run {listed(names)}, of which no file of the repository has the name"


def _scripts(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Told]:
    sites, ignored, own = Sites.of(tree), Ignored(sources), own_names(sources)
    tops = {f"{one.partition('/')[0]}/" for one in tree.directories}
    begin = ("./", *(f"{one} " for one in _INTERPRETERS if one != "."), *sorted(tops - {"/"}))
    named = (*_told(documents, *_SCRIPT), *_spoken(documents, begin))
    for document, script, command in (*named, *_plain(documents, tops)):
        path = _run(command, tree)
        # The pages of a site are for those who use the project, in repositories of their own.
        if path is None or sites.have(document) or _is_elsewhere(document, script, command):
            continue
        name = posixpath.basename(path)
        if _ANY_SCRIPT.search(name):
            continue
        if "/" not in path or _is_made(name, document, script) or path in ignored:
            continue
        if of_another_project(document, command.line, tree, own):
            continue
        here = [one for one in tree.named.get(name, ()) if one in tree.entries]
        place = document.source.at(command)
        if here:
            if _is_moved(path, here, document, script, tree):
                why = f"{path}, which is at {here[0]}"
                yield Told(document=document.path, name=path, place=place, why=why)
        elif tree.directory(path.partition("/")[0]) or (
            _MADE_BY_TOOLS.isdisjoint(path.split("/"))
            and runs_at_root(path, document, script, command, tree, sources)
        ):
            whole = next((path + ending for ending in _SCRIPT if tree.has(path + ending)), None)
            why = f"{path}, which is at {whole}" if whole is not None else ""
            yield Told(document=document.path, name=path, place=place, why=why)


def _plain(documents: Documents, tops: set[str]) -> Iterator[tuple[Document, Script, Command]]:
    """Go through the commands that run a file of a directory of the root by a path that begins with a dot."""
    for document, script, command in _told(documents, *(f"./{one}" for one in sorted(tops))):
        first = command.run[0].text if command.run else ""
        if first.startswith("./") and not first.endswith(_SCRIPT):
            yield document, script, command


def _is_moved(path: str, here: list[str], document: Document, script: Script, tree: Tree) -> bool:
    """Tell whether a script is in another directory than the one that a path from the root names."""
    above = posixpath.dirname(path)
    near = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), path))
    if len(here) > 1 or not tree.directory(path.partition("/")[0]):
        return False
    if any(tree.has(one) or tree.unseen(one) for one in (path, near)):
        return False
    copied = any(one.program in ("cp", "mv", "ln", "install", "cd", "pushd") for one in script.commands)
    return not copied and not here[0].endswith(f"/{path}") and above not in ("", ".")


@check("documented-target-exists", phase=Phase.DEPLOYMENT, weight=Weight.NOTE, remedy=_CORRECT)
def documented_target_exists(
    documents: Documents, manifests: Manifests, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    """Every package and program that a document tells cargo to build or run is one of the workspace."""
    told = tuple(_targets(documents, manifests, own_names(sources)))
    yield from once(
        told,
        lambda told: f"tells cargo to build the {listed(named(told))}, which the workspace does not have",
    )
    called = tuple(_aliases(documents, manifests, sources, tree))
    yield from once(called, lambda _: "tells to run `cargo xtask`, and no .cargo/config.toml has this alias")


def _aliases(documents: Documents, manifests: Manifests, sources: Sources, tree: Tree) -> Iterator[Told]:
    """Go through the calls of `cargo xtask`, which cargo knows by an alias of the repository alone."""
    programs = {name for one in manifests for name in one.named(TargetKind.BIN)}
    if "cargo-xtask" in programs or manifests.broken or not manifests.packages:
        return
    for document, script, command in _told(documents, "cargo xtask"):
        if command.program != "cargo" or command.literals[:1] != ("xtask",):
            continue
        if _has_alias(sources, tree) or "/" in document.path or "cargo-xtask" in document.source.text:
            return
        lines = document.source.lines[: command.line]
        away = any(_SENDS_AWAY.search(line) for line in lines) or "alias" in document.source.text
        if not away and not any(one.program == "cd" for one in script.earlier(command)):
            yield Told(document=document.path, name="cargo xtask", place=document.source.at(command))


def _has_alias(sources: Sources, tree: Tree) -> bool:
    """Tell whether anything may make the alias: cargo's settings, or a text that speaks of aliases."""
    settings = [path for name in ("config.toml", "config") for path in tree.named.get(name, ())]
    for path in settings if any("cargo/" in one for one in settings) else ():
        text = sources.get(path)
        if text is None or "xtask" in text.text:
            return True
    return any(
        "alias" in one.text or "cargo-xtask" in one.text for one in sources.saying("xtask", told=False)
    )


def _targets(documents: Documents, manifests: Manifests, own: frozenset[str]) -> Iterator[Told]:
    if manifests.broken or not manifests.packages:
        return
    packages = {one.name for one in manifests}
    locked = {name for lock in manifests.locks.values() for name in lock.names}
    targets = {
        kind: {name for one in manifests for name in one.named(kind)}
        for kind in (TargetKind.BIN, TargetKind.EXAMPLE)
    }
    for document, script, command in _told(documents, "cargo"):
        call = cargo_command(command)
        if call is None or not call.builds or "clone" in script.text or _has_manifest(command):
            continue
        if _is_elsewhere(document, script, command) or _MAKES_ONE.search(document.source.text):
            continue
        asked = [("package", word.literal, packages | locked) for word in call.packages]
        asked += [
            (kind.value, word.literal, known)
            for kind, known in targets.items()
            for word in call.given(f"--{kind}")
        ]
        for kind, name, known in asked:
            certain = name is not None and re.fullmatch(r"[a-z](?:[a-z0-9_-]*[a-z0-9_])?", name)
            if not certain or name in known or _STANDS_FOR_ANY.search(name or ""):
                continue
            filled_in = f"{name}<" in (document.source.line(command.line) or "")
            if not filled_in and not _speaks_of_another(str(name), document, command, own):
                yield Told(document=document.path, name=f"{kind} {name}", place=document.source.at(command))


def _has_manifest(command: Command) -> bool:
    return any(word.text.startswith("--manifest-path") for word in command.arguments)


def _speaks_of_another(name: str, document: Document, command: Command, own: frozenset[str]) -> bool:
    """Tell whether the text above a command sends people to another repository, or calls the name one.

    What is called as the repository itself is, by one of its ``own`` names, is no other one.
    """
    lines = document.source.lines
    above = lines[max(0, command.line - 1 - _ABOVE) : command.line - 1]
    if any(_SENDS_AWAY.search(line) for line in above):
        return True
    if name in own:
        return False
    called = re.compile(
        rf"\b{re.escape(name)}\b[`'\"\]]*\s*repo|github\.com/[\w.-]+/[\w.-]*{re.escape(name)}\b"
    )
    return any(called.search(line) for line in lines if name in line)


@check("documented-workflow-exists", phase=Phase.FIRST_RUN, weight=Weight.NOTE, remedy=_CORRECT)
def documented_workflow_exists(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every workflow file that a document names, shows a badge of or starts by hand is there."""
    told = (*_workflows(documents, tree, own_names(sources)), *_badges(documents, tree, sources))
    yield from once(told, lambda told: f"there is {listed([f'no {one}' for one in named(told)])}")


def _workflows(documents: Documents, tree: Tree, own: frozenset[str]) -> Iterator[Told]:
    if not tree.directory(".github/workflows"):
        return
    sites = Sites.of(tree)
    for document in followed(documents, ".github/workflows/"):
        # The pages of a site are for those who use the project, in repositories of their own.
        for span in document.spans if not sites.have(document) else ():
            found = _WORKFLOW.match(span)
            line = document.source.line(span.line) or ""
            if found is None:
                continue
            known = tree.file(found[1]) or _NOT_YET.search(line) or _OTHER_REPOSITORY.search(line)
            if not known and not of_another_project(document, span.line, tree, own):
                yield Told(document=document.path, name=found[1], place=document.source.at(span))
    for document, _, command in _told(documents, "gh"):
        words = [word.literal or "" for word in command.arguments]
        if command.program != "gh" or words[:2] != ["workflow", "run"] or command.has("-R", "--repo"):
            continue
        name = next((word for word in words[2:] if word.endswith((".yml", ".yaml"))), None)
        if name is None:
            continue
        path = f".github/workflows/{posixpath.basename(name)}"
        if not tree.file(path):
            place = document.source.at(command)
            yield Told(document=document.path, name=path, place=place, weight=Weight.WARNING)


def _badges(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Told]:
    """Go through the badges of workflows of this repository: GitHub has none of a file that is not there."""
    names = own_names(sources) if tree.directory(".github/workflows") else frozenset()
    for document in followed(documents, "/badge.svg") if names else ():
        for number, line in enumerate(document.source.lines, 1):
            for found in _WORKFLOW_BADGE.finditer(line) if "/badge.svg" in line else ():
                path = f".github/workflows/{found['file']}"
                if found["name"].lower() in names and not tree.file(path):
                    yield Told(document=document.path, name=path, place=document.source.at(number))


@check(
    "documented-remedy-works",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Tell people to let git use the token",
        commands=("gh auth refresh --hostname github.com --scopes workflow", "gh auth setup-git"),
        minutes=5,
    ),
)
def documented_remedy_works(documents: Documents) -> Iterator[Answer]:
    """No document tells people to export a token for `git push`, which git does not read."""
    for document in documents:
        text = document.source.text
        if "_TOKEN=" not in text or "git push" not in text or not _EXPORTED.search(text):
            continue
        if _TAKES_TOKEN.search(text):
            continue
        blocks = (*document.scripts, *document.lines_with("export ", "git push"))
        commands = [one for script in blocks for one in script.commands]
        exports = [
            one for one in commands if any(a.name in ("GITHUB_TOKEN", "GH_TOKEN") for a in one.assignments)
        ]
        for export in exports:
            near = [one for one in commands if 0 < one.line - export.line <= 15 and one.program == "git"]
            if any(one.literals[:1] == ("push",) for one in near):
                told = "the variable has no effect on `git push`: git asks its credential helper"
                yield broken(document.path, told, document.source.at(export))
                break


def _told(documents: Documents, *words: str) -> Iterator[tuple[Document, Script, Command]]:
    """Go through the commands of all blocks in which one of some words stands, or that begin with it."""
    for document in followed(documents, *words):
        for script in (*document.scripts_with(*words), *document.spoken_with(*words)):
            for command in script.commands:
                yield document, script, command


def _spoken(documents: Documents, begin: tuple[str, ...]) -> Iterator[tuple[Document, Script, Command]]:
    """Go through the single commands that name a script, where no block says that it is shell."""
    for document in followed(documents, *_SCRIPT):
        for script in document.spoken_with(*begin):
            for command in script.commands if any(word in script.text for word in _SCRIPT) else ():
                yield document, script, command


def _is_elsewhere(document: Document, script: Script, command: Command) -> bool:
    """Tell whether people are in another repository by then, which an earlier block had them clone."""
    gone = [one for one in script.commands if one.program == "cd" and one.line <= command.line]
    names = {posixpath.basename((one.literals[0] or "").rstrip("/")) for one in gone if one.literals}
    return any(name and re.search(_CLONED % re.escape(name), document.source.text) for name in names)


def _run(command: Command, tree: Tree) -> str | None:
    first = command.run[0].literal if command.run else None
    if first in _INTERPRETERS:
        given = (word.literal for word in command.arguments if not word.text.startswith("-"))
        first, plain = None if command.has("-c", "-e", "-m", "-p") else next(given, None), False
    else:
        plain = first is not None and first.startswith("./") and re.fullmatch(r"[\w./-]+", first) is not None
    if first is None or first.startswith(("/", "~", "..")):
        return None
    path = posixpath.normpath(first)
    if first.endswith(_SCRIPT):
        return path
    return path if plain and _has_programs(posixpath.dirname(path), tree) else None


def _has_programs(directory: str, tree: Tree) -> bool:
    """Tell whether the files of a directory are there to be run by their names."""
    if directory not in tree.directories or not _MADE_BY_TOOLS.isdisjoint(directory.split("/")):
        return False
    return any(one.executable for one in tree.below(directory) if posixpath.dirname(one.path) == directory)


def _is_made(name: str, document: Document, script: Script) -> bool:
    """Tell whether the block makes the file, or the text around it tells people to."""
    text = document.source.text
    elsewhere = text.count(name) > script.text.count(name)
    return (elsewhere and _is_behind(name.lower(), _MAKES_AROUND, text.lower())) or _is_behind(
        name, _MAKES, script.text
    )


def _is_behind(name: str, word: re.Pattern[str], text: str) -> bool:
    """Tell whether a name stands behind a word on its line, or on the line below the word."""
    at = text.find(name)
    while at >= 0:
        begin = text.rfind("\n", 0, at) + 1
        if any(one.end() >= begin for one in word.finditer(text, max(0, begin - _LONGEST_WORD), at)):
            return True
        at = text.find(name, at + 1)
    return False
