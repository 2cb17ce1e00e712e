from __future__ import annotations

import pytest

from tasks.domain.finding import Finding
from tasks.facts.credentials import find_credentials
from tasks.facts.tree import LiteralFiles
from tests.checks.testing import ask, places

CHECK = "settings-to-fill-untracked"
FILES = {".gitignore": "target/\n.env\n", "deploy/.env": "RUST_LOG=info\nDISCORD_TOKEN=\n"}


def told(files: dict[str, str]) -> list[Finding]:
    return ask(CHECK, files, find_credentials(LiteralFiles(files)))


def test_settings_with_a_blank_secret_that_git_tracks_and_ignores_are_told() -> None:
    (found,) = told(FILES)
    assert places([found]) == [("deploy/.env", 2)]
    assert found.remedy is not None
    assert "git rm --cached 'deploy/.env'" in found.remedy.commands


@pytest.mark.parametrize(
    "files",
    [
        {".gitignore": "target/\n"},
        {".gitignore": ".env\n!deploy/.env\n"},
        {"deploy/.env": "DISCORD_TOKEN=$TOKEN\nTOKEN_TTL=\nRUST_LOG=\n"},
    ],
)
def test_settings_that_are_meant_to_be_tracked_or_leave_no_secret_blank_are_not(
    files: dict[str, str],
) -> None:
    assert told({**FILES, **files}) == []


def test_an_example_is_there_to_be_copied() -> None:
    files = {".gitignore": ".env\n.env.example\n", ".env.example": "DISCORD_TOKEN=\n"}
    assert told(files) == []
