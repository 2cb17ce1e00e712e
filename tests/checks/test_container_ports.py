import pytest

from tests.checks.testing import ask, places

DOCKERFILE = "FROM debian\nEXPOSE 9400 9800/tcp\nCMD app\n"


def running(
    call: str, dockerfile: str = DOCKERFILE, build: str = "docker build -t acme/app:1 ."
) -> dict[str, str]:
    return {"Dockerfile": dockerfile, "docs/guide.md": f"# Run\n\n```bash\n{build}\n{call}\n```\n"}


def test_a_port_that_the_dockerfile_does_not_expose_is_named_with_both_places() -> None:
    (found,) = ask("container-port-exposed", running("docker run --rm -p 9000:9000 acme/app"))
    assert [(one.file, one.line) for one in found.evidence] == [("docs/guide.md", 5), ("Dockerfile", 2)]


def test_a_script_that_publishes_another_port_is_named() -> None:
    script = {"run.sh": "docker run -p 127.0.0.1:80:8080 acme/app:1\n"}
    assert places(ask("container-port-exposed", {**running("true"), **script})) == [("run.sh", 1)]


@pytest.mark.parametrize(
    "call",
    [
        "docker run -p 9000:9400 acme/app",
        "docker run -p 9000:9800 acme/app",
        "docker run -p 9000:$PORT acme/app",
        "docker run -p 9000:9000 acme/app --port 9000",
        "docker run -e PORT=9000 -p 9000:9000 acme/app",
        "docker run -p 5432:5432 postgres",
        "docker run -p 9000-9010:9000-9010 acme/app",
    ],
)
def test_a_port_that_is_exposed_or_not_certain_is_not_accused(call: str) -> None:
    assert ask("container-port-exposed", running(call)) == []


def test_a_dockerfile_that_says_the_port_in_another_way_is_not_accused() -> None:
    call = "docker run -p 9000:9000 acme/app"
    assert ask("container-port-exposed", running(call, "FROM debian\nENV PORT=9000\nEXPOSE 9400\n")) == []
    assert ask("container-port-exposed", running(call, "FROM debian\nEXPOSE $PORT\n")) == []
    assert ask("container-port-exposed", running(call, "FROM debian\n")) == []
    assert ask("container-port-exposed", running(call, build="docker pull acme/app")) == []


COMPOSE = """\
services:
  app:
    build: .
    ports:
      - "9000:9001"
"""


ONE = "FROM debian\nEXPOSE 9400\nCMD app\n"


def composed(text: str = COMPOSE, dockerfile: str = ONE) -> dict[str, str]:
    return {"Dockerfile": dockerfile, "docker-compose.yml": text}


def test_a_port_that_compose_publishes_and_nobody_exposes_is_named_with_both_places() -> None:
    (found,) = ask("container-port-exposed", composed())
    assert [(one.file, one.line) for one in found.evidence] == [("docker-compose.yml", 5), ("Dockerfile", 2)]


def test_a_dockerfile_of_another_name_is_found_from_the_directory_of_the_file() -> None:
    text = COMPOSE.replace("build: .", "build: {context: ../app, dockerfile: Dockerfile.web}")
    files = {"deploy/compose.prod.yaml": text, "app/Dockerfile.web": ONE}
    assert places(ask("container-port-exposed", files)) == [("deploy/compose.prod.yaml", 5)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("9000:9001", "9000:9400"),
        ("9000:9001", "127.0.0.1:9000:9400/tcp"),
        ('- "9000:9001"', '- "9000:9001"\n      - "9400:9400"'),
        ("9000:9001", "9000:${PORT}"),
        ("9000:9001", "9001"),
        ("build: .", "image: acme/app"),
        ("build: .", "build: .\n    command: --port 9001"),
        ("build: .", "build: .\n    environment: {PORT: '9001'}"),
        ("build: .", "build: .\n    env_file: .env"),
        ("build: .", "build: {context: ., target: debug}"),
        ("build: .", "build: $HERE"),
    ],
)
def test_a_port_of_compose_that_is_exposed_or_not_certain_is_not_accused(old: str, new: str) -> None:
    assert ask("container-port-exposed", composed(COMPOSE.replace(old, new))) == []


def test_compose_with_a_dockerfile_that_says_no_port_is_not_accused() -> None:
    assert ask("container-port-exposed", composed(dockerfile="FROM debian\n")) == []
    assert ask("container-port-exposed", composed(dockerfile=DOCKERFILE)) == []
    assert ask("container-port-exposed", composed(dockerfile="FROM debian\nENV P=9001\nEXPOSE 1\n")) == []


def test_a_container_of_commands_that_a_document_shows_without_a_language_is_named() -> None:
    files = {
        "Dockerfile": "FROM debian:12\nEXPOSE 8080\n",
        "README.md": "# Run\n    docker build -t app .\n    docker run -p 9090:9090 app\n",
    }
    assert [one.evidence[0].line for one in ask("container-port-exposed", files)] == [3]
    same = files | {"README.md": files["README.md"].replace("9090:9090", "9090:8080")}
    assert ask("container-port-exposed", same) == []
