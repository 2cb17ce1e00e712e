"""Whether one thing has one name in the settings, Terraform, workflows and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import possible
from tasks.domain.workflow import Workflow, Workflows

_ONE = Remedy(summary="Decide on one of the names and write it everywhere", minutes=15)
_REGION = re.compile(r"^[a-z]{2}(?:-[a-z]+)+-\d$")
_REGION_NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_GLOBAL = "us-east-1"  # certificates, budgets and others of AWS's global services live here only
_SERVES_ALL = re.compile(
    r"\b(?:acm|cloudfront|route53|ecr-public|budgets|ce|organizations|wafv2|shield|pricing|terraform)\b",
    re.IGNORECASE,
)
"""Services of AWS that are asked in the one region of all."""
# What a backend calls a thing, and the resource that makes it.
_MADE_BY = {
    "bucket": ("aws_s3_bucket", "bucket", "state"),
    "dynamodb_table": ("aws_dynamodb_table", "name", "lock"),
}


@check("state-backend-agrees", phase=Phase.PROVISIONING, weight=Weight.WARNING, remedy=_ONE)
def state_backend_agrees(terraform: Terraform, scripts: Scripts) -> Iterator[Answer]:
    """Terraform's state is kept in the bucket and behind the lock table that the repository itself makes."""
    made = [block for module in terraform for block in module.of("resource")]
    kept = [
        (module, module.backend)
        for module in terraform
        if module.backend is not None and module.backend.labels == ("s3",)
    ]
    for key, (resource, attribute, purpose) in _MADE_BY.items():
        names = {name for _, backend in kept if isinstance(name := backend.get(key), str)}
        own = [one for one in made if one.labels[:1] == (resource,) and purpose in one.name.lower()]
        if len(names) != 1 or len(own) != 1:
            continue  # of several stores, what is made here may be none of those that are named here
        name = names.pop()
        asking = [(m, b) for m, b in kept if b.get(key) == name and not _completed(m, scripts)]
        if not asking:
            continue
        subject = f"{asking[0][0].directory or '.'}: {key}"
        if _can_be(own[0].get(attribute), name) is False:
            does = "keeps its state in" if key == "bucket" else "locks with"
            makes = f"{own[0].address} makes {_shown(own[0], attribute)}"
            told = f"the backend {does} {name}, and {makes}"
            yield broken(subject, told, *(b.at(key) for _, b in asking), own[0].at(attribute))
        else:
            yield holds(subject, "is the one that is made")


def _completed(module: Module, scripts: Scripts) -> bool:
    """Tell whether the command line completes the backend of a module, or of one that is not certain."""
    return any(
        "backend-config" in word.text and _may_be_in(module, command)
        for _, command in scripts.commands("terraform", "tofu")
        for word in command.words
    )


def _may_be_in(module: Module, command: Command) -> bool:
    return command.cwd in (module.directory, None) or any("-chdir" in word.text for word in command.words)


def _can_be(value: Value, name: str) -> bool | None:
    """Tell whether a value can become a name; None when only terraform can tell."""
    if isinstance(value, str):
        return value == name
    if isinstance(value, Expression) and value.parts and any(value.parts):
        pattern = "".join(".+" if part is None else re.escape(part) for part in value.parts)
        return re.fullmatch(pattern, name) is not None
    return None


def _shown(block: Block, attribute: str) -> str:
    value = block.get(attribute)
    return value.text.strip('"') if isinstance(value, Expression) else str(value)


@check("settings-and-terraform-agree", phase=Phase.PROVISIONING, remedy=_ONE)
def settings_and_terraform_agree(
    settings: Settings, terraform: Terraform, scripts: Scripts, sources: Sources
) -> Iterator[Answer]:
    """Terraform's backend names the bucket, table and region that the settings name for its state."""
    asked = {"bucket": settings.aws.state_bucket, "dynamodb_table": settings.aws.lock_table}
    keys = {"bucket": "aws.state_bucket", "dynamodb_table": "aws.lock_table"}
    if asked["bucket"] is not None:
        asked["region"], keys["region"] = settings.aws.region, "aws.region"
    for module in terraform.roots:
        backend = module.backend
        if backend is None or backend.labels != ("s3",) or _completed(module, scripts):
            continue
        for key, name in asked.items():
            written = backend.get(key)
            if name is None or not isinstance(written, str):
                continue
            subject = f"{module.directory or '.'}: {key}"
            if written == name:
                yield holds(subject, "is the same")
                continue
            origin = settings.origins.get(keys[key])
            file = None if origin is None or origin.file is None else sources.get(origin.file)
            place = (backend.at(key),) if file is None else (backend.at(key), file.at(origin))
            told = f"the backend names {written}, and {keys[key]} is {name}"
            yield broken(subject, told, *place)


