from __future__ import annotations

import json

from tests.checks.testing import CRATE, ask, places

CHECK = "release-please-writes-marked"
MARKED = CRATE.replace('"0.1.0"', '"0.1.0" # x-release-please-version')
CONFIG = "release-please-config.json"


def config(*files: object, above: str = ".") -> str:
    return json.dumps({"packages": {above: {"release-type": "simple", "extra-files": files}}}, indent=1)


def test_a_marked_version_that_no_configuration_lists_is_told() -> None:
    files = {
        "a/Cargo.toml": MARKED,
        "b/Cargo.toml": MARKED,
        CONFIG: config({"type": "generic", "path": "a/Cargo.toml"}),
    }
    (found,) = ask(CHECK, files)
    assert places([found]) == [("b/Cargo.toml", 3)]


def test_a_file_is_listed_by_its_path_or_a_pattern_from_the_package() -> None:
    files = {"a/Cargo.toml": MARKED}
    for fine in (
        config("a/Cargo.toml"),
        config("Cargo.toml", above="a"),
        config("/a/Cargo.toml", above="b"),
        config({"type": "generic", "path": "*/Cargo.toml", "glob": True}),
    ):
        assert ask(CHECK, {**files, CONFIG: fine}) == []


def test_a_word_about_marks_is_none_and_without_a_configuration_nothing_is_known() -> None:
    said = CRATE + "# carries an x-release-please-version annotation\n"
    assert ask(CHECK, {"a/Cargo.toml": said, CONFIG: config("Cargo.toml")}) == []
    assert ask(CHECK, {"a/Cargo.toml": MARKED}) == []
