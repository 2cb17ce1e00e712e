"""Releases and deployments: what was published, and what was rolled out where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from tasks.domain.forge import ForgeDeployment, ForgeRelease, ReleaseAsset
from tasks.systems.github.api import Api


class Releases:
    """The releases of one repository, drafts included."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = f"{path}/releases"

    def of_tag(self, tag: str) -> tuple[ForgeRelease, ...]:
        """Return the releases of a tag, published ones first; all are listed, as drafts have no tag yet."""
        found = [release_of(row) for row in self._api.pages(self._path) if row["tag_name"] == tag]
        return tuple(sorted(found, key=lambda release: (release.draft, -release.id)))

    def draft(self, tag: str, commit: str, name: str, body: str = "") -> ForgeRelease:
        """Create a draft: files are attached and verified before anybody sees it."""
        wanted = {"tag_name": tag, "target_commitish": commit, "name": name, "body": body, "draft": True}
        return release_of(self._api.write("POST", self._path, wanted))

    def upload(self, release: ForgeRelease, name: str, content: bytes) -> ReleaseAsset:
        """Attach a file to a release."""
        address = str(self._api.get(f"{self._path}/{release.id}")["upload_url"]).partition("{")[0]
        url = f"{address}?name={quote(name, safe='')}"
        return asset_of(self._api.upload(url, content, "application/octet-stream"))

    def publish(self, release: int) -> ForgeRelease:
        """Make a draft public."""
        return release_of(self._api.write("PATCH", f"{self._path}/{release}", {"draft": False}))

    def delete(self, release: int) -> None:
        """Remove a release, not its tag."""
        self._api.write("DELETE", f"{self._path}/{release}")

    def download(self, asset: ReleaseAsset) -> bytes:
        """Return the bytes of an asset."""
        return self._api.download(f"{self._path}/assets/{asset.id}")


class Deployments:
    """The deployments of one repository."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = f"{path}/deployments"

    def of_environment(self, environment: str, newest: int = 10) -> Iterator[ForgeDeployment]:
        """Yield the newest deployments of an environment, each with its newest status, newest first."""
        rows = self._api.get(self._path, environment=environment, per_page=newest)
        for row in rows:
            statuses = self._api.get(f"{self._path}/{row['id']}/statuses", per_page=100)
            yield with_statuses(deployment_of(row), statuses)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(content).hexdigest()


def release_of(row: Mapping[str, Any]) -> ForgeRelease:
    """Read a release from GitHub's JSON."""
    return ForgeRelease(
        id=row["id"],
        tag=row["tag_name"],
        name=row.get("name") or row["tag_name"],
        draft=bool(row["draft"]),
        prerelease=bool(row["prerelease"]),
        immutable=bool(row.get("immutable")),
        target=str(row.get("target_commitish") or ""),
        url=row["html_url"],
        created_at=row.get("created_at"),
        assets=tuple(asset_of(asset) for asset in row.get("assets") or ()),
    )


def asset_of(row: Mapping[str, Any]) -> ReleaseAsset:
    """Read an asset from GitHub's JSON."""
    return ReleaseAsset(
        id=row["id"],
        name=row["name"],
        size=row["size"],
        state=row["state"],
        digest=row.get("digest"),
        url=row["browser_download_url"],
    )


def deployment_of(row: Mapping[str, Any]) -> ForgeDeployment:
    """Read a deployment from GitHub's JSON."""
    return ForgeDeployment(
        id=row["id"],
        environment=row["environment"],
        sha=row["sha"],
        ref=row["ref"],
        created_at=row["created_at"],
    )


def with_statuses(deployment: ForgeDeployment, statuses: list[Mapping[str, Any]]) -> ForgeDeployment:
    """Add the newest status; the address and the log link may stand on an earlier one."""
    ordered = sorted(statuses, key=lambda status: status["id"], reverse=True)

    def newest(field: str) -> str | None:
        return next((str(status[field]) for status in ordered if status.get(field)), None)

    return replace(
        deployment,
        state=newest("state"),
        environment_url=newest("environment_url"),
        log_url=newest("log_url") or newest("target_url"),
    )
