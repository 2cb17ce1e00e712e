"""Whether the workspace's own programs have the options that documents and scripts give to them."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.program_option import UnknownOption, UnknownOptions
from tasks.domain.told import Told, once


@check(
    "documented-option-exists",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Write the option as the program has it, or leave it out", minutes=5),
)
def documented_option_exists(options: UnknownOptions) -> Iterator[Answer]:
    """Every option that a document or script gives to a program of the workspace is one that it knows."""
    yield from once((_told(one) for one in options.found), _said)


def _told(one: UnknownOption) -> Told:
    name = f"{one.package} {one.option}"
    return Told(document=one.place.file or "", name=name, place=one.place, why=one.meant or "")


def _said(told: list[Told]) -> str:
    """Say what each program is given."""
    parts: list[str] = []
    for package in dict.fromkeys(one.name.partition(" ")[0] for one in told):
        own = [one for one in told if one.name.startswith(f"{package} ")]
        unknown = [_option(one) for one in own if not one.why]
        if unknown:
            names = listed(unknown, most=4)
            parts.append(f"gives {names} to a program of {package}: no Rust source here has such a name")
        meant = [f"{one.why} and not {_option(one)}" for one in own if one.why]
        if meant:
            parts.append(f"a program of {package} takes {listed(meant, most=4)}")
    return "; ".join(parts)


def _option(one: Told) -> str:
    return one.name.partition(" ")[2]
