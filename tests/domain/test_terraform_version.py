import pytest

from tasks.domain.terraform_version import constraints


@pytest.mark.parametrize(
    ("written", "version", "fits"),
    [
        (">= 1.6", (1, 5, 0), False),
        (">= 1.6", (1, 6, 0), True),
        (">= 1.6, < 2.0.0", (2, 0, 0), False),
        ("~> 1.5", (1, 9, 3), True),
        ("~> 1.5", (2, 0, 0), False),
        ("~> 1.5.2", (1, 5, 9), True),
        ("~> 1.5.2", (1, 6, 0), False),
        ("1.5.7", (1, 5, 7), True),
        ("= 1.5.7", (1, 5, 8), False),
        ("!= 1.5.7", (1, 5, 7), False),
        ("> 1.5", (1, 5, 0), False),
        ("<= 1.5", (1, 5, 0), True),
    ],
)
def test_a_constraint_allows_what_terraform_allows(
    written: str, version: tuple[int, int, int], *, fits: bool
) -> None:
    limits = constraints(written)
    assert limits is not None
    assert all(limit.allows(version) for limit in limits) is fits


def test_what_is_no_constraint_is_not_understood() -> None:
    assert constraints(">= 1.6.0-beta1") is None
