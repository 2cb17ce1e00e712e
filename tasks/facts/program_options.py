"""Searches the Rust sources for the options that documents and scripts give to the workspace's programs.

clap makes an option's name of a literal or of a field's name, so one of which no source has either is
refused: "unexpected argument '--x' found". That is certain only where nothing else may add options: types of
other crates that are taken in or parsed, subcommands that anybody may add, names that a run puts together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.crate import Manifests, Package, TargetKind
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.followed import Sites, followed
from tasks.domain.program_option import UnknownOption, UnknownOptions
from tasks.domain.script import Command, Scripts, Word
from tasks.domain.source import Source
from tasks.facts.program_variables import read_unknown_variables
from tasks.facts.tree import Files

LARGEST = 8 * 1024 * 1024
"""Bytes of Rust that are searched; above it nothing is."""

_STARTS = ("cargo run", "target/release/", "target/debug/")
_LONG = re.compile(r"--(?P<name>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)(?:=.*)?", re.DOTALL)
_BUILT_IN = frozenset({"help", "version"})
_PROPOSAL = re.compile(
    r"(?:^|/)(?:sips?|padrs?|adrs?|rfcs?|proposals?|designs?)(?:/|-)|(?:^|/)\d{3,4}-", re.IGNORECASE
)
_OPEN = re.compile(
    rb"\b(?:trailing_var_arg|(?:allow_)?external_subcommands?|allow_hyphen_values|ignore_errors|augment_args|"
    rb"augment_subcommands|TrailingVarArg|AllowExternalSubcommands|from_yaml)\b|\b(?:last|raw)\s*=\s*true\b|"
    rb"\.(?:last|raw)\(true\)|clap_app!|\benv::args|\.long\(\s*[^\"\s)]|\(\s*long\s*=\s*[^\"\s]|,\s*long\s*=\s*[^\"\s]"
)
"""What lets a program take options that its sources do not spell."""
_DECLARED = re.compile(rb"derive\([^)]*\b(?:Parser|StructOpt)\b|\bArg::new\(")
_TAKEN_IN = re.compile(
    rb"#\[\s*(?:command|clap|structopt|arg)\(\s*[^\]]*\b(?:flatten|subcommand)\b[^\]]*\)\s*\]\s*"
    rb"(?:#\[[^\]]*\]\s*|//[^\n]*\s*)*(?:pub(?:\([\w:\s]+\))?\s+)?\w+\s*:\s*(?P<type>[^,\n{}]+)"
)
_SUBCOMMANDS = re.compile(
    rb"derive\([^)]*\bSubcommand\b[^)]*\)\s*\]\s*(?:#\[[^\]]*\]\s*|//[^\n]*\s*)*(?:pub(?:\([\w:\s]+\))?\s+)?"
    rb"enum\s+\w+(?:<[^>]*>)?\s*\{(?P<body>(?:[^{}]|\{[^{}]*\})*)\}"
)
_PAYLOAD = re.compile(rb"\b[A-Z]\w*\s*\(\s*(?P<type>[\w:<>\s,]+?)\s*\)\s*,?")
_PARSED = re.compile(rb"\b(?P<type>[A-Z]\w*)(?:::<[^()]*>)?::(?:try_)?parse\(\)")
_ADDED = re.compile(rb"\.(?:args?|subcommands?)\(\s*(?P<what>[A-Za-z]\w*(?:::\w+)+)\s*\(")
_BUILDERS = re.compile(rb"(?:clap::)?(?:Arg|ArgGroup|Command|App|SubCommand)::\w+")
_DERIVED = re.compile(rb"derive\([^)]*\b(?:Parser|StructOpt)\b")
_TYPE = re.compile(rb"[A-Z]\w*")
_PLAIN = frozenset({b"Option", b"Box", b"Vec", b"Arc"})
_OTHER_CASE = re.compile(
    rb"rename_all(?:_env)?\s*=\s*\"(?:snake|SNAKE|SCREAMING|camel|verbatim|lower|Pascal)"
)


@dataclass(frozen=True, kw_only=True)
class _Given:
    """One option that a command gives to a program of a package."""

    option: str
    package: Package
    place: Evidence

    @property
    def kebab(self) -> str:
        return self.option.replace("_", "-")

    @property
    def snake(self) -> str:
        return self.option.replace("-", "_")


def read_unknown_options(
    files: Files, documents: Documents, scripts: Scripts, manifests: Manifests
) -> UnknownOptions:
    """Look for the options of all documents and scripts; sources are read only of packages that get some."""
    if manifests.broken:
        return UnknownOptions()
    options = _unknown_options(files, documents, scripts, manifests)
    return UnknownOptions(found=options, variables=read_unknown_variables(files, documents))


def _unknown_options(
    files: Files, documents: Documents, scripts: Scripts, manifests: Manifests
) -> tuple[UnknownOption, ...]:
    given = tuple(_given(files, documents, scripts, manifests))
    directories = sorted({one.package.directory for one in given})
    own = {one: text for one in directories if _spells_all(text := _sources(files, one))}
    left = [one for one in given if _may_be_unknown(one, own.get(one.package.directory))]
    # Most options are in a package of the workspace that this one takes in: the rest is read for a few alone.
    if not left:
        return ()
    every = [one for one in files.tree if one.path.endswith(".rs")]
    if sum(LARGEST if one.size is None else one.size for one in every) > LARGEST:
        return ()
    contents = files.read([one.path for one in every])
    if len(contents) < len(every):
        return ()  # what cannot be read may have the name
    return tuple(_unknown(left, own, b"\n".join(contents.values())))


def _sources(files: Files, directory: str) -> bytes:
    entries = [one for one in files.tree.below(directory) if one.path.endswith(".rs")]
    if sum(LARGEST if one.size is None else one.size for one in entries) > LARGEST:
        return b""
    return b"\n".join(files.read([one.path for one in entries]).values())


def _spells_all(own: bytes) -> bool:
    """Tell whether a package declares its options, and no others than those that it spells."""
    return _DECLARED.search(own) is not None and _OPEN.search(own) is None


def _may_be_unknown(one: _Given, own: bytes | None) -> bool:
    """Tell whether a package alone leaves it open that an option is refused."""
    return own is not None and (not _spelled(one, own) or _is_field(one, own))


def _unknown(left: list[_Given], own: Mapping[str, bytes], every: bytes) -> Iterator[UnknownOption]:
    closed = {directory: _is_closed(own[directory], every) for directory in own}
    for one in left:
        if not closed[one.package.directory]:
            continue
        refused = UnknownOption(option=f"--{one.option}", package=one.package.name, place=one.place)
        if not _spelled(one, every):
            yield refused
        elif f'"{one.option}"'.encode() not in every and _is_field(one, own[one.package.directory]):
            yield replace(refused, meant=f"--{one.kebab}")


def _spelled(one: _Given, text: bytes) -> bool:
    return one.kebab.encode() in text or one.snake.encode() in text


def _is_field(one: _Given, own: bytes) -> bool:
    """Tell whether clap makes of a field the name that was meant, with dashes."""
    if "_" not in one.option:
        return False
    field = re.compile(
        rb"#\[\s*(?:arg|clap|structopt)\((?=[^\]]*\blong\b(?!\s*=))[^\]]*\)\s*\]\s*"
        rb"(?:#\[[^\]]*\]\s*|//[^\n]*\s*)*(?:pub(?:\([\w:\s]+\))?\s+)?" + one.snake.encode() + rb"\s*:"
    )
    return _OTHER_CASE.search(own) is None and field.search(own) is not None


def _is_closed(own: bytes, every: bytes) -> bool:
    """Tell whether every type that brings options into a program is one of the repository."""
    brought = [found["type"] for found in _TAKEN_IN.finditer(own)]
    brought += [
        found["type"] for body in _SUBCOMMANDS.finditer(own) for found in _PAYLOAD.finditer(body["body"])
    ]
    brought += [found["type"] for found in _PARSED.finditer(own)]
    if _DERIVED.search(own) is None and not all(
        _is_own(found["what"], own) for found in _ADDED.finditer(own)
    ):
        return False
    names = {name for one in brought for name in _TYPE.findall(one)} - _PLAIN
    return all(_is_made(name, every) for name in names)


def _is_made(name: bytes, every: bytes) -> bool:
    """Tell whether a type of that name is one of the repository."""
    for kind in (b"struct ", b"enum ", b"type "):
        at = -1
        while (at := every.find(kind + name, at + 1)) >= 0:
            behind = every[at + len(kind + name) : at + len(kind + name) + 1]
            if not (behind.isalnum() or behind == b"_"):
                return True
    return False


def _is_own(function: bytes, own: bytes) -> bool:
    """Tell whether an argument or subcommand that is added to a builder is made here."""
    module = function.split(b"::")[-2]
    made = _BUILDERS.fullmatch(function) is not None or module == b"Path"
    return made or re.search(rb"\bmod\s+" + re.escape(module) + rb"\b", own) is not None


def _given(files: Files, documents: Documents, scripts: Scripts, manifests: Manifests) -> Iterator[_Given]:
    programs = _programs(manifests)
    if not programs:
        return
    sites = Sites.of(files.tree)
    called = [f"{name} " for name in programs if len(name) > 4]
    for document in followed(documents, *_STARTS, *called):
        if sites.have(document) or _PROPOSAL.search(document.path) or " --" not in document.source.text:
            continue
        for script in (
            *document.scripts_with(*_STARTS, *called),
            *document.spoken_with("cargo run", "target/", "./target/", *called),
        ):
            if "--" in script.text and "git clone" not in script.text:
                for command in script.commands:
                    yield from _options(command, programs, manifests, document.source, bare=True)
    for start in _STARTS:
        for script, command in scripts.commands(spelling=start):
            yield from _options(command, programs, manifests, script.source, bare=False)


def _programs(manifests: Manifests) -> dict[str, Package]:
    """Return the programs of the packages that read their arguments with clap, by names that only one has."""
    owners: dict[str, list[Package]] = {}
    for package in manifests:
        for name in package.named(TargetKind.BIN):
            owners.setdefault(name, []).append(package)
    return {
        name: packages[0]
        for name, packages in owners.items()
        if len(packages) == 1
        and any(
            one.package in ("clap", "structopt") and one.kind == "normal" for one in packages[0].dependencies
        )
    }


def _options(
    command: Command, programs: Mapping[str, Package], manifests: Manifests, text: Source, *, bare: bool
) -> Iterator[_Given]:
    called = _called(command, programs, manifests, bare=bare)
    for word in called[1] if called is not None else ():
        if word.text == "--":
            return
        found = _LONG.fullmatch(word.literal or word.beginning)
        complete = word.literal is not None or "=" in word.beginning
        if found is not None and complete and found["name"] not in _BUILT_IN and called is not None:
            yield _Given(option=found["name"], package=called[0], place=text.at(word))


def _called(
    command: Command, programs: Mapping[str, Package], manifests: Manifests, *, bare: bool
) -> tuple[Package, tuple[Word, ...]] | None:
    """Return the package whose program a command runs, and what it gives to it."""
    call = cargo_command(command)
    if call is not None:
        package = _run(call, programs, manifests) if call.subcommand in ("run", "r") else None
        return None if package is None else (package, call.passed)
    name, first = command.program, command.run[0].literal if command.run else None
    if name is None or name not in programs or first is None or (not bare and "target/" not in first):
        return None
    return programs[name], command.arguments


def _run(call: CargoCommand, programs: Mapping[str, Package], manifests: Manifests) -> Package | None:
    """Return the package of the program that `cargo run` starts; None when that is not certain."""
    if call.has("--example", "--manifest-path") or any(True for _ in call.given("--example")):
        return None
    named = [word.literal or "" for word in call.given("--bin")]
    if named:
        return programs.get(named[0])
    chosen = [word.literal for word in call.packages]
    able = [one for one in manifests if one.binaries and (not chosen or one.name in chosen)]
    known = {id(one) for one in programs.values()}
    return able[0] if len(able) == 1 and id(able[0]) in known else None
