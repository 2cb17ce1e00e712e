"""Asks terraform about the modules of a checkout."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from tasks.domain.fact import Unseen
from tasks.domain.terraform_said import Complaint, TerraformFormat, TerraformValid
from tasks.systems.shell import ProgramFailed
from tasks.systems.terraform import Terraform

_CLOSED = re.compile(
    r"127\.0\.0\.1:9\b|proxyconnect|transport '\w+' not allowed|[Ff]ailed to query available provider"
    r"|could not (?:connect to|query provider registry)|Could not retrieve the list of available versions"
)
"""What terraform and git say where the network is closed to them on purpose."""
NOT_HERE = "the providers or modules it needs are not on this machine, and only --live fetches them"

Tool = Callable[[str], Terraform]  # the tool in a directory of the checkout, empty for its root


def formatted(tool: Tool) -> TerraformFormat:
    """Return the files that ``terraform fmt`` would change."""
    return TerraformFormat(files=tool("").unformatted())


def validated(
    tool: Tool, directories: Iterable[str], *, locked: frozenset[str], fetched: bool
) -> TerraformValid:
    """Validate each directory; ``locked`` are those with a committed lock file, which is not changed.

    ``fetched``: the tool may fetch providers and modules that this machine does not have. Where it may not
    and they are not here, that is the reason in plain words: the network was closed to terraform on purpose.
    """

    def of(directory: str) -> tuple[Complaint, ...] | Unseen:
        try:
            said = tool(directory).validate(locked=directory in locked)
        except ProgramFailed as failure:
            if not fetched and _CLOSED.search(f"{failure.ended.err}{failure.ended.out}"):
                return Unseen(reason=NOT_HERE)
            return Unseen(reason=f"terraform init did not succeed: {failure}")
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
