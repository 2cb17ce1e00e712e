import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "terraform-given-file-exists"
FILES = {
    "infra/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
    "infra/live.tfvars": "",
    "infra/backend/live.hcl": "",
}


def steps(command: str, before: str = "") -> str:
    return job(f"- uses: actions/checkout@v6\n{before}- run: {command}\n  working-directory: infra")


@pytest.mark.parametrize(
    "command", ["terraform plan -var-file=lvie.tfvars", "terraform init -backend-config backend/lvie.hcl"]
)
def test_a_file_that_nobody_committed_or_makes_is_named(command: str) -> None:
    assert places(ask(CHECK, {**FILES, CI: steps(command)})) == [(CI, 7)]


@pytest.mark.parametrize(
    "command",
    [
        "terraform plan -var-file=live.tfvars",
        "terraform init -backend-config=backend/live.hcl",
        "terraform init -backend-config=key=state",
        "terraform plan -var-file=$NAME.tfvars",
        "terraform plan -var-file=/tmp/x.tfvars",
    ],
)
def test_a_file_that_is_there_a_value_and_a_computed_name_are_fine(command: str) -> None:
    assert ask(CHECK, {**FILES, CI: steps(command)}) == []


def test_a_file_of_the_same_name_in_another_directory_is_another() -> None:
    command = "terraform init -backend-config=bakcend/live.hcl"
    after = "\n- run: terraform init -backend-config=backend/live.hcl\n  working-directory: infra\n"
    assert places(
        ask(CHECK, {**FILES, CI: steps(command) + " " * 6 + after.strip().replace("\n", "\n" + " " * 6)})
    ) == [(CI, 7)]


def test_a_file_that_an_earlier_step_writes_is_there() -> None:
    before = "- run: aws s3 cp s3://values/made.tfvars infra/\n"
    assert ask(CHECK, {**FILES, CI: steps("terraform plan -var-file=made.tfvars", before)}) == []
