"""Whether what documents tell against a failure can do anything about that failure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests
from tasks.domain.document import Document, Documents
from tasks.domain.edit_command import without
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.futile import Futile, lines_with
from tasks.domain.futile_cargo import CARGO
from tasks.domain.futile_cloud import CLOUD
from tasks.domain.futile_github import GITHUB
from tasks.domain.phase import Phase
from tasks.domain.script import Command
from tasks.domain.section import sections
from tasks.domain.told_remedy import parts_of, told_remedies
from tasks.domain.tree import Tree
from tasks.domain.useless_remedy import UselessRemedy, useless_remedies

_PUSHES_TAGS = re.compile(
    r"--tags|follow-?tags|refs/tags|push(?:es|ing)? (?:\S+ )?(?:the |your |a |that |both )?(?:new )?tags?\b|"
    r"gh release create|cargo[- ]release|git push[^\n]*[$<{]|git push \S+ (?:-f |--force )?(?:tag |v?\d)",
    re.IGNORECASE,
)
"""What pushes a tag, or may, somewhere in the document."""
_NO_NEW_TAG = (
    "-d",
    "--delete",
    "-l",
    "--list",
    "-v",
    "--verify",
    "-n",
    "--contains",
    "--points-at",
    "--sort",
)
_OF_BRANCH = {
    (),
    ("origin",),
    *(("origin", one) for one in ("main", "master", "develop", "trunk", "HEAD")),
}
"""What stands behind `git push` when no tag is pushed."""
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
    asked: dict[str, list[UselessRemedy]] = {}
    for known in useless_remedies(manifests, tree):
        for document in followed(documents, *known.marks):
            asked.setdefault(document.path, []).append(known)
    vain: dict[str, dict[Futile, frozenset[int]]] = {}
    for one in (*CARGO, *CLOUD, *GITHUB):
        for document in followed(documents, *one.marks):
            if lines := one.named(document.source.text):
                vain.setdefault(document.path, {})[one] = lines
    for document in followed(documents):
        told = tuple(merged(_useless(document, asked.get(document.path, []))))
        yield from told
        if named := vain.get(document.path):
            yield from merged(
                _futile(document, named, {place.line for one in told for place in one.evidence})
            )
    for document in followed(documents, "git tag"):
        yield from merged(_left_tags(document))


def _futile(
    document: Document, known: dict[Futile, frozenset[int]], told: set[int | None]
) -> Iterator[Answer]:
    """Tell of remedies that are nothing but commands that change nothing about the failure."""
    parts = parts_of(document)
    for one, lines in known.items():
        for given in told_remedies(parts, one.failure, lines):
            carried = not given.commits or "git commit" in one.beside
            found = tuple(one.judged(given.commands)) if carried else ()
            if not found or any(command.line in told for command, _ in found):
                continue
            told |= {command.line for command, _ in found}
            command, why = found[0]
            what = (
                " ".join(word.text for word in command.words) or f"export {command.assignments[0].name}=..."
            )
            said = f"Tell people what helps instead: `{one.instead}`"
            said += f"; {one.blanks}" if one.blanks else ""
            place = document.source.at(command)
            others = (document.source.at(other) for other, _ in found[1:])
            edits = without(what, place, one.instead) if one.mends and len(found) == 1 else ()
            yield broken(
                f"{document.path}: {what} against {one.name}",
                f"`{what}` cannot help here: {why}",
                place,
                *dict.fromkeys(others),
                remedy=Remedy(summary=said, minutes=10),
                edits=edits,
            )


def _left_tags(document: Document) -> Iterator[Answer]:
    """Tell of a tag that is made and then pushed by a command that pushes branches alone."""
    text = document.source.text
    if "git push" not in text or _PUSHES_TAGS.search(text):
        return
    for section in sections(document):
        made: Command | None = None
        for command in section.commands if "git tag" in section.text else ():
            words = command.literals if command.program == "git" else ()
            if words[:1] == ("tag",) and not command.has(*_NO_NEW_TAG):
                made = command if len(words) > 1 and (words[-1] or "").startswith("v") else None
            elif words[:1] == ("push",) and made is not None and words[1:] in _OF_BRANCH:
                what = " ".join(word.text for word in command.words)
                tag = next(str(one) for one in made.literals[1:] if str(one).startswith("v"))
                force = "--force " if made.has("-f", "--force") else ""
                better = f"{what} && git push {force}origin {tag}"
                remedy = Remedy(summary=f"Tell people to push the tag too: `{better}`", minutes=5)
                place = document.source.at(command)
                edits = without(what, place, better)
                told = f"`{what}` pushes no tag: {tag} stays on this machine"
                yield broken(f"{document.path}: {what}", told, place, remedy=remedy, edits=edits)


def _useless(document: Document, known: list[UselessRemedy]) -> Iterator[Answer]:
    all_of_it = document.source.text
    known = [
        one for one in known if any(one.failure.search(line) for _, line in lines_with(all_of_it, one.marks))
    ]
    for section in sections(document) if known else ():
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
