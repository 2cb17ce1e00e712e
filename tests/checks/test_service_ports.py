import pytest

from tests.checks.testing import CRATE, ask, places

SOURCE = """\
fn settings(given: impl Fn(&str) -> Option<String>) -> String {
    given("APP_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned())
}
"""
CLAP = """\
#[derive(Parser)]
struct A {
    #[arg(long, env = "APP_PORT", default_value_t = 8080)]
    port: u16,
}
"""
TABLE = (
    "| variable | meaning | default |\n|---|---|---|\n| `APP_LISTEN` | address and port | `127.0.0.1:%s` |\n"
)
INSTALL = '#!/bin/sh\nport=${NODE_PORT:-%s}\nexport APP_LISTEN="127.0.0.1:$port"\n'
ASKS = "# Look\n    curl --fail http://NODE:%s/healthz\n"
GROUP = """\
resource "aws_security_group" "web" {
  ingress {
    from_port = %s
    to_port   = %s
  }
}
"""
GUIDE = "docs/guide.md"


def app(source: str = SOURCE, **files: str) -> dict[str, str]:
    return {"Cargo.toml": CRATE, "src/main.rs": source, "README.md": TABLE % "8080", **files}


def test_a_default_of_a_table_that_the_program_does_not_take_is_named_with_both_places() -> None:
    (found,) = ask("documented-default-port", app() | {"README.md": TABLE % "8081"})
    assert [(one.file, one.line) for one in found.evidence] == [("README.md", 3), ("src/main.rs", 2)]


def test_a_default_of_clap_is_read_as_well() -> None:
    text = TABLE.replace("APP_LISTEN", "APP_PORT").replace("127.0.0.1:", "") % "9090"
    (found,) = ask("documented-default-port", app(CLAP) | {"README.md": text})
    assert places([found]) == [("README.md", 3)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (SOURCE, TABLE % "8080"),
        (SOURCE, TABLE.replace("default", "example") % "8081"),
        (SOURCE, TABLE.replace("APP_LISTEN", "OTHER_LISTEN") % "8081"),
        (SOURCE + SOURCE.replace("8080", "9090"), TABLE % "8081"),  # which of them is not certain
        (SOURCE.replace('"127.0.0.1:8080".to_owned()', "from_file()"), TABLE % "8081"),
    ],
)
def test_the_same_default_an_example_or_one_that_is_not_certain_is_not_accused(
    source: str, text: str
) -> None:
    assert ask("documented-default-port", app(source) | {"README.md": text}) == []


def test_a_port_that_a_document_asks_and_the_service_does_not_listen_on_is_named() -> None:
    (found,) = ask("documented-port-listened", app() | {GUIDE: ASKS % "9090"})
    assert [(one.file, one.line) for one in found.evidence] == [(GUIDE, 2), ("src/main.rs", 2)]


def test_the_default_of_the_script_that_installs_it_goes_before_the_programs() -> None:
    files = app() | {GUIDE: ASKS % "8080", "install.sh": INSTALL % "8090"}
    (found,) = ask("documented-port-listened", files)
    assert [(one.file, one.line) for one in found.evidence] == [(GUIDE, 2), ("install.sh", 2)]
    assert ask("documented-port-listened", files | {GUIDE: ASKS % "8090"}) == []


@pytest.mark.parametrize(
    "more",
    [
        {GUIDE: ASKS % "8080"},
        {GUIDE: (ASKS % "9090").replace("NODE", "localhost")},
        {GUIDE: (ASKS % "9090").replace("NODE", "metrics.acme.com")},
        {
            GUIDE: ASKS % "9090",
            "compose.yml": "services:\n  p:\n    image: prometheus\n    ports: ['9090:9090']\n",
        },
        {GUIDE: ASKS % "9090", "run.sh": "export APP_LISTEN=$1\n"},
    ],
)
def test_the_same_port_another_program_or_machine_or_an_uncertain_one_is_not_accused(
    more: dict[str, str],
) -> None:
    assert ask("documented-port-listened", app() | more) == []


def test_a_firewall_that_lets_in_another_port_is_named() -> None:
    (found,) = ask("opened-port-listened", app() | {"infra/main.tf": GROUP % (8000, 8000)})
    assert [(one.file, one.line) for one in found.evidence] == [("infra/main.tf", 3), ("src/main.rs", 2)]


@pytest.mark.parametrize(
    "group",
    [
        GROUP % (8080, 8080),
        GROUP % (443, 443),
        GROUP % (8000, 9000),
        GROUP % (8000, 8000) + (GROUP % (8080, 8080)).replace("web", "app"),
    ],
)
def test_a_firewall_that_lets_it_in_or_that_is_for_more_is_not_accused(group: str) -> None:
    assert ask("opened-port-listened", app() | {"infra/main.tf": group}) == []
    proxy = {"infra/main.tf": GROUP % (8000, 8000), "proxy.conf.yml": "listen: 8000\n"}
    assert ask("opened-port-listened", app() | proxy) == []
