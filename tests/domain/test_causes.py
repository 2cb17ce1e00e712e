from tasks.domain.causes import together


def _told(*pairs: tuple[str, str]) -> list[list[tuple[str, str]]]:
    return together(pairs, lambda one: one[0], lambda one: one[1])


def test_what_shares_a_name_or_a_document_is_one_group() -> None:
    assert _told(("a", "x"), ("b", "y"), ("a", "z")) == [[("a", "x"), ("a", "z")], [("b", "y")]]


def test_one_that_belongs_to_two_groups_joins_them() -> None:
    assert _told(("a", "x"), ("b", "y"), ("a", "y")) == [[("a", "x"), ("b", "y"), ("a", "y")]]
    assert _told(("a", "x"), ("b", "y"), ("b", "x"), ("c", "x"), ("c", "y")) == [
        [("a", "x"), ("b", "y"), ("b", "x"), ("c", "x"), ("c", "y")]
    ]


def test_the_same_word_under_another_key_is_another_cause() -> None:
    assert _told(("a", "b"), ("b", "c")) == [[("a", "b")], [("b", "c")]]
