from pathlib import Path

from tasks.domain.cloud import CloudRoles, Role
from tasks.domain.fact import Unseen
from tasks.domain.finding import Weight
from tasks.domain.forge import ForgeOidc
from tasks.domain.phase import Phase
from tasks.domain.settings import (
    AwsSettings,
    Environment,
    RepositorySecret,
    SecretSource,
    Settings,
    WorldKind,
)
from tests.checks.testing import CI, ask, job, places

SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("x"),
    owner="o",
    name="n",
    branch="main",
    state_directory=Path("s"),
    deploy_workflow="ci.yml",
    environments=(Environment(name="production"),),
    aws=AwsSettings(deploy_role="deploy"),
    secrets=(RepositorySecret(name="ROLE", source=SecretSource.ROLE_ARN),),
)
OFFLINE = Unseen(reason="offline", asked=False)
OIDC = ForgeOidc(use_default=True, prefix="repo:o/n")
SIGN_IN = """\
- uses: aws-actions/configure-aws-credentials@v4
  with:
    role-to-assume: ${{ secrets.ROLE }}
"""


def allowed(steps: str = SIGN_IN, extra: str = "", on: str = "push") -> list[tuple[str | None, int | None]]:
    return places(ask("identity-token-allowed", {CI: job(steps, on=on, extra=extra)}))


def test_a_role_assumed_without_the_right_to_a_token_is_named() -> None:
    assert allowed() == [(CI, 8)]
    found = ask("identity-token-allowed", {CI: job(SIGN_IN, extra="permissions:\n  contents: read")})
    assert [(one.file, one.line) for one in found[0].evidence] == [(CI, 10), (CI, 5)]
    assert found[0].phase is Phase.FIRST_RUN


def test_jobs_of_one_workflow_that_lack_the_right_are_one_finding() -> None:
    one = job(SIGN_IN)
    second = one.partition("jobs:\n")[2].replace("build:", "apply:")
    found = ask("identity-token-allowed", {CI: one + second})
    assert [(place.file, place.line) for place in found[0].evidence] == [(CI, 8), (CI, 14)]
    assert len(found) == 1
    assert "build and apply assume" in found[0].message
    allowed_one = second.replace("runs-on", "permissions:\n      id-token: write\n    runs-on")
    assert "build assumes" in ask("identity-token-allowed", {CI: one + allowed_one})[0].message


def test_the_phase_is_the_one_that_needs_the_workflow() -> None:
    tagged = ask("identity-token-allowed", {CI: job(SIGN_IN, on="{push: {tags: ['v*']}}")})
    assert tagged[0].phase is Phase.RELEASE
    nightly = ask("identity-token-allowed", {CI: job(SIGN_IN, on="{schedule: [{cron: '0 1 * * *'}]}")})
    assert nightly[0].weight is Weight.WARNING


def test_a_job_with_the_right_or_with_keys_is_fine() -> None:
    assert allowed(extra="permissions:\n  id-token: write") == []
    assert allowed(extra="permissions: write-all") == []
    assert allowed(SIGN_IN + "    aws-access-key-id: ${{ secrets.KEY }}\n") == []
    assert allowed(extra="env:\n  AWS_ACCESS_KEY_ID: ${{ secrets.KEY }}") == []
    assert allowed("- uses: aws-actions/configure-aws-credentials@v4\n  with:\n    aws-region: x") == []


def test_a_called_workflow_takes_the_permissions_of_its_caller() -> None:
    assert allowed(on="workflow_call") == []
    assert len(allowed(on="workflow_call", extra="permissions:\n  contents: read")) == 1


def test_a_job_outside_of_the_trusted_environments_is_named() -> None:
    found = ask("identity-subject-trusted", {CI: job(SIGN_IN)}, SETTINGS, OIDC)
    assert places(found) == [(CI, 3)]
    assert "repo:o/n:ref:refs/heads/..." in found[0].message
    other = {CI: job(SIGN_IN, extra="environment: Production")}
    found = ask("identity-subject-trusted", other, SETTINGS, OIDC)
    assert places(found) == [(CI, 5)]
    assert "letter case" in found[0].message
    assert found[0].phase is Phase.DEPLOYMENT


def test_a_job_in_a_trusted_environment_is_fine() -> None:
    for environment in ("production", "${{ inputs.where }}"):
        files = {CI: job(SIGN_IN, extra=f"environment: {environment}")}
        assert ask("identity-subject-trusted", files, SETTINGS, OIDC) == []


def test_a_role_that_is_not_ours_and_subjects_of_another_shape_are_not_judged() -> None:
    other = {CI: job(SIGN_IN.replace("secrets.ROLE", "secrets.OTHER"))}
    assert ask("identity-subject-trusted", other, SETTINGS, OIDC) == []
    assert ask("identity-subject-trusted", {CI: job(SIGN_IN)}, SETTINGS, ForgeOidc(use_default=False)) == []


def test_what_the_role_trusts_besides_is_trusted() -> None:
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:o/n:*"}}
    trust = {"Statement": [{"Effect": "Allow", "Condition": condition}]}
    roles = CloudRoles(roles={"deploy": Role(name="deploy", arn="arn:r", trust=trust)}, provider=None)
    assert ask("identity-subject-trusted", {CI: job(SIGN_IN)}, SETTINGS, OIDC, roles) == []
