import pytest

from tests.checks.testing import CRATE, ask, places

MAIN = """\
#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.unwrap();
}
"""
IMAGE = """\
FROM debian
COPY target/release/app /app
EXPOSE 3000
CMD ["/app"]
"""
FILES = {"Cargo.toml": CRATE, "src/main.rs": MAIN, "Dockerfile": IMAGE}
RIGHT = {**FILES, "Dockerfile": IMAGE.replace("3000", "8080")}


@pytest.mark.parametrize(
    "main",
    [
        MAIN,
        "fn main() { let a = SocketAddr::from(([0, 0, 0, 0], 8080)); }\n",
        "fn main() { let a = (Ipv4Addr::UNSPECIFIED, 8080); }\n",
        'fn main() { serve("[::]:8080") }\n#[cfg(test)]\nmod t { fn x() { serve("0.0.0.0:9999") } }\n',
    ],
)
def test_an_image_that_exposes_another_port_than_the_program_s_is_told(main: str) -> None:
    (found,) = ask("bound-port-agrees", {**FILES, "src/main.rs": main})
    assert found.message == "port 3000 is led to, and the program listens on 8080"
    assert found.weight.value == "note"
    assert places([found]) == [("Dockerfile", 3)]
    assert found.evidence[1].file == "src/main.rs"


def test_a_health_check_that_asks_another_port_is_a_warning() -> None:
    image = IMAGE.replace(
        "EXPOSE 3000", "EXPOSE 8080\nHEALTHCHECK --timeout=1s \\\n  CMD curl -f http://localhost/h"
    )
    (found,) = ask("bound-port-agrees", {**FILES, "Dockerfile": image})
    assert found.subject == "port 80"
    assert found.weight.value == "warning"
    assert places([found]) == [("Dockerfile", 5)]
    right = image.replace("localhost/", "localhost:8080/")
    assert ask("bound-port-agrees", {**FILES, "Dockerfile": right}) == []


COMPOSE = 'services:\n  app:\n    build: .\n    ports:\n      - "80:3000"\n'
TASK = """\
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([
    { name = "a", image = aws_ecr_repository.a.repository_url, portMappings = [
      { containerPort = 3000 }
    ] }
  ])
}
"""
PODS = """\
kind: Deployment
apiVersion: apps/v1
metadata: { name: app }
spec:
  template:
    spec:
      containers:
        - name: app
          image: ghcr.io/acme/app:1
          ports:
            - containerPort: 3000
"""


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("compose.yaml", COMPOSE, 5),
        ("infra/main.tf", TASK.replace("{ name", "{\n name").replace('a", image', 'a",\n image'), 6),
        ("k8s/app.yaml", PODS, 11),
    ],
)
def test_whoever_sends_requests_to_another_port_is_told(path: str, text: str, line: int) -> None:
    (found,) = ask("bound-port-agrees", {**RIGHT, path: text})
    assert found.weight.value == "warning"
    assert places([found]) == [(path, line)]
    assert ask("bound-port-agrees", {**RIGHT, path: text.replace("3000", "8080")}) == []


def test_a_document_that_asks_another_port_behind_cargo_run_is_told() -> None:
    text = "# App\n\n```sh\ncargo run\ncurl http://localhost:3000/health\n```\n"
    (found,) = ask("bound-port-agrees", {**RIGHT, "README.md": text})
    assert places([found]) == [("README.md", 5)]
    assert ask("bound-port-agrees", {**RIGHT, "README.md": text.replace("3000", "8080")}) == []


@pytest.mark.parametrize(
    "more",
    [
        {"Dockerfile": IMAGE.replace("EXPOSE 3000", "ENV PORT=3000\nEXPOSE 3000")},
        {"Dockerfile": IMAGE.replace('["/app"]', '["/app", "--listen", "0.0.0.0:3000"]')},
        {"Dockerfile": IMAGE.replace("FROM debian", "FROM nginx")},
        {"Dockerfile": IMAGE.replace('/app"]', '/other"]')},
        {"Dockerfile": IMAGE.replace("EXPOSE 3000", "EXPOSE 3000 4000")},
        {"docker/web/Dockerfile": IMAGE},
        {"config/default.toml": "listen = 3000\n"},
        {"config/default.yaml": "port: 3000\n"},
        {"src/admin.rs": "const ADMIN: u16 = 3000;\n"},
        {"src/two.rs": 'fn f() { bind("0.0.0.0:9090") }\n'},
        {"README.md": "```sh\ndocker run -e APP=1 app --port 3000\n```\n"},
        {"src/main.rs": MAIN.replace("8080", "3000")},
        {"src/main.rs": 'fn main() { b(env("APP_LISTEN").or("0.0.0.0:8080")) }', "x.yml": "APP_LISTEN: a\n"},
        {"src/main.rs": '#[arg(long, env, default_value = "0.0.0.0:8080")]\nlisten: String\nfn main() {}\n'},
        {"src/main.rs": "fn main() { bind(settings.listen) }\n"},
        {"src/main.rs": 'fn main() {}\n// bind("0.0.0.0:8080")\n'},
    ],
)  # fmt: skip
def test_a_port_that_the_program_may_be_told_or_that_is_another_s_is_not_accused(
    more: dict[str, str],
) -> None:
    assert ask("bound-port-agrees", {**FILES, **more}) == []


