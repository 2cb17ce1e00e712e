from tests.checks.testing import CI, ask, job, places

CHECK = "terraform-lock-fits"
LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.80"
}
"""


def module(source: str, version: str) -> dict[str, str]:
    text = (
        "terraform {\n  required_providers {\n    aws = {\n"
        f'      source  = "{source}"\n      version = "{version}"\n    }}\n  }}\n}}\n'
    )
    return {"infra/versions.tf": text, "infra/.terraform.lock.hcl": LOCK}


def test_a_version_that_the_lock_file_does_not_have_is_named_with_the_lock() -> None:
    (found,) = ask(CHECK, module("hashicorp/aws", "~> 6.2"))
    assert [(one.file, one.line) for one in found.evidence] == [
        ("infra/versions.tf", 5),
        ("infra/.terraform.lock.hcl", 2),
    ]


def test_a_slip_in_the_name_of_a_locked_provider_is_named() -> None:
    assert places(ask(CHECK, module("hashicorp/awss", "~> 5.80"))) == [("infra/versions.tf", 4)]


def test_a_version_that_fits_and_a_provider_that_is_not_locked_yet_are_fine() -> None:
    assert ask(CHECK, module("hashicorp/aws", ">= 5.80, < 6.0")) == []
    assert ask(CHECK, module("registry.terraform.io/hashicorp/aws", "~> 5.80")) == []
    assert ask(CHECK, module("hashicorp/random", "~> 3.0")) == []


def test_without_a_lock_file_nothing_is_compared() -> None:
    files = module("hashicorp/aws", "~> 6.2")
    del files["infra/.terraform.lock.hcl"]
    assert ask(CHECK, files) == []


def test_what_a_called_module_asks_for_is_compared_with_the_lock_of_its_caller() -> None:
    files = module("hashicorp/aws", "~> 5.80")
    files["infra/main.tf"] = 'module "m" {\n  source = "./m"\n}\n'
    files["infra/m/versions.tf"] = files["infra/versions.tf"].replace("~> 5.80", ">= 6.0")
    assert places(ask(CHECK, files)) == [("infra/m/versions.tf", 5)]


def test_the_lock_of_a_module_that_another_calls_is_not_read() -> None:
    files = module("hashicorp/aws", "~> 6.2")
    files["main.tf"] = 'module "m" {\n  source = "./infra"\n}\n'
    assert ask(CHECK, files) == []


def test_the_lock_of_a_part_is_not_read_where_other_modules_say_what_terraform_is_run_in() -> None:
    files = module("hashicorp/aws", "~> 6.2")
    assert ask(CHECK, {**files, "main.tf": 'provider "aws" {}\n'}) == []
    files["infra/main.tf"] = 'provider "aws" {}\n'
    assert len(ask(CHECK, files)) == 1


def init(options: str) -> dict[str, str]:
    return {CI: job(f"- uses: actions/checkout@v4\n- run: terraform -chdir=infra init {options}")}


def test_an_init_that_may_not_add_to_the_lock_file_needs_all_providers_in_it() -> None:
    files = {**module("hashicorp/random", "~> 3.0"), **init("-lockfile=readonly")}
    (found,) = ask(CHECK, files)
    assert places([found]) == [(CI, 7)]
    assert "does not have hashicorp/random" in found.message
    assert ask(CHECK, {**files, **init("")}) == []
    assert ask(CHECK, {**module("hashicorp/aws", "~> 5.80"), **init("-lockfile=readonly")}) == []


def test_an_init_that_may_not_add_to_the_lock_file_needs_one() -> None:
    files = {**module("hashicorp/aws", "~> 5.80"), **init("-lockfile=readonly")}
    del files["infra/.terraform.lock.hcl"]
    (found,) = ask(CHECK, files)
    assert "there is no infra/.terraform.lock.hcl" in found.message
    made = files[CI].replace(
        "init -lock", "providers lock; cat infra/.terraform.lock.hcl; terraform init -lock"
    )
    assert ask(CHECK, {**files, CI: made}) == []
