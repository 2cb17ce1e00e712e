"""Task definitions of ECS: sizes, roles, target groups and log groups."""

import json

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import answers, ask, places

ROLE = """\
resource "aws_iam_role" "NAME" {
  name               = "NAME"
  assume_role_policy = "{}"
}
"""
POLICY = """\
resource "aws_iam_role_policy" "NAME" {
  role   = aws_iam_role.NAME.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = "*" }]
  })
}
"""
EXECUTES = "  execution_role_arn = aws_iam_role.exec.arn\n"
LOGGED = '{ logDriver = "awslogs", options = { "awslogs-group" = "/ecs/app"MORE } }'


def task(
    *, cpu: str = "256", memory: str = "512", more: str = EXECUTES, container: str = "", on: str = "FARGATE"
) -> str:
    return (
        'resource "aws_ecs_task_definition" "t" {\n'
        f'  requires_compatibilities = ["{on}"]\n'
        '  network_mode = "awsvpc"\n'
        f"  cpu    = {cpu}\n"
        f"  memory = {memory}\n"
        f"{more}"
        "  container_definitions = jsonencode([\n"
        f'    {{ name = "app"{container} }}\n'
        "  ])\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("cpu", "memory"), [("256", "4096"), ('"512"', '"512"'), ("300", "1024"), ('"1 vCPU"', '"1 GB"')]
)
def test_a_size_that_fargate_does_not_have_blocks(cpu: str, memory: str) -> None:
    (found,) = ask("fargate-size-exists", {"main.tf": task(cpu=cpu, memory=memory)})
    assert places([found]) == [("main.tf", 5)]
    assert found.weight is Weight.BLOCKER


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [
        ("256", "512"),
        ('"1024"', '"8192"'),
        ("4096", "30720"),
        ('".5 vCPU"', '"4GB"'),
        ("32768", "65536"),
        ("var.c", "1"),
    ],
)
def test_a_size_that_fargate_has_or_that_only_a_run_tells_is_fine(cpu: str, memory: str) -> None:
    assert ask("fargate-size-exists", {"main.tf": task(cpu=cpu, memory=memory)}) == []


def test_a_default_that_fits_not_is_a_warning_and_machines_of_ones_own_take_any_size() -> None:
    variable = 'variable "m" {\n  default = 300\n}\n'
    (found,) = ask("fargate-size-exists", {"main.tf": task(memory="var.m") + variable})
    assert found.weight is Weight.WARNING
    assert ask("fargate-size-exists", {"main.tf": task(memory="300", on="EC2")}) == []


def test_a_task_for_fargate_without_a_size_blocks() -> None:
    (found,) = ask("fargate-size-exists", {"main.tf": task().replace("  memory = 512\n", "")})
    assert "says no memory" in found.message


@pytest.mark.parametrize(
    ("container", "what"),
    [
        (', image = "1.dkr.ecr.eu-west-1.amazonaws.com/app:1"', "ECR images"),
        (', image = "${aws_ecr_repository.a.repository_url}:1"', "ECR images"),
        (f", logConfiguration = {LOGGED.replace('MORE', '')}", "the log driver awslogs"),
    ],
)
def test_a_task_for_fargate_needs_an_execution_role(container: str, what: str) -> None:
    (found,) = ask("fargate-role-given", {"main.tf": task(more="", container=container)})
    assert places([found]) == [("main.tf", 2)]
    assert what in found.message
    assert ask("fargate-role-given", {"main.tf": task(container=container)}) == []
    assert ask("fargate-role-given", {"main.tf": task(more="", container=container, on="EC2")}) == []


def test_a_public_image_without_logs_needs_no_execution_role() -> None:
    assert ask("fargate-role-given", {"main.tf": task(more="", container=', image = "nginx:1"')}) == []


SERVICE = """\
resource "aws_ecs_service" "s" {
  task_definition = aws_ecs_task_definition.t.arn
  load_balancer {
    target_group_arn = aws_lb_target_group.g.arn
  }
}
resource "aws_lb_target_group" "g" {
  port = 80
TYPE}
"""


