import pytest

from tests.checks.testing import answers, ask, places

CHECK = "database-lets-service-in"
STORE = """\
resource "aws_db_instance" "d" {
  vpc_security_group_ids = [aws_security_group.db.id]
}
resource "aws_security_group" "db" {
  ingress {
    from_port = 5432
    to_port   = 5432
    protocol  = "tcp"
    RULE
  }
}
"""
FUNCTION = """\
resource "aws_lambda_function" "f" {
  vpc_config {
    security_group_ids = [aws_security_group.app.id]
  }
  environment {
    variables = {
      HOST = TOLD
    }
  }
}
"""
SERVICE = """\
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{ environment = [{ name = "H", value = aws_db_instance.d.address }] }])
}
resource "aws_ecs_service" "s" {
  task_definition = aws_ecs_task_definition.t.arn
  network_configuration {
    security_groups = [aws_security_group.app.id]
  }
}
"""
OTHER = "security_groups = [aws_security_group.other.id]"


def store(rule: str) -> str:
    return STORE.replace("RULE", rule)


def function(told: str = "aws_db_instance.d.address") -> str:
    return FUNCTION.replace("TOLD", told)


@pytest.mark.parametrize("user", [function(), SERVICE])
def test_a_database_that_lets_only_others_in_is_named_with_its_group(user: str) -> None:
    (found,) = ask(CHECK, {"main.tf": store(OTHER) + user})
    assert places([found]) == [("main.tf", 4)]
    assert "it gets no connection" in found.message


def test_a_rule_for_its_group_lets_it_in() -> None:
    rule = "security_groups = [aws_security_group.other.id, aws_security_group.app.id]"
    assert [one.verdict.value for one in answers(CHECK, {"main.tf": store(rule) + function()})] == ["holds"]


@pytest.mark.parametrize(
    "rule", ['cidr_blocks = ["10.0.0.0/16"]', "security_groups = var.groups", "security_groups = [var.group]"]
)
def test_a_rule_for_addresses_or_for_groups_of_elsewhere_may_let_it_in(rule: str) -> None:
    assert ask(CHECK, {"main.tf": store(rule) + function()}) == []


def test_a_rule_that_is_a_resource_of_its_own_may_let_it_in() -> None:
    group = "  security_group_id = aws_security_group.db.id\n"
    rule = f'resource "aws_vpc_security_group_ingress_rule" "r" {{\n{group}}}\n'
    assert ask(CHECK, {"main.tf": store(OTHER) + function() + rule}) == []


def test_who_is_not_told_of_the_database_need_not_be_let_in() -> None:
    assert ask(CHECK, {"main.tf": store(OTHER) + function('"elsewhere"')}) == []


def test_a_group_whose_rules_terraform_leaves_alone_may_let_it_in() -> None:
    text = store(OTHER).replace(
        "  ingress {", "  lifecycle {\n    ignore_changes = [ingress]\n  }\n  ingress {"
    )
    assert ask(CHECK, {"main.tf": text + function()}) == []
