import pytest

from tasks.domain.ignored import Ignored, is_ignored
from tasks.domain.source import Source


@pytest.mark.parametrize(
    ("rules", "path", "ignored"),
    [
        ("shots/\n", "a/shots/1.png", True),
        ("/shots\n", "a/shots/1.png", False),
        ("/shots\n", "shots/1.png", True),
        ("*.log\n", "a/b/x.log", True),
        ("*.log\n!keep.log\n", "a/keep.log", False),
        ("a/b\n", "a/b/c.md", True),
        ("a/b\n", "x/a/b", False),
        ("a/b/**\n", "a/b/c/d.md", True),
        ("# shots\n\n", "shots", False),
        ("", "shots", False),
    ],
)
def test_a_path_is_ignored_as_the_rules_say(rules: str, path: str, *, ignored: bool) -> None:
    assert is_ignored(path, [Source(path=".gitignore", text=rules)]) is ignored


def test_the_rules_of_a_directory_hold_below_it_and_come_last() -> None:
    sources = [Source(path=".gitignore", text="*.png\n"), Source(path="a/.gitignore", text="!*.png\n/out\n")]
    ignored = Ignored(sources)
    assert [path in ignored for path in ("x.png", "a/x.png", "a/out/y", "out/y")] == [
        True,
        False,
        True,
        False,
    ]
