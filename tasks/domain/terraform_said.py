"""What terraform itself says about a repository's modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.domain.fact import Unseen


@dataclass(frozen=True, kw_only=True)
class TerraformFormat:
    """The files that ``terraform fmt`` would change, relative to the repository's root."""

    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One error or warning of ``terraform validate``; its place is None where terraform states none."""

    error: bool
    summary: str
    detail: str = ""
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class TerraformValid:
    """What ``terraform validate`` says of each directory that terraform is run in.

    A directory is unseen when its providers could not be had: not ``fetched``, they have to be here already.
    """

    modules: Mapping[str, tuple[Complaint, ...] | Unseen]
    fetched: bool = True
