"""Whether what documents tell against a failure can do anything about that failure."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests
from tasks.domain.document import Document, Documents
from tasks.domain.edit_command import without
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.script import Command
from tasks.domain.section import sections
from tasks.domain.tree import Tree
from tasks.domain.useless_remedy import UselessRemedy, useless_remedies

_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")


@check(
    "documented-remedy-helps",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Tell people what helps against the failure", minutes=10),
)
def documented_remedy_helps(documents: Documents, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """No document tells people a command that cannot do anything about the failure it stands under."""
    known = tuple(useless_remedies(manifests, tree))
    for document in followed(documents):
        text = document.source.text.lower()
        asked = [one for one in known if any(mark in text for mark in one.marks)]
        yield from merged(_useless(document, asked)) if asked else ()


def _useless(document: Document, known: list[UselessRemedy]) -> Iterator[Answer]:
    for section in sections(document):
        text = section.text
        for one in known:
            failure = one.failure.search(text)
            if failure is None or one.helps.search(text):
                continue
            for command in section.commands:
                if one.told(command):
                    what = " ".join(word.text for word in command.words)
                    told = f"`{what}` cannot help here: {one.why}"
                    better = one.better(failure, command)
                    said = f"Tell people what helps instead: `{better}`"
                    said += f"; {one.blanks}" if one.blanks else ""
                    remedy = Remedy(summary=said, minutes=10)
                    place = document.source.at(command)
                    edits = () if one.blanks else without(what, place, better)
                    yield broken(f"{document.path}: {what}", told, place, remedy=remedy, edits=edits)


@check(
    "documented-sign-in-works",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(
        summary="Tell people to sign in without the variable",
        commands=("unset GH_TOKEN GITHUB_TOKEN", "gh auth login"),
        minutes=5,
    ),
)
def documented_sign_in_works(documents: Documents) -> Iterator[Answer]:
    """No document tells people to sign in with `gh auth` while a token is exported: gh then refuses to."""
    for document in followed(documents, "gh auth"):
        for script in document.scripts_with("gh auth"):
            if "unset" not in script.text and "env -u" not in script.text:
                yield from merged(_refused(document, script.commands))


def _refused(document: Document, commands: tuple[Command, ...]) -> Iterator[Answer]:
    exported: str | None = None
    for command in commands:
        for one in command.assignments:
            if one.name in _TOKENS and one.exported and one.value is not None and one.value.literal != "":
                exported = one.name
        signs_in = command.program == "gh" and command.literals[:2] in (
            ("auth", "login"),
            ("auth", "refresh"),
        )
        if exported is not None and signs_in and command.option("-h", "--hostname") is None:
            what = " ".join(("gh", *(str(one) for one in command.literals[:2])))
            told = f"gh refuses `{what}` while {exported} is exported"
            yield broken(f"{document.path}: {what}", told, document.source.at(command))
