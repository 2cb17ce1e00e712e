import pytest

from tests.checks.testing import CRATE, ask, places

TF = """\
resource "aws_lb_target_group" "app" {
  health_check {
    path = "/health"
    port = 8081
  }
}
resource "aws_ecs_task_definition" "app" {
  container_definitions = jsonencode([
    { name = "app", image = "x", portMappings = [{ containerPort = 8080 }] }
  ])
}
resource "aws_ecs_service" "app" {
  task_definition = aws_ecs_task_definition.app.arn
  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = "app"
    container_port   = 8080
  }
}
"""


def test_a_health_check_of_a_port_that_the_container_does_not_have_is_told() -> None:
    (found,) = ask("health-port-agrees", {"main.tf": TF})
    assert "asks port 8081 for the health, and the container has 8080" in found.message
    assert places([found]) == [("main.tf", 4)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("port = 8081", "port = 8080"),
        ("port = 8081", 'port = "traffic-port"'),
        ("port = 8081", "port = var.port"),
        ('image = "x"', 'image = "x", command = ["--admin=8081"]'),
        ("containerPort = 8080", "containerPort = var.port"),
        ("aws_lb_target_group.app.arn", "var.group"),
    ],
)
def test_a_port_that_the_container_has_or_may_have_is_not_accused(old: str, new: str) -> None:
    assert ask("health-port-agrees", {"main.tf": TF.replace(old, new)}) == []


MAIN = """\
fn main() {
    let app = Router::new().route("/health", get(health)).route("/", get(index));
    serve(app, "0.0.0.0:8080");
}
"""
FILES = {"Cargo.toml": CRATE, "src/main.rs": MAIN, "Dockerfile": 'FROM debian\nCMD ["/app"]\n'}


def test_a_load_balancer_that_asks_a_path_nobody_answers_is_told() -> None:
    asked = TF.replace('"/health"', '"/healthz"')
    (found,) = ask("health-path-answered", {**FILES, "main.tf": asked})
    assert found.message == "asks /healthz for the health, and what the program answers is /health"
    assert places([found]) == [("main.tf", 3)]


def test_an_image_that_asks_a_path_nobody_answers_is_told() -> None:
    image = 'FROM debian\nHEALTHCHECK CMD curl -f http://localhost:8080/ready || exit 1\nCMD ["/app"]\n'
    (found,) = ask("health-path-answered", {**FILES, "Dockerfile": image})
    assert places([found]) == [("Dockerfile", 2)]


@pytest.mark.parametrize(
    ("path", "main"),
    [
        ("/health", MAIN),
        ("/health/", MAIN),
        ("/", MAIN),
        ("/api/health", MAIN),  # put together of two
        ("/healthz", MAIN.replace('"/health"', '"/up"')),  # nobody knows what is for the health
        ("/healthz", MAIN.replace('"0.0.0.0:8080"', "settings.listen")),
        ("/healthz", MAIN.replace('"/"', '"/healthz"')),
        ("/api/healthz", MAIN.replace('"/"', '"healthz"')),  # as a part of a path
    ],
)
def test_a_path_that_is_or_may_be_answered_is_not_accused(path: str, main: str) -> None:
    terraform = TF.replace('"/health"', f'"{path}"')
    assert ask("health-path-answered", {**FILES, "src/main.rs": main, "main.tf": terraform}) == []


def test_of_several_target_groups_one_may_be_of_another_service() -> None:
    other = 'resource "aws_lb_target_group" "web" {\n  health_check {\n    path = "/healthz"\n  }\n}\n'
    assert ask("health-path-answered", {**FILES, "main.tf": TF + other}) == []
