import pytest

from tests.checks.testing import CRATE, ask, places

FILES = {
    "Cargo.toml": CRATE,
    "src/lib.rs": "",
    "src/node/mod.rs": "",
    "scripts/build.sh": "cargo build\n",
    "infra/network.tf": 'resource "a" "b" {}\n',
    "src/providers/coinbase.rs": "",
    "crates/core/src/engine.rs": "",
    ".gitignore": "infra/local.tf\n",
}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Deployments are made by `scripts/deploy.sh`.", "scripts/deploy.sh is not there"),
        ("- `./scripts/deploy.sh`: ships it", "scripts/deploy.sh is not there"),
        ("The network is described in `infra/main.tf`.", "infra/main.tf is not there"),
        ("- **Engine** (`src/engine2.rs:10-20`)", "src/engine2.rs is not there"),
        (
            "See `src/provider/coinbase.rs` for the rates.",
            "src/provider/coinbase.rs is not there (src/providers/coinbase.rs is)",
        ),
        ("Then run `tools/seed.py`.", "tools/seed.py is not there"),
        ("The image is made from `scripts/Dockerfile`.", "scripts/Dockerfile is not there"),
        ("It is tested in `crates/core/tests/whole.rs`.", "crates/core/tests/whole.rs is not there"),
    ],
)
def test_a_file_that_a_sentence_names_and_that_is_gone_is_told(line: str, told: str) -> None:
    (found,) = ask("documented-path-exists", {**FILES, "README.md": f"# App\n\n{line}\n"})
    assert found.message == told
    assert places([found]) == [("README.md", 3)]


@pytest.mark.parametrize(
    "line",
    [
        "> **File:** `scripts/deploy.sh` is called twice",
        "Builds are made by `scripts/build.sh`.",
        "See `core/src/engine.rs` or `engine.rs`.",  # as people of a crate call it
        "Create `scripts/deploy.sh` first.",
        "The script `scripts/deploy.sh` was removed.",
        "Settings of your own lie in `infra/local.tf`.",
        "It is written to `target/scripts/a.sh`.",
        "Call it like `scripts/example.sh`.",
        "See `scripts/your-script.sh`.",
        "See `tools/deploy.sh`.",  # of whom?
        "The upstream repository has `scripts/deploy.sh`.",
        "See [`scripts/deploy.sh`](scripts/deploy.sh).",  # told by the links
        "See `scripts/buidl.sh`.",  # told as a slip
        "See `scripts/*.sh` and `scripts/$NAME.sh`.",
        "## What gets DELETED\n\n| Alerts | `scripts/deploy.sh` |",
        "## FILES CREATED\n\n| `scripts/deploy.sh` | ships it |",
        "| `scripts/deploy.sh` | ~500 LoC | 0 | 500 LoC |",
        "## History\n\nIt began with `scripts/deploy.sh`.",
        "Run `scripts/deploy.sh`:\n\n```sh\nscripts/deploy.sh\n```",  # told by the commands
        "```\nscripts/deploy.sh\n```",
    ],
)
def test_a_path_that_is_there_or_of_something_else_is_not_accused(line: str) -> None:
    assert ask("documented-path-exists", {**FILES, "README.md": f"# App\n\n{line}\n"}) == []


@pytest.mark.parametrize(
    "path",
    [
        "CHANGELOG.md",
        "docs/archive/old.md",
        "docs/2024-03-01-status.md",
        "plans/future/x.md",
        "docs/block-03-net.md",
    ],
)
def test_records_of_what_was_are_not_accused(path: str) -> None:
    assert ask("documented-path-exists", {**FILES, path: "See `scripts/deploy.sh`.\n"}) == []


@pytest.mark.parametrize(
    "status", ["> **Status:** DESIGN (no code shipped).", "Status: Superseded", "## Status: draft"]
)
def test_a_document_that_says_it_is_a_design_or_past_is_not_accused(status: str) -> None:
    text = "# Engine\n\n{}\n\nSee `scripts/deploy.sh`.\n"
    assert ask("documented-path-exists", {**FILES, "docs/engine.md": text.format(status)}) == []
    for other in ("Status: stable", "Status of the design: done", "## Status codes"):
        files = {**FILES, "docs/engine.md": text.format(other)}
        assert places(ask("documented-path-exists", files)) == [("docs/engine.md", 5)]
    for path in ("README.md", "docs/runbooks/night.md"):
        assert len(ask("documented-path-exists", {**FILES, path: text.format(status)})) == 1


def test_what_a_file_for_machines_speaks_of_may_be_made_later() -> None:
    made = {"scripts/make.sh": "envsubst <a >scripts/deploy.sh\n"}
    text = "Deployments are made by `scripts/deploy.sh`.\n"
    assert ask("documented-path-exists", {**FILES, **made, "README.md": text}) == []


def test_paths_of_one_document_are_told_once() -> None:
    text = "- `scripts/a.sh`: one\n- `scripts/b.sh`: two\n"
    (found,) = ask("documented-path-exists", {**FILES, "README.md": text})
    assert "scripts/a.sh is not there and scripts/b.sh is not there" in found.message


def test_a_test_that_a_command_of_the_document_runs_too_is_told_by_the_command_alone() -> None:
    text = "# App\n\n```sh\ncargo test --test {}\n```\n\nSee `src/node/spy.rs` for what it does.\n"
    assert ask("documented-path-exists", {**FILES, "README.md": text.format("spy")}) == []
    assert places(ask("documented-build-works", {**FILES, "README.md": text.format("spy")})) == [
        ("README.md", 4)
    ]
    for other in ("spy_more", "spy-more", "other"):
        found = ask("documented-path-exists", {**FILES, "README.md": text.format(other)})
        assert places(found) == [("README.md", 7)]
