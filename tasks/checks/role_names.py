"""Whether roles and instance profiles are used by the names that the repository gives them."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.role_use import (
    Named,
    made_names,
    profiles_in_scripts,
    profiles_in_terraform,
    roles_in_workflows,
)
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Workflows

_MADE_BY_HAND = ("create-role", "create-instance-profile")


@check(
    "role-name-agrees",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(
        summary="Decide on one of the names; in Terraform refer to the resource instead of writing its name",
        minutes=15,
    ),
)
def role_name_agrees(
    workflows: Workflows,
    scripts: Scripts,
    terraform: Terraform,
    sources: Sources,
    settings: Settings | Unseen,
) -> Iterator[Answer]:
    """Roles and instance profiles that are used by name have the name under which Terraform makes them."""
    made = list(made_names(terraform, sources))
    if not made:
        return
    provisioned = settings.aws.deploy_role if isinstance(settings, Settings) else None
    used = (
        *profiles_in_terraform(terraform, sources),
        *roles_in_workflows(workflows),
        *profiles_in_scripts(scripts),
    )
    yield from merged(_compared(used, made, sources, provisioned))


def _compared(
    used: tuple[Named, ...], made: list[Named], sources: Sources, provisioned: str | None
) -> Iterator[Answer]:
    names = {(one.kind, one.name) for one in made}
    by_hand = _by_hand(sources)
    for one in used:
        subject = f"{one.kind} {one.name}"
        if (one.kind, one.name) in names or one.name == provisioned:
            yield holds(subject, "is made under that name")
            continue
        meant = [other for other in made if other.kind == one.kind and _are_alike(one.name, other.name)]
        if len({other.name for other in meant}) == 1 and not any(one.name in text for text in by_hand):
            told = f"{one.by} the {one.kind} {one.name}, and {meant[0].by} {meant[0].name}"
            yield broken(subject, told, one.at, *(other.at for other in meant))


def _are_alike(used: str, made: str) -> bool:
    """Tell whether two names differ in their first word only, in letter case and hyphens, or by a slip."""
    if fumbled(used, {made}) is not None:
        return True
    first, second = (one.lower().replace("_", "-").split("-") for one in (used, made))
    return first == second or (len(first) > 2 and first[1:] == second[1:])


def _by_hand(sources: Sources) -> tuple[str, ...]:
    """Return the texts that make roles or profiles by a command."""
    return tuple(one.text for one in sources.saying(*_MADE_BY_HAND))
