from pathlib import Path
from typing import Any

import pytest

from tasks.checks import load
from tasks.domain.fact import Unseen
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.forge_runner import ForgeRunner, ForgeRunners
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tests.checks.testing import CI, answers, ask, job, places, snapshot

SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("x"),
    owner="acme",
    name="moon",
    branch="main",
    state_directory=Path("s"),
)
LINUX = ForgeRunner(name="one", labels=frozenset({"self-hosted", "linux", "x64"}))


def asked(labels: str, runners: Any, **more: str) -> list[Finding]:
    text = job("- run: make", **more).replace("ubuntu-latest", labels)
    return ask("self-hosted-runner-there", {CI: text}, runners, SETTINGS)


def test_a_label_that_no_registered_runner_has_is_a_warning_since_one_may_be_started_for_each_job() -> None:
    (found,) = asked("[self-hosted, gpu]", ForgeRunners(runners=(LINUX,)))
    assert (found.weight, found.phase, found.verdict) == (Weight.WARNING, Phase.FIRST_RUN, Verdict.BROKEN)
    assert "unless something starts a runner for each job" in found.message
    assert places([found]) == [(CI, 4)]
    assert "self-hosted, gpu" in found.message


@pytest.mark.parametrize("labels", ["[self-hosted, Linux]", "self-hosted", "ubuntu-latest", "[a, b]"])
def test_a_runner_that_is_there_and_machines_of_others_are_no_finding(labels: str) -> None:
    assert asked(labels, ForgeRunners(runners=(LINUX,))) == []


def test_computed_labels_and_groups_are_silent() -> None:
    assert asked("[self-hosted, '${{ vars.LABEL }}']", ForgeRunners()) == []
    assert asked("{group: big, labels: [self-hosted]}", ForgeRunners()) == []


def test_a_runner_that_the_organisation_may_share_or_nobody_could_see_is_unknown() -> None:
    (found,) = asked("[self-hosted, gpu]", ForgeRunners(shared_seen=False))
    text = job("- run: make").replace("ubuntu-latest", "[self-hosted, gpu]")
    seen = snapshot({CI: text}, SETTINGS).with_facts(unseen={ForgeRunners: Unseen(reason="403")})
    (closed,) = next(one for one in load() if one.id == "self-hosted-runner-there").evaluate(seen)
    assert [(one.verdict, one.blocks) for one in (found, closed)] == [(Verdict.UNKNOWN, False)] * 2


def test_runners_that_are_all_offline_are_a_warning() -> None:
    off = ForgeRunner(name="one", labels=LINUX.labels, online=False)
    (found,) = asked("self-hosted", ForgeRunners(runners=(off,)))
    assert (found.verdict, found.weight) == (Verdict.BROKEN, Weight.WARNING)
    assert asked("self-hosted", ForgeRunners(runners=(off, LINUX))) == []


def test_who_asks_nobody_is_told_nothing() -> None:
    text = job("- run: make").replace("ubuntu-latest", "[self-hosted, gpu]")
    assert answers("self-hosted-runner-there", {CI: text}, SETTINGS) == []
