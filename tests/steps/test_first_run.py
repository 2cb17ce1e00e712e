from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasks.domain.finding import Verdict
from tasks.domain.forge import ForgeEnvironments
from tasks.domain.settings import RepositorySecret, SecretSource
from tasks.domain.step import StepResult, StepState
from tasks.steps import environments, repository_secrets, runs_green, workflows_pushed
from tasks.steps.step import Step
from tasks.steps.watched_runs import Watcher
from tasks.systems.github.errors import Rejected
from tests.steps.conftest import CI, Place

pytestmark = pytest.mark.processes


def push(place: Place) -> StepResult:
    return place.ensure(workflows_pushed.step(place.settings, git=place.git, github=place.github))


def green(place: Place, *, appear_seconds: float = 60.0, watcher: Watcher | None = None) -> StepResult:
    step = runs_green.step(
        place.settings,
        place.workflows,
        git=place.git,
        github=place.github,
        clock=place.clock,
        appear_seconds=appear_seconds,
        watcher=watcher,
    )
    return place.ensure(step)


def test_commits_are_pushed_once_and_a_second_run_changes_nothing(place: Place) -> None:
    first, second = push(place), push(place)
    assert (first.state, first.changed) == (StepState.DONE, True)
    assert (second.state, second.changed) == (StepState.DONE, False)
    assert place.github.repository.branch_commit("main") == place.git.head()


def test_a_proxy_of_the_environment_is_not_used_to_push_to_this_machine(place: Place) -> None:
    place.git._shell.environment["http_proxy"] = "http://127.0.0.1:9"
    assert push(place).state is StepState.DONE


def test_a_token_without_the_workflow_scope_blocks_with_githubs_own_line_and_a_remedy(place: Place) -> None:
    place.embedded.change_token(place.token, scopes=["repo"])
    result = push(place)
    assert result.state is StepState.BLOCKED
    (finding,) = result.findings
    assert "without `workflow` scope" in finding.message
    assert finding.evidence[0].file == ".github/workflows/ci.yml"
    assert finding.remedy
    assert "--scopes workflow" in finding.remedy.commands[0]
    assert place.github.repository.branch_commit("main") is None
    place.embedded.change_token(place.token, scopes=["repo", "workflow"])
    assert push(place).state is StepState.DONE


def test_commits_that_only_github_has_are_never_pushed_over(place: Place) -> None:
    push(place)
    place.run("git", "commit", "--quiet", "--amend", "--message", "Another history")
    before = place.github.repository.branch_commit("main")
    result = push(place)
    assert result.state is StepState.BLOCKED
    assert place.github.repository.branch_commit("main") == before


def test_a_rehearsal_of_another_history_is_told_how_to_begin_anew(place: Place) -> None:
    push(place)
    place.run("git", "commit", "--quiet", "--amend", "--message", "Another history")
    remedy = push(place).findings[0].remedy
    assert remedy
    ended, forgotten = remedy.commands
    assert ended == "python -m flows.deactivate"
    kept = place.settings.state_directory
    assert forgotten == shlex.join(
        ["rm", "-r", str(kept / "worlds" / "main"), str(kept / "repositories" / "main")]
    )


def test_live_what_others_pushed_is_taken_in(place: Place) -> None:
    push(place)
    place.run("git", "commit", "--quiet", "--amend", "--message", "Another history")
    seen = workflows_pushed.look(place.git, place.github, "main", place.git.head())
    (finding,) = workflows_pushed.decide(seen).blocked
    assert finding.remedy
    assert finding.remedy.commands == ("git pull --rebase origin main",)


def test_a_rule_that_refuses_the_push_is_told_in_githubs_words(place: Place) -> None:
    push(place)
    place.write("README.md", "# Moon 2\n")
    repository = place.embedded.repository("acme", "moon")
    assert repository
    place.embedded.add_ruleset(repository, "pull requests", rules=[{"type": "pull_request"}])
    result = push(place)
    assert result.state is StepState.BLOCKED
    assert "rule" in result.findings[0].message.lower()


def test_the_runs_of_a_push_are_watched_until_they_are_green(place: Place) -> None:
    push(place)
    result = green(place)
    assert (result.state, result.why) == (StepState.DONE, "1/1 runs done")


