from tests.checks.testing import ask, places


def test_paths_that_differ_only_in_the_case_of_letters_are_named() -> None:
    found = ask("paths-differ-in-letters", {"docs/Guide.md": "", "docs/guide.md": "", "docs/other.md": ""})
    assert [(one.subject, one.weight.value) for one in found] == [("paths", "note")]
    assert places(found) == [("docs/Guide.md", None)]


def test_other_paths_and_justfiles_which_just_itself_refuses_are_not() -> None:
    files = {"docs/guide.md": "", "Docs.md": "", "docs/Guide.txt": "", "Justfile": "", "justfile": ""}
    assert ask("paths-differ-in-letters", files) == []
