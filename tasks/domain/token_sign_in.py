"""The steps that sign in to AWS with GitHub's token and with nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.sign_in import SIGN_IN
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_OTHER_WAYS = ("aws-access-key-id", "aws-secret-access-key", "web-identity-token-file", "role-chaining")
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")


def token_sign_ins(workflows: Workflows) -> Iterator[tuple[Workflow, Job, Step]]:
    """Go through the steps that assume a role with GitHub's token and with nothing else."""
    for workflow in workflows:
        for job, step in workflow.steps():
            if step.action is None or step.action.name != SIGN_IN or "role-to-assume" not in step.inputs:
                continue
            if any(way in step.inputs for way in _OTHER_WAYS):
                continue
            if any(key in env for key in _KEYS for env in (workflow.env, job.env, step.env)):
                continue
            if any("self-hosted" in label for label in job.runs_on):
                continue  # such a machine may have credentials of its own
            yield workflow, job, step
