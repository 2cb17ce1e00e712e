from __future__ import annotations

import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

CHECKOUT = "- uses: actions/checkout@v4\n"
CLIPPY = CHECKOUT + "- uses: giraffate/clippy-action@v1\n"


def test_a_job_that_only_installs_rust_always_passes() -> None:
    steps = CHECKOUT + "- uses: dtolnay/rust-toolchain@clippy\n- uses: Swatinem/rust-cache@v2"
    (found,) = ask("job-runs-something", {CI: job(steps)})
    assert (places([found]), found.weight) == ([(CI, 8)], "warning")


@pytest.mark.parametrize(
    "steps",
    [
        CHECKOUT,  # a place to which releases are announced
        CHECKOUT + "- uses: dtolnay/rust-toolchain@stable\n- run: cargo test",
        CHECKOUT + "- uses: dtolnay/rust-toolchain@stable\n- uses: giraffate/clippy-action@v1",
    ],
)
def test_a_job_that_runs_something_or_installs_nothing_is_fine(steps: str) -> None:
    assert ask("job-runs-something", {CI: job(steps)}) == []


def _in_server(steps: str) -> dict[str, str]:
    text = job(steps).replace("    steps:", "    defaults: {run: {working-directory: ./server}}\n    steps:")
    return {CI: text, "server/Cargo.toml": CRATE}


def test_an_action_that_runs_cargo_at_the_root_finds_no_manifest_below_it() -> None:
    (found,) = ask("cargo-action-finds-manifest", _in_server(CLIPPY))
    assert found.evidence[0].excerpt == "- uses: giraffate/clippy-action@v1"
    assert "the job's working-directory server is for `run:` alone" in found.message
    assert found.remedy is not None
    assert "workdir: server" in found.remedy.summary
    deny = CHECKOUT + "- uses: EmbarkStudios/cargo-deny-action@v2\n"
    assert len(ask("cargo-action-finds-manifest", _in_server(deny))) == 1


def test_an_action_that_is_told_where_the_workspace_lies_is_fine() -> None:
    told = CLIPPY + "  with: {workdir: server}\n"
    flags = CLIPPY + "  with: {clippy_flags: --manifest-path server/Cargo.toml}\n"
    moved = CLIPPY.replace("- uses: gir", "- run: cp Cargo.toml ../Cargo.toml\n- uses: gir")
    deny = (
        CHECKOUT + "- uses: EmbarkStudios/cargo-deny-action@v2\n  with: {manifest-path: server/Cargo.toml}\n"
    )
    for steps in (told, flags, moved, deny):
        assert ask("cargo-action-finds-manifest", _in_server(steps)) == []
    assert ask("cargo-action-finds-manifest", {**_in_server(CLIPPY), "Cargo.toml": CRATE}) == []
