"""What bash says about the shell of a repository when it only reads it."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.script import Script


@dataclass(frozen=True, kw_only=True)
class ShellFault:
    """One place that bash cannot read; ``swallowed`` tells of a here-document without end."""

    script: Script
    line: int  # of the file
    told: str
    swallowed: bool = False


@dataclass(frozen=True, kw_only=True)
class ShellSyntax:
    """Everything that one look of bash found, and how many texts it has read."""

    read: int = 0
    faults: tuple[ShellFault, ...] = ()
