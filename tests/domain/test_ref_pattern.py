import pytest

from tasks.domain.ref_pattern import covers, fits


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("main", "main", True),
        ("v*", "v1.0.0", True),
        ("v*", "v1/beta", False),
        ("releases/**/*", "releases/1/2/3", True),
        ("**/main.rs", "main.rs", True),
        ("v[0-9]?", "v12", True),
        ("v[!0-9]", "v1", False),
        ("v[!0-9]", "vx", True),
        ("a.b", "axb", False),
        ("v[", "v[", True),
        (r"v\*", "v*", True),
    ],
)
def test_a_pattern_fits_a_whole_name_as_ruby_s_fnmatch_has_it(
    pattern: str, name: str, expected: bool
) -> None:
    assert fits(pattern, name) is expected


def test_the_conditions_of_a_ruleset_name_all_the_default_or_some() -> None:
    main, tag = "refs/heads/main", "refs/tags/v1"
    assert covers(["~DEFAULT_BRANCH"], [], main, "main")
    assert not covers(["~DEFAULT_BRANCH"], [], main, "trunk")
    assert covers(["~ALL"], ["refs/tags/w*"], tag, "main")
    assert not covers(["~ALL"], ["refs/tags/v*"], tag, "main")
