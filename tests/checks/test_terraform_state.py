from tests.checks.testing import CI, ask, job, places

APPLIED = """\
terraform {}
resource "aws_s3_bucket" "b" {}
"""


def deploy(command: str, module: str) -> dict[str, str]:
    return {
        CI: job(f"- uses: actions/checkout@v4\n- working-directory: infra\n  run: {command}\n"),
        "infra/main.tf": module,
    }


def test_what_is_applied_without_a_backend_is_forgotten_with_the_runner() -> None:
    found = ask("terraform-state-kept", deploy("terraform apply -auto-approve", APPLIED))
    assert places(found) == [(CI, 8)]
    assert "declares no backend" in found[0].message


def test_a_backend_a_made_one_and_a_trial_are_fine() -> None:
    for command, module in (
        ("terraform apply", 'terraform {\n  backend "s3" {}\n}\n' + APPLIED.partition("\n")[2]),
        ("|\n    make backend.tf\n    terraform apply", APPLIED),
        ("|\n    terraform apply\n    terraform destroy", APPLIED),
        ("terraform plan", APPLIED),
        ("terraform apply", 'terraform {}\nresource "null_resource" "x" {}\n'),
    ):
        assert ask("terraform-state-kept", deploy(command, module)) == [], command
