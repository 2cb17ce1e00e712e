"""What documents tell people that is not so: told once for all documents and names that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, beyond
from tasks.domain.causes import together
from tasks.domain.check import Answer, broken
from tasks.domain.edit_command import Edit
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Weight


@dataclass(frozen=True, kw_only=True)
class Told:
    """One place of a document that names what is not there; ``name`` is what two places have in common.

    ``why`` is for those of whom the name does not say what is wrong.
    """

    document: str
    name: str
    place: Evidence
    why: str = ""
    weight: Weight | None = None
    edits: tuple[Edit, ...] = ()


def once(told: Iterable[Told], say: Callable[[list[Told]], str]) -> Iterator[Answer]:
    """Yield one answer for what shares a document or a name; ``say`` is given one place of each name."""
    for group in together(told, lambda one: one.document, lambda one: one.name):
        by_name: dict[str, Told] = {}
        for one in group:
            by_name.setdefault(one.name, one)
        documents = list(dict.fromkeys(one.document for one in group))
        subject = f"{documents[0]}: {group[0].name}" if len(by_name) == 1 else documents[0]
        said = say(list(by_name.values()))
        if len(documents) > 1:
            said += f" ({len(documents)} documents)"
        places = list(dict.fromkeys(one.place for one in group))
        said += beyond(len(places))
        weights = [one.weight for one in group if one.weight is not None]
        edits = [edit for one in group for edit in one.edits] if all(one.edits for one in group) else []
        yield broken(
            subject, said, *places[:MOST_PLACES], weight=weights[0] if weights else None, edits=tuple(edits)
        )


def named(told: list[Told]) -> list[str]:
    """Return the names."""
    return [one.name for one in told]
