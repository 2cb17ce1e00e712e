from tasks.domain.forge import ForgeSecrets
from tests.checks.testing import CI, ask, job, places

READS = "- run: echo ${{ secrets.Api_Key }}"


def test_a_secret_that_nobody_set_is_named_with_the_command_that_sets_it() -> None:
    (found,) = ask("secrets-are-set", {CI: job(READS)}, ForgeSecrets(repository=frozenset({"OTHER"})))
    assert (places([found]), found.subject) == ([(CI, 6)], "API_KEY")
    assert found.remedy is not None
    assert found.remedy.commands == ("gh secret set API_KEY",)


def test_names_are_compared_without_letter_case() -> None:
    assert ask("secrets-are-set", {CI: job(READS)}, ForgeSecrets(repository=frozenset({"API_KEY"}))) == []


def test_a_secret_of_the_jobs_environment_counts_and_one_of_another_does_not() -> None:
    files = {CI: job(READS, extra="environment: staging")}
    in_staging = ForgeSecrets(repository=frozenset(), environments={"staging": frozenset({"API_KEY"})})
    in_other = ForgeSecrets(repository=frozenset(), environments={"other": frozenset({"API_KEY"})})
    assert ask("secrets-are-set", files, in_staging) == []
    assert len(ask("secrets-are-set", files, in_other)) == 1


def test_a_secret_that_only_another_environment_has_is_said_to_be_there() -> None:
    elsewhere = ForgeSecrets(repository=frozenset(), environments={"production": frozenset({"API_KEY"})})
    (found,) = ask("secrets-are-set", {CI: job(READS)}, elsewhere)
    assert found.message.endswith("set for the environment production, which the job does not name")
    (nowhere,) = ask("secrets-are-set", {CI: job(READS)}, ForgeSecrets(repository=frozenset()))
    assert "environment" not in nowhere.message


def test_the_token_that_github_makes_and_computed_names_are_not_accused() -> None:
    text = job("- run: echo ${{ secrets.GITHUB_TOKEN }} ${{ secrets[matrix.x] }}")
    assert ask("secrets-are-set", {CI: text}, ForgeSecrets(repository=frozenset())) == []


def test_a_called_workflow_gets_its_secrets_from_its_caller() -> None:
    text = job(READS, on="workflow_call")
    assert ask("secrets-are-set", {CI: text}, ForgeSecrets(repository=frozenset())) == []


def test_environments_are_compared_without_letter_case() -> None:
    files = {CI: job(READS, extra="environment: Staging")}
    there = ForgeSecrets(repository=frozenset(), environments={"staging": frozenset({"API_KEY"})})
    assert ask("secrets-are-set", files, there) == []


def test_an_organisation_that_nobody_could_look_at_makes_a_secret_unknown() -> None:
    (found,) = ask(
        "secrets-are-set", {CI: job(READS)}, ForgeSecrets(repository=frozenset(), shared_seen=False)
    )
    assert (found.verdict, places([found])) == ("unknown", [(CI, 6)])


def test_a_secret_with_another_value_for_it_is_a_note() -> None:
    text = job("- run: echo ${{ secrets.PAT || github.token }}")
    (found,) = ask("secrets-are-set", {CI: text}, ForgeSecrets(repository=frozenset()))
    assert found.weight == "note"


def test_a_variable_that_nobody_set_is_named() -> None:
    text = job("- run: echo ${{ vars.Region }}")
    (found,) = ask("variables-are-set", {CI: text}, ForgeSecrets(repository=frozenset()))
    assert (places([found]), found.subject) == ([(CI, 6)], "REGION")


def test_a_variable_that_is_set_somewhere_or_may_lack_is_fine() -> None:
    text = job("- run: echo ${{ vars.REGION }}", extra="environment: Staging")
    nothing = ForgeSecrets(repository=frozenset())
    of_repository = ForgeSecrets(repository=frozenset(), variables=frozenset({"REGION"}))
    of_environment = ForgeSecrets(
        repository=frozenset(), environment_variables={"staging": frozenset({"REGION"})}
    )
    assert ask("variables-are-set", {CI: text}, of_repository) == []
    assert ask("variables-are-set", {CI: text}, of_environment) == []
    optional = job("- run: echo ${{ vars.REGION || 'x' }}\n  if: vars.REGION")
    assert ask("variables-are-set", {CI: optional}, nothing) == []


ROLE = """\
- uses: aws-actions/configure-aws-credentials@v4
  with:
    role-to-assume: ${{ secrets.AWS_ROLE_TO_ASSUME }}
    aws-region: eu-central-1
"""
ASKS = "aws sts get-caller-identity --query"
TF = 'resource "aws_iam_role" "deploy" {\n  name = "tide-deploy"\n}\n'


def test_a_role_s_arn_is_asked_for_before_the_secret_or_variable_is_set() -> None:
    none = ForgeSecrets(repository=frozenset())
    (found,) = ask("secrets-are-set", {CI: job(ROLE), "infra/main.tf": TF}, none)
    assert found.remedy is not None
    assert found.remedy.commands == (
        f"{ASKS} \"join('', ['arn:aws:iam::', Account, ':role/tide-deploy'])\" --output text",
        "gh secret set AWS_ROLE_TO_ASSUME",
    )
    two = TF + TF.replace("deploy", "run")
    (found,) = ask("secrets-are-set", {CI: job(ROLE), "infra/main.tf": two}, none)
    assert found.remedy is not None
    assert found.remedy.commands[0] == "aws iam list-roles --query 'Roles[].Arn' --output text"
    (found,) = ask("variables-are-set", {CI: job(ROLE.replace("secrets.", "vars."))}, none)
    assert found.remedy is not None
    assert found.remedy.commands[1] == "gh variable set AWS_ROLE_TO_ASSUME"


def test_a_role_of_terraform_has_an_arn_before_it_is_there_and_cannot_be_taken_before() -> None:
    none = ForgeSecrets(repository=frozenset())
    (found,) = ask("secrets-are-set", {CI: job(ROLE), "infra/main.tf": TF}, none)
    assert found.remedy is not None
    assert found.remedy.summary == (
        "Set the secret AWS_ROLE_TO_ASSUME to the ARN that aws_iam_role.deploy has once it is applied; "
        "no job can take it before"
    )
    below = TF.replace('"tide-deploy"', '"tide-deploy"\n  path = "/ci/"')
    (found,) = ask("secrets-are-set", {CI: job(ROLE), "infra/main.tf": below}, none)
    assert found.remedy is not None
    assert "':role/ci/tide-deploy'" in found.remedy.commands[0]
    computed = TF.replace('"tide-deploy"', '"tide-deploy"\n  path = var.path')
    (found,) = ask("secrets-are-set", {CI: job(ROLE), "infra/main.tf": computed}, none)
    assert found.remedy is not None
    assert found.remedy.commands[0] == "aws iam list-roles --query 'Roles[].Arn' --output text"


def test_an_account_s_number_within_an_arn_is_no_arn() -> None:
    part = ROLE.replace("${{", "arn:aws:iam::${{").replace("}}", "}}:role/deploy")
    (found,) = ask("secrets-are-set", {CI: job(part)}, ForgeSecrets(repository=frozenset()))
    assert found.remedy is not None
    assert found.remedy.commands == ("gh secret set AWS_ROLE_TO_ASSUME",)
