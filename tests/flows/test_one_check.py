import pytest

from flows.one_check import chosen
from tasks.checks import load
from tasks.domain.mistake import Mistaken


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("no-such", "one of `preflight --list`"),
        ("exists", "one of `preflight --list`"),
        ("terrafrom", "one of Terraform in `preflight --list`"),
        ("supervision", "one of supervision in `preflight --list`"),
        ("cargo-fnt", "cargo-fmt"),
    ],
)
def test_a_check_that_does_not_exist_is_told_with_what_is_near_or_nothing(asked: str, expected: str) -> None:
    with pytest.raises(Mistaken) as told:
        chosen(load(), asked)
    (mistake,) = told.value.mistakes
    assert mistake.expected is not None
    assert mistake.expected.split(" or ")[0] == expected
