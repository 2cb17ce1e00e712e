"""The GitHub secrets that workflows read, sealed for GitHub's key; a value is never read back or shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tasks.domain.change import Change
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.forge import ForgeSecrets
from tasks.domain.phase import Phase
from tasks.domain.secret_need import SecretNeed, secret_needs
from tasks.domain.settings import RepositorySecret, SecretSource, Settings
from tasks.domain.step import Decision
from tasks.domain.workflow import Workflows
from tasks.steps.step import Blocked, Step
from tasks.systems.github import GitHub

NAME = "repository-secrets"
CHECK = "secret-is-set"

Value = Callable[[RepositorySecret], str | None]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is set, what the settings give, what workflows need; ``at_hand`` names what has a value now."""

    secrets: ForgeSecrets
    given: tuple[RepositorySecret, ...]
    needs: tuple[SecretNeed, ...]
    at_hand: frozenset[str]
    repository: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"set: {', '.join(sorted(self.secrets.repository)) or 'none'}"


def decide(seen: Seen) -> Decision:
    """Set what is missing and can be given; name what nobody here can give."""
    wanted = [one for one in seen.given if one.name.upper() not in seen.secrets.repository]
    changes = tuple(
        Change(
            verb="set",
            target=f"secret {one.name.upper()}",
            why=f"from {one.variable or one.source.value}",
            detail={"name": one.name.upper()},
        )
        for one in wanted
        if one.name.upper() in seen.at_hand or one.source is not SecretSource.ENVIRONMENT
    )
    coming = {change.detail["name"] for change in changes}
    missing = tuple(need for need in seen.needs if not need.met(seen.secrets) and need.name not in coming)
    unneeded = [one for one in wanted if one.name.upper() not in coming | {need.name for need in missing}]
    return Decision(
        changes=changes,
        blocked=(
            *missing_secrets(missing, seen.repository, {one.name.upper(): one for one in seen.given}),
            *(_not_at_hand(one, seen.repository) for one in unneeded),
        ),
        why=str(seen),
    )


def missing_secrets(
    needs: tuple[SecretNeed, ...],
    repository: str,
    given: Mapping[str, RepositorySecret] | None = None,
    phase: Phase = Phase.PROVISIONING,
) -> tuple[Finding, ...]:
    """Return one finding a secret, with every place that reads it; none for one that is optional."""
    grouped: dict[str, list[SecretNeed]] = {}
    for need in needs:
        if not need.optional:
            grouped.setdefault(need.name, []).append(need)
    return tuple(
        Finding(
            check=CHECK,
            phase=phase,
            subject=name,
            verdict=Verdict.BROKEN,
            weight=Weight.BLOCKER,
            message=f"{', '.join(dict.fromkeys(_file(need) for need in group))} reads secret {name}, "
            "which is not set and which nothing here can give",
            evidence=tuple(need.evidence for need in group),
            remedy=_remedy(name, group[0].environment, repository, (given or {}).get(name)),
        )
        for name, group in grouped.items()
    )


def act(change: Change, seen: Seen, github: GitHub, value: Value) -> None:
    """Seal and set one secret; Blocked when its value is not there after all."""
    secret = next(one for one in seen.given if one.name.upper() == change.detail["name"])
    text = value(secret)
    if not text:
        raise Blocked(_not_at_hand(secret, seen.repository))
    github.secrets.put(change.detail["name"], text)


def step(settings: Settings, workflows: Workflows | None, *, github: GitHub, value: Value) -> Step[Seen]:
    """Bind the step to a repository; ``value`` gives a secret's value or None, at the last moment."""
    needs = secret_needs(workflows or ())

    def look() -> Seen:
        named = (SecretSource.ENVIRONMENT,)
        at_hand = frozenset(
            one.name.upper() for one in settings.secrets if one.source in named and value(one)
        )
        return Seen(
            secrets=github.secrets.names(github.environments.all()),
            given=settings.secrets,
            needs=needs,
            at_hand=at_hand,
            repository=settings.full_name,
        )

    return Step(
        name=NAME,
        phase=Phase.PROVISIONING,
        title="Secrets of the repository",
        look=look,
        decide=decide,
        act=lambda change, seen: act(change, seen, github, value),
        after=("environments",),
    )


def _file(need: SecretNeed) -> str:
    return need.workflow.rpartition("/")[2]


def _remedy(name: str, environment: str | None, repository: str, given: RepositorySecret | None) -> Remedy:
    scope = f" --env {environment}" if environment else ""
    command = f"gh secret set {name} --repo {repository}{scope}"
    if given is not None and given.variable:
        return Remedy(
            summary=f"Set the secret {name}, or run this again with its value in {given.variable}",
            commands=(command,),
            owner="secret-owner",
            minutes=10,
        )
    return Remedy(summary=f"Set the secret {name}", commands=(command,), owner="secret-owner", minutes=10)


def _not_at_hand(secret: RepositorySecret, repository: str) -> Finding:
    return Finding(
        check=CHECK,
        phase=Phase.PROVISIONING,
        subject=secret.name.upper(),
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=f"{secret.name} is not set, and {secret.variable or secret.source.value} gives no value",
        remedy=_remedy(secret.name.upper(), None, repository, secret),
    )
