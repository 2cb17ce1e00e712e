import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

FILES = {"Cargo.toml": f"{CRATE}[features]\naws-secrets = []\npostgres = []\n", "src/main.rs": ""}
BUILD = "- uses: actions/checkout@v6\n- uses: docker/build-push-action@v6\n  with: {context: .}"


def image(
    run: str, argument: str = 'ARG FEATURES="postgres,aws"', *, copy: str = "COPY . ."
) -> dict[str, str]:
    text = f"FROM rust:1 AS build\n{argument}\n{copy}\nRUN {run}\nFROM scratch\nCOPY --from=build /x /x\n"
    return {**FILES, "Dockerfile": text, CI: job(BUILD)}


@pytest.mark.parametrize(
    "run",
    [
        'cargo build --release --features "${FEATURES}"',
        "cargo build --features $FEATURES && cp target/debug/app /x",
        'case a in a) T=1 ;; esac; cargo build -F "$FEATURES"; mv target/debug/app /x',
    ],
)
def test_a_feature_that_no_package_declares_ends_the_build_of_the_image(run: str) -> None:
    (found,) = ask("docker-feature-exists", image(run))
    assert (places([found]), found.blocks, found.subject) == ([("Dockerfile", 2)], True, "Dockerfile: aws")
    assert [one.file for one in found.evidence] == ["Dockerfile", "Dockerfile", CI]


@pytest.mark.parametrize("given", ["--features aws", "-F=aws", "-Faws"])
def test_a_feature_that_is_written_in_the_call_is_named_with_its_line(given: str) -> None:
    (found,) = ask("docker-feature-exists", image(f"true && \\\n    cargo build {given}"))
    assert places([found]) == [("Dockerfile", 5)]


def test_an_image_that_no_workflow_builds_blocks_nothing() -> None:
    files = image("cargo build --features aws")
    (found,) = ask("docker-feature-exists", {**files, CI: job("- run: x")})
    assert not found.blocks


@pytest.mark.parametrize(
    ("run", "argument"),
    [
        ("cargo build --features $FEATURES", "ARG FEATURES=postgres,aws-secrets"),
        ("cargo build --features $FEATURES", "ARG FEATURES"),
        ("cargo build --features serde/derive", "ARG X"),
        ("cargo install tool --features aws", "ARG X"),
        ("cargo build --features aws || true", "ARG X"),
        ("git clone https://example.org/a . && cargo build --features aws", "ARG X"),
    ],
)
def test_a_feature_that_is_declared_or_may_be_is_fine(run: str, argument: str) -> None:
    assert ask("docker-feature-exists", image(run, argument)) == []


def test_an_argument_that_the_build_gives_is_not_the_one_of_the_file() -> None:
    given = BUILD.replace("{context: .}", "{context: ., build-args: FEATURES=postgres}")
    assert ask("docker-feature-exists", {**image("cargo build --features $FEATURES"), CI: job(given)}) == []


def test_a_stage_without_files_of_the_repository_builds_something_else() -> None:
    run = "cargo build --features aws"
    assert ask("docker-feature-exists", image(run, copy="COPY --from=other /a /a")) == []
    bound = "--mount=type=bind,source=src,target=src cargo build --features aws"
    assert len(ask("docker-feature-exists", image(bound, copy="WORKDIR /a"))) == 1
