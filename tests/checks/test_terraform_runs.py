import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places

ROOT = """\
terraform {
  required_version = ">= 1.6"
}
variable "size" { default = 1 }
variable "key" {}
"""


def deploy(command: str, version: str = "1.9.0", module: str = ROOT, **more: str) -> dict[str, str]:
    steps = f"""\
- uses: actions/checkout@v4
- uses: hashicorp/setup-terraform@v3
  with:
    terraform_version: {version!r}
- working-directory: infra
  run: {command}
"""
    return {CI: job(steps), "infra/main.tf": module, **more}


def test_a_job_that_installs_too_old_a_terraform_is_named_at_its_version() -> None:
    found = ask("terraform-version-fits", deploy("terraform init", "1.5.0"))
    assert places(found) == [(CI, 9)]
    assert found[0].subject == "ci.yml: infra: Terraform 1.5.0"
    assert "build installs" in found[0].message
    assert found[0].remedy is not None
    assert "1.6.0" in found[0].remedy.summary


def test_a_module_that_the_root_calls_may_ask_for_a_newer_one() -> None:
    files = deploy("terraform plan", "1.9.0", ROOT + 'module "m" { source = "../m" }\n')
    files["m/main.tf"] = 'terraform {\n  required_version = "~> 1.10"\n}\n'
    found = ask("terraform-version-fits", files)
    assert [one.subject for one in found] == ["ci.yml: m: Terraform 1.9.0"]


def test_jobs_that_install_the_same_old_version_are_one_finding() -> None:
    files = deploy("terraform init", "1.5.0")
    one = str(files[CI])
    files[CI] = one + one.partition("jobs:\n")[2].replace("build:", "apply:")
    found = ask("terraform-version-fits", files)
    assert len(found) == 1
    assert "build and apply install Terraform 1.5.0" in found[0].message
    assert len(found[0].evidence) == 3


def test_a_fitting_a_ranged_and_a_computed_version_are_fine() -> None:
    for version in ("1.6.0", "1.5.x", "latest", "${{ env.TF }}"):
        assert ask("terraform-version-fits", deploy("terraform init", version)) == []


@pytest.mark.parametrize(
    ("container", "line"),
    [
        ("container: hashicorp/terraform:1.5.7", 5),
        ("container:\n  image: hashicorp/terraform:1.5.7", 6),
        ("container: hashicorp/terraform:1.5", 5),
    ],
)
def test_a_job_in_an_image_of_too_old_a_terraform_is_named_at_the_image(container: str, line: int) -> None:
    steps = "- uses: actions/checkout@v4\n- working-directory: infra\n  run: terraform init"
    files = {CI: job(steps, extra=container), "infra/main.tf": ROOT}
    (found,) = ask("terraform-version-fits", files)
    assert places([found])[0] == (CI, line)
    assert "build runs Terraform 1.5" in found.message
    assert found.remedy is not None
    assert "1.6.0" in found.remedy.summary
    for fine in ("1.9.0", "1.9", "latest", "light", "${{ inputs.v }}"):
        other = container.replace("1.5.7", fine).replace(":1.5", f":{fine}")
        assert ask("terraform-version-fits", {**files, CI: job(steps, extra=other)}) == []
    brought = "- uses: hashicorp/setup-terraform@v3\n" + steps
    assert ask("terraform-version-fits", {**files, CI: job(brought, extra=container)}) == []


def test_a_version_that_the_module_refuses_is_not_told_again_for_its_lock_file() -> None:
    module = (
        'terraform {\n  required_version = ">= 1.10"\n  backend "s3" {\n    use_lockfile = true\n  }\n}\n'
    )
    assert ask("terraform-lock-supported", deploy("terraform init", "1.8.0", module)) == []
    loose = module.replace(">= 1.10", ">= 1.6")
    assert len(ask("terraform-lock-supported", deploy("terraform init", "1.8.0", loose))) == 1


def test_a_version_that_the_workflow_writes_as_a_variable_is_known() -> None:
    files = deploy("terraform init", "${{ env.TFV }}")
    given = {**files, CI: f"env: {{TFV: 1.5.0}}\n{files[CI]}"}
    found = ask("terraform-version-fits", given)
    assert places(found) == [(CI, 10)]
    assert "Terraform 1.5.0" in found[0].message
    assert ask("terraform-version-fits", {**files, CI: f"env: {{TFV: 1.6.0}}\n{files[CI]}"}) == []


def test_a_job_that_runs_terraform_elsewhere_is_not_asked() -> None:
    files = {CI: deploy("terraform -chdir=../other init", "1.5.0")[CI], "infra/main.tf": ROOT}
    assert ask("terraform-version-fits", files) == []


