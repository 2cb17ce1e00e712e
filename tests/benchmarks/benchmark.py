"""Breaks the sample in every way that the operators know and looks whether preflight shows the place.

Only checks of what the repository says take part, and those that ask what is set on GitHub: no program runs.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.checks import load
from tasks.domain.check import Check, evaluate
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Finding, Verdict
from tasks.domain.forge import ForgeEnvironment, ForgeEnvironments, ForgeSecrets
from tasks.domain.git_state import GitState
from tasks.domain.settings import WorldKind
from tasks.domain.source import Sources
from tasks.domain.workflow import Workflows
from tasks.facts.collect import collect
from tasks.facts.configuration import from_text
from tasks.facts.discovery import discover
from tasks.facts.settings import DEFAULTS, settled
from tasks.facts.tree import LiteralFiles
from tests.benchmarks import file_breakages, workflow_breakages
from tests.benchmarks.mutation import Mutation, Sample

OPERATORS = (*workflow_breakages.OPERATORS, *file_breakages.OPERATORS)
GIT = GitState(
    commit="0" * 40, branch="main", default_branch="main", origin="https://github.com/acme/moonphase.git"
)
_OPEN = (Verdict.BROKEN, Verdict.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was found of one breakage: at its place, and elsewhere."""

    mutation: Mutation
    caught: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    seconds: float


def mutations(sample: Sample) -> tuple[Mutation, ...]:
    """Return every breakage of the sample, each of them once."""
    made = [one for operate in OPERATORS for one in operate(sample)]
    return tuple({(tuple(one.files.items()), one.not_executable): one for one in made}.values())


def spread(every: Sequence[Mutation], number: int) -> tuple[Mutation, ...]:
    """Return that many breakages, in turn of each operator, so that none is left out."""
    by_operator: dict[str, list[Mutation]] = {}
    for one in every:
        by_operator.setdefault(one.operator, []).append(one)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*by_operator.values()))
    return tuple(itertools.islice((one for one in turns if one is not None), number))


def judged(sample: Sample, mutation: Mutation, checks: Iterable[Check]) -> Outcome:
    """Break the sample and ask every check."""
    files = {**sample.files, **mutation.files}
    started = time.perf_counter()
    found = findings(
        {path: text for path, text in files.items() if text is not None},
        sample.executable - mutation.not_executable,
        checks,
    )
    seconds = time.perf_counter() - started
    caught = [one for one in found if any((e.file, e.line) in mutation.expected for e in one.evidence)]
    return Outcome(
        mutation=mutation,
        caught=tuple(caught),
        elsewhere=tuple(one for one in found if one not in caught),
        seconds=seconds,
    )


def findings(files: Mapping[str, str], executable: Iterable[str], checks: Iterable[Check]) -> list[Finding]:
    """Return what does not hold for a repository with these files, on a GitHub set up for the sample."""
    snapshot = set_up(collect(LiteralFiles(files, executable=executable)), files["activation.toml"])
    return [one for one in evaluate(checks, snapshot) if one.verdict in _OPEN]


def set_up(static: Snapshot, configuration: str) -> Snapshot:
    """Add what a GitHub that is set up for the sample says, and the settings that a configuration gives."""
    workflows, sources = static.get(Workflows), static.get(Sources)
    manifest = sources.get("Cargo.toml") if isinstance(sources, Sources) else None
    found = discover(GIT, workflows if isinstance(workflows, Workflows) else Workflows(), manifest)
    settings = settled(
        from_text(configuration).over(found.over(DEFAULTS)),
        world=WorldKind.OFFLINE,
        repository=Path(),
        state=Path(),
    )
    named = [environment.name for environment in settings.environments]
    return static.with_facts(
        settings,
        GIT,
        ForgeSecrets(repository=frozenset(secret.name for secret in settings.secrets)),
        ForgeEnvironments(
            environments=tuple(
                ForgeEnvironment(id=number, name=name, reviewers=("operator",))
                for number, name in enumerate(named, 1)
            )
        ),
    )


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Render how many breakages of each operator were caught, and name those that were not."""
    by_operator: dict[str, list[Outcome]] = {}
    every = list(outcomes)
    for one in every:
        by_operator.setdefault(one.mutation.operator, []).append(one)
    width = max(len(name) for name in by_operator)
    yield f"{'operator':<{width}}  caught  of  by"
    for name, own in sorted(by_operator.items()):
        checks = sorted({finding.check for one in own for finding in one.caught})
        yield f"{name:<{width}}  {sum(bool(o.caught) for o in own):>6}  {len(own):>2}  {', '.join(checks)}"
    caught = sum(bool(one.caught) for one in every)
    seconds = sum(one.seconds for one in every)
    yield f"{caught} of {len(every)} caught ({100 * caught / len(every):.1f} %) in {seconds:.1f} s"
    for one in every:
        if not one.caught:
            other = "; ".join(sorted({f"{f.check} {_places(f)}" for f in one.elsewhere})) or "nothing"
            yield f"missed: {one.mutation.name} (told: {other})"


def _places(finding: Finding) -> str:
    return ",".join(str(place) for place in finding.evidence)


def checks() -> tuple[Check, ...]:
    """Return every check there is."""
    return load()
