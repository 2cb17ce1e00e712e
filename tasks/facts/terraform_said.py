"""Asks terraform about the modules of a checkout."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable

from tasks.domain.fact import Unseen
from tasks.domain.terraform_said import Complaint, TerraformFormat, TerraformValid
from tasks.systems.shell import ProgramFailed
from tasks.systems.terraform import Terraform

Tool = Callable[[str], Terraform]  # the tool in a directory of the checkout, empty for its root


def formatted(tool: Tool) -> TerraformFormat:
    """Return the files that ``terraform fmt`` would change."""
    return TerraformFormat(files=tool("").unformatted())


def validated(
    tool: Tool, directories: Iterable[str], *, locked: frozenset[str], fetched: bool
) -> TerraformValid:
    """Validate each directory; ``locked`` are those with a committed lock file, which is not changed.

    ``fetched``: the tool may fetch providers and modules that this machine does not have.
    """

    def of(directory: str) -> tuple[Complaint, ...] | Unseen:
        try:
            said = tool(directory).validate(locked=directory in locked)
        except ProgramFailed as failure:
            here = "" if fetched else ", and only --live fetches what is not on this machine"
            return Unseen(reason=f"terraform init did not succeed{here}: {failure}")
        return tuple(
            Complaint(
                error=message.severity == "error",
                summary=message.summary,
                detail=message.detail,
                file=posixpath.normpath(posixpath.join(directory, message.file)) if message.file else None,
                line=message.line,
            )
            for message in said.messages
        )

    return TerraformValid(modules={one: of(one) for one in directories}, fetched=fetched)
