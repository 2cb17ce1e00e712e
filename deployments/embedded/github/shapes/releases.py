"""Releases and their assets as JSON."""

from urllib.parse import quote

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.releases import Asset, Release
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.shapes import Json, moment, node_id
from deployments.embedded.github.shapes.users import simple_user


def release(forge: Forge, repository: Repository, item: Release) -> Json:
    """Return a release with its assets."""
    url = forge.urls.repository(repository, "releases", item.id)
    place = f"untagged-{item.id:x}" if item.draft else item.tag
    return {
        "url": url,
        "html_url": forge.urls.page(repository, "releases/tag", place),
        "assets_url": f"{url}/assets",
        # One host serves everything here; GitHub has uploads.github.com.
        "upload_url": f"{url}/assets{{?name,label}}",
        "tarball_url": None
        if item.draft
        else forge.urls.repository(repository, "tarball/refs/tags", item.tag),
        "zipball_url": None
        if item.draft
        else forge.urls.repository(repository, "zipball/refs/tags", item.tag),
        "id": item.id,
        "node_id": node_id("RE", item.id),
        "tag_name": item.tag,
        "target_commitish": item.target,
        "name": item.name,
        "body": item.body,
        "draft": item.draft,
        "prerelease": item.prerelease,
        "immutable": item.immutable,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.published_at or item.created_at),
        "published_at": moment(item.published_at) if item.published_at else None,
        "author": simple_user(forge, item.author),
        "assets": [asset(forge, repository, item, one) for one in item.assets],
    }


def asset(forge: Forge, repository: Repository, of: Release, item: Asset) -> Json:
    """Return a file of a release."""
    place = f"untagged-{of.id:x}" if of.draft else of.tag
    return {
        "url": forge.urls.repository(repository, "releases/assets", item.id),
        "browser_download_url": forge.urls.page(repository, "releases/download", place)
        + f"/{quote(item.name)}",
        "id": item.id,
        "node_id": node_id("RA", item.id),
        "name": item.name,
        "label": item.label,
        "state": "uploaded",
        "content_type": item.content_type,
        "size": item.size,
        "digest": item.digest,
        "download_count": item.downloads,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
        "uploader": simple_user(forge, item.uploader),
    }
