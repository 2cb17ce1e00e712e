from tasks.domain.text_index import TextIndex


def test_texts_that_hold_a_word_are_told_by_number_each_once() -> None:
    index = TextIndex(["a port and a port", "", "déjà vu — 🦀 port", "PORT", "por", "t"])
    assert index.holding("port") == (0, 2)
    assert index.holding("🦀") == (2,)
    assert index.holding("à v") == (2,)
    assert index.holding("nowhere") == ()


def test_a_word_does_not_reach_from_one_text_into_the_next() -> None:
    assert TextIndex(["por", "t"]).holding("port") == ()


def test_what_is_no_text_of_unicode_is_searched_too() -> None:
    assert TextIndex(["\udcff port"]).holding("port") == (0,)
