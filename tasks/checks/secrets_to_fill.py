"""Whether people can fill in the settings of their machine without git taking them up."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.credential import Credentials, for_tests
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import Ignored
from tasks.domain.phase import Phase
from tasks.domain.source import Sources


@check(
    "settings-to-fill-untracked",
    phase=Phase.PREFLIGHT,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Commit it as `.env.example`, take `.env` out of git and tell people to copy it", minutes=5
    ),
)
def settings_to_fill_untracked(credentials: Credentials, sources: Sources) -> Iterator[Answer]:
    """No `.env` that leaves a secret blank is tracked where `.gitignore` says that it is not to be."""
    ignored = Ignored(sources) if credentials.blanks else None
    for path, blank in sorted(credentials.blanks.items()):
        if ignored is None or path not in ignored or for_tests(path) or path in credentials.settings:
            continue
        example = f"{path}.example"
        told = f"leaves {blank.name} blank, and is tracked in spite of .gitignore: whoever fills it in "
        told += "commits it with the next `git commit -a`"
        commands = (f"cp '{path}' '{example}'", f"git rm --cached '{path}'", f"git add '{example}'")
        remedy = Remedy(
            summary="Commit it as `.env.example`, take `.env` out of git and tell people to copy it",
            commands=commands,
            minutes=5,
        )
        place = Evidence(file=path, line=blank.line, excerpt=f"{blank.name}=")
        yield broken(path, told, place, remedy=remedy)
    if not credentials.blanks:
        yield holds("the committed `.env` files", "leave no secret blank")
