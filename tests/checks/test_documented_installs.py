from __future__ import annotations

import pytest

from tests.checks.testing import CRATE, ask, places

KEPT = CRATE + "publish = false\n"
FILES = {"Cargo.toml": KEPT, "src/main.rs": "fn main() {}\n"}
README = """\
# App

```bash
cargo install --locked app
```
"""


def test_a_package_that_may_not_be_published_cannot_be_installed_by_its_name() -> None:
    (found,) = ask("documented-install-published", {**FILES, "README.md": README})
    assert places([found]) == [("README.md", 4)]
    assert "app says `publish = false`" in found.message


def test_nor_can_one_that_is_made_of_such_a_package() -> None:
    files = {
        "Cargo.toml": CRATE + '[dependencies]\ncore = { path = "core" }\n',
        "src/main.rs": "fn main() {}\n",
        "core/Cargo.toml": CRATE.replace("app", "core") + "publish = false\n",
        "core/src/lib.rs": "",
    }
    (found,) = ask("documented-install-published", {**files, "README.md": README})
    assert "app is made of core" in found.message
    published = files["core/Cargo.toml"].replace("publish = false\n", "")
    assert (
        ask("documented-install-published", {**files, "core/Cargo.toml": published, "README.md": README})
        == []
    )


@pytest.mark.parametrize(
    "command",
    [
        "cargo install --path .",
        "cargo install --git https://github.com/me/app app",
        "cargo install --registry own app",
        "cargo install --root app other",
        "cargo install apples",
    ],
)
def test_what_comes_from_elsewhere_is_not_told(command: str) -> None:
    text = README.replace("cargo install --locked app", command)
    assert ask("documented-install-published", {**FILES, "README.md": text}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", README.replace("# App", "# App\n\nOnce it is published:")),
        ("docs/0-11-0/README.md", README),
        ("CHANGELOG.md", README),
    ],
)
def test_what_is_to_come_and_what_was_is_not_told(path: str, text: str) -> None:
    assert ask("documented-install-published", {**FILES, path: text}) == []


def test_a_package_that_may_be_published_is_not_told() -> None:
    assert ask("documented-install-published", {**FILES, "Cargo.toml": CRATE, "README.md": README}) == []