ASKS = "# App\n\n```sh\ncargo run --release\ncurl http://localhost:9000/health\n```\n"
ALONE = {"Cargo.toml": CRATE, "src/main.rs": MAIN, "Cargo.lock": "version = 4\n"}
LOCK = 'version = 4\n[[package]]\nname = "{}"\nversion = "1.0.0"\n'


def test_without_an_image_a_block_that_starts_the_only_program_is_believed() -> None:
    files = {**ALONE, "Cargo.lock": LOCK.format("app")}
    (found,) = ask("bound-port-agrees", {**files, "README.md": ASKS})
    assert found.message == "port 9000 is led to, and the program listens on 8080"
    assert (found.weight.value, places([found])) == ("note", [("README.md", 5)])
    assert ask("bound-port-agrees", {**files, "README.md": ASKS.replace("9000", "8080")}) == []


@pytest.mark.parametrize(
    "text",
    [
        ASKS.replace("--release", "-- --port 9000"),
        ASKS.replace("cargo run", "PORT=9000 cargo run"),
        ASKS.replace("cargo run", "prometheus &\ncargo run"),
        ASKS.replace("cargo run --release\n", "cargo run\n```\n\n```sh\n"),
        ASKS.replace("--release", "-p other"),
        ASKS.replace("curl", "npx wait-on"),
    ],
)
def test_a_block_in_which_another_may_listen_is_not_accused(text: str) -> None:
    files = {**ALONE, "Cargo.lock": LOCK.format("app")}
    assert ask("bound-port-agrees", {**files, "README.md": text}) == []


def test_a_port_that_a_library_takes_by_itself_is_told_only_where_the_lock_file_has_none_of_them() -> None:
    files = {**FILES, "Dockerfile": IMAGE.replace("3000", "8000")}
    (found,) = ask("bound-port-agrees", {**files, "Cargo.lock": LOCK.format("app")})
    assert found.subject == "port 8000"
    assert ask("bound-port-agrees", {**files, "Cargo.lock": LOCK.format("rocket")}) == []
    assert ask("bound-port-agrees", files) == []


SPLIT = """\
fn main() {
    let port: u16 = std::env::var("APP_PORT")
        .ok()
        .and_then(|p| p.parse().ok())
        .unwrap_or(8080);
    TcpListener::bind(("0.0.0.0", port));
}
"""
TELLS = (
    "# App\n\nIt listens on port 8080 (`APP_PORT`).\n\n```sh\ncargo run\ncurl http://localhost:8080/\n```\n"
)


@pytest.mark.parametrize("main", [SPLIT, MAIN])
@pytest.mark.parametrize(
    ("old", "new", "line"), [("listens on port 8080", "listens on port 8000", 3), (":8080", ":8000", 7)]
)
def test_a_document_is_held_to_the_port_that_is_taken_by_default(
    main: str, old: str, new: str, line: int
) -> None:
    files = {**ALONE, "src/main.rs": main, "Cargo.lock": LOCK.format("app")}
    (found,) = ask("bound-port-agrees", {**files, "README.md": TELLS.replace(old, new)})
    assert places([found]) == [("README.md", line)]
    assert ask("bound-port-agrees", {**files, "README.md": TELLS}) == []


@pytest.mark.parametrize(
    "more",
    [
        {"app.service": "Environment=APP_PORT=8000\n", "x.yml": "APP_PORT: a\n"},
        {"src/main.rs": SPLIT.replace("APP_PORT", "DB_PORT")},
        {"src/main.rs": SPLIT.replace("bind", "connect")},
        {"src/b.rs": SPLIT.replace("8080", "9090")},
        {"docs/a.md": "    APP_PORT=8000 cargo run\n"},
    ],
)
def test_a_port_that_a_variable_may_give_is_not_accused(more: dict[str, str]) -> None:
    files = {**ALONE, "src/main.rs": SPLIT, "Cargo.lock": LOCK.format("app")}
    files["README.md"] = TELLS.replace("8080", "8000")
    assert ask("bound-port-agrees", {**files, **more}) == []
