"""Whether the numbers of tests that documents state are those of today."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_run import CargoTest
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.counted_tests import Count, CountedTests
from tasks.domain.crate import Manifests
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.stated_tests import STATING, StatedTests, stated_tests
from tasks.domain.tree import Tree

_CLEARLY, _ROUNDED = 0.2, 0.35  # of the number that is there: what a document may be off, and a rounded one
_FEW = 5
_OTHER_LANGUAGES = (
    "package.json",
    "pyproject.toml",
    "setup.py",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "Gemfile",
)
"""The files of those who have tests in another language, which a number of tests may count too."""


@check(
    "documented-tests-counted",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Write today's number, or let a badge of a run state it", minutes=5),
)
def documented_tests_counted(
    documents: Documents, manifests: Manifests, counted: CountedTests, run: CargoTest | Unseen, tree: Tree
) -> Iterator[Answer]:
    """No document that people follow states a number of tests that is clearly another than what is there."""
    measured = _measured(run)
    claims = [one for document in followed(documents, *STATING) for one in stated_tests(document, manifests)]
    only_rust = not any(tree.named.get(name) for name in _OTHER_LANGUAGES)
    yield from merged(
        answer for one in claims for answer in _answers(one, counted, measured, only_rust=only_rust)
    )


def _measured(run: CargoTest | Unseen) -> Count | None:
    """Return what a run of the whole workspace has counted."""
    if not isinstance(run, CargoTest) or run.passed is None or run.failed is None:
        return None
    words = run.command.split()
    part = {"-p", "--package", "--exclude", "--lib", "--bins", "--bin", "--test", "--tests", "--doc", "--"}
    if not {"--workspace", "--all"} & set(words) or part & set(words):
        return None
    count = run.passed + run.failed
    return Count(least=count, most=count)


def _answers(
    claim: StatedTests, counted: CountedTests, measured: Count | None, *, only_rust: bool
) -> Iterator[Answer]:
    whole = claim.package is None
    count = counted.of(None if claim.package is None else frozenset({claim.package}))
    if whole and measured is not None:
        count = measured
    if count is None or (claim.alone and claim.number > count.least and not only_rust):
        return
    what = claim.package or "the workspace"
    subject = f"{claim.document.path}: {what}: {claim.number} tests"
    if not _differs(claim, count):
        yield holds(subject, "fits")
        return
    how = "a run has counted" if whole and measured is not None else "the sources have"
    more = " or more" if count.most is None else ""
    places: list[Evidence] = [claim.document.source.at(claim.line)]
    told = f"says that {what} has {claim.number:,} tests, and {how} {count.least:,}{more}"
    yield broken(subject, told, *places)


def _differs(claim: StatedTests, count: Count) -> bool:
    """Tell whether a number is clearly wrong; that a package has none may be a package nobody reads."""
    off = _ROUNDED if claim.about else _CLEARLY
    if count.most is not None and claim.number - count.most >= max(_FEW, off * count.most):
        return True
    return not (claim.least or claim.part) and count.least - claim.number >= max(_FEW, off * count.least)
