from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tasks.domain.forge import ForgeDeployment
from tasks.domain.report import Deployment, Release
from tasks.domain.step import StepResult, StepState
from tasks.steps import release, rollout, runs_green, tag, workflows_pushed
from tasks.steps.watched_runs import Watcher
from tasks.systems.github import GitHub
from tasks.systems.github.releases import Deployments
from tasks.systems.http import Http
from tests.steps.conftest import CI, DEPLOY, RELEASE, Place

pytestmark = pytest.mark.processes


def first_run(place: Place, github: GitHub | None = None) -> StepResult:
    github = github or place.github
    place.ensure(workflows_pushed.step(place.settings, git=place.git, github=github))
    return place.ensure(
        runs_green.step(place.settings, place.workflows, git=place.git, github=github, clock=place.clock)
    )


def tagged(place: Place) -> StepResult:
    return place.ensure(
        tag.step(
            place.settings,
            place.workflows,
            git=place.git,
            github=place.github,
            first_run=lambda: runs_green.look_at(
                place.settings,
                place.workflows,
                git=place.git,
                github=place.github,
                watcher=Watcher(place.github),
            ),
        )
    )


def released(place: Place) -> tuple[StepResult, Release | None]:
    look = release.looking(place.settings, place.workflows, github=place.again(), clock=place.clock)
    return place.ensure(release.step(look)), release.release_of(look())


def rolled_out(
    place: Place, name: str = "staging", *, approved: bool = True
) -> tuple[StepResult, Deployment | None]:
    environment = next(one for one in place.settings.environments if one.name == name)
    look = rollout.looking(
        place.settings,
        environment,
        place.workflows,
        github=place.again(),
        http=Http(),
        clock=place.clock,
        approved=lambda: approved,
    )
    return place.ensure(rollout.step(look, after=("release",))), rollout.deployment_of(look())


def everything_before_the_rollout(place: Place) -> None:
    first_run(place)
    tagged(place)
    released(place)


def dispatch_runs(place: Place) -> int:
    return len(place.github.runs.of_workflow("deploy.yml", event="workflow_dispatch"))


def test_the_tag_is_made_once_on_the_commit(place: Place) -> None:
    first_run(place)
    first, second = tagged(place), tagged(place)
    assert (first.state, first.changed, second.changed) == (StepState.DONE, True, False)
    assert place.github.repository.tag_commit("v0.1.0") == place.git.head()
    assert place.git.commit("refs/tags/v0.1.0") is None


def test_a_red_first_run_stops_the_tag(place: Place) -> None:
    place.write(".github/workflows/ci.yml", CI + "          exit 1\n")
    first_run(place)
    result = tagged(place)
    assert (result.state, result.findings[0].check) == (StepState.BLOCKED, "first-run-green")
    assert place.github.repository.tag_commit("v0.1.0") is None


def test_a_tag_at_another_commit_is_never_moved(place: Place) -> None:
    first_run(place)
    tagged(place)
    at = place.git.head()
    place.write("README.md", "# Changed\n")
    first_run(place)
    result = tagged(place)
    assert (result.state, result.findings[0].check) == (StepState.BLOCKED, "tag-is-free")
    assert place.github.repository.tag_commit("v0.1.0") == at


def test_a_secret_that_the_release_lacks_stops_the_tag_and_not_the_first_run(place: Place) -> None:
    text = RELEASE + "        env:\n          KEY: ${{ secrets.SIGNING_KEY }}\n"
    place.write(".github/workflows/release.yml", text)
    assert first_run(place).state is StepState.DONE
    result = tagged(place)
    assert (result.state, result.findings[0].subject) == (StepState.BLOCKED, "SIGNING_KEY")


def test_a_release_is_published_and_every_asset_verified(place: Place) -> None:
    first_run(place)
    tagged(place)
    result, made = released(place)
    assert result.state is StepState.DONE
    assert made
    assert {asset.name: asset.target for asset in made.assets} == {
        "SHA256SUMS": None,
        "moon-x86_64-unknown-linux-gnu": "x86_64-unknown-linux-gnu",
    }


def test_an_expected_asset_that_is_missing_blocks_the_release(place: Place) -> None:
    missing = replace(place, settings=replace(place.settings, assets=("moon-{version}.deb",)))
    first_run(place)
    tagged(place)
    result, _ = released(missing)
    assert result.state is StepState.BLOCKED
    assert "moon-0.1.0.deb is missing" in result.findings[0].message


def test_a_rollout_is_dispatched_once_and_the_service_states_the_version(place: Place) -> None:
    everything_before_the_rollout(place)
    result, made = rolled_out(place)
    assert (result.state, result.changed) == (StepState.DONE, True)
    assert made
    assert (made.environment, made.version) == ("staging", "0.1.0")
    again, _ = rolled_out(place)
    assert (again.state, again.changed) == (StepState.DONE, False)
    assert dispatch_runs(place) == 1


def test_a_dispatch_whose_answer_was_lost_is_found_and_not_sent_again(place: Place) -> None:
    everything_before_the_rollout(place)
    place.embedded.faults.add("lost-answer", method="POST", path=".*/dispatches", count=1)
    result, _ = rolled_out(place)
    assert result.state is StepState.DONE
    assert dispatch_runs(place) == 1


