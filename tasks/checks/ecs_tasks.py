"""Whether ECS takes the task definitions and services that Terraform writes, and can start them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.ecs_task import (
    FARGATE,
    containers_of,
    expressions,
    is_fargate,
    memories,
    offers,
    said,
    task_of,
)
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.iam_policy import Policies
from tasks.domain.phase import Phase
from tasks.domain.role_rights import Rights, RoleBook
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_values import shown

_TASK, _SERVICE = "aws_ecs_task_definition", "aws_ecs_service"
_ECR = re.compile(r"\.dkr\.ecr\.|\baws_ecr_repository\.")
_TRUE = frozenset({"true", "True", "TRUE", "t", "T", "1"})


@check(
    "fargate-size-exists",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Write a pair that Fargate offers",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html",
        minutes=5,
    ),
)
def fargate_size_exists(terraform: Terraform) -> Iterator[Answer]:
    """Every task for Fargate has a pair of CPU and memory that Fargate offers."""
    for module in terraform:
        for task in module.of("resource", _TASK):
            if is_fargate(task):
                yield from _size(terraform, module, task)


def _size(terraform: Terraform, module: Module, task: Block) -> Iterator[Answer]:
    subject = f"{shown(module.directory)}: {task.address}: size"
    missing = [one for one in ("cpu", "memory") if one not in task.attributes]
    if missing:
        told = f"{task.address} is for Fargate and says no {listed(missing)}: ECS refuses it"
        yield broken(subject, told, task.at("requires_compatibilities"))
        return
    cpu, memory = (said(terraform, module, task.get(one)) for one in ("cpu", "memory"))
    if cpu is None or memory is None or (offered := offers(cpu, memory)) is None:
        return
    if offered:
        yield holds(subject, "is offered")
        return
    fitting = memories(cpu)
    why = f"with {cpu} it offers {_range(fitting)}" if fitting else f"it has no {cpu} units of CPU"
    told = (
        f"Fargate offers no {cpu} CPU units with {memory} MiB of memory ({why}): ECS refuses {task.address}"
    )
    # What has a default can be given another value by whoever runs terraform.
    sure = not any(isinstance(task.get(one), Expression) for one in ("cpu", "memory"))
    weight = Weight.BLOCKER if sure else Weight.WARNING
    yield broken(subject, told, task.at("memory"), task.at("cpu"), weight=weight)


def _range(fitting: tuple[int, ...]) -> str:
    return listed([str(one) for one in fitting]) if len(fitting) < 4 else f"{fitting[0]} to {fitting[-1]}"


@check(
    "fargate-role-given",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Set execution_role_arn to a role with AmazonECSTaskExecutionRolePolicy", minutes=15
    ),
)
def fargate_role_given(terraform: Terraform) -> Iterator[Answer]:
    """Every task for Fargate that logs to CloudWatch or is pulled from ECR has an execution role."""
    for module in terraform:
        for task in module.of("resource", _TASK):
            containers = containers_of(task) if is_fargate(task) else None
            if not containers:
                continue
            subject = f"{shown(module.directory)}: {task.address}: execution role"
            needs = [
                what
                for what, asked in (
                    ("ECR images", any(_is_from_ecr(one) for one in containers)),
                    ("the log driver awslogs", any(_logs(one) is not None for one in containers)),
                    ("secrets", any(one.get("secrets") for one in containers)),
                )
                if asked
            ]
            if "execution_role_arn" in task.attributes:
                yield holds(subject, "is there")
            elif needs:
                told = f"{task.address} has no execution_role_arn, and Fargate needs one for {listed(needs)}"
                yield broken(subject, f"{told}: ECS refuses it", task.at("requires_compatibilities"))


@check(
    "ecs-targets-are-addresses",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary='Set target_type = "ip" in the target group, which is then made anew', minutes=10),
)
def ecs_targets_are_addresses(terraform: Terraform) -> Iterator[Answer]:
    """Every target group of a service whose tasks have addresses of their own takes addresses."""
    for module in terraform:
        tasks = {one.name: one for one in module.of("resource", _TASK)}
        for service in module.of("resource", _SERVICE):
            task = task_of(service, tasks)
            own = service.get("launch_type") == FARGATE or (
                task is not None and task.get("network_mode") == "awsvpc"
            )
            for inner in service.inner("load_balancer") if own else ():
                group = _referred(
                    module, inner, "target_group_arn", "aws_lb_target_group", "aws_alb_target_group"
                )
                if group is None or inner.type == "dynamic":
                    continue
                subject = f"{shown(module.directory)}: {group.address}"
                written = group.get("target_type")
                if written == "ip" or (written is not None and written not in ("instance", "lambda")):
                    yield holds(subject, "takes addresses")
                    continue
                kind = "instances, for target_type is not set" if written is None else f"{written} targets"
                told = (
                    f"{group.address} takes {kind}, and the tasks of {service.address} have addresses of "
                    "their own (awsvpc): ECS refuses the service"
                )
                place = group.at("target_type")
                yield broken(subject, told, place, inner.at("target_group_arn"))


def _referred(module: Module, block: Block, attribute: str, *kinds: str) -> Block | None:
    """Return the only resource of a kind of its module that an attribute refers to."""
    given = block.attributes.get(attribute)
    named = {
        (one.root, one.path[1])
        for one in (given.references if given is not None else ())
        if one.root in kinds and len(one.path) > 1
    }
    found = module.of("resource", *named.pop()) if len(named) == 1 else ()
    return found[0] if len(found) == 1 else None


@check(
    "ecs-log-group-made",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Make it: an aws_cloudwatch_log_group of that name, and refer to it", minutes=5),
)
def ecs_log_group_made(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every log group that containers write to is made by somebody: ECS makes none by itself."""
    groups = [
        (module, one) for module in terraform for one in module.of("resource", "aws_cloudwatch_log_group")
    ]
    for module in terraform:
        for task in module.of("resource", _TASK):
            yield from merged(_log_groups(terraform, module, task, groups, sources))


