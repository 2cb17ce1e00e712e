import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

SLOW = CRATE + "\n[profile.release]\nopt-level = 0\n"
STEPS = """\
- uses: actions/checkout@v6
- run: cargo build --release
- {uses: actions/upload-artifact@v6, with: {path: target/release/app}}
"""
SHIPS = job(STEPS)


def crate(manifest: str = SLOW, **more: str) -> dict[str, str]:
    return {"Cargo.toml": manifest, "src/main.rs": "", **more}


@pytest.mark.parametrize(
    "more",
    [
        {CI: SHIPS},
        {"Dockerfile": "FROM rust\nCOPY . .\nRUN cargo install --root /app --path . --profile release\n"},
        {"Dockerfile": "FROM rust\nCOPY . .\nRUN cargo build --locked --release\n"},
    ],
)
def test_a_release_that_is_not_optimized_is_a_note(more: dict[str, str]) -> None:
    (found,) = ask("release-is-optimized", crate(**more))
    assert (places([found]), found.weight) == ([("Cargo.toml", 7)], "note")


@pytest.mark.parametrize(
    "files",
    [
        crate(SLOW.replace("0\n", "1\n"), **{CI: SHIPS}),
        crate(SLOW.replace("release", "dev"), **{CI: SHIPS}),
        crate(SLOW.replace("opt-level", "# compiled faster\nopt-level"), **{CI: SHIPS}),
        crate(),
        crate(**{CI: job("- run: cargo test --release")}),
        crate(**{CI: SHIPS.replace(" --release", "")}),
        {"Cargo.toml": SLOW, "src/lib.rs": "", CI: SHIPS},
        crate(CRATE + "\n[profile.release.build-override]\nopt-level = 0\n", **{CI: SHIPS}),
    ],
)
def test_what_is_optimized_meant_or_not_released_is_fine(files: dict[str, str]) -> None:
    assert ask("release-is-optimized", files) == []
