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


@pytest.mark.parametrize("init", ["terraform init -input=false", "terraform init && terraform validate"])
def test_terraform_itself_makes_no_file_of_values(init: str) -> None:
    before = f"- run: {init}\n  working-directory: infra\n"
    (found,) = ask(CHECK, {**FILES, CI: steps("terraform plan -var-file=env/lvie.tfvars", before)})
    assert found.subject == "ci.yml: infra/env/lvie.tfvars"


def test_a_file_behind_chdir_is_looked_for_in_that_directory() -> None:
    text = (
        "- uses: actions/checkout@v6\n- run: terraform -chdir=infra init\n- run: terraform -chdir=infra plan "
    )
    assert places(ask(CHECK, {**FILES, CI: job(text + "-var-file=lvie.tfvars")})) == [(CI, 8)]
    assert ask(CHECK, {**FILES, CI: job(text + "-var-file=live.tfvars")}) == []


@pytest.mark.parametrize(
    "before", ["terraform init -from-module=x/y", "terraform apply", "terraform output > infra/made.tfvars"]
)
def test_what_terraform_fetches_applies_or_shows_into_a_file_may_be_it(before: str) -> None:
    earlier = f"- run: {before}\n"
    if ">" not in before:
        earlier += "  working-directory: infra\n"
    assert ask(CHECK, {**FILES, CI: steps("terraform plan -var-file=made.tfvars", earlier)}) == []


def test_a_file_of_a_module_that_init_fetched_is_there() -> None:
    before = "- run: terraform init\n  working-directory: infra\n"
    command = "terraform plan -var-file=.terraform/modules/vpc/live.tfvars"
    assert ask(CHECK, {**FILES, CI: steps(command, before)}) == []


def test_the_file_of_one_lane_of_a_matrix_that_is_not_there_is_named() -> None:
    step = "- uses: actions/checkout@v6\n- run: terraform plan -var-file=%s\n  working-directory: infra"
    for written in ('"${{ matrix.env }}.tfvars"', "${{matrix.env}}.tfvars", '"./${{ matrix.env }}.tfvars"'):
        for names, told in (("live, preprod", ["ci.yml: infra/preprod.tfvars"]), ("live", [])):
            text = job(step % written, extra=f"strategy:\n  matrix:\n    env: [{names}]")
            assert [one.subject for one in ask(CHECK, {**FILES, CI: text})] == told
    made = "- run: echo > infra/preprod.tfvars\n" + step % "${{ matrix.env }}.tfvars"
    for some in (
        made,
        step % "${{ matrix.env }}-$X.tfvars",
        step % "${{ matrix.env }}${{ inputs.x }}.tfvars",
    ):
        text = job(some, extra="strategy:\n  matrix:\n    env: [live, preprod]")
        assert ask(CHECK, {**FILES, CI: text}) == []
    text = job(
        step % "${{ matrix.env }}.tfvars", extra="strategy:\n  matrix:\n    env: ${{ fromJSON(inputs.e) }}"
    )
    assert ask(CHECK, {**FILES, CI: text}) == []
