"""IAM's trust in the tokens that GitHub signs for workflow jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.domain.change import Change
from tasks.domain.cloud import OidcProvider
from tasks.domain.cloud_names import AUDIENCE, ISSUER
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps.cloud_access import guarded
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "oidc-provider"


def decide(*, wanted: bool, seen: OidcProvider | None) -> Decision:
    """Decide whether the provider is to be created or to accept one more audience."""
    if not wanted:
        return Decision(skipped=True, why="no deploy role is configured (aws.deploy_role)")
    target = f"iam://oidc-provider/{ISSUER}"
    if seen is None:
        change = Change(verb="create", target=target, why="jobs sign in with GitHub's token, not with keys")
        return Decision(changes=(change,))
    if AUDIENCE not in seen.audiences:
        return Decision(changes=(Change(verb="add-audience", target=target, why=f"jobs ask for {AUDIENCE}"),))
    return Decision(why=described(seen))


def described(seen: OidcProvider | None) -> str:
    """Say how the provider stands."""
    return "no such provider" if seen is None else f"accepts {', '.join(seen.audiences) or 'no audience'}"


def step(settings: Settings, aws: Aws) -> Step[OidcProvider | None]:
    """Bind the step to an account."""
    wanted = settings.aws.deploy_role is not None

    def act(change: Change, seen: OidcProvider | None) -> None:
        if change.verb == "create":
            aws.roles.create_provider(ISSUER, AUDIENCE)
        else:
            assert seen is not None  # decide() asks for an audience only of a provider that is there
            aws.roles.add_audience(seen.arn, AUDIENCE)

    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="GitHub as identity provider",
            look=lambda: aws.roles.provider(aws.identity.account, ISSUER) if wanted else None,
            decide=lambda seen: decide(wanted=wanted, seen=seen),
            act=act,
            describe=described,
            configured=wanted,
        )
    )
