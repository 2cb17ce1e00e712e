"""Looks at GitHub and returns facts; what could not be looked at is unseen, with GitHub's own reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.forge import (
    ForgeActions,
    ForgeBranch,
    ForgeEnvironments,
    ForgeOidc,
    ForgeRepository,
    ForgeRules,
    ForgeSecrets,
    ForgeTag,
    ForgeToken,
    ForgeWorkflows,
)
from tasks.domain.settings import Settings
from tasks.systems.github import GitHub, GithubFailure

AT_ONCE = 6
KINDS = (
    ForgeToken,
    ForgeRepository,
    ForgeActions,
    ForgeWorkflows,
    ForgeEnvironments,
    ForgeSecrets,
    ForgeRules,
    ForgeOidc,
    ForgeBranch,
    ForgeTag,
)


def add_forge(snapshot: Snapshot, github: GitHub, branch: str) -> Snapshot:
    """Return the snapshot with every kind of GitHub fact, seen or unseen.

    When the token or the repository cannot be seen at all, nothing else is tried: each kind carries that
    one reason.
    """
    token = _seen(github.repository.token)
    if isinstance(token, Unseen):
        return snapshot.with_facts(unseen=dict.fromkeys(KINDS, token))
    repository = _seen(github.repository.facts)
    if isinstance(repository, Unseen):
        rest = dict.fromkeys(KINDS[1:], repository)
        return snapshot.with_facts(token, unseen=rest)
    settings = snapshot.get(Settings)
    looks: Mapping[type, Callable[[], object]] = {
        ForgeActions: github.repository.actions,
        ForgeWorkflows: github.repository.workflows,
        ForgeEnvironments: github.environments.all,
        ForgeSecrets: lambda: github.secrets.names(github.environments.all()),
        ForgeRules: lambda: github.repository.rules(branch),
        ForgeOidc: github.repository.oidc,
        ForgeBranch: lambda: github.repository.branch(branch),
        ForgeTag: lambda: _tag(github, settings.tag if isinstance(settings, Settings) else None),
    }
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(looks, pool.map(_seen, looks.values()), strict=True))
    return snapshot.with_facts(
        token,
        repository,
        *(fact for fact in found.values() if not isinstance(fact, Unseen)),
        unseen={kind: fact for kind, fact in found.items() if isinstance(fact, Unseen)},
    )


def _tag(github: GitHub, name: str | None) -> ForgeTag:
    if name is None:
        return ForgeTag(name=None)
    commit, releases = github.repository.tag_commit(name), github.releases.of_tag(name)
    return ForgeTag(name=name, commit=commit, releases=releases)


def _seen(look: Callable[[], object]) -> object:
    try:
        return look()
    except GithubFailure as failure:
        return Unseen(reason=str(failure))
