"""What is known about actions that many workflows use: which versions ended, and what rights they need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.domain.artifact import major
from tasks.domain.source import Source
from tasks.domain.workflow import Action

ENDED: Mapping[str, tuple[int, str]] = {
    "actions/upload-artifact": (3, "GitHub switched it off on 2025-01-30"),
    "actions/download-artifact": (3, "GitHub switched it off on 2025-01-30"),
    "actions/upload-pages-artifact": (
        2,
        "GitHub switched its kind of artifact off on 2025-01-30",
    ),
    "actions/cache": (2, "GitHub switched its cache service off in 2025"),
}
"""Action -> the last major version that does not work any more, and why."""

_EARLIER: Mapping[str, tuple[int, str]] = {
    "actions/upload-artifact": (2, "GitHub switched it off on 2024-06-30"),
    "actions/download-artifact": (2, "GitHub switched it off on 2024-06-30"),
}
"""The same for versions that ended before the last one did."""


def why_ended(name: str, number: int) -> str | None:
    """Return why a major version of an action does not work any more; None for one that does."""
    of_version = (one[name] for one in (_EARLIER, ENDED) if name in one and number <= one[name][0])
    return next((why for _, why in of_version), None)


_CACHE_MINORS: Mapping[int, int] = {3: 4, 4: 2}
FIRST_MINORS: Mapping[str, Mapping[int, int]] = {
    "actions/cache": _CACHE_MINORS,
    "actions/cache/restore": _CACHE_MINORS,
    "actions/cache/save": _CACHE_MINORS,
}
"""Action -> major version -> its first minor version that GitHub's new cache service answers."""

ARCHIVED: Mapping[str, str] = {
    "actions-rs/toolchain": "dtolnay/rust-toolchain",
    "actions-rs/cargo": "`run: cargo ...`",
    "actions-rs/clippy-check": "`run: cargo clippy ...`",
    "actions-rs/audit-check": "rustsec/audit-check",
    "actions-rs/install": "taiki-e/install-action",
    "actions-rs/tarpaulin": "taiki-e/install-action and `run: cargo tarpaulin`",
    "actions-rs/grcov": "`run: cargo llvm-cov ...`",
    "actions/create-release": "`gh release create`",
    "actions/upload-release-asset": "`gh release upload`",
    "actions/setup-ruby": "ruby/setup-ruby",
}
"""Action nobody maintains any more -> what people use instead."""

CURRENT: Mapping[str, int] = {
    "actions/cache": 5,
    "actions/cache/restore": 5,
    "actions/cache/save": 5,
    "actions/checkout": 5,
    "actions/configure-pages": 6,
    "actions/create-github-app-token": 3,
    "actions/deploy-pages": 5,
    "actions/download-artifact": 7,
    "actions/github-script": 8,
    "actions/labeler": 6,
    "actions/setup-dotnet": 5,
    "actions/setup-go": 6,
    "actions/setup-java": 5,
    "actions/setup-node": 5,
    "actions/setup-python": 6,
    "actions/stale": 10,
    "actions/upload-artifact": 6,
    "actions/upload-pages-artifact": 5,
    "astral-sh/setup-uv": 7,
    "aws-actions/amazon-ecr-login": 2,
    "aws-actions/configure-aws-credentials": 6,
    "aws-actions/setup-sam": 3,
    "docker/bake-action": 7,
    "docker/build-push-action": 7,
    "docker/login-action": 4,
    "docker/metadata-action": 6,
    "docker/setup-buildx-action": 4,
    "docker/setup-qemu-action": 4,
    "dorny/paths-filter": 4,
    "google-github-actions/auth": 3,
    "google-github-actions/setup-gcloud": 3,
    "googleapis/release-please-action": 5,
    "hashicorp/setup-terraform": 4,
    "peaceiris/actions-gh-pages": 4,
    "peter-evans/create-pull-request": 8,
    "peter-evans/repository-dispatch": 4,
    "pnpm/action-setup": 4,
    "softprops/action-gh-release": 3,
}
"""Action -> its first major version for Node 24, which runners use since June 2026 (their tags' action.yml).

``actions/upload-pages-artifact`` has no Node of its own: it calls ``actions/upload-artifact``.
"""


LAST: Mapping[str, int] = {"rustsec/audit-check": 2, "thehanimo/pr-title-checker": 1}
"""Action for Node 20 -> the last major version that there is (its tags, 2026)."""

FIRST_WITHIN: Mapping[str, tuple[int, int, int]] = {
    "aws-actions/amazon-ecr-login": (2, 0, 2),
    "mozilla-actions/sccache-action": (0, 0, 10),
    "swatinem/rust-cache": (2, 9, 0),
    "tombi-toml/setup-tombi": (1, 0, 9),
}
"""Action -> its first version for Node 24 where older ones have its major version (tags' action.yml)."""

NO_NODE = frozenset({"actions/checkout@v1", "docker/build-push-action@v1", "peaceiris/actions-gh-pages@v2"})
"""Versions from before these actions were JavaScript: a plugin of the runner, an image."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A right that an action needs of its job's token, unless it is given another one by ``token``."""

    scope: str
    level: str = "write"
    token: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()  # inputs that make it do without
    only_if: tuple[str, ...] = ()  # inputs without which it does not need it
    reports: bool = False  # only when it has something to tell
    by_git: bool = False  # it pushes with what the checkout left behind


