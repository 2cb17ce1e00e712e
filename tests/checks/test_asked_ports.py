"""Ports that curl asks on the machine, and what was started there."""

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job


def steps(started: str, asked: str, extra: str = "") -> dict[str, str]:
    body = f"- uses: actions/checkout@v4\n- run: {started}\n- run: |\n    sleep 5\n    {asked}\n"
    return {CI: job(body, extra=extra)}


START = "docker run -d --name app -p 8080:80 acme/app"


def test_a_port_that_nothing_publishes_is_named_with_both_places() -> None:
    (found,) = ask("asked-port-opened", steps(START, "curl -f http://localhost:8081/health"))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 10), (CI, 7)]
    assert found.weight is Weight.WARNING
    assert "port 8081" in found.message


@pytest.mark.parametrize(
    "started",
    [
        "kubectl port-forward svc/app 8080:80 &",
        "./target/release/app --listen 127.0.0.1:8080 &",
        "PORT=8080 ./target/release/app &",
        "docker run --network web -p 127.0.0.1:8080:80 acme/app",
    ],
)
def test_whatever_opens_a_written_port_opens_that_one(started: str) -> None:
    assert len(ask("asked-port-opened", steps(started, "curl localhost:8081/"))) == 1
    assert ask("asked-port-opened", steps(started, "curl localhost:8080/")) == []


def test_a_script_and_a_block_of_a_document_are_read_as_well() -> None:
    text = f"{START}\ncurl http://127.0.0.1:9090/health\n"
    (script,) = ask("asked-port-opened", {"run.sh": text})
    assert (script.evidence[0].line, script.weight) == (2, Weight.NOTE)
    (document,) = ask("asked-port-opened", {"docs/run.md": f"```bash\n{text}```\n"})
    assert document.evidence[0].line == 3


def test_on_a_machine_of_a_person_a_second_service_may_be_running() -> None:
    text = f"{START}\ncurl http://127.0.0.1:9090/health\ncurl localhost:8080/health\n"
    assert ask("asked-port-opened", {"run.sh": text}) == []
    assert ask("asked-port-opened", {"run.sh": text.replace("docker", "./other &\ndocker")}) == []


def test_on_a_runner_of_ones_own_something_else_may_be_running() -> None:
    ((path, text),) = steps(START, "curl localhost:8081/").items()
    assert ask("asked-port-opened", {path: text.replace("ubuntu-latest", "[self-hosted, linux]")}) == []


@pytest.mark.parametrize(
    ("started", "asked"),
    [
        (START, "curl http://localhost:8080/health"),
        (START, "curl http://localhost/health"),
        (START, "curl http://localhost:$PORT/health"),
        (START, "curl http://app:8081/health"),
        (f"{START} --admin-port 8081", "curl http://localhost:8081/"),
        ("docker run -d --network host acme/app", "curl http://localhost:8081/"),
        ("docker run -d -P acme/app", "curl http://localhost:8081/"),
        ("docker run -d -p $PORT:80 acme/app", "curl http://localhost:8081/"),
        ("docker compose up -d", "curl http://localhost:8081/"),
        ("./start.sh", "curl http://localhost:8081/"),
        ("./target/release/app &", "curl http://localhost:8081/"),
        (f"{START} && ./start.sh", "curl http://localhost:8081/"),
        ("true", "curl http://localhost:8081/"),
    ],
)
def test_a_port_that_is_opened_or_may_be_is_not_accused(started: str, asked: str) -> None:
    assert ask("asked-port-opened", steps(started, asked)) == []


def test_a_service_or_an_action_may_open_the_port() -> None:
    asked = "curl http://localhost:8081/"
    assert ask("asked-port-opened", steps(START, asked, extra="services:\n  db: {image: x}")) == []
    files = {CI: steps(START, asked)[CI].replace("actions/checkout@v4", "acme/start@v1")}
    assert ask("asked-port-opened", files) == []
