from dataclasses import replace

from tasks.domain.finding import Weight
from tasks.domain.settings import Environment, Origin, RepositorySecret, SecretSource
from tests.checks.test_oidc import SETTINGS
from tests.checks.testing import CI, ask, job, places

FILE = "activation.toml"
CONFIGURATION = """\
[release]
workflow = "ci.yml"

[[deployment.environments]]
name = "production"

[secrets.ROLE]
source = "role-arn"
"""
ORIGINS = {
    "release.workflow": Origin(source="file", file=FILE, line=2),
    "secrets.ROLE.source": Origin(source="file", file=FILE, line=8),
}
NAMED = replace(SETTINGS, release_workflow="ci.yml", deploy_workflow=None, origins=ORIGINS)
STEP = "- run: make\n  env:\n    ROLE: ${{ secrets.ROLE }}\n"
WHOLE = {FILE: CONFIGURATION, CI: job(STEP, extra="environment: production")}


def test_what_the_workflows_have_under_the_same_name_is_right() -> None:
    for check in ("settings-workflow-exists", "settings-secret-read", "settings-environment-used"):
        assert ask(check, WHOLE, NAMED) == []


def test_a_workflow_that_is_not_there_stops_the_release() -> None:
    (found,) = ask("settings-workflow-exists", WHOLE, replace(NAMED, release_workflow="relaese.yml"))
    assert (places([found]), found.weight) == ([(FILE, 2)], Weight.BLOCKER)
    assert found.evidence[0].excerpt == 'workflow = "ci.yml"'
    assert ask("settings-workflow-exists", WHOLE, replace(NAMED, release_workflow="x.yml", origins={})) == []


def test_a_secret_that_no_workflow_reads_is_told_at_its_table() -> None:
    files = WHOLE | {CI: WHOLE[CI].replace("secrets.ROLE", "secrets.ROLES")}
    assert places(ask("settings-secret-read", files, NAMED)) == [(FILE, 7)]


def test_a_workflow_that_hands_every_secret_on_may_read_it() -> None:
    other = "on: push\njobs:\n  a:\n    uses: o/r/.github/workflows/x.yml@v1\n    secrets: inherit\n"
    files = WHOLE | {CI: WHOLE[CI].replace("secrets.ROLE", "secrets.ROLES"), ".github/workflows/x.yml": other}
    assert ask("settings-secret-read", files, NAMED) == []
    none = (RepositorySecret(name="NOT", source=SecretSource.ROLE_ARN),)
    assert ask("settings-secret-read", WHOLE, replace(NAMED, secrets=none)) == []  # no file says it


def test_an_environment_in_which_no_job_runs_is_told_at_its_name() -> None:
    files = WHOLE | {CI: job(STEP, extra="environment: staging")}
    assert places(ask("settings-environment-used", files, NAMED)) == [(FILE, 5)]


def test_environments_that_are_computed_or_that_no_file_names_are_not_told() -> None:
    files = WHOLE | {CI: job(STEP, extra="environment: ${{ vars.WHERE }}")}
    assert ask("settings-environment-used", files, NAMED) == []
    found = replace(NAMED, environments=(Environment(name="elsewhere"),))
    assert ask("settings-environment-used", WHOLE, found) == []


def test_a_script_that_sets_a_secret_with_a_slip_is_told() -> None:
    files = {
        CI: job(STEP.replace("ROLE", "DEPLOY_ROLE")),
        "set-up.sh": "gh secret set DEPLYO_ROLE --body x\n",
    }
    assert places(ask("set-secret-is-read", files)) == [("set-up.sh", 1)]


def test_secrets_of_another_repository_or_of_other_names_are_not_told() -> None:
    reads = {CI: job(STEP.replace("ROLE", "DEPLOY_ROLE"))}
    for line in ("gh secret set DEPLOY_ROLE", "gh secret set DEPLYO_ROLE -R o/other", "gh secret set OTHER"):
        assert ask("set-secret-is-read", reads | {"set-up.sh": f"{line}\n"}) == []
