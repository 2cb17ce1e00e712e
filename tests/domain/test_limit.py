from __future__ import annotations

import pytest

from tasks.domain.limit import limit_of


@pytest.mark.parametrize(
    ("line", "what", "obtain"),
    [
        (
            "error: toolchain 'beta-x86_64-unknown-linux-gnu' is not installed",
            "toolchain beta",
            "rustup toolchain install beta",
        ),
        (
            "error: toolchain 'nightly-2024-05-01-x86_64-unknown-linux-gnu' is not installed",
            "toolchain nightly-2024-05-01",
            "rustup toolchain install nightly-2024-05-01",
        ),
        ("error: no such command: `+nightly`", "toolchain nightly", "rustup toolchain install nightly"),
        (
            (
                "rustup (embedded world): target wasm32-wasip1 is not on this machine, and a "
                "rehearsal installs nothing"
            ),
            "target wasm32-wasip1",
            "rustup target add wasm32-wasip1",
        ),
        (
            (
                "apt-get (embedded world): cannot install: musl-tools clang. A rehearsal installs "
                "nothing on this machine."
            ),
            "musl-tools clang",
            "sudo apt-get install musl-tools clang",
        ),
        ("docker: the embedded world has no container engine", "no container engine", None),
        (
            "  As a reminder, you're using offline mode (--offline) which can sometimes cause surprising",
            "a crate",
            "cargo fetch",
        ),
        (
            "note: offline mode (via `--offline`) can sometimes cause surprising resolution failures",
            "a crate",
            "cargo fetch",
        ),
        (
            "  attempting to make an HTTP request, but --offline was specified",
            "a crate",
            "cargo fetch",
        ),
        ("/tmp/1.sh: line 3: jq: command not found", "jq is not", "sudo apt-get install jq"),
        ("dash: 1: jq: not found", "jq is not", "sudo apt-get install jq"),
        ("curl: (6) Could not resolve host: github.com", "does not reach the network", None),
    ],
)
def test_what_a_program_says_is_missing_is_read_with_the_command_that_brings_it(
    line: str, what: str, obtain: str | None
) -> None:
    found = limit_of(["Compiling a", line])
    assert found is not None
    assert what in found.what
    assert found.obtain == obtain


@pytest.mark.parametrize(
    "line",
    [
        "error[E0308]: mismatched types",
        "error: no such command: `biuld`",
        "thread 'main' panicked at src/main.rs:3:5:",
        "bash: line 1: frobnicate: command not found",
        "error: failed to load manifest for workspace member `/w/a`",
    ],
)
def test_a_fault_is_no_limit(line: str) -> None:
    assert limit_of([line]) is None


def test_an_older_rust_is_a_limit_unless_the_repository_chose_it() -> None:
    said = [
        "error: rustc 1.95.0 is not supported by the following packages:",
        "  aoc@0.1.0 requires rustc 1.98",
        "  day@0.1.0 requires rustc 1.96.1",
    ]
    found = limit_of(said)
    assert found is not None
    assert (found.rust, found.obtain) == ("1.98", "rustup toolchain install 1.98")
    assert limit_of(said, chosen="1.95.0-x86_64-unknown-linux-gnu") is None
    of_channels = {
        chosen: limit_of(said, chosen=chosen) for chosen in ("", "nightly-x86_64-unknown-linux-gnu")
    }
    assert [found and found.obtain for found in of_channels.values()] == [
        "rustup update stable",
        "rustup update nightly",
    ]
