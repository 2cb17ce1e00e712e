"""The port of a container in its task definition and in the service behind a load balancer."""

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import ask, places

TASK = """
resource "aws_ecs_task_definition" "app" {
  container_definitions = jsonencode([
    { name = "web", portMappings = [{ containerPort = PORT }, { containerPort = 9800 }] },
    { name = "side" },
  ])
}
"""
SERVICE = """
resource "aws_ecs_service" "app" {
  task_definition = aws_ecs_task_definition.app.arn
  load_balancer {
    container_name = NAME
    container_port = ASKED
  }
}
"""
VARIABLES = """
variable "port" {
  default = 8080
}
variable "name" {
  default = "web"
}
variable "given" {}
"""


def stack(port: str, asked: str, name: str = '"web"', more: str = "") -> dict[str, str]:
    service = SERVICE.replace("ASKED", asked).replace("NAME", name)
    return {"main.tf": TASK.replace("PORT", port), "service.tf": service, "variables.tf": VARIABLES + more}


def test_a_port_that_the_container_does_not_have_blocks_with_both_places() -> None:
    (found,) = ask("ecs-port-agrees", stack("8080", "8081"))
    assert [(one.file, one.line) for one in found.evidence] == [("service.tf", 6), ("main.tf", 3)]
    assert "port 8081 of web, which has port 8080 and 9800" in found.message
    assert found.weight is Weight.BLOCKER


def test_a_default_that_differs_is_a_warning_for_another_value_may_be_given() -> None:
    assert [one.weight for one in ask("ecs-port-agrees", stack("var.port", "8081"))] == [Weight.WARNING]


@pytest.mark.parametrize("name", ["var.given", "aws_ecs_task_definition.app.family"])
def test_a_port_that_no_container_has_needs_no_name(name: str) -> None:
    (found,) = ask("ecs-port-agrees", stack("8080", "8081", name))
    assert "of its container, which has port 8080 and 9800" in found.message


def test_a_container_without_ports_takes_no_requests() -> None:
    (found,) = ask("ecs-port-agrees", stack("8080", "8080", '"side"'))
    assert "which has no port" in found.message


def test_a_task_that_is_written_as_json_is_read() -> None:
    task = 'resource "aws_ecs_task_definition" "app" {\n  container_definitions = <<EOF\n'
    task += '[{"name": "web", "portMappings": [{"containerPort": 80}]}]\nEOF\n}\n'
    assert places(ask("ecs-port-agrees", {**stack("1", "8080"), "main.tf": task})) == [("service.tf", 6)]
    assert ask("ecs-port-agrees", {**stack("1", "80"), "main.tf": task}) == []


@pytest.mark.parametrize(
    ("port", "asked", "name"),
    [
        ("8080", "8080", '"web"'),
        ("8080", "9800", '"web"'),
        ("var.port", "var.port", "var.name"),
        ("var.port", "8080", '"web"'),
        ("var.given", "var.given", '"web"'),
        ("var.given", "8081", '"web"'),
        ("8080", "var.given", '"web"'),
        ("8080", "9800", "var.given"),
        ("var.given", "8081", "var.given"),
    ],
)
def test_a_port_that_is_there_or_not_certain_is_not_accused(port: str, asked: str, name: str) -> None:
    assert ask("ecs-port-agrees", stack(port, asked, name)) == []


def test_a_task_of_somewhere_else_is_not_accused() -> None:
    files = stack("8080", "8081")
    files["main.tf"] = (
        files["main.tf"].replace("jsonencode([", "jsonencode(concat(var.given, [").replace("])\n}", "]))\n}")
    )
    assert ask("ecs-port-agrees", files) == []


GROUP = """
resource "aws_security_group" "app" {
  ingress {
    from_port = FROM
    to_port   = 9000
    protocol  = "PROTOCOL"
  }
}
resource "aws_ecs_service" "app" {
  network_configuration {
    security_groups = [aws_security_group.app.id]
  }
  load_balancer {
    container_port = 8080
  }
}
"""
RULE = """
resource "aws_security_group_rule" "more" {
  security_group_id = aws_security_group.app.id
}
"""


def group(first: str, protocol: str = "tcp") -> dict[str, str]:
    return {"main.tf": GROUP.replace("FROM", first).replace("PROTOCOL", protocol)}


def test_a_port_that_no_rule_lets_in_is_named_with_both_places() -> None:
    (found,) = ask("ecs-port-open", group("8081"))
    assert [one.line for one in found.evidence] == [14, 2]
    assert found.weight is Weight.WARNING


@pytest.mark.parametrize(("first", "protocol"), [("8080", "tcp"), ("8081", "-1"), ("var.x", "tcp")])
def test_a_port_that_is_let_in_or_not_certain_is_not_accused(first: str, protocol: str) -> None:
    assert ask("ecs-port-open", group(first, protocol)) == []


def test_rules_that_are_made_elsewhere_may_let_the_port_in() -> None:
    files = group("8081")
    assert ask("ecs-port-open", {**files, "rule.tf": RULE}) == []
    files["main.tf"] = files["main.tf"].replace(
        "aws_security_group.app.id]", "aws_security_group.app.id, var.x]"
    )
    assert ask("ecs-port-open", files) == []
