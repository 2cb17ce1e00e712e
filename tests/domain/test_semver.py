import itertools

import pytest

from tasks.domain.semver import Version, within


def test_versions_are_ordered_as_semver_org_orders_them() -> None:
    written = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.10.0",
    ]
    for low, high in itertools.combinations(written, 2):
        assert Version.read(low) < Version.read(high)


@pytest.mark.parametrize(
    ("version", "written", "inside"),
    [
        ("1.2.3", ">= 1.2.3", True),
        ("1.2.2", ">= 1.2.3", False),
        ("1.39.5", ">= 1.38.2, < 1.39.0", False),
        ("1.38.4", ">=1.38.2, <1.39.0", True),
        ("0.3.9", "^0.3.4", True),
        ("0.4.0", "^0.3.4", False),
        ("0.4.0-rc.1", "^0.3.4", False),
        ("1.9.9", "^1.2", True),
        ("0.0.4", "0.0.3", False),
        ("0.2.0", "=0.2.0", True),
        ("0.2.1", "=0.2.0", False),
        ("1.2.9", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("2.0.0", "> 1", True),
        ("1.0.0-alpha.1", ">= 1.0.0", False),
        ("1.0.0-alpha.1", "< 1.0.0", True),
        ("0.1.0+zstd.1.5.5", "<= 0.1.0", True),
    ],
)
def test_a_version_is_in_a_range_or_not(version: str, written: str, inside: bool) -> None:
    assert within(version, written) is inside


@pytest.mark.parametrize("written", ["", "newest", "1.x", ">= one"])
def test_what_is_no_range_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        within("1.0.0", written)
