"""What the documents say is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests import readme

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}


def test_the_tables_of_the_readme_are_those_of_the_code() -> None:
    assert readme.written(TEXTS["README.md"]) == TEXTS["README.md"], "write them: python -m tests.readme"


def test_a_readme_without_a_place_for_a_table_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the table of checks"):
        readme.written("")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_a_document_links_to_exists(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXTS[name])
    assert not [link for link in links if not (ROOT / link).exists()]


def modules() -> list[str]:
    """List the modules that documents tell people to run."""
    told = (found for text in TEXTS.values() for found in re.findall(r"python -m ([a-z_.]+)", text))
    return sorted({module.rstrip(".") for module in told})


def test_every_module_that_a_document_tells_to_run_can_be_run() -> None:
    for module in modules():
        path = ROOT / Path(*module.split("."))
        place = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        assert place.is_file(), module
        assert "__main__" in place.read_text() or place.name == "__main__.py", module


@pytest.mark.processes
@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("flows.")])
def test_every_option_that_the_readme_names_is_one_of_a_command(module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=240,
    )
    told = re.findall(rf"python -m {re.escape(module)}\b[^`\n]*(?:`[^\n]*)?", TEXTS["README.md"])
    options = {option for line in told for option in re.findall(r"--[a-z-]+", line.partition("#")[0])}
    assert options <= set(re.findall(r"--[a-z-]+", ran.stdout))


def test_ci_runs_what_make_test_runs() -> None:
    recipe = re.search(r"^test:.*\n\t@?\$\(BIN\)/(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    last = (ROOT / ".ci/run").read_text().strip().splitlines()[-1]
    assert recipe
    assert shlex.split(last) == ["exec", *shlex.split(f".venv/bin/{recipe[1]}")]
