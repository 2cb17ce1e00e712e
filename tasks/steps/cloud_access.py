"""What every AWS step does when AWS says that its caller may not, or does not know its caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.steps.step import Blocked, Step
from tasks.systems.aws.errors import Denied, NoIdentity

Seen = TypeVar("Seen")
Given = ParamSpec("Given")
Result = TypeVar("Result")


def blocker(step: str, subject: str, message: str, remedy: Remedy) -> Finding:
    """Return the finding that stops a provisioning step."""
    return Finding(
        check=step,
        phase=Phase.PROVISIONING,
        subject=subject,
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=message,
        remedy=remedy,
    )


def guarded(step: Step[Seen]) -> Step[Seen]:
    """Return the step whose look and act end blocked, with who must act, when AWS refuses its caller."""
    return replace(step, look=_guard(step.name, step.look), act=_guard(step.name, step.act))


def _guard(step: str, work: Callable[Given, Result]) -> Callable[Given, Result]:
    def guarded_work(*arguments: Given.args, **named: Given.kwargs) -> Result:
        try:
            return work(*arguments, **named)
        except Denied as refusal:
            raise Blocked(_missing_right(step, refusal)) from refusal
        except NoIdentity as refusal:
            raise Blocked(_no_identity(step, refusal)) from refusal

    return guarded_work


def _missing_right(step: str, refusal: Denied) -> Finding:
    simulate = f'aws iam simulate-principal-policy --policy-source-arn "$ARN" --action-names {refusal.doing}'
    remedy = Remedy(
        summary=f"Allow {refusal.doing} for the identity that provisions",
        commands=("aws sts get-caller-identity", simulate),
        owner="aws-admin",
        minutes=15,
    )
    return blocker(step, refusal.doing, f"AWS refuses {refusal.doing}: {refusal.message}", remedy)


def _no_identity(step: str, refusal: NoIdentity) -> Finding:
    remedy = Remedy(
        summary="Sign in to AWS, then run the same command again",
        commands=("aws sso login", "aws sts get-caller-identity"),
        owner="operator",
        minutes=5,
    )
    return blocker(step, "credentials", f"AWS does not accept the credentials: {refusal.message}", remedy)
