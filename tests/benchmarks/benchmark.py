"""Breaks the sample in every way that the operators know and looks whether preflight shows the place.

Only checks of what the repository says take part, and those that ask what is set on GitHub: no program runs.
"""

from __future__ import annotations

import fnmatch
import itertools
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from tasks.checks import load
from tasks.domain.check import Check, evaluate
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.forge import ForgeEnvironment, ForgeEnvironments, ForgeSecrets
from tasks.domain.git_state import GitState
from tasks.domain.mistake import Mistake
from tasks.domain.phase import Phase
from tasks.domain.settings import WorldKind
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.work_tree import Ignored, WorkTree
from tasks.domain.workflow import Workflows
from tasks.facts.collect import collect
from tasks.facts.configuration import from_text
from tasks.facts.credentials import find_credentials
from tasks.facts.discovery import discover
from tasks.facts.settings import DEFAULTS, settled
from tasks.facts.tree import LiteralFiles
from tests.benchmarks import file_breakages, workflow_breakages
from tests.benchmarks.mutation import Mutation, OnGitHub, Sample

OPERATORS = (*workflow_breakages.OPERATORS, *file_breakages.OPERATORS)
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


def judged(
    sample: Sample, mutation: Mutation, checks: Iterable[Check], known: Collection[str] = ()
) -> Outcome:
    """Break the sample and ask every check; ``known`` are the keys of what is found of the unbroken one."""
    started = time.perf_counter()
    found = [one for one in findings(mutation.broken(sample), checks) if one.key not in known]
    seconds = time.perf_counter() - started
    caught = [one for one in found if any((e.file, e.line or 0) in mutation.expected for e in one.evidence)]
    return Outcome(
        mutation=mutation,
        caught=tuple(caught),
        elsewhere=tuple(one for one in found if one not in caught),
        seconds=seconds,
    )


def findings(sample: Sample, checks: Iterable[Check]) -> list[Finding]:
    """Return what does not hold for a repository and what is set for it on GitHub."""
    files = LiteralFiles(sample.files, executable=sample.executable)
    configuration = from_text(sample.files.get("activation.toml", ""))
    wrong = [_mistake(one) for one in configuration.mistakes]
    static = collect(files).with_facts(find_credentials(files))
    snapshot = set_up(static, sample.files.get("activation.toml", ""), sample)
    return wrong + [one for one in evaluate(checks, snapshot) if one.verdict in _OPEN]


def _mistake(mistake: Mistake) -> Finding:
    """Tell a mistake in the configuration as the command does, which then stops."""
    return Finding(
        check="settings",
        phase=Phase.PREFLIGHT,
        subject=str(mistake),
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=str(mistake),
        evidence=(Evidence(file=mistake.place, line=mistake.line),),
    )


_NONE = Sample(files={}, executable=frozenset())


def set_up(static: Snapshot, configuration: str, sample: Sample = _NONE) -> Snapshot:
    """Add what GitHub says of a repository, and the settings that a configuration gives it."""
    git = GitState(
        commit="0" * 40,
        branch=sample.branch,
        default_branch=sample.branch,
        origin=f"https://github.com/{sample.slug}.git",
    )
    workflows, sources = static.get(Workflows), static.get(Sources)
    manifest = sources.get("Cargo.toml") if isinstance(sources, Sources) else None
    found = discover(git, workflows if isinstance(workflows, Workflows) else Workflows(), manifest)
    asked = from_text(configuration).over(found.over(DEFAULTS))
    github = sample.github
    if not asked.mistakes:
        settings = settled(asked, world=WorldKind.OFFLINE, repository=Path(), state=Path())
        static = static.with_facts(settings)
        github = github or OnGitHub(
            secrets=frozenset(one.name for one in settings.secrets),
            environments={one.name: frozenset() for one in settings.environments},
        )
    work = WorkTree(state=git, ignored=tuple(_ignored(static)))
    return static.with_facts(git, work, *_on_github(github or OnGitHub()))


def _ignored(static: Snapshot) -> Iterator[Ignored]:
    """Go through the workflow and lock files that ``.gitignore`` hides, as if none was committed yet."""
    tree, sources = static.get(Tree), static.get(Sources)
    rules = sources.get(".gitignore") if isinstance(sources, Sources) else None
    if rules is None or not isinstance(tree, Tree):
        return
    lines = GitIgnoreSpec.from_lines(rules.lines)
    for path in tree.entries:
        if fnmatch.fnmatchcase(path, ".github/workflows/*.y*ml") or path.rpartition("/")[2] == "Cargo.lock":
            found = lines.check_file(path)
            if found.include and found.index is not None:
                yield Ignored(path=path, rule=rules.lines[found.index], file=rules.path, line=found.index + 1)


def _on_github(given: OnGitHub) -> tuple[ForgeSecrets, ForgeEnvironments]:
    own = {name.lower(): secrets for name, secrets in given.environments.items()}
    secrets = ForgeSecrets(
        repository=given.secrets,
        variables=given.variables,
        environments=own,
        environment_variables=dict.fromkeys(own, frozenset()),
    )
    environments = (
        ForgeEnvironment(id=number, name=name, reviewers=("operator",))
        for number, name in enumerate(given.environments, 1)
    )
    return secrets, ForgeEnvironments(environments=tuple(environments))


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