@check("secret-entry-agrees", phase=Phase.DEPLOYMENT, weight=Weight.WARNING, remedy=_ONE)
def secret_entry_agrees(settings: Settings, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Every entry of the Secrets Manager that a workflow reads is named in the settings or made."""
    yield from merged(_entries(settings, scripts, terraform))


def _entries(settings: Settings, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    made = {one.get("name") for m in terraform for one in m.of("resource", "aws_secretsmanager_secret")}
    yield from _shortened(scripts, terraform)
    if not settings.aws.secrets or any(not isinstance(name, str) for name in made):
        return
    calls = [(s, c) for s, c in scripts.commands("aws") if "secretsmanager" in c.literals]
    created = {
        word.literal
        for _, command in calls
        if "create-secret" in command.literals
        for word in command.options("--name")
    }
    known = {*settings.aws.secrets, *made, *created}
    for script, command in calls:
        if script.job is None or "get-secret-value" not in command.literals:
            continue
        for word in command.options("--secret-id"):
            name = word.literal
            if name is None or name.startswith("arn:") or None in created:
                continue
            if name in known:
                yield holds(name, "is named in the settings")
            else:
                near = next(
                    (one for one in known if isinstance(one, str) and _plain(one) == _plain(name)), None
                )
                hint = f"; {near} is" if near else ""
                told = f"the entry {name} is read, and nothing makes it{hint}"
                yield broken(name, told, script.source.at(word))


def _shortened(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Tell of an entry that is read under a short form of the only name that Terraform makes beside it."""
    made = {
        text_of(terraform, module, block.get("name")): block.at("name")
        for module in terraform
        for block in module.of("resource", "aws_secretsmanager_secret")
    }
    calls = [(s, word) for s, c in scripts.commands("aws") for word in c.options("--secret-id", "--name")]
    read = {word.literal for _, word in calls}
    if None in made or None in read:
        return
    unread = [name for name in made if name is not None and name not in read]
    for script, word in calls:
        name = str(word.literal)
        near = [one for one in unread if _is_short(name, one)]
        if name not in made and len(near) == 1:
            told = f"the entry {name} is read, and what Terraform makes is {near[0]}"
            yield broken(name, told, script.source.at(word), made[near[0]])


def _is_short(name: str, whole: str) -> bool:
    """Tell whether two names of one folder differ in the last part, of which one shortens the other."""
    above, _, short = name.rpartition("/")
    there, _, long = whole.rpartition("/")
    if not above or above != there or not (short.isalpha() and long.isalpha()) or len(short) >= len(long):
        return False
    letters = iter(long[1:])
    return short[0] == long[0] and len(short) > 1 and all(one in letters for one in short[1:])


@check("region-agrees", phase=Phase.DEPLOYMENT, weight=Weight.WARNING, remedy=_ONE)
def region_agrees(
    workflows: Workflows, terraform: Terraform, settings: Settings | Unseen
) -> Iterator[Answer]:
    """Workflows work in the region in which Terraform keeps its state and makes things."""
    theirs = regions(terraform)
    if len(theirs) != 1:
        return
    ((region, places),) = theirs.items()
    for workflow in workflows:
        for job in workflow.jobs.values():
            written = [(env.text(name), env) for env in (job.env, workflow.env) for name in _REGION_NAMES]
            found = [text for text, _ in written if text is not None and _REGION.match(text)]
            found += [
                text
                for step in job.steps
                if (text := step.inputs.text("aws-region")) is not None and _REGION.match(text)
            ]
            for text in found:
                subject = f"{workflow.file}: {job.id}: region"
                if text == region or (text == _GLOBAL and not _is_deployment(workflow, region, settings)):
                    yield holds(subject, "is the same")
                elif any("terraform" in str(step.run) or "aws " in str(step.run) for step in job.steps):
                    told = f"works in {text}, and Terraform in {region}"
                    yield broken(subject, told, workflow.source.at(text), *places)
                    break


def _is_deployment(workflow: Workflow, region: str, settings: Settings | Unseen) -> bool:
    """Tell whether a workflow deploys to the region that the settings state, and asks no global service."""
    if not isinstance(settings, Settings) or settings.aws.region != region:
        return False
    origin, name = settings.origins.get("aws.region"), settings.deploy_workflow
    stated = origin is not None and origin.file is not None and name is not None
    return (
        stated
        and workflow.file == str(name).rpartition("/")[2]
        and not _SERVES_ALL.search(workflow.source.text)
    )


def regions(terraform: Terraform) -> dict[str, list[Evidence]]:
    """Return the regions in which Terraform makes things, each with the places that say so."""
    found: dict[str, list[Evidence]] = {}
    for module in terraform.roots:
        for block in module.of("provider", "aws"):
            given = block.attributes.get("region")
            if given is None or "alias" in block.attributes:
                continue
            for one in possible(terraform, module, block, given):
                if isinstance(one.value, str):
                    found.setdefault(one.value, []).append(one.at)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
