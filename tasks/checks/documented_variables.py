"""Whether the workspace's own programs read the variables that documents set for them."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.program_option import UnknownOptions, UnknownVariable
from tasks.domain.source import Sources
from tasks.domain.told import Told, once


@check(
    "program-variable-spelled",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Write the variable as the program reads it", minutes=2),
)
def program_variable_spelled(options: UnknownOptions, sources: Sources) -> Iterator[Answer]:
    """No document sets a variable for `cargo run` with a slip in the name that the program reads."""
    unknown = (one for one in options.variables if not any(sources.saying(one.name, told=False)))
    yield from once(map(_told, unknown), lambda told: listed([one.why for one in told], most=4))


def _told(one: UnknownVariable) -> Told:
    why = f"sets {one.name} for `cargo run`, and what the sources read is {one.meant}"
    edits = corrected(one.name, one.meant, one.place, often=True)
    return Told(document=one.place.file or "", name=one.name, place=one.place, why=why, edits=edits)