def test_a_red_run_names_file_job_step_command_and_lines(place: Place) -> None:
    script = "echo 'error[E0308]: mismatched types'\n          exit 1"
    place.write(
        ".github/workflows/ci.yml",
        CI.replace("echo 'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured'", script),
    )
    push(place)
    result = green(place)
    assert result.state is StepState.BLOCKED
    (finding,) = result.findings
    assert finding.subject == "ci.yml: test"
    assert "step Run the tests" in finding.message
    assert "E0308" in finding.message
    assert any(evidence.file == ".github/workflows/ci.yml" for evidence in finding.evidence)
    assert any("mismatched types" in (evidence.excerpt or "") for evidence in finding.evidence)
    assert finding.remedy
    log, repeat, commit = finding.remedy.commands
    assert log.startswith("gh run view --job")
    assert repeat.startswith("echo 'error[E0308]")
    assert commit == "git commit --all"


def test_a_failure_of_the_network_is_tried_once_more(place: Place) -> None:
    flag = place.service.nodes / "second-time"
    script = f"test -e {flag} || {{ touch {flag}; echo 'curl: (56) Connection reset by peer'; exit 1; }}"
    place.write(
        ".github/workflows/ci.yml",
        CI.replace("echo 'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured'", script),
    )
    push(place)
    result = green(place)
    assert (result.state, result.changed) == (StepState.DONE, True)
    commit = place.git.head()
    assert commit
    (run,) = place.github.runs.of_commit(commit)
    assert run.attempt == 2


def test_a_disabled_workflow_has_no_run_and_the_finding_says_why(place: Place) -> None:
    push(place)
    green(place)
    place.github.runs._api.write("PUT", "/repos/acme/moon/actions/workflows/ci.yml/disable")
    place.write("README.md", "# Moon 2\n")
    push(place)
    result = green(place, appear_seconds=0.5)
    assert result.state is StepState.BLOCKED
    assert "disabled_manually" in result.findings[0].message
    assert result.findings[0].remedy
    assert result.findings[0].remedy.commands == ("gh workflow enable ci.yml --repo acme/moon",)


def test_late_runs_are_waited_for(place: Place) -> None:
    place.embedded.faults.add("late-runs", seconds=1.0)
    push(place)
    assert green(place).state is StepState.DONE


def test_environments_are_created_once_and_keep_their_protection(place: Place) -> None:
    step = environments.step(place.settings, place.workflows, github=place.github)
    first, second = place.ensure(step), place.ensure(step)
    assert (first.changed, second.changed) == (True, False)
    assert place.github.environments.all().names == {"staging", "production"}


def reviewers(place: Place) -> dict[str, tuple[str, ...]]:
    return {one.name: one.reviewers for one in place.github.environments.all().environments}


def test_where_approval_is_asked_for_a_new_environment_asks_the_tokens_user(place: Place) -> None:
    place.ensure(environments.step(place.settings, place.workflows, github=place.github))
    assert reviewers(place) == {"staging": (), "production": ("acme",)}


def test_an_environment_that_exists_is_never_protected_by_this_program(place: Place) -> None:
    place.github.environments.create("production")
    place.ensure(environments.step(place.settings, place.workflows, github=place.github))
    assert reviewers(place) == {"staging": (), "production": ()}


