"""Whether jobs that ask AWS for something have been given credentials by then."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.aws_call import AwsCall, AwsPrograms, calls_of
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.sign_in import KEYS, SIGN_IN, hosted
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_needs import needs_credentials
from tasks.domain.terraform_run import terraform_runs
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_GIVES_NONE = (
    "actions-rs/",
    "actions-rust-lang/",
    "actions/",
    "astral-sh/",
    "aws-actions/amazon-ec",
    "codecov/",
    "docker/",
    "dtolnay/",
    "hashicorp/setup-terraform",
    "softprops/",
    "swatinem/",
    "taiki-e/",
)
"""Actions that give nobody credentials for AWS; any other one may."""
_MAY_GIVE = re.compile(
    r"AWS_(?:ACCESS|SECRET|PROFILE|SESSION|CONFIG|SHARED|WEB_IDENTITY|CONTAINER|ENDPOINT)"
    r"|\baws configure|\.aws\b"
    r"|assume-role|awsume|aws-vault|localstack|minio|moto_server|localhost|127\.0\.0\.1|vault |op run"
)
"""What a script may get credentials by, or another place than AWS."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    what: str
    places: tuple[Evidence, ...]
    sure: bool


@check(
    "aws-credentials-given",
    phase=Phase.DEPLOYMENT,
    remedy=Remedy(
        summary=f"Put a step with {SIGN_IN} before it, or give the step the keys as its neighbours have them",
        minutes=10,
    ),
)
def aws_credentials_given(
    workflows: Workflows, scripts: Scripts, programs: AwsPrograms, terraform: Terraform
) -> Iterator[Answer]:
    """Every step that asks AWS for something on a machine of GitHub's has been given credentials."""
    asked: dict[tuple[str, str, int], list[_Asked]] = defaultdict(list)
    files = {script.path: script for script in scripts.files}
    for script in scripts:
        for call, line in calls_of(script, files, programs) if script.job is not None else ():
            if call.minded and not call.optional and _needs_some(call):
                place = script.source.at(line)
                places = (place,) if call.at == place else (place, call.at)
                asked[_key(script)].append(_Asked(what=f"`{call.written}`", places=places, sure=call.sure))
    for run in terraform_runs(scripts, terraform):
        if run.script.job is not None and needs_credentials(terraform, run) and not run.command.conditional:
            place = run.script.source.at(run.command)
            told = f"`terraform {run.action}`"
            asked[_key(run.script)].append(_Asked(what=told, places=(place,), sure=run.command.fatal))
    for workflow in workflows:
        yield from merged(_jobs(workflow, scripts, files, asked))


def _key(script: Script) -> tuple[str, str, int]:
    job, step = script.job, script.step
    assert job is not None
    assert step is not None  # a job's script is that of a step
    return script.path, str(job.id), step.index


def _needs_some(call: AwsCall) -> bool:
    return bool(call.actions) or call.service == "s3" or call.written == "aws sts get-caller-identity"


def _jobs(
    workflow: Workflow,
    scripts: Scripts,
    files: dict[str, Script],
    asked: dict[tuple[str, str, int], list[_Asked]],
) -> Iterator[Answer]:
    for job in workflow.jobs.values():
        if not hosted(job) or "services" in job.root:
            continue
        lacking: list[_Asked] = []
        subject = f"{workflow.file}: {job.id}"
        for step in job.steps:
            found = asked.get((workflow.path, str(job.id), step.index), [])
            script = scripts.of(workflow.path, job, step)
            if not found or step.may_fail or script is None or script.never:
                continue
            if _has_some(workflow, job, step) or _may_have(workflow, job, step, scripts, files):
                yield holds(subject, "has credentials, or may have")
            else:
                lacking += found
        if lacking:
            places = dict.fromkeys(place for one in lacking for place in one.places)
            told = f"{job.id} runs {listed([one.what for one in lacking], 3)} without credentials for AWS"
            others = any(KEYS[0] in step.env for step in job.steps)
            told += ": other steps of the job have them, these do not" if others else ": no step gives it any"
            sure = any(one.sure for one in lacking)
            yield broken(subject, told, *places, weight=Weight.BLOCKER if sure else Weight.WARNING)


def _has_some(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether the environment of a step says as whom it asks, or may: a computed one."""
    roots = (workflow.root, job.root, step.root)
    if any(isinstance(root.get("env"), str) for root in roots):
        return True
    return any(
        key in KEYS or key.startswith("AWS_ENDPOINT_URL")
        for env in (workflow.env, job.env, step.env)
        for key in env
    )


def _may_have(workflow: Workflow, job: Job, step: Step, scripts: Scripts, files: dict[str, Script]) -> bool:
    """Tell whether a step before, or the script itself, may have got credentials."""
    for one in job.steps[: step.index + 1]:
        if one.action is not None and not one.action.name.startswith(_GIVES_NONE):
            return True
        script = scripts.of(workflow.path, job, one)
        if one.run is None or script is None:
            continue
        reached = list(_reached(script, files))
        if any(not other.understood or any(other.running("source", ".", "eval")) for other in reached):
            return True
        if any(_MAY_GIVE.search(other.text) for other in reached):
            return True
    return False


def _reached(script: Script, files: dict[str, Script]) -> Iterator[Script]:
    yield script
    for command in script.commands:
        for word in command.run[:3]:
            path = command.path(word.literal) if word.literal is not None else None
            if path in files:
                yield files[path or ""]