def test_a_required_variable_that_nobody_gives_is_named_where_terraform_plans() -> None:
    found = ask("terraform-variables-passed", deploy('terraform plan -var="size=2" -out=p'))
    assert places(found) == [(CI, 11)]
    assert found[0].subject == "infra: var.key"


def test_a_required_variable_may_be_given_in_every_way_terraform_has() -> None:
    for command in (
        "terraform plan -var='key=${{ inputs.key }}'",
        "terraform plan -var key=$KEY",
        "TF_VAR_key=x terraform plan",
        "terraform plan -var-file=prod.tfvars",
        "terraform plan $ARGUMENTS",
        "echo key=1 > made.auto.tfvars && terraform plan",
        "terraform apply tfplan",
        "terraform validate",
    ):
        given = {"infra/prod.tfvars": 'key = "k"\n'}
        assert ask("terraform-variables-passed", deploy(command, **given)) == [], command
    assert (
        ask("terraform-variables-passed", deploy("terraform plan", **{"infra/x.auto.tfvars": "key = 1\n"}))
        == []
    )


def test_a_values_file_that_terraform_does_not_load_by_itself_gives_nothing() -> None:
    found = ask("terraform-variables-passed", deploy("terraform plan", **{"infra/prod.tfvars": "key = 1\n"}))
    assert len(found) == 1


def test_a_variable_that_the_module_does_not_declare_is_named_with_its_line() -> None:
    command = "|\n    terraform plan \\\n      -var='cluster_size=${{ inputs.size }}'"
    found = ask("terraform-variables-known", deploy(command))
    assert places(found) == [(CI, 13)]


def test_a_variable_of_the_environment_that_no_module_declares_has_no_effect() -> None:
    files = deploy("terraform plan")
    given = {
        **files,
        CI: f"# environment\nenv:\n  TF_VAR_sizes: 2\n  TF_VAR_other: 2\n  TF_VAR_key: k\n{files[CI]}",
    }
    found = ask("terraform-variables-known", given)
    assert [(one.evidence[0].line, one.weight) for one in found] == [(3, Weight.WARNING), (4, Weight.NOTE)]


def test_a_variable_of_the_environment_that_something_else_reads_is_left_alone() -> None:
    files = deploy("terraform plan -var size=$TF_VAR_other")
    env = "env:\n  TF_VAR_other: 2\n"
    assert ask("terraform-variables-known", {**files, CI: env + str(files[CI])}) == []
    plain = deploy("terraform plan")
    for more in (
        {"modules/m/main.tf": 'variable "other" {}\n'},
        {"terragrunt.hcl": "inputs = {}\n"},
        {"infra/main.tf": "variable {\n"},
    ):
        assert ask("terraform-variables-known", {**plain, **more, CI: env + str(plain[CI])}) == []
    elsewhere = deploy("terraform -chdir=/opt/other plan")
    assert ask("terraform-variables-known", {**elsewhere, CI: env + str(elsewhere[CI])}) == []


def test_declared_variables_and_computed_names_are_known() -> None:
    assert ask("terraform-variables-known", deploy("terraform plan -var size=2 -var $NAME=2")) == []


def test_backend_options_without_a_backend_are_named() -> None:
    found = ask("terraform-backend-declared", deploy('terraform init -backend-config="bucket=${{ vars.B }}"'))
    assert places(found) == [(CI, 11)]


def test_backend_options_complete_a_declared_backend() -> None:
    module = 'terraform {\n  backend "s3" {}\n}\n'
    files = deploy("terraform init -backend-config=bucket=b", module=module)
    assert ask("terraform-backend-declared", files) == []
    assert ask("terraform-backend-declared", deploy("terraform init -backend=false")) == []


def test_a_backend_that_uses_a_variable_is_named() -> None:
    files = {"main.tf": 'terraform {\n  backend "s3" {\n    bucket = var.bucket\n  }\n}\n'}
    assert places(ask("terraform-backend-literal", files)) == [("main.tf", 3)]


def test_a_backend_of_literals_is_fine() -> None:
    files = {"main.tf": 'terraform {\n  backend "s3" {\n    bucket = "b"\n    encrypt = true\n  }\n}\n'}
    assert ask("terraform-backend-literal", files) == []


