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
