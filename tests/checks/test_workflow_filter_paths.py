import textwrap

import pytest

from tests.checks.testing import CI, ask, job, places

FILES = {"docker-compose.yaml": "", "Cargo.toml": "", "docs/a.md": ""}


def step(action: str, key: str, items: str) -> str:
    return f"- uses: {action}\n  with:\n    {key}: |\n{textwrap.indent(items, ' ' * 6)}"


@pytest.mark.parametrize(
    ("action", "key", "items", "line"),
    [
        ("dorny/paths-filter@v4", "filters", "docker:\n  - 'docker-compose.yml'\n", 10),
        ("tj-actions/changed-files@v47", "files_yaml", "docker:\n  - 'docker-compose.yml'\n", 10),
        ("tj-actions/changed-files@v47", "files", "Crago.toml\n", 9),
    ],
)
def test_a_filter_of_a_file_that_is_called_otherwise_is_named(
    action: str, key: str, items: str, line: int
) -> None:
    (found,) = ask("filter-names-files", {**FILES, CI: job(step(action, key, items))})
    assert (places([found]), found.weight) == ([(CI, line)], "note")
    assert found.remedy is not None
    assert found.remedy.commands[0].startswith("sed -i ")


@pytest.mark.parametrize(
    "items",
    [
        "docker:\n  - 'docker-compose.yaml'\n",
        "docker:\n  - 'docker-compose.*'\n",
        "both:\n  - docker-compose.yaml\n  - other.yml\n",
        "either:\n  - docker-compose.yaml\n  - docker-compose.yml\n",
        "docs:\n  - docs/**\n  - docs\n",
        "mine.yml: x\n",
    ],
)
def test_a_filter_of_what_is_there_or_of_nothing_alike_is_fine(items: str) -> None:
    files = {**FILES, CI: job(step("dorny/paths-filter@v4", "filters", items))}
    assert ask("filter-names-files", files) == []
    other = {**FILES, CI: job(step("them/filter@v1", "filters", "- docker-compose.yml\n"))}
    assert ask("filter-names-files", other) == []
