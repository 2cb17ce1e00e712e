import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, places

TWO = """\
on: push
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: terraform plan -out=%s
        working-directory: infra
  apply:
    needs: plan
    runs-on: %s
    steps:
      - uses: actions/checkout@v4
      - uses: hashicorp/setup-terraform@v3
%s      - run: terraform init
        working-directory: infra
      - run: terraform apply -auto-approve tfplan
        working-directory: infra
"""
MODULE = {"infra/main.tf": 'resource "null_resource" "x" {}\n'}


def two(plan: str = "tfplan", on: str = "ubuntu-latest", step: str = "") -> dict[str, str]:
    return {CI: TWO % (plan, on, step), **MODULE}


def test_a_plan_of_another_job_that_nothing_brings_is_not_there() -> None:
    (found,) = ask("terraform-plan-file-there", two())
    assert found.subject == "ci.yml: apply: tfplan"
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 17), (CI, 7)]
    assert "plan makes it on another machine" in found.message
    (found,) = ask("terraform-plan-file-there", two(plan="other"))
    assert "no step makes it" in found.message


@pytest.mark.parametrize(
    "step",
    [
        "      - uses: actions/download-artifact@v4\n",
        "      - uses: somebody/brings-plans@v1\n",
        "      - run: aws s3 cp s3://plans/last infra/ --recursive\n",
        "      - run: terraform plan -out=tfplan\n        working-directory: infra\n",
        "      - run: ./plan.sh\n",
    ],
)
def test_a_plan_that_is_brought_or_made_is_there(step: str) -> None:
    assert (
        ask("terraform-plan-file-there", {**two(step=step), "plan.sh": "terraform plan -out tfplan\n"}) == []
    )


UPLOADED = """\
      - uses: actions/upload-artifact@v4
        with:
          name: tfplan
          path: %s
  apply:
"""
DOWNLOADED = "      - uses: actions/download-artifact@v4\n        with:\n          name: tfplan\n"


def moved(path: str = "infra/tfplan", taken: str = DOWNLOADED) -> dict[str, str]:
    files = two(step=taken)
    return {**files, CI: files[CI].replace("  apply:\n", UPLOADED % path)}


def test_a_plan_that_is_downloaded_into_another_directory_is_not_where_apply_looks() -> None:
    for taken, landed in ((DOWNLOADED, "tfplan"), (f"{DOWNLOADED}          path: plans/\n", "plans/tfplan")):
        (found,) = ask("terraform-plan-file-there", moved(taken=taken))
        told = f"the plan at infra/tfplan, and actions/download-artifact puts it to {landed}"
        assert found.message == f"terraform apply takes {told}"
        assert found.remedy is not None
        assert found.remedy.summary == "Download the artifact with `path: infra`"


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("infra/tfplan", f"{DOWNLOADED}          path: infra\n"),
        ("infra/tfplan", f"{DOWNLOADED}          path: ${{{{ inputs.to }}}}\n"),
        ("infra/tfplan", f"{DOWNLOADED}      - run: mv tfplan infra/\n"),
        ("infra/tfplan", f"{DOWNLOADED}      - run: mv * infra/\n"),
        ("infra/tf*", DOWNLOADED),
        ("infra", DOWNLOADED),
        ("infra/tfplan", f"{DOWNLOADED}          run-id: 7\n"),
    ],
)
def test_a_plan_that_is_downloaded_or_moved_to_where_apply_looks_is_there(path: str, taken: str) -> None:
    assert ask("terraform-plan-file-there", moved(path, taken)) == []


def test_a_machine_of_ones_own_and_a_committed_plan_are_left_alone() -> None:
    assert ask("terraform-plan-file-there", two(on="self-hosted")) == []
    assert ask("terraform-plan-file-there", {**two(), "infra/tfplan": "x"}) == []


PROVISIONED = """\
resource "null_resource" "x" {
  %s
  provisioner "local-exec" {
    %s
    command = "true"
  }
}
"""


def test_a_provisioner_that_nothing_starts_again_is_noted() -> None:
    (found,) = ask("provisioner-runs-again", {"main.tf": PROVISIONED % ("", "")})
    assert places([found]) == [("main.tf", 1)]
    assert found.weight is Weight.NOTE
    data = (PROVISIONED % ("", "")).replace("null_resource", "terraform_data")
    (found,) = ask("provisioner-runs-again", {"a/main.tf": PROVISIONED % ("", ""), "b/main.tf": data})
    assert len(found.evidence) == 2


@pytest.mark.parametrize(
    ("more", "inner"),
    [
        ("triggers = { a = var.a }", ""),
        ("for_each = var.hosts", ""),
        ("lifecycle {\n    replace_triggered_by = [aws_instance.n.id]\n  }", ""),
        ("", "when = destroy"),
    ],
)
def test_triggers_keys_replacements_and_destruction_are_fine(more: str, inner: str) -> None:
    assert ask("provisioner-runs-again", {"main.tf": PROVISIONED % (more, inner)}) == []


def test_a_resource_of_its_own_right_may_be_provisioned_once() -> None:
    text = (PROVISIONED % ("", "")).replace("null_resource", "aws_instance")
    assert ask("provisioner-runs-again", {"main.tf": text}) == []