_TOKEN = ("token", "github-token", "github_token", "repo-token", "repo_token", "repotoken")
_RELEASE = (Need(scope="contents", token=_TOKEN),)
_REQUEST = (Need(scope="contents", token=_TOKEN), Need(scope="pull-requests", token=_TOKEN))
_PLZ = (
    Need(scope="contents", token=_TOKEN),
    Need(scope="pull-requests", token=_TOKEN, unless=("command",)),
)
_ATTEST = (Need(scope="id-token"), Need(scope="attestations", token=_TOKEN))

NEEDS: Mapping[str, tuple[Need, ...]] = {
    "softprops/action-gh-release": _RELEASE,
    "ncipollo/release-action": _RELEASE,
    "actions/create-release": _RELEASE,
    "actions/upload-release-asset": _RELEASE,
    "svenstaro/upload-release-action": _RELEASE,
    "taiki-e/create-gh-release-action": _RELEASE,
    "taiki-e/upload-rust-binary-action": _RELEASE,
    "marvinpinto/action-automatic-releases": _RELEASE,
    "shogo82148/actions-upload-release-asset": _RELEASE,
    # Without its releaser it only labels.
    "release-drafter/release-drafter": (Need(scope="contents", token=_TOKEN, unless=("disable-releaser",)),),
    "release-plz/action": _PLZ,
    "marcoieni/release-plz-action": _PLZ,
    "mathieudutour/github-tag-action": (
        Need(scope="contents", token=("github_token",), unless=("dry_run",)),
    ),
    "rickstaa/action-create-tag": _RELEASE,
    "ad-m/github-push-action": (Need(scope="contents", token=_TOKEN, unless=("ssh", "repository")),),
    "endbug/add-and-commit": (Need(scope="contents", by_git=True, unless=("push",)),),
    "stefanzweifel/git-auto-commit-action": (Need(scope="contents", by_git=True),),
    "peaceiris/actions-gh-pages": (
        Need(scope="contents", token=("github_token",), unless=("deploy_key", "personal_token")),
    ),
    "jamesives/github-pages-deploy-action": (Need(scope="contents", token=_TOKEN, unless=("ssh-key",)),),
    "peter-evans/create-pull-request": _REQUEST,
    "googleapis/release-please-action": _REQUEST,
    "google-github-actions/release-please-action": _REQUEST,
    "peter-evans/repository-dispatch": (Need(scope="contents", token=_TOKEN, unless=("repository",)),),
    "hmarr/auto-approve-action": (Need(scope="pull-requests", token=_TOKEN),),
    "actions/delete-package-versions": (Need(scope="packages", token=_TOKEN),),
    "actions/labeler": (Need(scope="pull-requests", token=_TOKEN),),
    "marocchino/sticky-pull-request-comment": (Need(scope="pull-requests", token=_TOKEN),),
    "dorny/test-reporter": (Need(scope="checks", token=_TOKEN),),
    "rustsec/audit-check": (Need(scope="checks", token=_TOKEN, reports=True),),
    "actions-rs/audit-check": (Need(scope="checks", token=_TOKEN, reports=True),),
    "actions-rs/clippy-check": (Need(scope="checks", token=_TOKEN),),
    "actions/deploy-pages": (Need(scope="pages", token=_TOKEN), Need(scope="id-token")),
    "github/codeql-action/analyze": (Need(scope="security-events", token=_TOKEN),),
    "github/codeql-action/upload-sarif": (Need(scope="security-events", token=_TOKEN),),
    "actions/attest-build-provenance": _ATTEST,
    "actions/attest-sbom": _ATTEST,
    "actions/attest": _ATTEST,
    "rust-lang/crates-io-auth-action": (Need(scope="id-token"),),
    "pypa/gh-action-pypi-publish": (Need(scope="id-token", unless=("password",)),),
    "google-github-actions/auth": (Need(scope="id-token", only_if=("workload_identity_provider",)),),
    "azure/login": (Need(scope="id-token", only_if=("client-id",), unless=("creds",)),),
}

_COMMENT = re.compile(r"#\s*(?:[\w./-]+[@=:]\s*)?v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)*\b")
_EXACT = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


def version(action: Action, source: Source) -> int | None:
    """Return the major version in use; for a pinned commit the one its comment names, None without."""
    if not action.pinned:
        return major(action)
    line = source.line(action.line) or ""
    found = _COMMENT.search(line.partition(str(action.ref))[2])
    return int(found[1]) if found else None


def exact(action: Action, source: Source) -> tuple[int, int] | None:
    """Return the major and minor version of a ref that names both, or of the comment behind a commit."""
    found = _found(action, source)
    return (int(found[1]), int(found[2])) if found and found[2] else None


def in_full(action: Action, source: Source) -> tuple[int, int, int] | None:
    """Return the version of a ref, or of the comment behind a commit, that names it with all three parts."""
    found = _found(action, source)
    return (int(found[1]), int(found[2]), int(found[3])) if found and found[2] and found[3] else None


def stated(action: Action, source: Source) -> tuple[str, ...] | None:
    """Return what the comment behind a commit says of the version, as far as it goes; None without."""
    found = _found(action, source) if action.pinned else None
    return None if found is None else tuple(part for part in found.groups() if part is not None)


def _found(action: Action, source: Source) -> re.Match[str] | None:
    if not action.pinned:
        return _EXACT.fullmatch(action.ref or "")
    line = source.line(action.line) or ""
    return _COMMENT.search(line.partition(str(action.ref))[2])
