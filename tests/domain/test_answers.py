from tasks.domain.answers import counted, merged
from tasks.domain.check import broken, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Verdict


def test_one_subject_is_told_once_with_the_places_of_its_worst_verdict() -> None:
    one, two = Evidence(file="a", line=1), Evidence(file="a", line=2)
    found = list(
        merged(
            [
                holds("x", "", Evidence(file="a", line=9)),
                broken("x", "no", one),
                broken("x", "no", two),
                holds("y"),
            ]
        )
    )
    assert [(a.subject, a.verdict, a.evidence) for a in found] == [
        ("x", Verdict.BROKEN, (one, two)),
        ("y", Verdict.HOLDS, ()),
    ]


def test_places_beyond_those_that_are_shown_are_counted() -> None:
    places = [Evidence(file="a", line=number) for number in range(13)]
    (found,) = merged(broken("x", "no", one) for one in places)
    assert (found.message, len(found.evidence)) == ("no (and 3 more places)", 10)
    (all_shown,) = merged(broken("x", "no", one) for one in places[:10])
    assert all_shown.message == "no"


def test_a_number_has_its_noun_in_the_right_form() -> None:
    assert [counted(number, "job") for number in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
    assert counted(2, "entry", "entries") == "2 entries"
