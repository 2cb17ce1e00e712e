import re

import pytest

from tasks.domain.glob import matches
from tasks.domain.tree import Entry, Tree, literal_beginning, matcher

PATHS = ("a.rs", "a/b.rs", "a/c/d.rs", "a-b/c.rs", "ab.rs", "b/a.rs", "\u6708/a.rs", "a/\U0010ffff.rs")
TREE = Tree(origin="literal", entries={path: Entry(path=path) for path in reversed(PATHS)})


@pytest.mark.parametrize("beginning", ["", "a", "a/", "a/c", "a/c/d.rs", "b", "x", "\u6708", "a/\U0010ffff"])
def test_paths_that_begin_alike_are_found_in_order(beginning: str) -> None:
    assert list(TREE.starting(beginning)) == sorted(path for path in PATHS if path.startswith(beginning))


@pytest.mark.parametrize(
    "pattern", ["a*", "a?b/*.rs", "**/a.rs", "a/**", "[ab].rs", "a/b.rs", "*", "b/a.rs?"]
)
def test_what_a_pattern_matches_begins_with_its_literal_beginning(pattern: str) -> None:
    beginning = literal_beginning(pattern)
    for path in PATHS:
        for matched in (matcher(pattern).fullmatch(path) is not None, matches(pattern, path)):
            assert path.startswith(beginning) or not matched
    asked: re.Pattern[str] = matcher(pattern)
    assert TREE.matching(pattern) == tuple(path for path in sorted(PATHS) if asked.fullmatch(path))


def test_files_below_a_directory_are_not_those_of_one_whose_name_begins_alike() -> None:
    assert [one.path for one in TREE.below("a")] == ["a/b.rs", "a/c/d.rs", "a/\U0010ffff.rs"]
    assert len(list(TREE.below(""))) == len(PATHS)


def test_paths_are_found_by_their_last_part_and_names_by_their_directory() -> None:
    made = Tree(origin="literal", entries={one: Entry(path=one) for one in ("a/b/c", "b", "a/c")})
    assert {name: set(paths) for name, paths in made.named.items()} == {
        "a": {"a"},
        "b": {"a/b", "b"},
        "c": {"a/b/c", "a/c"},
    }
    assert made.inside == {"": {"a", "b"}, "a": {"b", "c"}, "a/b": {"c"}}
