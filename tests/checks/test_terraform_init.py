import pytest

from tests.checks.testing import CI, ask, job, places

BUCKET = 'resource "aws_s3_bucket" "b" {}\n'
CHECKOUT = "- uses: actions/checkout@v4\n"
SETUP = "- uses: hashicorp/setup-terraform@v3\n"


def files(steps: str, module: str = BUCKET, extra: str = "", **more: str) -> dict[str, str]:
    return {CI: job(f"{CHECKOUT}{SETUP}{steps}", extra=extra), "infra/main.tf": module, **more}


def test_an_apply_that_nothing_initialises_is_named_with_its_line() -> None:
    (found,) = ask("terraform-initialised", files("- run: terraform -chdir=infra apply -auto-approve"))
    assert (places([found]), found.subject, found.blocks) == ([(CI, 8)], "ci.yml: build: infra", True)


def test_an_apply_in_a_script_is_named_with_the_step_that_starts_it() -> None:
    script = "#!/bin/sh\nset -e\ncd infra\nterraform apply -auto-approve\n"
    (found,) = ask("terraform-initialised", files("- run: ./deploy.sh", **{"deploy.sh": script}))
    assert [(one.file, one.line) for one in found.evidence] == [("deploy.sh", 4), (CI, 8)]
    with_init = script.replace("cd infra\n", "cd infra\nterraform init\n")
    assert ask("terraform-initialised", files("- run: ./deploy.sh", **{"deploy.sh": with_init})) == []


@pytest.mark.parametrize(
    "steps",
    [
        "- {run: tofu init, working-directory: infra}\n- {run: tofu plan, working-directory: infra}",
        "- run: cd infra && terraform init && terraform apply",
        "- run: terraform -chdir=infra init\n- run: ./x.sh\n- run: terraform -chdir=infra apply",
        "- uses: o/terraform-prepare@v1\n- run: terraform -chdir=infra plan",
        "- {uses: actions/cache@v5, with: {path: infra/.terraform}}\n- run: terraform -chdir=infra plan",
        "- run: terraform -chdir=infra fmt -check",
        "- run: terraform -chdir=infra plan || true",
        "- run: terraform -chdir=$DIR apply",
    ],
)
def test_what_is_initialised_or_may_be_is_fine(steps: str) -> None:
    assert ask("terraform-initialised", files(steps)) == []


def test_make_may_initialise_when_its_file_speaks_of_terraform() -> None:
    steps = "- run: make setup\n- run: terraform -chdir=infra plan"
    assert (
        ask("terraform-initialised", files(steps, Makefile="setup:\n\tterraform -chdir=infra init\n")) == []
    )
    other = files(steps, Makefile="setup:\n\tcargo fetch\n")
    assert places(ask("terraform-initialised", other)) == [(CI, 9)]


def test_a_machine_of_ones_own_and_a_module_without_providers_need_nothing() -> None:
    steps = "- run: terraform -chdir=infra apply"
    own = files(steps)[CI].replace("ubuntu-latest", "self-hosted")
    assert ask("terraform-initialised", {CI: own, "infra/main.tf": BUCKET}) == []
    assert ask("terraform-initialised", files(steps, module='output "a" { value = 1 }\n')) == []
    assert ask("terraform-initialised", files(steps, extra="container: my/terraform")) == []
