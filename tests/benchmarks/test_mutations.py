"""The mutation benchmark: `make bench` prints its table; as a test it asserts counts, never times."""

from __future__ import annotations

from tests.benchmarks.benchmark import checks, findings, judged, mutations, table
from tests.benchmarks.mutation import sample

LEAST = 100
CAUGHT = 0.95


def test_at_least_95_of_100_breakages_are_told_at_their_place_and_nothing_of_the_whole_sample() -> None:
    whole, every = sample(), checks()
    assert findings(whole.files, whole.executable, every) == []
    outcomes = [judged(whole, one, every) for one in mutations(whole)]
    told = "\n".join(table(outcomes))
    print(f"\n{told}")  # noqa: T201 - `make bench` shows it
    caught = sum(bool(one.caught) for one in outcomes)
    assert len(outcomes) >= LEAST
    assert caught >= CAUGHT * len(outcomes), told


def test_every_breakage_says_where_it_is_to_be_found_and_differs_from_the_sample() -> None:
    whole = sample()
    for one in mutations(whole):
        assert one.expected, one.name
        assert one.not_executable or any(whole.files.get(path) != text for path, text in one.files.items())