def test_a_dispatch_that_another_run_of_the_program_made_is_adopted(place: Place) -> None:
    everything_before_the_rollout(place)
    place.github.runs.dispatch("deploy.yml", "main", {"environment": "staging", "version": "0.1.0"})
    result, made = rolled_out(place)
    assert (result.state, result.changed) == (StepState.DONE, False)
    assert made
    assert dispatch_runs(place) == 1


def test_a_run_that_ends_while_it_is_looked_at_is_seen_with_its_address(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything_before_the_rollout(place)
    assert rolled_out(place)[0].state is StepState.DONE
    read, answers = Deployments.of_environment, []

    def stale_at_first(self: Deployments, environment: str, newest: int = 10) -> Iterator[ForgeDeployment]:
        answers.append(environment)
        for one in read(self, environment, newest):
            early = replace(one, state="in_progress", environment_url=None)
            yield early if len(answers) == 1 else one

    monkeypatch.setattr(Deployments, "of_environment", stale_at_first)
    result, made = rolled_out(place)
    assert (result.state, result.changed) == (StepState.DONE, False)
    assert made
    assert dispatch_runs(place) == 1


def test_an_unhealthy_service_blocks_with_its_answer_and_is_not_deployed_again(place: Place) -> None:
    everything_before_the_rollout(place)
    (place.service.nodes / "staging.sick").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollout, "HEALTH_SECONDS", 0.5)
        result, made = rolled_out(place)
    assert (result.state, made) == (StepState.BLOCKED, None)
    assert "answers 503" in result.findings[0].message
    assert result.findings[0].evidence[0].excerpt == "sick"
    assert dispatch_runs(place) == 1
    (place.service.nodes / "staging.sick").unlink()
    again, _ = rolled_out(place)
    assert (again.state, again.changed) == (StepState.DONE, False)


def test_production_without_approval_waits_and_dispatches_nothing(place: Place) -> None:
    everything_before_the_rollout(place)
    result, _ = rolled_out(place, "production", approved=False)
    assert (result.state, result.why) == (StepState.WAITING, "approval of the rollout of 0.1.0 to production")
    assert dispatch_runs(place) == 0
    result, made = rolled_out(place, "production")
    assert result.state is StepState.DONE
    assert made


def protect_production(place: Place, login: str) -> None:
    reviewer = {"type": "User", "id": place.embedded.add_user(login).id}
    body = {"reviewers": [reviewer]}
    place.github.runs._api.write("PUT", "/repos/acme/moon/environments/production", body)


def test_a_reviewer_who_approved_here_need_not_click_there(place: Place) -> None:
    everything_before_the_rollout(place)
    protect_production(place, "acme")
    result, made = rolled_out(place, "production")
    assert result.state is StepState.DONE
    assert made
    assert dispatch_runs(place) == 1


def test_who_let_a_rollout_in_is_told_once(place: Place) -> None:
    everything_before_the_rollout(place)
    protect_production(place, "acme")
    first, _ = rolled_out(place, "production")
    again, _ = rolled_out(place, "production")
    assert first.why.endswith("; approved by activation")
    assert "approved" not in again.why
    assert again.changed is False
    journal = [entry.fields.get("verb") for entry in place.journal.entries() if entry.kind == "intent"]
    assert journal.count("approve") == 1


def test_a_run_that_waits_is_not_let_in_without_an_approval(place: Place) -> None:
    everything_before_the_rollout(place)
    protect_production(place, "ada")
    rolled_out(place, "production")
    protect_production(place, "acme")
    result, _ = rolled_out(place, "production", approved=False)
    assert (result.state, result.changed) == (StepState.WAITING, False)


def test_a_run_that_somebody_else_has_to_approve_is_waited_for_by_name(place: Place) -> None:
    everything_before_the_rollout(place)
    protect_production(place, "ada")
    result, _ = rolled_out(place, "production")
    assert result.state is StepState.WAITING
    assert "production waits for ada: approve at http" in result.why
    again, _ = rolled_out(place, "production")
    assert (again.state, again.changed) == (StepState.WAITING, False)
    assert dispatch_runs(place) == 1


def test_a_failed_rollout_blocks_now_and_is_repeated_as_the_same_run_by_the_next_activation(
    place: Place,
) -> None:
    flag = place.service.nodes / "ready"
    text = DEPLOY.replace("- run: echo", f"- run: test -e {flag} && echo")
    place.write(".github/workflows/deploy.yml", text)
    everything_before_the_rollout(place)
    result, _ = rolled_out(place)
    assert (result.state, result.findings[0].check) == (StepState.BLOCKED, "run-green")
    flag.touch()
    result, made = rolled_out(place)
    assert (result.state, result.changed) == (StepState.DONE, True)
    assert made
    assert dispatch_runs(place) == 1


def test_staging_is_not_taken_for_production(place: Place) -> None:
    everything_before_the_rollout(place)
    rolled_out(place, "staging")
    result, made = rolled_out(place, "production")
    assert (result.state, result.changed) == (StepState.DONE, True)
    assert made
    assert made.environment == "production"
    assert dispatch_runs(place) == 2
