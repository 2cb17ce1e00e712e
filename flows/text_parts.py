"""The parts of the preflight in which a program reads the repository's texts and runs nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

from flows.looking import Part
from flows.worlds import World
from tasks.domain.fact import Snapshot
from tasks.domain.script import Scripts
from tasks.domain.shell_syntax import ShellSyntax


def text_parts(world: World) -> Iterator[Part]:
    """Return what is looked at in a repository with shell."""
    scripts = world.static.get(Scripts)
    if isinstance(scripts, Scripts) and any(True for _ in scripts):
        yield Part(
            name="shell-syntax",
            title="Shell as bash reads it",
            kinds=(ShellSyntax,),
            look=lambda seen: _shell(world, scripts, seen),
            timeout=320,
        )


def _shell(world: World, scripts: Scripts, seen: Snapshot) -> Snapshot:
    from tasks.facts.shell_syntax import shell_syntax  # noqa: PLC0415 - --help must not pay for it
    from tasks.systems.bash import Bash  # noqa: PLC0415 - as above

    return seen.with_facts(shell_syntax(Bash(world.shell), scripts, world.files.directory / "shell"))
