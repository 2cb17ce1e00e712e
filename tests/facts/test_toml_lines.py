import tomllib
from typing import Any

from tasks.facts.toml_lines import line_of, lines_of

TEXT = '''# a comment [not.a.header]
[repository]
owner = "acme" # said [so]
"quoted name" = 'x = 1'

[release]
assets = [
  "a",  # ]
  "b",
]
tag = """
[no.header]
k = 1
"""
after = 1

[[deployment.environments]]
name = "staging"

[[deployment.environments]]
name = "production"
[deployment.environments.extra]
a.b = { c = 1 }
'''


def test_each_key_is_on_the_line_where_it_is_written() -> None:
    lines = lines_of(TEXT)
    assert lines[("repository",)] == 2
    assert lines[("repository", "owner")] == 3
    assert lines[("repository", "quoted name")] == 4
    assert lines[("release", "assets")] == 7
    assert lines[("release", "tag")] == 11
    assert lines[("release", "after")] == 15


def test_text_inside_strings_and_comments_is_no_header() -> None:
    assert ("no", "header") not in lines_of(TEXT)
    assert ("not", "a", "header") not in lines_of(TEXT)


def test_tables_of_an_array_are_told_apart() -> None:
    lines = lines_of(TEXT)
    assert lines[("deployment", "environments", 0, "name")] == 18
    assert lines[("deployment", "environments", 1, "name")] == 21
    assert lines[("deployment", "environments", 1, "extra", "a", "b")] == 23


def test_a_key_of_an_inline_table_is_found_where_the_table_is() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("deployment", "environments", 1, "extra", "a", "b", "c")) == 23
    assert line_of(lines, ("nowhere",)) is None


def test_every_key_of_the_parsed_text_has_a_line() -> None:
    def paths(value: Any, prefix: Any = ()) -> Any:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*prefix, key)
            if isinstance(inner, dict) or (isinstance(inner, list) and inner and isinstance(inner[0], dict)):
                yield from paths(inner, (*prefix, key))

    lines = lines_of(TEXT)
    assert all(line_of(lines, path) for path in paths(tomllib.loads(TEXT)))
