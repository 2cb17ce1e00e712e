"""The Secrets Manager entries that the deployed system reads.

A value comes from the environment of this process, under the entry's name in capitals (`cfs/github-token` ->
`CFS_GITHUB_TOKEN`), goes to AWS, and nowhere else. Without a value the entry is a person's task.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from tasks.domain.change import Change
from tasks.domain.cloud import Secret
from tasks.domain.cloud_names import variable_of
from tasks.domain.finding import Finding, Remedy
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps.cloud_access import blocker, guarded
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "secret-entries"
# List price of a secret: 0.40 US dollars a month.
DAILY_USD = round(0.40 / 30, 4)
Entries = Mapping[str, Secret | None]


def decide(names: tuple[str, ...], given: Collection[str], region: str, seen: Entries) -> Decision:
    """Decide which entries are filled from the variables `given`, and which a person must fill."""
    if not names:
        return Decision(skipped=True, why="no Secrets Manager entries are configured (aws.secrets)")
    changes, blocked = [], []
    for name in names:
        entry = seen[name]
        if entry is not None and entry.deleting:
            blocked.append(_deleting(name, region))
        elif entry is not None and entry.filled is not False:
            continue
        elif variable_of(name) not in given:
            blocked.append(_missing(name, region, exists=entry is not None))
        else:
            verb = "create" if entry is None else "fill"
            cost = DAILY_USD if entry is None else 0.0
            changes.append(
                Change(
                    verb=verb,
                    target=f"secretsmanager://{name}",
                    why=f"its value is in {variable_of(name)}",
                    daily_usd=cost,
                )
            )
    return Decision(
        changes=tuple(changes), blocked=tuple(blocked), why=described(seen) if not blocked else ""
    )


def described(seen: Entries) -> str:
    """Say how the entries stand; a value whose emptiness could not be seen is said to be unknown."""

    def one(entry: Secret | None) -> str:
        if entry is None:
            return "missing"
        if entry.deleting:
            return "scheduled for deletion"
        return {True: "filled", False: "empty", None: "present, content unknown"}[entry.filled]

    return ", ".join(f"{name} {one(entry)}" for name, entry in seen.items()) or "none"


def step(settings: Settings, aws: Aws, environment: Mapping[str, str]) -> Step[Entries]:
    """Bind the step to an account and to the environment that values come from."""
    names = settings.aws.secrets
    given = frozenset(v for v in map(variable_of, names) if environment.get(v, "").strip())

    def act(change: Change, _seen: Entries) -> None:
        name = change.target.removeprefix("secretsmanager://")
        value = environment[variable_of(name)]
        (aws.secrets.create if change.verb == "create" else aws.secrets.fill)(name, value)

    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="Secrets Manager entries",
            look=lambda: {name: aws.secrets.describe(name) for name in names},
            decide=lambda seen: decide(names, given, settings.aws.region, seen),
            act=act,
            describe=described,
            configured=bool(names),
        )
    )


def _missing(name: str, region: str, *, exists: bool) -> Finding:
    command = (
        f"aws secretsmanager put-secret-value --region {region} --secret-id {name}"
        if exists
        else f"aws secretsmanager create-secret --region {region} --name {name}"
    )
    remedy = Remedy(
        summary=f"Type the value of {name} after the command, then Ctrl-D; or set {variable_of(name)} here",
        commands=(f"{command} --secret-string file:///dev/stdin",),
        owner="aws-admin",
        minutes=5,
    )
    state = "is empty" if exists else "does not exist"
    return blocker(
        NAME, name, f"the Secrets Manager entry {name} {state}, and its value is not known", remedy
    )


def _deleting(name: str, region: str) -> Finding:
    remedy = Remedy(
        summary=f"Restore {name}, or remove it from aws.secrets",
        commands=(f"aws secretsmanager restore-secret --region {region} --secret-id {name}",),
        owner="aws-admin",
        minutes=5,
    )
    return blocker(NAME, name, f"the Secrets Manager entry {name} is scheduled for deletion", remedy)
