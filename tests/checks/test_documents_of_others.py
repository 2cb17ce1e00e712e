"""Documents that tell others what to do, or that a generator writes anew: what they name is not judged."""

import pytest

from tests.checks.testing import CI, ask, job, places

GUIDE = "1. Erstellen Sie eine Datei (`.github/workflows/base.yml`)\n"
WRITTEN = "[Pet](Pet.md)\n"


@pytest.mark.parametrize(
    ("path", "lines"), [("site/guide.mdx", []), ("web/docs/guide.md", []), ("howto/guide.md", [1])]
)
def test_a_page_of_a_site_is_for_people_with_a_repository_of_their_own(path: str, lines: list[int]) -> None:
    files = {CI: job("- run: x"), "web/docusaurus.config.js": "", path: GUIDE}
    assert [line for _, line in places(ask("documented-workflow-exists", files))] == lines


def test_what_a_generator_lists_as_its_own_is_corrected_by_nobody() -> None:
    files = {"api/.openapi-generator/FILES": "README.md\ndocs/Store.md\n", "api/docs/Store.md": WRITTEN}
    files["api/docs/LeftOver.md"] = WRITTEN
    assert ask("documented-link-leads", files) == []
    assert places(ask("documented-link-leads", {**files, "api/Own.md": WRITTEN})) == [("api/Own.md", 1)]


def test_an_address_in_quotes_is_no_file() -> None:
    assert ask("documented-link-leads", {"README.md": '[there]("https://example.org/a/")\n'}) == []


STUDY = """\
# Study

See [them](https://github.com/them/s9).

## How s9 Tests Itself

The s9 project has `.github/workflows/all.yml` and `scripts/mint.sh`.

```bash
./scripts/proxy.sh
make menu
```
"""
HERE = {
    CI: job("- run: x"),
    "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nrepository = "https://github.com/us/app"\n',
    "Makefile": "all:\n\ttrue\n",
    "scripts/a.sh": "",
}
NAMED = (
    "documented-workflow-exists",
    "documented-script-exists",
    "documented-recipe-exists",
    "documented-path-exists",
)


@pytest.mark.parametrize("check", NAMED)
def test_what_a_section_tells_of_another_project_is_not_looked_for_here(check: str) -> None:
    assert ask(check, {**HERE, "docs/testing.md": STUDY}) == []


@pytest.mark.parametrize("check", NAMED)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("How s9 Tests Itself", "How we test"),
        ("them/s9", "us/app"),
        ("s9 project", "thing"),
    ],
)
def test_a_section_of_ones_own_is_looked_at_though_it_links_to_others(check: str, old: str, new: str) -> None:
    text = STUDY.replace("How s9 Tests", "With s9 Tests").replace(old.replace("How", "With"), new)
    assert len(ask(check, {**HERE, "docs/testing.md": text})) == 1


@pytest.mark.parametrize("check", NAMED)
def test_a_section_about_a_tool_that_is_run_is_looked_at(check: str) -> None:
    text = STUDY.replace("make menu", "make menu\nsudo docker s9 up")
    assert len(ask(check, {**HERE, "docs/testing.md": text})) == 1


@pytest.mark.parametrize("check", NAMED)
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("docs/research/suites.md", 0),
        ("docs/suites-research.md", 0),
        ("research/README.md", 1),
        ("docs/a.md", 1),
    ],
)
def test_a_study_of_other_projects_names_what_they_have(check: str, path: str, count: int) -> None:
    text = STUDY.replace("How s9 Tests Itself", "How it is tested")
    assert len(ask(check, {**HERE, path: text})) == count