def test_a_plan_that_another_job_applies_without_locked_providers_is_named_at_the_apply() -> None:
    text = job("- uses: actions/checkout@v4\n- run: terraform -chdir=infra plan -out=p") + (
        "  apply:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
        "      - run: terraform -chdir=infra init && terraform -chdir=infra apply p\n"
    )
    found = ask("terraform-providers-locked", {CI: text, "infra/main.tf": ROOT})
    assert places(found)[0] == (CI, 12)
    assert "refused in another" in found[0].message
    assert found[0].remedy is not None
    assert "terraform -chdir=infra providers lock -platform=linux_amd64" in found[0].remedy.commands
    assert "git add --force infra/.terraform.lock.hcl" in found[0].remedy.commands


def test_locked_providers_are_fine() -> None:
    files = deploy("terraform init", **{"infra/.terraform.lock.hcl": ""})
    assert ask("terraform-providers-locked", files) == []


def test_a_lock_file_in_s3_needs_a_newer_terraform() -> None:
    module = 'terraform {\n  backend "s3" {\n    use_lockfile = true\n  }\n}\n'
    found = ask("terraform-lock-supported", deploy("terraform init", "1.9.8", module))
    assert places(found) == [(CI, 9)]
    assert ask("terraform-lock-supported", deploy("terraform init", "1.10.0", module)) == []


def test_providers_of_a_module_that_is_only_validated_need_no_lock() -> None:
    module = 'terraform {\n  required_version = ">= 1"\n}\n'
    step = "- uses: actions/checkout@v4\n- run: |\n    terraform init -backend=false\n    terraform %s"
    assert ask("terraform-providers-locked", {"main.tf": module, CI: job(step % "validate")}) == []
    assert len(ask("terraform-providers-locked", {"main.tf": module, CI: job(step % "plan")})) == 1


def unquoted(version: str, module: str) -> dict[str, str]:
    files = deploy("terraform init", version, module)
    return {**files, CI: files[CI].replace(repr(version), version)}


def test_a_version_without_quotes_is_the_number_that_the_job_installs() -> None:
    pinned = ROOT.replace(">= 1.6", "~> 1.10")
    (found,) = ask("terraform-version-fits", unquoted("1.10", pinned))
    assert places([found]) == [(CI, 9)]
    assert found.message == (
        "build installs Terraform 1.1, and infra requires ~> 1.10: terraform init ends with an error; "
        "1.10 without quotes is the number 1.1"
    )
    assert found.remedy is not None
    assert (found.remedy.summary, len(found.remedy.commands)) == ("Put the version into quotes", 1)
    assert ask("version-is-text", unquoted("1.10", pinned)) == []
    assert ask("terraform-version-fits", deploy("terraform init", "1.10", pinned)) == []


def test_a_number_that_the_module_accepts_is_told_as_a_number_only() -> None:
    loose = ROOT.replace(">= 1.6", ">= 1.0")
    assert ask("terraform-version-fits", unquoted("1.10", loose)) == []
    assert len(ask("version-is-text", unquoted("1.10", loose))) == 1
    assert ask("terraform-version-fits", unquoted("1.9", ROOT)) == []


LOCKS = "- uses: actions/checkout@v4\n- run: |\n    {}\n    terraform init\n    terraform plan"
MODULE = 'terraform {\n  required_version = ">= 1"\n}\n\nprovider "aws" {}\n'


@pytest.mark.parametrize("removed", ["rm -rf .terraform .terraform.lock.hcl", "rm -rf .terraform*"])
def test_a_lock_file_that_the_job_removes_need_not_be_committed(removed: str) -> None:
    assert ask("terraform-providers-locked", {"main.tf": MODULE, CI: job(LOCKS.format(removed))}) == []
    kept = job(LOCKS.format("rm -rf .terraform"))
    assert len(ask("terraform-providers-locked", {"main.tf": MODULE, CI: kept})) == 1


def test_a_lock_file_that_git_ignores_is_a_note() -> None:
    files = {"main.tf": MODULE, CI: job(LOCKS.format("true"))}
    (found,) = ask("terraform-providers-locked", files)
    assert found.weight is Weight.WARNING
    for ignored in (".terraform.lock.hcl\n", "/.terraform*\n"):
        (found,) = ask("terraform-providers-locked", {**files, ".gitignore": ignored})
        assert (found.weight, "git is told to ignore it" in found.message) == (Weight.NOTE, True)
    (found,) = ask("terraform-providers-locked", {**files, ".gitignore": ".terraform/\n"})
    assert found.weight is Weight.WARNING


def test_providers_for_an_emulator_need_no_lock() -> None:
    there = MODULE.replace("{}", '{\n  endpoints {\n    s3 = "http://localhost:4566"\n  }\n}')
    assert ask("terraform-providers-locked", {"main.tf": there, CI: job(LOCKS.format("true"))}) == []
