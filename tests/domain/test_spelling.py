import pytest

from tasks.domain.spelling import misspelled, slips


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("cache", "cahce", 1),
        ("cache", "cach", 1),
        ("cache", "caches", 1),
        ("cache", "cacke", 1),
        ("a", "abcd", 3),
    ],
)
def test_a_slip_is_a_letter_more_less_other_or_exchanged(one: str, other: str, count: int) -> None:
    assert slips(one, other) == slips(other, one) == count


def test_a_short_word_is_never_called_a_misspelling() -> None:
    assert misspelled("tga", {"tag"}) is None
    assert misspelled("cahce", {"cache", "key"}) == "cache"


def test_a_word_that_may_be_two_others_is_neither() -> None:
    assert misspelled("target", {"targets", "targett"}) is None
    assert misspelled("targets", {"targets", "target"}) is None


def test_two_letters_exchanged_behind_a_common_beginning_are_one_slip() -> None:
    assert slips("ARTIFACT_NMAE", "ARTIFACT_NAME") == 1
    assert slips("ARTIFACT_NAME", "ARTIFACT_NEAM") == 2
    assert slips("aab", "aba", 1) == 1
    assert slips("CARGO_TERM_COLOR", "RUST_BACKTRACE_") == 3
