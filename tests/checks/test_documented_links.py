"""Links that lead nowhere, and documents whose links are not the repository's paths."""

import pytest

from tests.checks.testing import ask, places


def lost(files: dict[str, str]) -> list[str]:
    return [one.subject for one in ask("documented-link-leads", files)]


def test_documents_that_link_to_the_same_lost_file_are_one_note() -> None:
    files = {"a.md": "[x](b/gone.md)\n", "b/c.md": "\n[x](gone.md)\n", "d.md": "[y](other.md)\n"}
    first, second = ask("documented-link-leads", files)
    assert [(one.file, one.line) for one in first.evidence] == [("a.md", 1), ("b/c.md", 2)]
    assert "2 documents" in first.message
    assert second.subject == "d.md"


def test_a_path_that_is_written_as_seen_from_the_root_is_told_to_be_there() -> None:
    (found,) = ask("documented-link-leads", {"docs/a.md": "[k](docs/k.md)\n", "docs/k.md": ""})
    assert found.message == "there is no docs/docs/k.md; docs/k.md is there"


@pytest.mark.parametrize("link", ["example.com/a", "someone@example.com"])
def test_an_address_without_its_scheme_is_told_as_one(link: str) -> None:
    (found,) = ask(
        "documented-link-leads", {"README.md": f"[x]({link}/)\n" if "/" in link else f"[x]({link})\n"}
    )
    assert "https:// or mailto:" in found.message


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("docs/guide.md", "docs/.vitepress/config.mts"),
        ("docs/guide.md", "zensical.toml"),
        ("site/a/guide.md", "site/content/x.md site/config.toml"),
        ("docs/guide.md", "website/docusaurus.config.js"),
        ("manual/a/guide.md", "manual/SUMMARY.md"),
        ("tests/specs/markdown/guide.md", "README.md"),
        (".github/PULL_REQUEST_TEMPLATE.md", "README.md"),
        ("new/base_template/README.md", "README.md"),
        ("docs/versioned_docs/version-1.0/guide.md", "README.md"),
        ("man/includes/options.md", "README.md"),
        ("web/blog/guide.md", "README.md"),
    ],
)
def test_what_is_shown_elsewhere_or_a_pattern_or_the_past_has_other_links(path: str, more: str) -> None:
    assert lost({path: "[x](gone.md)\n", **dict.fromkeys(more.split(), "")}) == []


def test_a_document_with_front_matter_is_a_page() -> None:
    assert lost({"docs/a.md": "---\ntitle: A\n---\n[x](../gone/b.md)\n"}) == []
    assert lost({"docs/a.md": "# A\n---\n[x](../gone/b.md)\n"}) == ["docs/a.md"]


def test_a_readme_among_the_tests_speaks_to_people() -> None:
    assert lost({"tests/load/README.md": "[x](gone.md)\n", "tests/data/x.md": "[x](gone.md)\n"}) == [
        "tests/load/README.md"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[x](../configuration/node)",  # the page of a site, without its ending
        "[x](/guide/install)",
        "[x](page.html#part)",
        "[x](/elsewhere/static/x.png)",
        "[x](../issues/new)",
        "[x](../../target/doc/index.json)",
        "[x](shots/1.png)",
        "[x](@/docs/other.md)",
        "[a]([b](https://example.org/c))",
        "`[x](gone.md)`",
        "<!-- [x](gone.md) -->",
        "<!--\n[x](gone.md)\n-->",
        "[not a `link](gone.md)`",
    ],
)
def test_a_link_that_is_none_of_this_tree_is_not_accused(text: str) -> None:
    files = {"docs/a/guide.md": f"{text}\n", "docs/configuration/node.md": "", ".gitignore": "shots/\n"}
    assert lost(files) == []


def test_the_instructions_of_a_program_that_writes_code_name_paths_from_the_root() -> None:
    files = {"a/CLAUDE.md": "[x](a/TEST.md)\n[y](near.md)\n", "a/TEST.md": "", "a/near.md": ""}
    assert lost(files) == []
    assert places(ask("documented-link-leads", {**files, "a/guide.md": "\n[x](a/TEST.md)\n"})) == [
        ("a/guide.md", 2)
    ]


def test_a_document_of_which_no_link_leads_anywhere_is_part_of_another() -> None:
    links = "[a](../x/a.md)\n[b](../x/b.md)\n[c](../y.md)\n"
    assert lost({"lib/reference.md": links}) == []
    assert lost({"lib/reference.md": f"{links}[d](there.md)\n", "lib/there.md": ""}) == ["lib/reference.md"]
    assert lost({"lib/README.md": links}) == ["lib/README.md"]


def test_a_link_by_a_label_leads_to_a_file_too() -> None:
    text = (
        "# It\n\nThe [files][conf], the [Keys].\n\n[conf]: docs/conf/files\n[keys]: <gone/keys.md> 'Keys'\n"
    )
    found = ask("documented-link-leads", {"README.md": text})
    assert [place.line for one in found for place in one.evidence] == [5, 6]
    assert lost({"README.md": text, "docs/conf/files/a.toml": "", "gone/keys.md": ""}) == []


@pytest.mark.parametrize(
    "text",
    [
        "[unused]: docs/conf/files\n",
        "A note[^1].\n\n[^1]: docs/conf/files\n",
        "The [type].\n\n[type]: crate::one::Two\n",
        "```\n[conf]\n[conf]: docs/gone.md\n```\n",
        "The [site].\n\n[site]: https://example.com/docs/gone.md\n",
    ],
)
def test_a_label_that_no_text_links_or_that_is_no_path_is_fine(text: str) -> None:
    assert lost({"README.md": text}) == []


def test_a_link_of_a_template_leads_to_the_file_that_is_made_of_one() -> None:
    assert (
        lost({"blueprint/db/README.md": "[cli](../cli/README.md)\n", "blueprint/cli/README.md.liquid": ""})
        == []
    )
    assert (
        len(lost({"blueprint/db/README.md": "[cli](../cli/README.md)\n", "blueprint/cli/a.liquid": ""})) == 1
    )
