"""The held-out set: how much of it was caught at first sight, and how much is caught now.

The operators were written from the issue's text and the sample alone, and frozen before the first run:
``first.json`` is what that run caught, of each class, with the commit that was asked. Afterwards checks
were mended with its misses in view, so the present figure is no longer that of an unseen set; the first is.
Breakages that only a program can see (rustc, clippy, zizmor) are left out. A second, smaller set takes its
classes from mistakes that public repositories made; it was written after the first was scored.
"""

from __future__ import annotations

import functools
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tasks.domain.check import Check
from tasks.domain.finding import Finding
from tests.benchmarks.benchmark import Outcome, findings, judged
from tests.benchmarks.held_out import (
    from_history,
    github,
    github_files,
    names,
    near_misses,
    repository,
    repository_steps,
    secrets,
    terraform,
)
from tests.benchmarks.held_out.hosts import hosts
from tests.benchmarks.mutation import Mutation, Sample

FIRST = Path(__file__).with_name("first.json")
FIRST_FROM_HISTORY = Path(__file__).with_name("first_from_history.json")
_SUBJECTS = (github, github_files, repository, repository_steps, terraform, names, secrets)
OPERATORS = tuple(operate for subject in _SUBJECTS for operate in subject.OPERATORS)


def breakages(whole: Iterable[Sample]) -> tuple[Mutation, ...]:
    """Return every breakage of the repositories, each of them once."""
    return _once(one for host in whole for operate in OPERATORS for one in operate(host))


def from_histories(whole: Iterable[Sample]) -> tuple[Mutation, ...]:
    """Return the mistakes that other repositories once made, made in these."""
    return _once(one for host in whole for operate in from_history.OPERATORS for one in operate(host))


def same_meanings(whole: Iterable[Sample]) -> tuple[Mutation, ...]:
    """Return every change that changes nothing."""
    return _once(one for host in whole for operate in near_misses.OPERATORS for one in operate(host))


def _once(made: Iterable[Mutation]) -> tuple[Mutation, ...]:
    def key(one: Mutation) -> object:
        host = one.whole.name if one.whole is not None else ""
        github_side = one.about if not one.files else ""
        return host, tuple(one.files.items()), one.not_executable, github_side

    return tuple({key(one): one for one in made}.values())


def drawn(every: Sequence[Mutation], number: int, seed: int) -> list[Mutation]:
    """Draw that many, by a seed, so that every class is as likely as any other, however large it is."""
    by_class: dict[str, list[Mutation]] = defaultdict(list)
    for one in every:
        by_class[name_of(one)].append(one)
    chance = random.Random(seed)
    classes = chance.sample(sorted(by_class), min(number, len(by_class)))
    return [chance.choice(by_class[name]) for name in classes]


def name_of(one: Mutation) -> str:
    """Return the class of a breakage."""
    return f"{one.subject}: {one.operator}"


def outcomes(made: Iterable[Mutation], checks: Sequence[Check]) -> Iterator[Outcome]:
    """Ask every check about each; what is found of the whole repository is not counted."""
    for one in made:
        host = one.whole
        assert host is not None
        known = frozenset(found.key for found in found_whole(host.name, tuple(checks)))
        yield judged(host, one, checks, known)


@functools.cache
def found_whole(name: str, checks: tuple[Check, ...]) -> tuple[Finding, ...]:
    """Return what is found of the whole repository of a name: it is asked for once."""
    return tuple(findings(next(each for each in hosts() if each.name == name), checks))


def report(caught: Iterable[Outcome], at_first_sight: Path) -> Iterator[str]:
    """Render the first figure and the present one, of every class and of all."""
    first = json.loads(at_first_sight.read_text(encoding="utf-8"))
    by_class: dict[str, list[Outcome]] = defaultdict(list)
    for one in caught:
        by_class[name_of(one.mutation)].append(one)
    width = max(map(len, by_class))
    yield f"{'class':<{width}}  first  now   of"
    for name, own in sorted(by_class.items()):
        at_first = first["classes"].get(name, ["-", 0])[0]
        yield f"{name:<{width}}  {at_first:>5}  {_caught(own):>3}  {len(own):>3}"
    every = [one for own in by_class.values() for one in own]
    yield (
        f"held out: {first['caught']} of {first['of']} caught at first sight "
        f"({_share(first['caught'], first['of'])}; commit {first['commit']}, {first['date']}), "
        f"the mean of the classes {first['mean of classes']} %"
    )
    mean = sum(_caught(own) / len(own) for own in by_class.values()) / len(by_class)
    yield (
        f"now {_caught(every)} of {len(every)} ({_share(_caught(every), len(every))}), "
        f"the mean of the classes {100 * mean:.1f} %: "
        "checks were mended with the misses in view, so this set is held out no longer"
    )


def invented(same: Iterable[Outcome]) -> Iterator[str]:
    """Render what is told of changes that change nothing."""
    unchanged = list(same)
    wrong = [one for one in unchanged if one.elsewhere or one.caught]
    yield f"changes that change nothing: {len(wrong)} of {len(unchanged)} with a finding"
    for one in wrong:
        told = "; ".join(f"{found.check}: {found.message}" for found in one.elsewhere)
        yield f"invented: {one.mutation.name} ({told})"


def _caught(own: Iterable[Outcome]) -> int:
    return sum(bool(one.caught) for one in own)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
