import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

DISPATCH = """\
on:
  push:
  workflow_dispatch:
    inputs:
      environment: {type: choice, options: [staging, production]}
      size: {type: string}
name: Deploy it
jobs: {}
"""
BASE = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "lib"]\n',
    "app/Cargo.toml": f"{CRATE}[features]\nfast = []\n[dependencies]\nserde = {{optional = true}}\n",
    "app/src/main.rs": "",
    "app/tests/whole.rs": "",
    "lib/Cargo.toml": CRATE.replace('"app"', '"acme-lib"'),
    "lib/src/lib.rs": "",
    ".github/workflows/deploy.yml": DISPATCH,
    CI: job("- run: make"),
}


def shell(commands: str, after: str = "") -> dict[str, str]:
    return {**BASE, "docs/guide.md": f"# Guide\n\n```bash\n{commands}\n```\n{after}"}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("gh workflow run ci.yml", "no `workflow_dispatch`"),
        ("gh workflow run deploy.yml -f cluster=3", "no input 'cluster' (there are: environment and size)"),
        ('gh workflow run "Deploy it" -f environment=prod', "'prod' is no choice"),
        ("gh workflow run deploy.yml --ref main --field environment=dev", "'dev' is no choice"),
    ],
)
def test_a_call_that_github_refuses_is_named_with_its_line(call: str, told: str) -> None:
    (found,) = ask("documented-dispatch-works", shell(call))
    assert places([found]) == [("docs/guide.md", 4)]
    assert told in found.message


@pytest.mark.parametrize(
    "call",
    [
        "gh workflow run deploy.yml -f environment=staging -f size=$SIZE",
        "gh workflow run deploy.yml -f environment=<environment>",
        "gh workflow run deploy.yml -f Environment=production",
        "gh workflow run deploy.yml -f cluster=3 -R other/repo",
        "gh workflow run deploy.yml -f cluster=3 --ref feature",
        "gh workflow run gone.yml",
        "gh workflow list ci.yml",
    ],
)
def test_a_call_that_github_takes_or_that_is_about_another_is_not_accused(call: str) -> None:
    assert ask("documented-dispatch-works", shell(call)) == []


@pytest.mark.parametrize(
    "call",
    [
        "cargo build --features gone",
        "cargo build -p app --features fast,gone",
        "cargo test --test gone",
        "cargo bench --bench gone",
        "cargo run -p acme-lib",
        "cargo build -p acme-lib --features fast",
    ],
)
def test_a_name_that_cargo_does_not_know_is_named_with_its_line(call: str) -> None:
    assert places(ask("documented-build-works", shell(call))) == [("docs/guide.md", 4)]


@pytest.mark.parametrize(
    "call",
    [
        "cargo build --features fast",
        "cargo build --features app/serde",
        "cargo test --test whole",
        "cargo run -p app",
        "cargo run -p acme-lib --example x",
        "cargo build -p gone --features gone",
        "cargo build --features your-feature",
        "cargo bench --bench name_of_bench",
        "git clone x && cargo build --features gone",
        "cd app\ncargo build --features gone",
    ],
)
def test_a_name_that_is_there_or_stands_for_any_is_not_accused(call: str) -> None:
    assert ask("documented-build-works", shell(call)) == []


def test_a_feature_that_the_text_tells_to_add_is_not_accused() -> None:
    files = shell("cargo build --features gone", "\nAdd `gone = []` to the manifest.\n")
    assert ask("documented-build-works", files) == []


GATED = {
    "Cargo.toml": CRATE
    + """\
[features]
net = []
[[example]]
name = "client"
required-features = ["net"]
""",
    "src/lib.rs": "",
    "examples/client.rs": "",
}


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("cargo run --example client", 1),
        ("cargo run --features net --example client", 0),
        ("cargo run --all-features --example client", 0),
        ("cargo run --example client $FLAGS", 0),
    ],
)
def test_an_example_is_asked_for_with_the_features_it_requires(call: str, count: int) -> None:
    found = ask("documented-build-works", {**GATED, "README.md": f"# x\n```sh\n{call}\n```\n"})
    assert [one.message for one in found] == [
        "tells to build the example client without its feature 'net': cargo refuses that"
    ] * count


def test_targets_without_the_same_feature_are_named_in_one_breath() -> None:
    second = '[[example]]\nname = "server"\nrequired-features = ["net"]\n'
    files = {**GATED, "Cargo.toml": GATED["Cargo.toml"] + second, "examples/server.rs": ""}
    text = "# x\n```sh\ncargo run --example client\ncargo run --example server\n```\n"
    (found,) = ask("documented-build-works", {**files, "README.md": text})
    assert found.message == (
        "tells to build the example client and example server without their feature 'net': cargo refuses that"
    )
    assert [line for _, line in places([found])] == [3]
