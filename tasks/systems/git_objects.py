"""What git says when a clone does not hold all that it should: a partial clone, or a damaged one."""

from __future__ import annotations

import re

from tasks.systems.shell import Ended, ProgramFailed

REFETCH = "git fetch --refetch origin"
EXPECTED = f"`{REFETCH}` where the remote can be reached, or a new clone"

_LACKING = re.compile(
    r"unable to (?:read|unpack|parse)|could not (?:read|parse|fetch)|failed to (?:read|traverse)"
    r"|(?:invalid|bad) (?:tree |commit |blob )?object|missing (?:blob|tree|commit|tag|object|necessary)"
    r"|is corrupt|repository corruption|promisor remote|invalid index-pack|revision walk setup failed"
    r"|did not send all necessary objects|inflate: data stream error",
    re.IGNORECASE,
)
_NAMED = re.compile(r"sha1 file of (?P<path>.+?) \([0-9a-f]{40,64}\)|(?P<id>\b[0-9a-f]{40,64}\b)")


class DamagedClone(Exception):  # noqa: N818 - reads as the sentence it is
    """A clone does not hold something that it should; the text says what (``lack``), and the remedy."""

    retryable = False

    def __init__(self, lack: str) -> None:
        super().__init__(f"{lack}; {EXPECTED} helps")
        self.lack = lack


def lacking(said: str) -> str | None:
    """Return in a sentence what a clone lacks, from git's words; None when they are about something else."""
    lines = [line for line in said.splitlines() if _LACKING.search(line)]
    if not lines:
        return None
    named = [found for line in lines if (found := _NAMED.search(line)) is not None]
    path = next((found["path"] for found in named if found["path"]), None)
    id_ = next((found["id"] for found in named if found["id"]), None)
    what = path or (f"object {id_[:12]}" if id_ else "some objects")
    return f"the clone lacks parts of its history ({what}): it is partial or damaged"


def checked(ended: Ended) -> Ended:
    """Return how git ended when all went well; raises DamagedClone, else ProgramFailed with git's words."""
    if ended.ok:
        return ended
    lack = lacking(ended.err)
    if lack is None:
        raise ProgramFailed(ended)
    raise DamagedClone(lack) from ProgramFailed(ended)
