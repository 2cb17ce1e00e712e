import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

FILES = {"Cargo.toml": CRATE, "src/main.rs": ""}
BUILD = "- uses: actions/checkout@v6\n- run: docker build -t app ."


def image(run: str, path: str, *, copy: str = "COPY . .") -> str:
    build = f"FROM rust:1 AS build\nWORKDIR /src\n{copy}\nRUN {run}\n"
    return f"{build}FROM debian:13\nCOPY --from=build {path} /x\n"


@pytest.mark.parametrize(
    ("run", "path"),
    [
        ("cargo build --release", "/src/target/release/ap"),
        ("cargo build --release", "/src/target/debug/app"),
        ("cargo build --profile dist", "/src/target/release/app"),
        ("cargo build -r --target x86_64-unknown-linux-musl", "/src/target/release/app"),
        ("apt-get update && cargo build", "target/release/app"),
    ],
)
def test_a_program_that_the_stage_does_not_build_is_named(run: str, path: str) -> None:
    (found,) = ask("docker-copied-program-built", {**FILES, "Dockerfile": image(run, path), CI: job(BUILD)})
    assert (places([found]), found.blocks) == ([("Dockerfile", 6)], True)
    (found,) = ask("docker-copied-program-built", {**FILES, "Dockerfile": image(run, path)})
    assert not found.blocks


@pytest.mark.parametrize(
    ("run", "path"),
    [
        ("cargo build --release", "/src/target/release/app"),
        ("cargo build --profile dist", "/src/target/dist/app"),
        (
            "cargo build -r --target x86_64-unknown-linux-musl",
            "/src/target/x86_64-unknown-linux-musl/release/app",
        ),
        ("cargo build --profile $PROFILE", "/src/target/release/app"),
        ("cargo build -r && mv target/release/app target/release/ap", "/src/target/release/ap"),
        ("git clone https://example.com/x && cargo build -r", "/src/target/release/other"),
        ("make release", "/src/target/release/app"),
        ("CARGO_TARGET_DIR=/x cargo build", "/src/target/release/app"),
        ("cargo build -r -p other", "/src/target/release/other"),
        ("cargo build -r", "/usr/local/bin/other"),
    ],
)
def test_a_program_that_the_stage_may_have_is_fine(run: str, path: str) -> None:
    assert ask("docker-copied-program-built", {**FILES, "Dockerfile": image(run, path)}) == []


def test_a_stage_without_the_repository_builds_something_else() -> None:
    text = image("cargo build -r", "/src/target/release/other", copy="COPY --from=x / /")
    assert ask("docker-copied-program-built", {**FILES, "Dockerfile": text}) == []
