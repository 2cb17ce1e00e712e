from __future__ import annotations

import pytest

from tests.checks.testing import CRATE, ask, places

CHEF = "RUN cargo install cargo-chef --locked\n"


def _asked(text: str, **more: str) -> list[tuple[str | None, int | None]]:
    return places(ask("docker-tool-builds", {"Cargo.toml": CRATE, "Dockerfile": text, **more}))


def test_a_tool_that_the_rust_of_the_image_cannot_build_is_told() -> None:
    assert _asked(f"FROM rust:1.80-slim AS chef\n{CHEF}") == [("Dockerfile", 2)]
    based = f"FROM rust:1.80 AS base\nFROM base AS chef\n{CHEF}"
    assert _asked(based) == [("Dockerfile", 3)]


def test_the_toolchain_file_that_was_copied_chooses_the_rust() -> None:
    copied = "COPY ./rust-toolchain.toml ./rust-toolchain.toml\n"
    text = f"FROM debian:12\n{copied}RUN rustup component add cargo\n{CHEF}"
    old = {"rust-toolchain.toml": '[toolchain]\nchannel = "nightly-2024-04-27"\n'}
    assert _asked(text, **old) == [("Dockerfile", 4)]
    new = {"rust-toolchain.toml": '[toolchain]\nchannel = "nightly-2025-06-01"\n'}
    assert _asked(text, **new) == []


@pytest.mark.parametrize(
    "text",
    [
        f"FROM rust:1.86\n{CHEF}",
        f"FROM rust:latest\n{CHEF}",
        f"FROM rust:1.80\nRUN rustup default stable\n{CHEF}",
        "FROM rust:1.80\nRUN cargo install cargo-chef --locked --version 0.1.67\n",
        "FROM rust:1.80\nRUN cargo install cargo-chef@0.1.67 --locked\n",
        "FROM rust:1.80\nRUN cargo install cargo-chef\n",  # cargo may choose older dependencies
        f"FROM rust:1.80 AS unused\n{CHEF}FROM scratch\n",
    ],
)
def test_a_newer_rust_a_named_release_or_what_is_not_certain_is_fine(text: str) -> None:
    assert _asked(text) == []


def _builds(
    image: str, package: str = 'edition = "2024"\nrust-version = "1.90"'
) -> list[tuple[str | None, int | None]]:
    manifest = f'[package]\nname = "a"\nversion = "0.1.0"\n{package}\n'
    text = f"FROM {image}\nCOPY . .\nRUN cargo build --release\n"
    return places(
        ask("docker-rust-new-enough", {"Cargo.toml": manifest, "src/main.rs": "", "Dockerfile": text})
    )


def test_an_image_whose_rust_is_older_than_the_packages_ask_for_is_told() -> None:
    assert _builds("rust:1.89-slim") == [("Dockerfile", 3)]
    assert _builds("rust:1.84", 'edition = "2024"') == [("Dockerfile", 3)]


def test_an_image_whose_rust_is_new_enough_or_moves_is_fine() -> None:
    assert _builds("rust:1.90.0") == []
    assert _builds("rust:1") == []
    assert _builds("rust:1.84", 'edition = "2021"') == []


ENCLAVE = '[workspace]\n\n[package]\nname = "e"\nversion = "0.1.0"\nedition = "2021"\nrust-version = "1.89"\n'
PINNED = '[toolchain]\nchannel = "1.89.0"\n'


def _enclave(copied: str, workdir: str = "/build/enclave") -> list[tuple[str | None, int | None]]:
    text = f"FROM rust:1.84-slim\nWORKDIR /build\n{copied}\nWORKDIR {workdir}\nRUN cargo build --release\n"
    files = {
        "Cargo.toml": CRATE,
        "src/lib.rs": "",
        "enclave/Cargo.toml": ENCLAVE,
        "enclave/src/main.rs": "",
        "rust-toolchain.toml": PINNED,
        "Dockerfile": text,
    }
    return places(ask("docker-rust-new-enough", files))


def test_a_workspace_below_the_root_is_built_by_the_rust_of_the_image_without_the_toolchain_file() -> None:
    assert _enclave("COPY enclave /build/enclave\nCOPY Cargo.toml Cargo.lock /build/") == [("Dockerfile", 6)]


@pytest.mark.parametrize(
    "copied",
    [
        "COPY . /build",
        "COPY enclave rust-toolchain.toml /build/",
        "COPY --from=x /build /build",
        "COPY * /build/",
        "COPY enclave /build/enclave\nRUN --mount=type=bind,target=/build true",
    ],
)
def test_a_toolchain_file_that_may_be_copied_chooses_the_rust(copied: str) -> None:
    assert _enclave(copied) == []


def test_the_root_s_packages_that_ask_for_no_rust_are_built_by_any() -> None:
    assert _enclave("COPY enclave /build/enclave\nCOPY Cargo.toml Cargo.lock /build/", "/build") == []
