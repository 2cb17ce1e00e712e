"""Whether GitHub lets this token push to the repository, and lets Actions run there."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import (
    ForgeActions,
    ForgeRepository,
    ForgeToken,
    ForgeWorkflows,
    TokenKind,
)
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflows


def _seen_on_github(excerpt: str, url: str | None = None) -> Evidence:
    return Evidence(source="github", excerpt=excerpt, url=url)


@check(
    "token-kind-known",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Use a fine-grained token of this repository, or sign in with gh",
        commands=("gh auth status", "gh auth login"),
        owner="operator",
        minutes=5,
    ),
)
def token_kind_known(token: ForgeToken) -> Iterator[Answer]:
    """GitHub accepts the token, and what kind it is tells what can be known of its rights."""
    if token.kind is TokenKind.UNKNOWN:
        yield unknown("token", "GitHub accepts the token, but its kind is unknown, and so are its rights")
    else:
        until = f", until {token.expires}" if token.expires else ""
        yield holds("token", f"{token.kind.value} of {token.login or 'an app'}{until}")


@check(
    "token-scopes-suffice",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Give the token the scope", commands=("gh auth refresh -s repo",), owner="operator", minutes=3
    ),
)
def token_scopes_suffice(token: ForgeToken, repository: ForgeRepository) -> Iterator[Answer]:
    """Every token whose scopes GitHub states has the one that writing to this repository needs."""
    if token.scopes is None:
        return  # only an attempt tells what such a token may do
    wanted = "repo" if repository.private else "public_repo"
    if token.may("repo") or token.may(wanted):
        yield holds("scopes", f"has {wanted}")
    else:
        has = ", ".join(sorted(token.scopes)) or "none"
        told = f"the token's scopes are {has}; writing to {repository.full_name} needs {wanted}"
        yield broken("scopes", told, _seen_on_github(f"X-OAuth-Scopes: {has}"))


@check("repository-writable", phase=Phase.FIRST_RUN)
def repository_writable(repository: ForgeRepository, token: ForgeToken) -> Iterator[Answer]:
    """Whoever the token speaks for may push to the repository, and it is not archived."""
    subject = repository.full_name
    if repository.archived:
        remedy = Remedy(
            summary="Unarchive the repository",
            commands=(f"gh repo unarchive {subject}",),
            owner="github-admin",
            minutes=2,
        )
        place = _seen_on_github("archived: true", repository.url)
        yield broken(subject, f"{subject} is archived: nobody can push to it", place, remedy=remedy)
    elif not repository.permissions & {"push", "maintain", "admin"}:
        has = ", ".join(sorted(repository.permissions)) or "none"
        who = token.login or "the token"
        command = f"gh api -X PUT repos/{subject}/collaborators/{token.login or 'LOGIN'} -f permission=push"
        remedy = Remedy(
            summary=f"Let {who} write to {subject}", commands=(command,), owner="github-admin", minutes=5
        )
        place = _seen_on_github(f"permissions: {has}", repository.url)
        yield broken(subject, f"{who} may not push to {subject}", place, remedy=remedy)
    else:
        yield holds(subject, "may be pushed to")


@check("actions-enabled", phase=Phase.FIRST_RUN)
def actions_enabled(
    actions: ForgeActions, repository: ForgeRepository, workflows: Workflows
) -> Iterator[Answer]:
    """Actions may run in the repository, if it has workflows."""
    if not workflows.files:
        return
    subject = repository.full_name
    if actions.enabled:
        yield holds(subject, "runs workflows")
        return
    remedy = Remedy(
        summary="Enable Actions",
        commands=(
            f"gh api -X PUT repos/{subject}/actions/permissions -F enabled=true -f allowed_actions=all",
        ),
        url=f"{repository.url}/settings/actions",
        owner="github-admin",
        minutes=2,
    )
    place = _seen_on_github("enabled: false", f"{repository.url}/settings/actions")
    yield broken(subject, f"Actions are switched off in {subject}: no workflow runs", place, remedy=remedy)


@check("actions-allowed", phase=Phase.FIRST_RUN)
def actions_allowed(
    actions: ForgeActions, repository: ForgeRepository, workflows: Workflows
) -> Iterator[Answer]:
    """No action that the workflows use is one that the repository's settings refuse."""
    used = [
        (workflow, step.action)
        for workflow in workflows
        for _, step in workflow.steps()
        if step.action is not None and step.action.owner is not None
    ]
    owner = repository.full_name.partition("/")[0].lower()
    others = [(workflow, action) for workflow, action in used if (action.owner or "").lower() != owner]
    subject = repository.full_name
    remedy = Remedy(
        summary="Allow the actions that the workflows use",
        url=f"{repository.url}/settings/actions",
        owner="github-admin",
        minutes=5,
    )
    places = [workflow.source.at(action) for workflow, action in others[:5]]
    if not others or actions.allowed in (None, "all"):
        yield holds(subject, "allows them")
    elif actions.allowed == "local_only":
        use = "step uses" if len(others) == 1 else "steps use"
        told = f"{subject} allows only actions of {owner}, and {len(others)} {use} others"
        yield broken(subject, told, *places, remedy=remedy)
    else:
        names = ", ".join(sorted({action.name for _, action in others})[:6])
        told = f"{subject} allows selected actions; whether these are among them could not be seen: {names}"
        yield unknown(subject, told, remedy=remedy, weight=Weight.NOTE)


@check("workflows-enabled", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def workflows_enabled(
    known: ForgeWorkflows, workflows: Workflows, settings: Settings, repository: ForgeRepository
) -> Iterator[Answer]:
    """No workflow of the repository is switched off on GitHub."""
    phases = {settings.release_workflow: Phase.RELEASE, settings.deploy_workflow: Phase.DEPLOYMENT}
    for workflow in workflows:
        one = known.at(workflow.path)
        if one is None:
            continue  # GitHub learns of it with the push
        if one.state == "active":
            yield holds(workflow.file, "is active")
            continue
        phase = phases.get(workflow.file) or phases.get(workflow.path)
        remedy = Remedy(
            summary="Enable the workflow",
            commands=(f"gh workflow enable {workflow.file} --repo {repository.full_name}",),
            owner="github-admin",
            minutes=2,
        )
        yield broken(
            workflow.file,
            f"{workflow.file} is {one.state.replace('_', ' ')} on GitHub: nothing starts it",
            _seen_on_github(f"{one.path}: {one.state}", repository.url),
            remedy=remedy,
            phase=phase,
            weight=Weight.BLOCKER if phase else None,
        )
