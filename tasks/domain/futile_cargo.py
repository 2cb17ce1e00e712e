"""Futile remedies against failures of cargo, its lock file and its tools."""

from __future__ import annotations

from tasks.domain.futile import AGAIN, SENDS, Futile, either

_FAILS = r"(?:fails?\b|failed|failing|failures?|error|is red|red\b|complains?|refused)"
_BUILDS = "cargo build|check|test|run|bench|doc"

CARGO = (
    Futile(
        name="formatting",
        marks=(
            "fmt",
            "ormat",
        ),
        failure=either(
            rf"(?:\bfmt\b|\brustfmt|\bformatting|\bformat check)[^.\n|]{{0,40}}?{_FAILS}|"
            rf"{_FAILS}[^.\n|]{{0,30}}?(?:cargo fmt\b(?: --all)?|\brustfmt|\bformatting|\bformat check)"
            r"(?: -- --check| --check)?[`'\"]?"
        ),
        useless={
            "cargo fmt --check": "`--check` only says what differs, and writes no file",
            "rustfmt --check": "`--check` only says what differs, and writes no file",
            _BUILDS: "cargo formats no file when it builds",
            "cargo clean": "cargo clean removes what was built, and formats no file",
            "cargo update": "cargo update changes Cargo.lock alone",
            "cargo clippy !--fix": "clippy formats no file",
            "gh run rerun": AGAIN,
        },
        beside=SENDS,
        instead="cargo fmt --all",
        mends=True,
    ),
    Futile(
        name="clippy",
        marks=("lippy",),
        failure=either(rf"\bclippy\b[^.\n|]{{0,40}}?{_FAILS}|{_FAILS}[^.\n|]{{0,30}}?\bclippy\b"),
        useless={
            _BUILDS: "a lint of clippy stays where nothing is rewritten",
            "cargo fmt": "cargo fmt changes blanks and line ends, and no lint of clippy is about them",
            "cargo clean": "cargo clean removes what was built, and the code stays as it is",
            "cargo update": "cargo update changes Cargo.lock alone",
            "gh run rerun": AGAIN,
        },
        beside=SENDS,
        instead="cargo clippy --fix --all-targets",
        mends=True,
    ),
    Futile(
        name="the lock file",
        marks=(
            "ock file",
            "locked",
            "Cargo.lock",
        ),
        failure=either(
            r"--locked was passed|cannot update the lock file|"
            r"(?:lock file|Cargo\.lock)\b[^.\n|]{0,60}?(?:needs to be updated|out of date|outdated|stale)"
        ),
        useless={
            "cargo clean": "cargo clean removes what was built, and leaves Cargo.lock as it is",
            "cargo --locked": "`--locked` forbids cargo to write Cargo.lock",
            "cargo --frozen": "`--frozen` forbids cargo to write Cargo.lock",
            "cargo fmt": "cargo fmt leaves Cargo.lock as it is",
            "gh run rerun": AGAIN,
        },
        beside=SENDS,
        instead="cargo update --workspace",
        mends=True,
    ),
    Futile(
        name="compilation",
        marks=(
            "rror[E",
            "ompil",
        ),
        failure=either(
            r"error\[E\d{4}\]|(?:does not|doesn't|fails to|failed to) compile|"
            r"compil(?:e|ation|er) (?:errors?|fail\w*)"
        ),
        useless={
            "gh run rerun": "the same commit does not compile a second time either",
            "cargo fmt": "code that does not compile is formatted, and no better",
        },
        beside=SENDS,
        instead="cargo check --all-targets",
    ),
    Futile(
        name="types",
        marks=(
            "rror[E",
            "ismatched types",
        ),
        failure=either(r"error\[E0(?!46|514|635|786)\d+\]|mismatched types"),
        useless={
            "cargo clean": "the code is the same when it is built anew",
            "cargo build --release": "the code is the same in the other profile",
            "gh run rerun": "the same commit does not compile a second time either",
        },
        beside=SENDS,
        instead="cargo check --all-targets",
    ),
    Futile(
        name="advisories",
        marks=(
            "RUSTSEC-",
            "udit",
            "deny",
        ),
        failure=either(rf"RUSTSEC-\d{{4}}-\d{{4}}|cargo[ -](?:audit|deny)\b[^.\n|]{{0,30}}?{_FAILS}"),
        useless={
            "cargo clean": "the versions in Cargo.lock stay",
            _BUILDS: "the versions in Cargo.lock stay",
            "cargo fmt": "the versions in Cargo.lock stay",
            "gh run rerun": AGAIN,
        },
        beside=SENDS,
        instead="cargo update",
        mends=True,
    ),
    Futile(
        name="a version that is taken",
        marks=(
            "already uploaded",
            "already exists",
        ),
        failure=either(r"crate version[^\n|]{0,60}?already (?:uploaded|exists)|already exists on crates\.io"),
        useless={
            "cargo publish": "crates.io takes a version once, and never again",
            "cargo yank": "a version that is yanked stays taken",
            "cargo clean": "crates.io takes a version once, and never again",
            "cargo package": "crates.io takes a version once, and never again",
            "gh run rerun": AGAIN,
        },
        beside=SENDS,
        instead="git grep -n '^version' -- Cargo.toml '*/Cargo.toml'",
    ),
    Futile(
        name="a missing target",
        marks=(
            "find crate for",
            "arget may not be",
        ),
        failure=either(r"can't find crate for [`'\"]*(?:std|core)\b|target may not be installed"),
        useless={
            "cargo clean": "the target's library is still not there",
            "cargo update": "the target's library is no dependency in Cargo.lock",
            "rustup update": "rustup updates what is installed, and adds no target",
            _BUILDS: "the target's library is still not there",
            "gh run rerun": AGAIN,
        },
        instead="rustup target add TARGET",
        blanks="TARGET is what the build names behind `--target`",
    ),
    Futile(
        name="a missing linker",
        marks=(
            "cc` not found",
            "cc' not found",
        ),
        failure=either(r"linker [`']cc[`'] not found"),
        useless={
            "cargo clean": "cargo brings no linker",
            "cargo update": "cargo brings no linker",
            "rustup update": "rustup brings no linker",
            _BUILDS: "cargo brings no linker",
        },
        instead="sudo apt-get install build-essential",
        mends=True,
    ),
)
