from tasks.domain.forge import ForgeEnvironment, ForgeEnvironments
from tests.checks.testing import CI, ask, job, places

NONE = ForgeEnvironments(environments=())
TO = "environment: ${{ inputs.to }}"
ROLLOUT = ".github/workflows/rollout.yml"
CHOICE = "{workflow_dispatch: {inputs: {to: {type: choice, options: [staging, production]}}}}"


def deploys(name: str, on: str = "push") -> str:
    return job("- run: x", on=on, extra=f"environment: {name}")


def there(*environments: ForgeEnvironment) -> ForgeEnvironments:
    return ForgeEnvironments(environments=environments)


def test_an_environment_that_provisioning_creates_is_a_note() -> None:
    (found,) = ask("environments-exist", {CI: deploys("staging")}, NONE)
    assert (places([found]), found.subject, found.weight) == ([(CI, 5)], "staging", "note")


def test_an_environment_that_a_person_chooses_and_nobody_creates_is_a_warning() -> None:
    found = ask("environments-exist", {CI: deploys("${{ inputs.to }}", CHOICE)}, NONE)
    assert [(one.subject, one.weight) for one in found] == [("staging", "warning"), ("production", "warning")]


def test_the_command_that_creates_an_environment_has_its_name_as_an_address_needs_it() -> None:
    (found,) = ask("environments-exist", {CI: deploys("infra/the one")}, NONE)
    assert found.remedy is not None
    created = "gh api --method PUT repos/{owner}/{repo}/environments/infra%2Fthe%20one"
    assert found.remedy.commands == (created,)


def test_environments_that_exist_or_that_only_a_run_knows_are_fine() -> None:
    staging = there(ForgeEnvironment(id=1, name="Staging"))
    assert ask("environments-exist", {CI: deploys("staging")}, staging) == []
    assert ask("environments-exist", {CI: deploys("${{ github.ref_name }}")}, NONE) == []


CALLED = job("- run: x", on="{workflow_call: {inputs: {to: {type: string, required: true}}}}", extra=TO)
CALLS = """\
on: push
jobs:
  first:
    uses: ./.github/workflows/rollout.yml
    with:
      to: staging
  second:
    uses: ./.github/workflows/rollout.yml
    with:
      to: ${{ github.ref_name }}
"""


def test_an_environment_that_a_caller_names_is_told_where_the_caller_writes_it() -> None:
    flows = {ROLLOUT: CALLED, CI: CALLS}
    found = ask("environments-exist", flows, NONE)
    assert [(one.subject, one.weight) for one in found] == [("staging", "warning")]
    assert places(found) == [(CI, 6)]
    assert ask("environments-exist", flows, there(ForgeEnvironment(id=1, name="staging"))) == []


def test_an_environment_that_another_job_writes_out_is_created_also_for_a_caller() -> None:
    flows = {ROLLOUT: CALLED, CI: CALLS, ".github/workflows/z.yml": deploys("staging")}
    (found,) = ask("environments-exist", flows, NONE)
    assert (found.subject, found.weight) == ("staging", "note")


def test_an_open_production_is_named() -> None:
    found = ask(
        "production-is-protected", {CI: deploys("aws-prod")}, there(ForgeEnvironment(id=1, name="aws-prod"))
    )
    assert places(found) == [(CI, 5)]


def test_a_protected_production_and_open_others_are_fine() -> None:
    for one in (
        ForgeEnvironment(id=1, name="production", reviewers=("anna",)),
        ForgeEnvironment(id=1, name="production", branch_policy="protected"),
        ForgeEnvironment(id=1, name="product-docs"),
    ):
        assert ask("production-is-protected", {CI: deploys(one.name)}, there(one)) == []
