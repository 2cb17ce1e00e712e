import pytest

from tests.checks.testing import CRATE, ask, places

IMAGE = """\
FROM rust:1.90 AS base
WORKDIR {place}
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \\
    --mount=type=cache,target=/app/target \\
    {run}
"""
BUILD = "cargo build --release"


def image(place: str = "/usr/app", run: str = BUILD) -> dict[str, str]:
    return {"Cargo.toml": CRATE, "src/main.rs": "", "Dockerfile": IMAGE.format(place=place, run=run)}


@pytest.mark.parametrize("run", [BUILD, "cargo install --root /usr/app --path . --locked", "cargo chef cook"])
def test_a_cache_where_cargo_does_not_compile_is_named_with_its_line(run: str) -> None:
    (found,) = ask("docker-cache-used", image(run=run))
    assert (places([found]), found.weight) == ([("Dockerfile", 5)], "note")
    assert "cargo compiles into /usr/app/target" in found.message


@pytest.mark.parametrize(
    ("place", "run"),
    [
        ("/app", BUILD),
        ("/app/rust", BUILD),
        ("/", BUILD),
        ("$HOME/app", BUILD),
        ("rust", BUILD),
        ("/usr/app", "CARGO_TARGET_DIR=/app/target cargo build"),
        ("/usr/app", "cargo build --target-dir /app/target"),
        ("/usr/app", "cd /app && cargo build"),
        ("/usr/app", "cargo install cargo-chef"),
        ("/usr/app", "make"),
    ],
)
def test_a_cache_where_cargo_may_compile_is_fine(place: str, run: str) -> None:
    assert ask("docker-cache-used", image(place, run)) == []


def test_the_directory_of_the_stage_below_counts() -> None:
    text = (
        IMAGE.format(place="/usr/app", run="true")
        + f"FROM base\nRUN --mount=type=cache,target=/app/target {BUILD}\n"
    )
    files = {**image(), "Dockerfile": text}
    assert places(ask("docker-cache-used", files)) == [("Dockerfile", 8)]
    files[".cargo/config.toml"] = "[build]\ntarget-dir = '/app/target'\n"
    assert ask("docker-cache-used", files) == []
