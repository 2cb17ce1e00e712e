"""Whether cargo understands the calls that documents tell people to type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.checks.documented_commands import told
from tasks.domain.answers import listed
from tasks.domain.cargo_command import cargo_command
from tasks.domain.cargo_options import refused
from tasks.domain.check import Answer, check
from tasks.domain.crate import Manifests
from tasks.domain.document import Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command
from tasks.domain.told import Told, once
from tasks.domain.tree import Tree

_RUNNER = "nextest"
_OF_THE_RUNNER = frozenset(
    {"-h", "--help", "-V", "--version", "--color", "-v", "--verbose", "--manifest-path"}
)
"""What `cargo nextest` takes itself, before the name of what it is to do."""
_OPTION = re.compile(r"--[a-z][a-z-]+(?:=.*)?")
_SAID = re.compile(r"nightly|\bunstable\b|-Z\b", re.IGNORECASE)


@check(
    "documented-cargo-understands",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(
        summary="Write what cargo takes, as `cargo SUBCOMMAND --help` lists it; what is for the program or "
        "the tests stands behind `--`",
        minutes=5,
    ),
)
def documented_cargo_understands(documents: Documents, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every call of cargo in a document has options that the subcommand knows, and nextest one of its own."""
    said = tuple(_wrong(documents, manifests, tree))
    yield from once(said, lambda calls: listed([*dict.fromkeys(one.why for one in calls)], most=4))


def _wrong(documents: Documents, manifests: Manifests, tree: Tree) -> Iterator[Told]:
    aliases = {name for one in manifests.configs for name in one.root.get("alias", {})}
    for document, _, command in told(documents, tree, "cargo"):
        line = document.source.line(command.line) or ""
        for what, why in _refusals(command, aliases):
            if not _SAID.search(line):
                yield Told(document=document.path, name=what, place=document.source.at(command), why=why)


def _refusals(command: Command, aliases: set[str]) -> Iterator[tuple[str, str]]:
    words = [word.text for word in command.arguments]
    first = words[0] if words else ""
    if first == _RUNNER and first not in aliases and len(words) > 1:
        if words[1].startswith("-") and words[1].partition("=")[0] not in _OF_THE_RUNNER:
            yield (
                "cargo nextest",
                f"`cargo nextest {words[1]}` is refused: `run` is missing before the option",
            )
        return
    call = cargo_command(command)
    if call is None or call.subcommand in aliases or first.startswith("+"):
        return
    for word in refused(call):
        option = word.text.partition("=")[0]
        if _OPTION.fullmatch(word.text):
            yield f"cargo {call.subcommand} {option}", f"`cargo {call.subcommand}` does not know {option}"
