"""The benchmarks as tests: counts and proportions, never seconds. `make bench` looks at every breakage."""

from __future__ import annotations

from functools import partial
from xml.etree import ElementTree as ET

from tests.benchmarks.benchmark import checks, findings, judged, mutations, spread, table
from tests.benchmarks.generated import executable, repository
from tests.benchmarks.linearity import Measured, look, measured, svg
from tests.benchmarks.mutation import Sample, sample
from tests.benchmarks.work import work

NUMBER = 100
LEAST = 95


def test_at_least_95_of_100_breakages_are_told_at_their_place_and_nothing_of_the_whole_sample() -> None:
    whole, every = sample(), checks()
    assert findings(whole, every) == []
    outcomes = [judged(whole, one, every) for one in spread(mutations(whole), NUMBER)]
    caught = sum(bool(one.caught) for one in outcomes)
    assert len(outcomes) == NUMBER
    assert caught >= LEAST, "\n".join(table(outcomes))


def test_every_breakage_says_where_it_is_to_be_found_and_differs_from_the_sample() -> None:
    whole = sample()
    for one in mutations(whole):
        assert one.expected, one.name
        assert one.not_executable or any(whole.files.get(path) != text for path, text in one.files.items())


def test_the_generated_repository_is_sound_but_for_what_it_is_asked_to_be() -> None:
    files = {**repository(4, 2), "activation.toml": ""}
    found = findings(Sample(files=files, executable=frozenset(executable(4))), checks())
    assert {one.check for one in found} <= {"input-is-read", "jobs-fit-the-plan", "trigger-paths-match"}


def test_five_times_the_workflows_and_crates_are_five_times_the_work() -> None:
    every = checks()
    look(60, 30, every)  # patterns are compiled once
    small, large = (work(partial(look, number, number // 2, every)) for number in (12, 60))
    assert large < 5.2 * small


def test_a_time_is_the_best_of_several() -> None:
    (one,) = measured([], sizes=(2,), times=1)
    assert one.workflows == 2
    assert one.crates == 1
    assert one.seconds > 0


def test_the_picture_is_one() -> None:
    points = [
        Measured(workflows=20, crates=10, seconds=0.2),
        Measured(workflows=200, crates=100, seconds=1.5),
    ]
    assert ET.fromstring(svg(points)).tag.endswith("svg")
