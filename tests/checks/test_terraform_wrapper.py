import pytest

from tests.checks.testing import CI, ask, job, places


def ci(run: str, action: str = "hashicorp/setup-terraform@v2", inputs: str = "") -> dict[str, str]:
    given = f", with: {{{inputs}}}" if inputs else ""
    return {CI: job(f"- {{uses: {action}{given}}}\n- run: |\n    {run}")}


@pytest.mark.parametrize(
    "run",
    [
        "terraform output -json > ../cluster.json",
        "terraform -chdir=infra show -json plan >> plan.json",
        'IP="$(terraform output -raw ip)"',
        "aws ec2 describe-instances --instance-ids $(terraform output -raw id)",
    ],
)
def test_an_output_that_is_kept_behind_an_old_wrapper_is_told(run: str) -> None:
    (found,) = ask("terraform-output-exact", ci(run))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 8), (CI, 6)]
    assert not found.blocks


@pytest.mark.parametrize(
    ("run", "action", "inputs"),
    [
        ("terraform output -json > x.json", "hashicorp/setup-terraform@v3", ""),
        ("terraform output -json > x.json", "hashicorp/setup-terraform@v4.0.0", ""),
        ("terraform output -json > x.json", "hashicorp/setup-terraform@v2", "terraform_wrapper: false"),
        (
            "terraform output -json > x.json",
            "hashicorp/setup-terraform@v2",
            "terraform_wrapper: '${{ vars.W }}'",
        ),
        ("terraform output -json > x.json", "hashicorp/setup-terraform@main", ""),
        ("terraform output -json > x.json", "opentofu/setup-opentofu@v1", ""),
        ("terraform output -json | sed 1d > x.json", "hashicorp/setup-terraform@v2", ""),
        ("terraform output", "hashicorp/setup-terraform@v2", ""),
        ("terraform output > /dev/null", "hashicorp/setup-terraform@v2", ""),
        ("terraform plan > plan.txt", "hashicorp/setup-terraform@v2", ""),
        ("terraform output 2> errors.txt", "hashicorp/setup-terraform@v2", ""),
    ],
)
def test_an_exact_output_or_one_that_nobody_keeps_is_not_accused(run: str, action: str, inputs: str) -> None:
    assert ask("terraform-output-exact", ci(run, action, inputs)) == []


def test_an_action_that_comes_later_wraps_nothing() -> None:
    steps = "- run: terraform output -json > x.json\n- uses: hashicorp/setup-terraform@v2"
    assert places(ask("terraform-output-exact", {CI: job(steps)})) == []