def _log_groups(
    terraform: Terraform, module: Module, task: Block, groups: list[tuple[Module, Block]], sources: Sources
) -> Iterator[Answer]:
    for container in containers_of(task) or ():
        options = _logs(container)
        given = None if options is None else options.get("awslogs-group")
        name = said(terraform, module, given)
        if options is None or name is None or "awslogs-create-group" in options:
            continue
        subject = f"{shown(module.directory)}: log group {name}"
        if any(_may_be(terraform, where, one, name) for where, one in groups):
            yield holds(subject, "is made")
        elif not any(sources.saying("create-log-group")) and not _by_modules(terraform):
            told = (
                f"{task.address} logs to {name}, which nothing here makes, and has no awslogs-create-group: "
                "where nobody made it by hand, its containers stop before they start"
            )
            line = task.source.line_of(name, task.line) or task.source.line_of("awslogs-group", task.line)
            yield broken(subject, told, task.source.at(line or task.line))


def _may_be(terraform: Terraform, module: Module, group: Block, name: str) -> bool:
    value = group.get("name")
    text = said(terraform, module, value)
    return text == name if text is not None else True


def _by_modules(terraform: Terraform) -> bool:
    """Tell whether a module of somewhere else may make a log group."""
    return any(
        isinstance(source := block.get("source"), str) and "log" in source and not source.startswith(".")
        for module in terraform
        for block in module.of("module")
    )


def _logs(container: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """Return the options with which a container logs to CloudWatch."""
    written = container.get("logConfiguration")
    if not isinstance(written, Mapping) or written.get("logDriver") != "awslogs":
        return None
    options = written.get("options")
    return options if isinstance(options, Mapping) else None


def _is_from_ecr(container: Mapping[str, Value]) -> bool:
    image = container.get("image")
    text = image.text if isinstance(image, Expression) else image
    return isinstance(text, str) and _ECR.search(text) is not None


@check(
    "ecs-execution-granted",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Allow the execution role what starting the containers takes", minutes=10),
)
def ecs_execution_granted(terraform: Terraform, policies: Policies, sources: Sources) -> Iterator[Answer]:
    """Every execution role of a task may do what is done with it: pull, log, and read secrets."""
    book = RoleBook(terraform=terraform, policies=policies, sources=sources)
    for module in terraform:
        for task in module.of("resource", _TASK):
            role = _referred(module, task, "execution_role_arn", "aws_iam_role")
            # On machines of one's own the machine's role may do some of it.
            containers = containers_of(task) if is_fargate(task) else None
            rights = None if role is None or not containers else book.of_role(module, role)
            if rights is None or role is None or not rights.certain:
                continue
            subject = f"{shown(module.directory)}: {task.address}: {role.address}"
            lacking = [
                (action, why)
                for action, why in dict.fromkeys(_needs(containers or ()))
                if not rights.allow(action)
            ]
            if not lacking:
                yield holds(subject, "may do what it takes")
                continue
            actions = listed([action for action, _ in lacking])
            whys = list(dict.fromkeys(why for _, why in lacking))
            takes = "takes" if len(whys) == 1 else "take"
            told = (
                f"the execution role {role.address} may not {actions}, which {listed(whys)} {takes}"
                f"{_other(book, module, task, lacking)}: the tasks stop before they start"
            )
            yield broken(subject, told, *_places(task, role, rights))


def _places(task: Block, role: Block, rights: Rights) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys((task.at("execution_role_arn"), role.at(), *rights.at[:4])))


def _other(book: RoleBook, module: Module, task: Block, lacking: list[tuple[str, str]]) -> str:
    """Tell where the task's own role has the rights that the execution role lacks."""
    role = _referred(module, task, "task_role_arn", "aws_iam_role")
    rights = None if role is None else book.of_role(module, role)
    if role is None or rights is None or not all(rights.allow(action) for action, _ in lacking):
        return ""
    return f" (the task role {role.address} may, which is not asked)"


def _needs(containers: tuple[Mapping[str, Value], ...]) -> Iterator[tuple[str, str]]:
    """Go through the actions that starting containers certainly takes, each with what for."""
    for container in containers:
        if _is_from_ecr(container):
            yield "ecr:GetAuthorizationToken", "pulling the image from ECR"
            yield "ecr:BatchGetImage", "pulling the image from ECR"
        options = _logs(container)
        if options is not None:
            yield "logs:CreateLogStream", "logging to CloudWatch"
            if str(options.get("awslogs-create-group")) in _TRUE:
                yield "logs:CreateLogGroup", "awslogs-create-group"
        for one in expressions(container.get("secrets")):
            if re.search(r"\baws_secretsmanager_secret\.", one.text):
                yield "secretsmanager:GetSecretValue", "reading a container's secrets"
            elif re.search(r"\baws_ssm_parameter\.", one.text):
                yield "ssm:GetParameters", "reading a container's secrets"
