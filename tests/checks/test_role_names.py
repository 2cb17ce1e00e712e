import pytest

from tests.checks.testing import CI, ask, job, places

MADE = """
variable "project" {
  default = "moonphase"
}

variable "profile" {
  default = "moon-node-profile"
}

resource "aws_iam_role" "deploy" {
  name = "${var.project}-deploy-role"
}

resource "aws_iam_instance_profile" "node" {
  name = "${var.project}-node-profile"
}
"""
NODE = """
resource "aws_instance" "node" {
  iam_instance_profile = var.profile
}
"""


def signed(role: str) -> str:
    return job(
        "- uses: aws-actions/configure-aws-credentials@v6\n"
        f"  with:\n    role-to-assume: arn:aws:iam::${{{{ secrets.ACCOUNT }}}}:role/{role}\n"
    )


def test_a_profile_that_is_made_under_another_name_is_told_where_both_stand() -> None:
    (told,) = ask("role-name-agrees", {"infra/main.tf": MADE + NODE})
    assert told.subject == "instance profile moon-node-profile"
    assert [(one.file, one.line) for one in told.evidence] == [("infra/main.tf", 7), ("infra/main.tf", 15)]
    assert "aws_iam_instance_profile.node makes moonphase-node-profile" in told.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('default = "moon-node-profile"', 'default = "moonphase-node-profile"'),
        ('default = "moon-node-profile"', 'default = "somebody-elses"'),
        ('default = "moon-node-profile"', 'default = ""'),
        ("iam_instance_profile = var.profile", "iam_instance_profile = aws_iam_instance_profile.node.name"),
        ('default = "moonphase"', "description = 1"),
    ],
)
def test_the_same_name_another_thing_or_a_reference_is_fine(old: str, new: str) -> None:
    assert old in MADE + NODE
    assert ask("role-name-agrees", {"infra/main.tf": (MADE + NODE).replace(old, new)}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CI, job("- run: terraform apply -var project=moon")),
        (CI, job("- run: terraform apply -var 'profile=x'")),
        (CI, job("- run: terraform apply\n  env:\n    TF_VAR_project: moon")),
        ("docs/setup.md", "aws iam create-instance-profile --instance-profile-name moon-node-profile\n"),
    ],
)
def test_a_name_that_is_given_or_made_elsewhere_is_not_judged(path: str, text: str) -> None:
    assert ask("role-name-agrees", {"infra/main.tf": MADE + NODE, path: text}) == []


def test_a_role_that_a_job_assumes_has_the_name_it_is_made_under() -> None:
    files = {"infra/main.tf": MADE, CI: signed("moon-deploy-role")}
    (told,) = ask("role-name-agrees", files)
    assert (told.subject, places([told])) == ("role moon-deploy-role", [(CI, 8)])
    assert ask("role-name-agrees", {"infra/main.tf": MADE, CI: signed("moonphase-deploy-role")}) == []


def test_a_script_that_starts_instances_names_the_profile_that_is_made() -> None:
    script = "aws ec2 run-instances --iam-instance-profile Name={}\n"
    found = ask("role-name-agrees", {"infra/main.tf": MADE, "x.sh": script.format("moon-node-profile")})
    assert places(found) == [("x.sh", 1)]
    fine = {"infra/main.tf": MADE, "x.sh": script.format("$PROFILE")}
    assert ask("role-name-agrees", fine) == []


def test_a_role_whose_name_has_a_slip_is_told_and_another_role_is_not() -> None:
    assert places(ask("role-name-agrees", {"infra/main.tf": MADE, CI: signed("moonphase-dpeloy-role")})) == [
        (CI, 8)
    ]
    assert ask("role-name-agrees", {"infra/main.tf": MADE, CI: signed("moonphase-infra-role")}) == []
