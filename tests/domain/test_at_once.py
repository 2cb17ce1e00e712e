"""The most jobs at once, against counting every choice."""

from __future__ import annotations

import itertools
import random

from tasks.domain.at_once import most_at_once


def counted(sizes: dict[str, int], needs: dict[str, set[str]]) -> int:
    def waits(one: str, other: str, seen: frozenset[str] = frozenset()) -> bool:
        return other in needs.get(one, ()) or any(
            waits(each, other, seen | {each}) for each in needs.get(one, set()) - seen
        )

    return max(
        sum(sizes[name] for name in chosen)
        for size in range(len(sizes) + 1)
        for chosen in itertools.combinations(sizes, size)
        if not any(waits(a, b) or waits(b, a) for a, b in itertools.combinations(chosen, 2))
    )


def test_jobs_that_wait_for_each_other_never_run_together() -> None:
    assert most_at_once({"a": 3, "b": 2}, {"b": {"a"}}) == 3
    assert most_at_once({"a": 3, "b": 2}, {}) == 5
    assert most_at_once({"a": 1, "b": 6, "c": 4, "d": 1}, {"b": {"a"}, "c": {"a"}, "d": {"b", "c"}}) == 10
    assert most_at_once({}, {}) == 0


def test_it_is_what_counting_every_choice_gives() -> None:
    chance = random.Random(20)
    for _ in range(300):
        names = [f"j{number}" for number in range(chance.randint(1, 7))]
        needs = {
            name: {one for one in names[:place] if chance.random() < 0.35} for place, name in enumerate(names)
        }
        sizes = {name: chance.randint(0, 5) for name in names}
        assert most_at_once(sizes, needs) == counted(sizes, needs)
