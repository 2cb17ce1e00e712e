"""Whether the secrets and variables that workflows read are set on GitHub."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeSecrets
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.use import Read
from tasks.domain.workflow import Workflow, Workflows

_GIVEN = frozenset({"GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"})
"""GitHub makes the first itself; the others are switches that nobody has to set."""
_WHOLE = re.compile(r"\$\{\{\s*(?:secrets|vars)\.\w+\s*\}\}")
_WRITABLE = re.compile(r"[\w+=,.@/-]+")  # what IAM takes in the name and path of a role
_TAKEN = "role-to-assume"
_Places = list[tuple[Workflow, Read]]


@check("secrets-are-set", phase=Phase.FIRST_RUN)
def secrets_are_set(workflows: Workflows, secrets: ForgeSecrets, terraform: Terraform) -> Iterator[Answer]:
    """Every secret that a workflow reads is set for the repository or the job's environment."""
    for name, places in sorted(_read(workflows, "secrets").items()):
        lacking = [
            place for place in places if not _set(name, place, secrets.repository, secrets.environments)
        ]
        if name in _GIVEN or not lacking:
            yield holds(name, "is set")
            continue
        where = ", ".join(sorted({workflow.file for workflow, _ in lacking}))
        at = [workflow.source.at(one) for workflow, one in lacking[:5]]
        remedy = _remedy("secret", name, lacking, terraform)
        weight = Weight.NOTE if all(_is_optional(one) for _, one in lacking) else Weight.BLOCKER
        if secrets.shared_seen:
            told = f"{where} reads secrets.{name}, which is not set: it is an empty text there"
            told += _elsewhere(name, secrets.environments)
            yield broken(name, told, *at, remedy=remedy, weight=weight)
        else:
            told = f"{where} reads secrets.{name}; the token may not see whether the organisation shares it"
            yield unknown(name, told, *at, remedy=remedy, weight=weight)


@check("variables-are-set", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def variables_are_set(workflows: Workflows, secrets: ForgeSecrets, terraform: Terraform) -> Iterator[Answer]:
    """Every variable that a workflow reads is set for the repository or the job's environment."""
    for name, places in sorted(_read(workflows, "vars").items()):
        given = secrets.environment_variables
        lacking = [place for place in places if not _set(name, place, secrets.variables, given)]
        # A condition that asks whether a variable is set, or another value for it, expects this.
        lacking = [(workflow, one) for workflow, one in lacking if not _is_optional(one)]
        if not lacking:
            yield holds(name, "is set")
            continue
        where = ", ".join(sorted({workflow.file for workflow, _ in lacking}))
        at = [workflow.source.at(one) for workflow, one in lacking[:5]]
        remedy = _remedy("variable", name, lacking, terraform)
        if secrets.shared_seen:
            told = f"{where} reads vars.{name}, which is not set: it is an empty text there"
            told += _elsewhere(name, secrets.environment_variables)
            yield broken(name, told, *at, remedy=remedy)
        else:
            told = f"{where} reads vars.{name}; the token may not see whether the organisation shares it"
            yield unknown(name, told, *at, remedy=remedy)


def _remedy(kind: str, name: str, lacking: _Places, terraform: Terraform) -> Remedy:
    """Return what sets the value; for a role's ARN, what shows it before."""
    command = f"gh {kind} set {name}"
    if not any(_is_role(workflow, read) for workflow, read in lacking):
        return Remedy(summary=f"Set the {kind} {name}", commands=(command,), owner="github-admin", minutes=5)
    made = [(module, block) for module in terraform for block in module.of("resource", "aws_iam_role")]
    role = _name_below_account(terraform, *made[0]) if len(made) == 1 else None
    if role is None:
        shows = "aws iam list-roles --query 'Roles[].Arn' --output text"
        summary = f"Set the {kind} {name} to the ARN of the role that the job takes"
    else:
        arn = f"join('', ['arn:aws:iam::', Account, ':role/{role}'])"
        shows = f'aws sts get-caller-identity --query "{arn}" --output text'
        summary = f"Set the {kind} {name} to the ARN that {made[0][1].address} has once it is applied; "
        summary += "no job can take it before"
    return Remedy(summary=summary, commands=(shows, command), owner="github-admin", minutes=5)


def _name_below_account(terraform: Terraform, module: Module, block: Block) -> str | None:
    """Return path and name of a role, as they stand in its ARN; None where one of them is computed."""
    path = text_of(terraform, module, block.get("path")) if "path" in block.attributes else "/"
    name = text_of(terraform, module, block.get("name"))
    found = f"{path.strip('/')}/{name}".lstrip("/") if path is not None and name is not None else ""
    return found if _WRITABLE.fullmatch(found) else None


def _is_role(workflow: Workflow, read: Read) -> bool:
    """Tell whether the value is all that a step gives as the role to take."""
    if read.use.key != _TAKEN or read.use.step is None:
        return False
    job = workflow.jobs.get(read.use.job or "")
    step = job.steps[read.use.step] if job is not None else None
    return step is not None and _WHOLE.fullmatch((step.inputs.text(_TAKEN) or "").strip()) is not None


def _elsewhere(name: str, environments: Mapping[str, frozenset[str]]) -> str:
    """Say which environments have a name that the job, in another one or in none, does not find."""
    having = sorted(environment for environment, names in environments.items() if name in names)
    return f"; it is set for the environment {listed(having)}, which the job does not name" if having else ""


def _read(workflows: Workflows, context: str) -> dict[str, _Places]:
    """Return what is read of a context by its name in upper case, as GitHub keeps it."""
    found: dict[str, _Places] = defaultdict(list)
    for workflow in workflows:
        # A called workflow gets its secrets from the caller.
        called = context == "secrets" and workflow.event("workflow_call") is not None
        for one in workflow.reads:
            if one.context == context and one.name is not None and not called:
                found[one.name.upper()].append((workflow, one))
    return found


def _set(
    name: str,
    place: tuple[Workflow, Read],
    repository: frozenset[str],
    environments: Mapping[str, frozenset[str]],
) -> bool:
    workflow, read = place
    if name in {one.upper() for one in repository}:
        return True
    job = workflow.jobs.get(read.use.job or "")
    if job is None or job.environment is None:
        return False
    given = {env.lower(): {one.upper() for one in names} for env, names in environments.items()}
    names = values(job.environment.name, lanes(workflow, job))
    if names is None:
        # Which environment it is only a run can tell: one that has the secret is enough.
        return any(name in there for there in given.values())
    return all(name in given.get(env.lower(), ()) for env in names)


def _is_optional(read: Read) -> bool:
    """Tell whether the expression asks if the value is there, or has another one for the case that not."""
    return read.use.condition or any(mark in read.use.source for mark in ("||", "&&", "==", "!="))
