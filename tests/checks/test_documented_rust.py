import pytest

from tasks.domain.finding import Finding
from tests.checks.testing import CRATE, ask, places

NEW = f'{CRATE}rust-version = "1.89"\n'


def _ask(line: str, manifest: str = NEW, path: str = "BUILD.md", **more: str) -> list[Finding]:
    files = {"Cargo.toml": manifest, "src/lib.rs": "", path: f"# Build\n\n{line}\n", **more}
    return ask("documented-rust-suffices", files)


@pytest.mark.parametrize(
    "line",
    [
        "Rust 1.83 or later required. Install via rustup:",
        "Requires Rust 1.85+.",
        "- Rust 1.70 or later",
        "- **Rust** 1.75+ with cargo",
        "- [Rust 1.85.0 or newer](https://www.rust-lang.org/tools/install)",
        "`cargo audit` requires Rust **1.74** or later.",
        "Install Rust version **1.86** or greater using rustup",
        "rust >= 1.75",
        "- **MSRV**: 1.80",
        "Minimum supported Rust version: 1.80",
    ],
)
def test_an_older_rust_that_a_document_calls_enough_is_told(line: str) -> None:
    found = _ask(line)
    assert [(one.weight.value, places([one])) for one in found] == [("note", [("BUILD.md", 3)])]
    assert (found[0].evidence[-1].file, found[0].evidence[-1].line) == ("Cargo.toml", 5)


@pytest.mark.parametrize(
    "line",
    [
        "Requires Rust 1.89+.",
        "Rust 1.90 or later required.",
        "- Default to native async fn in traits (Rust 1.75+) for static dispatch",
        "* Values from `env!` require Rust >= 1.46 to be tracked in caching.",
        '- `"3"` (`edition = "2024"` default, requires Rust 1.84+): Change the default',
        "The field has been stabilized in Rust 1.80.0.",
        "- Rust 1.80 was the first to have LazyLock",
    ],
)
def test_a_newer_rust_or_what_is_no_requirement_is_fine(line: str) -> None:
    assert _ask(line) == []


def test_without_a_rust_version_and_in_records_nothing_is_told() -> None:
    assert _ask("Requires Rust 1.60+.", CRATE) == []
    assert _ask("Requires Rust 1.60+.", path="CHANGELOG.md") == []


def test_a_document_of_a_package_is_held_to_that_package() -> None:
    root = NEW + '[workspace]\nmembers = ["kept"]\n'
    old = {"kept/Cargo.toml": CRATE.replace("app", "kept") + 'rust-version = "1.70"\n', "kept/src/lib.rs": ""}
    assert _ask("Requires Rust 1.72+.", root, "kept/README.md", **old) == []
    assert _ask("Requires Rust 1.72+.", root, "README.md", **old) == []
    assert places(_ask("Requires Rust 1.65+.", root, "kept/README.md", **old)) == [("kept/README.md", 3)]


def test_the_workspace_says_it_for_packages_that_do_not() -> None:
    root = '[workspace]\nmembers = ["kept", "more"]\n'
    kept = {"kept/Cargo.toml": NEW.replace("app", "kept"), "kept/src/lib.rs": ""}
    files = {**kept, "more/Cargo.toml": CRATE.replace("app", "more"), "more/src/lib.rs": ""}
    assert _ask("Requires Rust 1.72+.", root, **files) == []
    said = f'{root}[workspace.package]\nrust-version = "1.89"\n'
    assert places(_ask("Requires Rust 1.72+.", said, **files)) == [("BUILD.md", 3)]
