"""As whom a step of a job asks AWS: which role it was given, and whether it was given credentials at all."""

from __future__ import annotations

import re

from tasks.domain.aws_call import changes_identity
from tasks.domain.lane import lanes, values
from tasks.domain.settings import SecretSource, Settings
from tasks.domain.workflow import Job, Step, Workflow

SIGN_IN = "aws-actions/configure-aws-credentials"
KEYS = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip
"""Variables that say as whom, or whom else than AWS, a program asks."""
_ROLE = re.compile(r":role/(?:[\w+=,.@-]+/)*([\w+=,.@-]+)$")
_GITHUBS = re.compile(r"(?:ubuntu|windows|macos)-(?:latest|\d[\w.]*)(?:-(?:arm|xlarge|large|intel))?")
_SECRET = re.compile(r"\$\{\{\s*(?:secrets|vars)\.(\w+)\s*\}\}")


def role_of(workflow: Workflow, job: Job, step: Step, settings: Settings | None) -> str | None:
    """Return the name of the role that a step has been given; None when that is not certain."""
    signed = sign_in_of(workflow, job, step)
    written = signed.inputs.text("role-to-assume") if signed is not None else None
    return None if written is None else _name(written, workflow, job, settings)


def sign_in_of(workflow: Workflow, job: Job, step: Step) -> Step | None:
    """Return the step that gave a later one its role; None when another may have, or none did."""
    if any(one in env for env in (workflow.env, job.env, step.env) for one in KEYS):
        return None
    signed: Step | None = None
    for one in job.steps[: step.index]:
        if one.action is not None and one.action.name == SIGN_IN:
            if one.condition is not None or one.may_fail:
                return None
            signed = one
        elif _takes_another(one):
            return None
    if signed is None or any(one in signed.inputs for one in ("aws-profile", "web-identity-token-file")):
        return None
    return signed


def _takes_another(step: Step) -> bool:
    """Tell whether a step may give the steps behind it another identity."""
    if step.run is not None:
        return changes_identity(step.run) or any(key in step.run for key in KEYS)
    action = step.action
    if action is None or action.name.startswith("aws-actions/amazon-ec"):
        return False  # they use the one that is there
    return action.local is not None or "aws" in action.name


def _name(written: str, workflow: Workflow, job: Job, settings: Settings | None) -> str | None:
    found = values(written, lanes(workflow, job))
    text = found[0] if found is not None and len(found) == 1 else None if found else written
    if text is None:
        return None
    if settings is not None and (secret := _SECRET.fullmatch(text.strip())):
        names = {one.name.upper() for one in settings.secrets if one.source is SecretSource.ROLE_ARN}
        return settings.aws.deploy_role if secret[1].upper() in names else None
    return role_name(text)


def role_name(arn: str) -> str | None:
    """Return the name at the end of a role's ARN, of which the account may be computed."""
    named = _ROLE.search(arn)
    return named[1] if named else None


def account_of(arn: str) -> str | None:
    """Return the account of an ARN; None when it is computed."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else None


def hosted(job: Job) -> bool:
    """Tell whether a job certainly runs on a machine of GitHub's, which knows no credentials of anybody's."""
    if not job.runs_on or "container" in job.root:
        return False
    return all(_is_githubs(str(label)) for label in job.runs_on)


def _is_githubs(label: str) -> bool:
    return _GITHUBS.fullmatch(label) is not None
