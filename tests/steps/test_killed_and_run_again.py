"""Killed at any point and run again: one tag, one release, one deployment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.domain.change import Change
from tasks.domain.step import StepState
from tasks.steps import release, rollout, runs_green, tag, workflows_pushed
from tasks.steps.step import Step, ensure
from tasks.systems.http import Http
from tests.steps.conftest import Place

pytestmark = pytest.mark.processes


class KilledError(BaseException):
    """The end of the program, at once."""


class Killing:
    """A journal that ends the program at its nth word: odd before an effect, even after it."""

    def __init__(self, at: int | None) -> None:
        self.left = at

    def _word(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise KilledError

    def intend(self, step: str, verb: str, target: str) -> str:
        self._word()
        return f"{step} {verb} {target}"

    def read_back(self, intent: str, seen: str) -> None:
        self._word()


def steps(place: Place) -> list[Step]:  # type: ignore[type-arg]
    github, settings, workflows = place.again(), place.settings, place.workflows
    rollouts = [
        rollout.step(
            rollout.looking(
                settings,
                environment,
                workflows,
                github=github,
                http=Http(),
                clock=place.clock,
                approved=lambda: True,
            ),
            after=(),
        )
        for environment in settings.environments
    ]
    return [
        workflows_pushed.step(settings, git=place.git, github=github),
        runs_green.step(settings, workflows, git=place.git, github=github, clock=place.clock),
        tag.step(settings, workflows, git=place.git, github=github),
        release.step(release.looking(settings, workflows, github=github, clock=place.clock)),
        *rollouts,
    ]


def activate(place: Place, journal: Killing) -> list[StepState]:
    return [
        ensure(
            replace(step, poll=0.05, poll_limit=0.2, patience=60.0), journal=journal, clock=place.clock
        ).state
        for step in steps(place)
    ]


# Words of the journal: push 1-2, tag 3-4, staging 5-6, production 7-8.
@pytest.mark.parametrize("at", range(1, 9))
def test_every_effect_is_there_exactly_once(place: Place, at: int) -> None:
    with pytest.raises(KilledError):
        activate(place, Killing(at))
    assert activate(place, Killing(None)) == [StepState.DONE] * 6
    dispatched = place.github.runs.of_workflow("deploy.yml", event="workflow_dispatch")
    assert sorted(run.title for run in dispatched) == [
        "Deploy 0.1.0 to production",
        "Deploy 0.1.0 to staging",
    ]
    assert len(place.github.releases.of_tag("v0.1.0")) == 1
    assert len(place.github.runs.of_workflow("release.yml")) == 1
    assert place.github.repository.tag_commit("v0.1.0") == place.git.head()


def test_a_finished_activation_plans_no_change(place: Place) -> None:
    before = activate(place, Killing(None))
    assert before == [StepState.DONE] * 6
    looks = steps(place)
    changes: list[Change] = [change for step in looks for change in step.decide(step.look()).changes]
    assert changes == []
