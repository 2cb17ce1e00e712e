"""What a shell knows at one moment, and under which circumstances a command of it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tasks.domain.script import Redirect
from tasks.facts.bash_words import Values


class Circumstances(NamedTuple):
    """Where in the script's structure a command stands."""

    conditional: bool = False
    loop: bool = False
    function: str | None = None
    masked: bool = False
    tested: bool = False
    substituted: bool = False
    background: bool = False
    piped_from: bool = False
    piped_into: bool = False
    redirects: tuple[Redirect, ...] = ()
    final: bool = False  # the script ends with it, and with its exit code

    def but(self, **changes: Any) -> Circumstances:
        """Return them with some of them changed."""
        return self._replace(**changes)

    # Most commands stand where the one before stood: a copy is made only for what is new.
    def if_at_all(self) -> Circumstances:
        """Return them for what runs only under some condition."""
        return self if self.conditional else self.but(conditional=True)

    def asked_for(self) -> Circumstances:
        """Return them for what is run for its exit code."""
        return self if self.tested else self.but(tested=True)

    def in_words(self) -> Circumstances:
        """Return them for what stands in ``$( )``."""
        if self.substituted and not self.redirects:
            return self
        return self.but(substituted=True, redirects=(), final=False)

    def followed(self) -> Circumstances:
        """Return them for what others stand behind: its exit code is not the script's."""
        return self.but(final=False) if self.final else self


@dataclass(kw_only=True)
class State:
    """What the shell knows at one moment: its directory, its variables in each lane, its options."""

    cwd: str | None = ""
    variables: list[dict[str, Values]] = field(default_factory=list)
    stack: list[str | None] = field(default_factory=list)
    errexit: bool = True
    pipefail: bool = False

    def copy(self) -> State:
        """Return the state that a subshell starts with."""
        return State(
            cwd=self.cwd,
            variables=[one.copy() for one in self.variables],
            stack=self.stack.copy(),
            errexit=self.errexit,
            pipefail=self.pipefail,
        )

    def joined(self, other: State) -> None:
        """Take over what can also be when another branch may have run instead."""
        if self.cwd != other.cwd:
            self.cwd = None
        for mine, theirs in zip(self.variables, other.variables, strict=True):
            if mine == theirs:
                continue
            for name in mine.keys() | theirs.keys():
                one, two = mine.get(name), theirs.get(name)
                mine[name] = None if one is None or two is None else tuple(dict.fromkeys((*one, *two)))