def test_a_plan_without_reviewers_gets_the_environment_without(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = place.github.environments._api.write

    def refusing(verb: str, path: str, body: object = None) -> object:
        if body:
            raise Rejected("the billing plan has no required reviewers", 422)
        return write(verb, path, body)

    monkeypatch.setattr(place.github.environments._api, "write", refusing)
    result = place.ensure(environments.step(place.settings, place.workflows, github=place.github))
    assert result.state is StepState.DONE
    assert reviewers(place) == {"staging": (), "production": ()}


@pytest.mark.parametrize("name", ["production", "${{ vars.WHERE }}"])
def test_what_a_push_may_deploy_to_as_well_gets_no_reviewer_that_nobody_would_answer(
    place: Place, name: str
) -> None:
    place.write(".github/workflows/ci.yml", CI.replace("    steps:", f"    environment: {name}\n    steps:"))
    assert environments.reviewed(place.settings, place.workflows) == frozenset()


def secrets_step(
    place: Place, given: tuple[RepositorySecret, ...], values: dict[str, str]
) -> Step[repository_secrets.Seen]:
    settings = replace(place.settings, secrets=given)
    return repository_secrets.step(
        settings, place.workflows, github=place.github, value=lambda secret: values.get(secret.name)
    )


def test_a_secret_whose_value_is_at_hand_is_set_once(place: Place) -> None:
    given = (RepositorySecret(name="ROLE", source=SecretSource.ROLE_ARN),)
    first = place.ensure(secrets_step(place, given, {"ROLE": "arn:aws:iam::1:role/x"}))
    second = place.ensure(secrets_step(place, given, {"ROLE": "arn:aws:iam::1:role/x"}))
    assert (first.state, first.changed, second.changed) == (StepState.DONE, True, False)
    assert place.github.secrets.names(ForgeEnvironments(environments=())).has("ROLE")


def test_a_secret_that_nothing_can_give_blocks_with_the_line_that_reads_it(place: Place) -> None:
    place.write(".github/workflows/ci.yml", CI + "        env:\n          KEY: ${{ secrets.SIGNING_KEY }}\n")
    result = place.ensure(secrets_step(place, (), {}))
    assert result.state is StepState.BLOCKED
    (finding,) = result.findings
    assert (finding.subject, finding.evidence[0].file) == ("SIGNING_KEY", ".github/workflows/ci.yml")
    assert finding.evidence[0].line == 13
    assert finding.remedy
    assert finding.remedy.commands == ("gh secret set SIGNING_KEY --repo acme/moon",)


def test_a_secret_of_the_jobs_environment_counts_as_set(place: Place) -> None:
    text = CI.replace("    steps:", "    environment: staging\n    steps:")
    place.write(
        ".github/workflows/ci.yml", text + "        env:\n          KEY: ${{ secrets.SIGNING_KEY }}\n"
    )
    repository = place.embedded.repository("acme", "moon")
    assert repository
    place.embedded.set_secret(repository, "SIGNING_KEY", "x", environment="staging")
    assert place.ensure(secrets_step(place, (), {})).state is StepState.DONE


LIMITED = """\
name: Lanes
on: push
jobs:
  mac:
    runs-on: macos-latest
    steps:
      - run: 'true'
  old:
    runs-on: ubuntu-latest
    steps:
      - uses: dtolnay/rust-toolchain@1.2.3
  older:
    runs-on: ubuntu-latest
    steps:
      - uses: dtolnay/rust-toolchain@1.2.1
  other:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
"""


def test_what_could_not_be_run_is_unknown_with_its_line_and_one_remedy(place: Place) -> None:
    place.write(".github/workflows/lanes.yml", LIMITED)
    push(place)
    result = green(place)
    assert result.state is StepState.BLOCKED
    by_subject = {finding.subject: finding for finding in result.findings}
    assert set(by_subject) == {"lanes.yml: mac", "lanes.yml: old", "lanes.yml: older"}
    assert {(one.check, one.verdict) for one in result.findings} == {("run-seen", Verdict.UNKNOWN)}
    old, mac = by_subject["lanes.yml: old"], by_subject["lanes.yml: mac"]
    assert (old.evidence[0].file, old.evidence[0].line) == (".github/workflows/lanes.yml", 11)
    assert "could not be rehearsed here: toolchain 1.2.3 is not on this machine" in old.message
    assert old.message.startswith("lanes.yml: old, step ")  # names the subject, so nobody puts it in front
    assert old.remedy
    assert set(old.remedy.commands) == {"rustup toolchain install 1.2.3", "rustup toolchain install 1.2.1"}
    assert old.remedy == by_subject["lanes.yml: older"].remedy
    assert (mac.evidence[0].line, mac.remedy and mac.remedy.commands) == (4, ())
    assert "macOS" in mac.message
    later = Watcher(place.github, place.workflows, began=datetime.now(UTC) + timedelta(seconds=1))
    again = green(place, watcher=later)  # what was missing may be there now: it is tried once more
    assert (again.state, again.changed) == (StepState.BLOCKED, True)
    assert [
        run.attempt for run in place.github.runs.of_commit(place.git.head() or "") if "lanes" in run.workflow
    ] == [2]


def test_a_run_whose_jobs_could_not_be_run_is_not_green_though_nothing_failed(place: Place) -> None:
    place.write(
        ".github/workflows/lanes.yml",
        "on: push\njobs:\n  mac:\n    runs-on: macos-latest\n    steps:\n      - run: 'true'\n",
    )
    push(place)
    result = green(place)
    assert (result.state, [one.check for one in result.findings]) == (StepState.BLOCKED, ["run-seen"])


def test_a_real_failure_beside_a_limit_is_still_broken(place: Place) -> None:
    place.write(
        ".github/workflows/lanes.yml",
        LIMITED + "  bad:\n    runs-on: ubuntu-latest\n    steps: [{run: exit 3}]\n",
    )
    push(place)
    result = green(place)
    verdicts = {finding.subject: (finding.check, finding.verdict) for finding in result.findings}
    assert verdicts["lanes.yml: bad"] == ("run-green", Verdict.BROKEN)
    bad = next(finding for finding in result.findings if finding.subject == "lanes.yml: bad")
    assert (bad.evidence[0].file, bad.evidence[0].line) == (".github/workflows/lanes.yml", 23)
    assert verdicts["lanes.yml: old"] == ("run-seen", Verdict.UNKNOWN)
