"""Looks into plans that ``terraform plan -out`` saved: a zip of the plan, the state and the configuration."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.credential import Credential, credentials

_MAGIC, _FIRST = b"PK\x03\x04", b"tfplan"
_NAME_AT = 30  # where a zip's first header has the name of the first member
_HOLDING = ("tfplan", "tfstate", "tfstate-prev")
_MOST = 16 * 1024 * 1024  # bytes of a member, unpacked


def is_saved_plan(content: bytes) -> bool:
    """Tell whether a file is a plan of Terraform or OpenTofu, whatever it is called."""
    return content.startswith(_MAGIC) and content[_NAME_AT : _NAME_AT + len(_FIRST)] == _FIRST


def credentials_in_plan(path: str, content: bytes) -> Iterator[Credential]:
    """Go through the credentials in a plan and its states, each value once; none of a damaged file."""
    marks = set[tuple[str, str]]()
    for text in _texts(content):
        # A state is JSON; the plan beside it has the same values as they are.
        for one in credentials(f"{path}.json", text.split("\n")):
            if (one.kind, one.mark) not in marks:
                marks.add((one.kind, one.mark))
                yield replace(one, path=path, line=None)


def _texts(content: bytes) -> Iterator[str]:
    import zipfile  # noqa: PLC0415 - few repositories have a plan

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in _HOLDING:
                if name in archive.namelist() and archive.getinfo(name).file_size <= _MOST:
                    yield archive.read(name).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return
