"""Looks at GitHub and returns facts; what could not be looked at is unseen, with GitHub's own reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from tasks.domain.answers import counted
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
from tasks.domain.forge_access import ForgeAccess, Sight
from tasks.domain.forge_cache import ForgeCaches
from tasks.domain.forge_deployable import ForgeDeployable
from tasks.domain.forge_plan import ForgePlan
from tasks.domain.forge_runner import ForgeRunners
from tasks.domain.forge_used_action import ForgeUsedActions, Found
from tasks.domain.settings import Settings
from tasks.domain.workflow import Action, Workflows, computed
from tasks.systems.github import Denied, GitHub, GithubFailure, NotFound, SignInFirst

AT_ONCE = 6
RESERVE = 500
"""Requests of an hour that looking for actions leaves to the rest of an activation."""
KINDS = (
    ForgeToken,
    ForgeAccess,
    ForgeRepository,
    ForgeActions,
    ForgeWorkflows,
    ForgeEnvironments,
    ForgeSecrets,
    ForgeRules,
    ForgeOidc,
    ForgeBranch,
    ForgeTag,
    ForgeCaches,
    ForgeDeployable,
    ForgePlan,
    ForgeRunners,
)


def add_forge(snapshot: Snapshot, github: GitHub, branch: str) -> Snapshot:
    """Return the snapshot with every kind of GitHub fact, seen or unseen.

    When the token or the repository cannot be seen at all, nothing else is tried: each kind carries that
    one reason, and for the repository ``ForgeAccess`` says why.
    """
    token = _seen(github.repository.token)
    if isinstance(token, Unseen):
        return snapshot.with_facts(unseen=dict.fromkeys(KINDS, token))
    assert isinstance(token, ForgeToken)
    try:
        repository = github.repository.facts()
    except GithubFailure as failure:
        rest = dict.fromkeys(KINDS[2:], Unseen(reason=str(failure)))
        access = _access(github, failure)
        if access is None:
            return snapshot.with_facts(token, unseen={**rest, ForgeAccess: Unseen(reason=str(failure))})
        return snapshot.with_facts(token, access, unseen=rest)
    settings = snapshot.get(Settings)
    tag = settings.tag if isinstance(settings, Settings) else None
    with ThreadPoolExecutor(AT_ONCE) as pool:
        environments = pool.submit(github.environments.all)
        looks: Mapping[type, Callable[[], object]] = {
            ForgeActions: github.repository.actions,
            ForgeWorkflows: github.repository.workflows,
            ForgeEnvironments: environments.result,
            ForgeSecrets: lambda: github.secrets.names(environments.result()),
            ForgeDeployable: lambda: github.environments.deployable(environments.result()),
            ForgeRules: lambda: github.rules.of(branch, tag, repository.default_branch),
            ForgeOidc: github.repository.oidc,
            ForgeBranch: lambda: github.repository.branch(branch),
            ForgeTag: lambda: _tag(github, tag),
            ForgeCaches: github.caches.all,
            ForgeRunners: lambda: github.runners.all(repository.owner_kind),
            ForgePlan: lambda: github.repository.plan(token, repository),
        }
        found = dict(zip(looks, pool.map(_seen, looks.values()), strict=True))
    rules, plan = found[ForgeRules], found[ForgePlan]
    if (
        isinstance(rules, ForgeRules)
        and not rules.in_plan
        and not (isinstance(plan, ForgePlan) and plan.name)
    ):
        found[ForgePlan] = ForgePlan(owner=github.owner, name="free")  # no other plan lacks rules
    return snapshot.with_facts(
        token,
        repository,
        ForgeAccess(owner=github.owner, name=github.name, sight=Sight.SEEN),
        *(fact for fact in found.values() if not isinstance(fact, Unseen)),
        unseen={kind: fact for kind, fact in found.items() if isinstance(fact, Unseen)},
    )


def _tag(github: GitHub, name: str | None) -> ForgeTag:
    if name is None:
        return ForgeTag(name=None)
    commit, releases = github.repository.tag_commit(name), github.releases.of_tag(name)
    return ForgeTag(name=name, commit=commit, releases=releases)


def _access(github: GitHub, failure: GithubFailure) -> ForgeAccess | None:
    """Return what keeps the token from the repository; None when GitHub did not say (no answer at all)."""
    sights = {SignInFirst: Sight.SIGN_IN, NotFound: Sight.NOT_FOUND, Denied: Sight.DENIED}
    sight = sights.get(type(failure))
    if sight is None:
        return None
    url = failure.url if isinstance(failure, SignInFirst) else None
    return ForgeAccess(owner=github.owner, name=github.name, sight=sight, said=str(failure), url=url)


def add_used_actions(snapshot: Snapshot, github: GitHub) -> Snapshot:
    """Return the snapshot with what GitHub has of each action of other repositories, asked for once each."""
    workflows, token = snapshot.get(Workflows), snapshot.get(ForgeToken)
    if not isinstance(workflows, Workflows):
        return snapshot
    if isinstance(token, Unseen) and token.asked:
        return snapshot.with_facts(unseen={ForgeUsedActions: token})
    written = {str(one.written): one for one in used_actions(workflows)}
    left = token.rate_remaining if isinstance(token, ForgeToken) else None
    if left is not None and left < RESERVE + len(written):
        reason = f"{counted(left, 'request')} left in this hour; actions not looked up: {len(written)}"
        return snapshot.with_facts(unseen={ForgeUsedActions: Unseen(reason=reason)})

    def look(one: Action) -> Found:
        return github.used_actions.look(str(one.owner), str(one.repository), one.path, str(one.ref))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(written, pool.map(look, written.values()), strict=True))
    return snapshot.with_facts(ForgeUsedActions(found=found))


def used_actions(workflows: Workflows) -> Iterator[Action]:
    """Go through every action and called workflow of another repository that is written out with its ref."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            yield from _elsewhere([job.action, *(step.action for step in job.steps)])
    for composite in workflows.actions:
        yield from _elsewhere(step.action for step in composite.steps)


def _elsewhere(actions: Iterable[Action | None]) -> Iterator[Action]:
    for one in actions:
        if one is not None and one.owner and one.repository and one.ref and not computed(one.written):
            yield one


def _seen(look: Callable[[], object]) -> object:
    try:
        return look()
    except GithubFailure as failure:
        return Unseen(reason=str(failure))
