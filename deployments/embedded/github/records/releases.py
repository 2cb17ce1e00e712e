"""Releases and the files attached to them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file of a release; its bytes are the file of the same id."""

    id: int
    name: str
    label: str
    content_type: str
    size: int
    digest: str
    uploader: str
    downloads: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release; a draft has no tag of its own yet."""

    id: int
    repository_id: int
    tag: str
    target: str
    name: str | None
    body: str | None
    draft: bool
    prerelease: bool
    immutable: bool
    author: str
    created_at: datetime
    published_at: datetime | None
    assets: tuple[Asset, ...] = ()