@pytest.mark.parametrize(("written", "line"), [("", 17), ('  target_type = "instance"\n', 19)])
def test_a_target_group_of_instances_takes_no_tasks_with_addresses(written: str, line: int) -> None:
    (found,) = ask("ecs-targets-are-addresses", {"main.tf": task() + SERVICE.replace("TYPE", written)})
    assert places([found]) == [("main.tf", line)]
    assert "ECS refuses the service" in found.message


def test_a_target_group_of_addresses_or_tasks_of_a_bridge_are_fine() -> None:
    fine = SERVICE.replace("TYPE", '  target_type = "ip"\n')
    assert ask("ecs-targets-are-addresses", {"main.tf": task() + fine}) == []
    given = SERVICE.replace("TYPE", "  target_type = var.type\n")
    assert ask("ecs-targets-are-addresses", {"main.tf": task() + given}) == []
    bridge = task(on="EC2").replace("awsvpc", "bridge") + SERVICE.replace("TYPE", "")
    assert ask("ecs-targets-are-addresses", {"main.tf": bridge}) == []


def logging(more: str = "") -> str:
    return task(container=f", logConfiguration = {LOGGED.replace('MORE', more)}")


def test_a_log_group_that_nobody_makes_is_named() -> None:
    (found,) = ask("ecs-log-group-made", {"main.tf": logging()})
    assert places([found]) == [("main.tf", 8)]
    assert "/ecs/app, which nothing here makes" in found.message


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_cloudwatch_log_group" "g" {\n  name = "/ecs/app"\n}\n',
        'resource "aws_cloudwatch_log_group" "g" {\n  name = "/ecs/${var.name}"\n}\n',
        'module "logs" {\n  source = "terraform-aws-modules/cloudwatch/aws//modules/log-group"\n}\n',
    ],
)
def test_a_log_group_that_is_made_or_may_be_is_fine(more: str) -> None:
    assert ask("ecs-log-group-made", {"main.tf": logging() + more}) == []


def test_a_log_group_that_ecs_is_told_to_make_is_fine() -> None:
    assert ask("ecs-log-group-made", {"main.tf": logging(', "awslogs-create-group" = "true"')}) == []


def role(name: str, *actions: str) -> str:
    text = ROLE.replace("NAME", name)
    policy = POLICY.replace("NAME", name).replace("ACTIONS", json.dumps(list(actions)))
    return text + (policy if actions else "")


SECRET = ', secrets = [{ name = "X", valueFrom = aws_secretsmanager_secret.s.arn }]'


def test_an_execution_role_that_may_not_read_the_secret_is_named() -> None:
    (found,) = ask("ecs-execution-granted", {"main.tf": task(container=SECRET) + role("exec", "logs:*")})
    assert places([found]) == [("main.tf", 6)]
    assert "may not secretsmanager:GetSecretValue" in found.message
    granted = role("exec", "secretsmanager:GetSecretValue")
    found_ = answers("ecs-execution-granted", {"main.tf": task(container=SECRET) + granted})
    assert [one.verdict.value for one in found_] == ["holds"]


def test_rights_of_the_task_role_do_not_count_and_are_told() -> None:
    more = f"{EXECUTES}  task_role_arn = aws_iam_role.own.arn\n"
    roles = role("exec", "logs:*") + role("own", "secretsmanager:*")
    (found,) = ask("ecs-execution-granted", {"main.tf": task(more=more, container=SECRET) + roles})
    assert "the task role aws_iam_role.own may" in found.message


def test_the_policy_of_aws_for_execution_does_not_make_log_groups() -> None:
    attached = """\
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.exec.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
"""
    text = logging(', "awslogs-create-group" = "true"') + role("exec") + attached
    (found,) = ask("ecs-execution-granted", {"main.tf": text})
    assert "may not logs:CreateLogGroup, which awslogs-create-group takes" in found.message
    assert ask("ecs-execution-granted", {"main.tf": logging() + role("exec") + attached}) == []


def test_a_role_whose_policies_cannot_all_be_read_is_not_judged() -> None:
    attached = """\
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.exec.name
  policy_arn = var.policy
}
"""
    assert ask("ecs-execution-granted", {"main.tf": task(container=SECRET) + role("exec") + attached}) == []
