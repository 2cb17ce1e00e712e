import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.domain.cloud import CloudRoles, Role
from tasks.domain.deploy_policy import least_policy
from tasks.domain.finding import Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import (
    AwsSettings,
    Environment,
    RepositorySecret,
    SecretSource,
    Settings,
    WorldKind,
)
from tests.checks.testing import CI, answers, ask, job, places

SIGN_IN = """
- uses: actions/checkout@v6
- uses: aws-actions/configure-aws-credentials@v6
  with:
    role-to-assume: arn:aws:iam::1:role/deploy
    aws-region: us-west-2
"""
ROLE = """
resource "aws_iam_role" "deploy" {
  name = "deploy"
}

resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ssm:SendCommand", "s3:GetObject", "s3:List*"]
      Resource = "*"
    }]
  })
}
"""
SETTINGS = Settings(
    world=WorldKind.OFFLINE,
    repository_path=Path(),
    owner="acme",
    name="moon",
    branch="main",
    state_directory=Path(),
    environments=(Environment(name="staging"),),
    aws=AwsSettings(artifact_bucket="artifacts", deploy_role="deploy"),
    secrets=(RepositorySecret(name="AWS_ROLE", source=SecretSource.ROLE_ARN),),
)
BY_SECRET = SIGN_IN.replace("arn:aws:iam::1:role/deploy", "${{ secrets.AWS_ROLE }}")


def workflow(*runs: str, sign_in: str = SIGN_IN) -> str:
    return job(sign_in + "".join(f"- run: {one}\n" for one in runs))


def test_a_command_that_the_role_may_not_run_is_a_blocker_at_its_line() -> None:
    files = {CI: workflow("aws ec2 describe-instances"), "infra/role.tf": ROLE}
    (told,) = ask("action-granted", files)
    assert (told.subject, told.weight) == ("ci.yml: deploy: ec2:DescribeInstances", "blocker")
    assert (places([told]), told.evidence[1].file) == ([(CI, 11)], "infra/role.tf")
    assert "aws_iam_role_policy.deploy does not allow it" in told.message


@pytest.mark.parametrize(
    "run",
    [
        "aws ssm send-command --document-name x",
        "aws s3 cp s3://bucket/a a",
        "aws s3 sync s3://bucket/a a",
        "aws s3 ls",  # s3:ListAllMyBuckets
        "aws sts get-caller-identity",
        "aws ec2 describe-instances --endpoint-url http://localhost:4566",
        "aws ec2 describe-instances --profile other",
        "aws s3 cp s3://public/a a --no-sign-request",
        "if aws ec2 describe-instances; then echo yes; fi",
        "aws ec2 no-such-operation",
        "aws $SERVICE describe-instances",
    ],
)
def test_what_is_allowed_or_asks_nobody_is_fine(run: str) -> None:
    assert ask("action-granted", {CI: workflow(run), "infra/role.tf": ROLE}) == []


@pytest.mark.parametrize(
    ("run", "action"),
    [
        ("aws s3 cp a s3://bucket/a", "s3:PutObject"),
        ('aws s3 cp "a/$X" "s3://$BUCKET/a" --only-show-errors', "s3:PutObject"),
        ("aws s3 rm s3://bucket/a", "s3:DeleteObject"),
        ("aws --region us-west-2 s3api put-object --bucket b --key k", "s3:PutObject"),
        ("aws ecr get-login-password", "ecr:GetAuthorizationToken"),
        ("aws ec2 wait instance-running --instance-ids i-1", "ec2:DescribeInstances"),
        ("aws elbv2 describe-load-balancers", "elasticloadbalancing:DescribeLoadBalancers"),
    ],
)
def test_the_action_of_a_command_is_called_as_iam_calls_it(run: str, action: str) -> None:
    (told,) = ask("action-granted", {CI: workflow(run), "infra/role.tf": ROLE})
    assert told.subject == f"ci.yml: deploy: {action}"


def test_a_step_whose_refusal_is_passed_over_is_a_note() -> None:
    files = {CI: workflow("aws ec2 describe-instances || true"), "infra/role.tf": ROLE}
    (told,) = ask("action-granted", files)
    assert told.weight == "note"


def test_a_denied_action_is_not_allowed() -> None:
    denied = ROLE.replace(
        "    Statement = [{",
        '    Statement = [{ Effect = "Deny", Action = "ssm:*", Resource = "*" }, {',
    )
    files = {CI: workflow("aws ssm send-command --document-name x"), "infra/role.tf": denied}
    assert len(ask("action-granted", files)) == 1


def test_everything_but_what_is_named_is_allowed() -> None:
    written = ROLE.replace(
        'Action   = ["ssm:SendCommand", "s3:GetObject", "s3:List*"]', 'NotAction = "iam:*"'
    )
    files = {CI: workflow("aws ec2 describe-instances", "aws iam list-roles"), "infra/role.tf": written}
    (told,) = ask("action-granted", files)
    assert told.subject == "ci.yml: deploy: iam:ListRoles"


def attached(arn: str) -> str:
    return f"""{ROLE}
resource "aws_iam_role_policy_attachment" "more" {{
  role       = aws_iam_role.deploy.name
  policy_arn = {arn}
}}
"""


@pytest.mark.parametrize(
    "more",
    [
        '"arn:aws:iam::aws:policy/AdministratorAccess"',
        '"arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"',
        '"arn:aws:iam::aws:policy/NobodyKnowsThisOne"',
        "var.policy",
        "data.aws_iam_policy.other.arn",
    ],
)
def test_a_role_with_a_policy_that_allows_it_or_that_nobody_can_read_is_not_accused(more: str) -> None:
    files = {CI: workflow("aws ec2 describe-instances"), "infra/role.tf": attached(more)}
    assert ask("action-granted", files) == []


def test_a_policy_of_aws_that_is_about_something_else_does_not_help() -> None:
    files = {
        CI: workflow("aws ec2 describe-instances"),
        "infra/role.tf": attached('"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"'),
    }
    assert len(ask("action-granted", files)) == 1


DOCUMENT = """
variable "project" {
  default = "deploy"
}

resource "aws_iam_role" "deploy" {
  name = "${var.project}"
}

data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["ssm:SendCommand"]
    resources = [aws_s3_bucket.x.arn]
  }
}

resource "aws_iam_policy" "deploy" {
  policy = data.aws_iam_policy_document.deploy.json
}

resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = aws_iam_policy.deploy.arn
}
"""


def test_a_document_that_is_attached_is_read() -> None:
    files = {CI: workflow("aws ssm send-command", "aws ssm list-commands"), "infra/role.tf": DOCUMENT}
    (told,) = ask("action-granted", files)
    assert told.subject == "ci.yml: deploy: ssm:ListCommands"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('actions   = ["ssm:SendCommand"]', "actions   = var.actions"),
        (
            "  statement {\n",
            '  dynamic "statement" {\n    for_each = var.x\n    content {}\n  }\n  statement {\n',
        ),
        ("  statement {\n", "  source_policy_documents = [var.x]\n  statement {\n"),
        ("role       = aws_iam_role.deploy.name", "role       = var.role"),
        ('name = "${var.project}"', "name = var.unknown"),
    ],
)
def test_what_is_computed_accuses_nobody(old: str, new: str) -> None:
    assert old in DOCUMENT
    files = {CI: workflow("aws ssm list-commands"), "infra/role.tf": DOCUMENT.replace(old, new)}
    assert ask("action-granted", files) == []


def test_a_bucket_whose_own_policy_lets_the_role_in_needs_no_other() -> None:
    bucket = """
    resource "aws_s3_bucket_policy" "x" {
      policy = jsonencode({
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = aws_iam_role.deploy.arn }
          Action    = "s3:PutObject"
          Resource  = "*"
        }]
      })
    }
    """
    files = {CI: workflow("aws s3 cp a s3://bucket/a"), "infra/role.tf": ROLE, "infra/bucket.tf": bucket}
    assert ask("action-granted", files) == []


def test_a_misspelled_action_of_the_policy_is_shown() -> None:
    files = {
        CI: workflow("aws ssm send-command --document-name x"),
        "infra/role.tf": ROLE.replace("ssm:SendCommand", "ssm:SendComand"),
    }
    (told,) = ask("action-granted", files)
    assert ("infra/role.tf", 12) in {(one.file, one.line) for one in told.evidence}


def test_a_policy_that_a_document_attaches_by_hand_may_allow_anything() -> None:
    files = {
        CI: workflow("aws ec2 describe-instances"),
        "infra/role.tf": ROLE,
        "docs/setup.md": "```sh\naws iam attach-role-policy --role-name deploy --policy-arn arn:x\n```\n",
    }
    assert ask("action-granted", files) == []


SCRIPT = "#!/bin/sh\nset -e\naws secretsmanager get-secret-value --secret-id x\n"


def test_the_commands_of_a_called_script_count() -> None:
    files = {CI: workflow("bash tools/x.sh"), "tools/x.sh": SCRIPT, "infra/role.tf": ROLE}
    (told,) = ask("action-granted", files)
    assert [(one.file, one.line) for one in told.evidence[:2]] == [("tools/x.sh", 3), (CI, 11)]
    assert told.weight == "blocker"


def test_a_script_that_signs_in_as_somebody_else_is_left_alone() -> None:
    other = SCRIPT.replace("set -e", "eval $(aws sts assume-role --role-arn x)")
    files = {CI: workflow("bash tools/x.sh"), "tools/x.sh": other, "infra/role.tf": ROLE}
    assert ask("action-granted", files) == []


PROGRAM = """\
import subprocess


def aws(*arguments):
    return subprocess.run(["aws", *arguments, "--output", "json"])


aws("ssm", "send-command", "--targets", f"Key={1}")
aws("ssm", "list-commands")
"""


def test_a_python_program_that_a_step_runs_is_read() -> None:
    files = {CI: workflow("python3 deploy/x.py --now"), "deploy/x.py": PROGRAM, "infra/role.tf": ROLE}
    (told,) = ask("action-granted", files)
    assert (told.subject, places([told])) == ("ci.yml: deploy: ssm:ListCommands", [("deploy/x.py", 9)])


def test_a_client_of_boto3_needs_what_its_methods_need() -> None:
    program = 'import boto3\n\nec2 = boto3.client("ec2")\nec2.describe_instances()\nec2.get_waiter("x")\n'
    files = {CI: workflow("python deploy/x.py"), "deploy/x.py": program, "infra/role.tf": ROLE}
    (told,) = ask("action-granted", files)
    assert places([told]) == [("deploy/x.py", 4)]


def test_the_role_that_provisioning_makes_has_the_rights_it_is_given() -> None:
    runs = (
        "aws s3 cp a s3://artifacts/a",
        "aws ssm send-command --document-name x",
        "aws ec2 describe-instances",
    )
    files = {CI: workflow(*runs, sign_in=BY_SECRET)}
    (told,) = ask("action-granted", files, SETTINGS)
    assert (told.subject, told.weight) == ("ci.yml: deploy: ec2:DescribeInstances", "warning")
    there = CloudRoles(roles={"deploy": None}, provider=None)
    (told,) = ask("action-granted", files, SETTINGS, there)
    assert told.weight == "blocker"


def test_a_role_in_aws_that_may_do_more_is_believed() -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=BY_SECRET)}
    document = {"Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
    role = Role(name="deploy", arn="arn:aws:iam::1:role/deploy", trust={}, policies={"more": document})
    assert ask("action-granted", files, SETTINGS, CloudRoles(roles={"deploy": role}, provider=None)) == []


def test_another_secret_names_a_role_that_nobody_knows() -> None:
    other = BY_SECRET.replace("AWS_ROLE", "OTHER")
    assert ask("action-granted", {CI: workflow("aws ec2 describe-instances", sign_in=other)}, SETTINGS) == []


POLICY = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}]
}
"""


def test_a_policy_file_that_is_plainly_named_for_the_role_is_a_warning() -> None:
    signed = SIGN_IN.replace("role/deploy", "role/moon-deploy-role")
    files = {
        CI: workflow("aws ec2 describe-instances", sign_in=signed),
        "iam/moon-deploy-policy.json": POLICY,
    }
    (told,) = ask("action-granted", files)
    assert told.weight == "warning"
    assert "whether it has other policies could not be seen" in told.message


def test_a_policy_file_of_another_role_says_nothing() -> None:
    files = {CI: workflow("aws ec2 describe-instances"), "iam/other-policy.json": POLICY}
    assert ask("action-granted", files) == []


MODULE = """
terraform {
  backend "s3" {
    bucket       = "state"
    key          = "x"
    use_lockfile = true
  }
}

resource "aws_instance" "node" {
  ami                  = "ami-1"
  iam_instance_profile = "node"
}

resource "aws_instance" "spare" {
  count = var.spares
}

resource "aws_sqs_queue" "jobs" {}
"""


def test_what_terraform_makes_and_keeps_needs_rights_of_the_job() -> None:
    files = {
        CI: workflow("terraform -chdir=infra plan", "terraform -chdir=infra apply -auto-approve"),
        "infra/main.tf": MODULE,
        "roles/role.tf": ROLE,
    }
    found = {one.subject.rpartition(": ")[2]: one for one in ask("action-granted", files)}
    assert set(found) == {"ec2", "iam", "s3", "sqs"}
    assert "ec2:RunInstances and ec2:DescribeInstances" in found["ec2"].message
    assert "s3:PutObject and s3:DeleteObject" in found["s3"].message
    assert ("infra/main.tf", 10) in {(one.file, one.line) for one in found["iam"].evidence}


def test_a_provider_that_assumes_another_role_needs_only_the_state_of_this_one() -> None:
    provider = 'provider "aws" {\n  assume_role {\n    role_arn = var.x\n  }\n}\n'
    files = {
        CI: workflow("terraform -chdir=infra apply -auto-approve"),
        "infra/main.tf": MODULE + provider,
        "roles/role.tf": ROLE,
    }
    found = ask("action-granted", files)
    assert [one.subject for one in found] == ["ci.yml: deploy: terraform in infra: s3"]


def test_what_signs_github_in_needs_rights_too() -> None:
    provider = 'resource "aws_iam_openid_connect_provider" "github" {\n  url = "https://x"\n}\n'
    files = {
        CI: workflow("terraform -chdir=infra apply -auto-approve"),
        "infra/main.tf": provider,
        "roles/role.tf": ROLE,
    }
    (found,) = ask("action-granted", files)
    assert "iam:CreateOpenIDConnectProvider and iam:GetOpenIDConnectProvider" in found.message


def test_a_plan_makes_nothing() -> None:
    files = {
        CI: workflow("terraform -chdir=infra plan -lock=false"),
        "infra/main.tf": MODULE,
        "roles/role.tf": ROLE,
    }
    assert ask("action-granted", files) == []


@pytest.mark.parametrize(
    "sign_in",
    [
        SIGN_IN + "- uses: ./.github/actions/aws\n",
        SIGN_IN + "- run: echo AWS_PROFILE=x >> $GITHUB_ENV\n",
        SIGN_IN.replace("- uses: aws", "- if: inputs.x\n  uses: aws"),
        "- uses: actions/checkout@v6\n",
    ],
)
def test_a_job_whose_identity_is_not_certain_is_not_judged(sign_in: str) -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=sign_in), "infra/role.tf": ROLE}
    assert answers("action-granted", files) == []


NODE = """
resource "aws_instance" "node" {
  user_data            = file("${path.module}/start.sh")
  iam_instance_profile = aws_iam_instance_profile.node.name
}

resource "aws_iam_instance_profile" "node" {
  name = "node"
  role = aws_iam_role.deploy.name
}
"""


def test_a_start_script_needs_rights_of_the_instances_role() -> None:
    files = {"infra/node.tf": NODE + ROLE, "infra/start.sh": SCRIPT}
    (told,) = ask("instance-action-granted", files)
    assert told.subject == "deploy: secretsmanager:GetSecretValue"
    assert (told.weight, places([told])) == ("warning", [("infra/start.sh", 3)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"ssm:SendCommand"', '"secretsmanager:*"'),
        ("iam_instance_profile = aws_iam_instance_profile.node.name", "iam_instance_profile = var.profile"),
        ("role = aws_iam_role.deploy.name", "role = var.role"),
    ],
)
def test_a_start_script_that_may_or_whose_role_is_not_certain_is_fine(old: str, new: str) -> None:
    files = {"infra/node.tf": (NODE + ROLE).replace(old, new), "infra/start.sh": SCRIPT}
    assert ask("instance-action-granted", files) == []


def test_what_two_start_scripts_lack_is_told_once() -> None:
    other = NODE.partition('resource "aws_iam')[0].replace('"node"', '"more"').replace("start.sh", "more.sh")
    files = {"infra/node.tf": NODE + other + ROLE, "infra/start.sh": SCRIPT, "infra/more.sh": SCRIPT}
    (told,) = ask("instance-action-granted", files)
    assert "in infra/start.sh and `aws" in told.message
    assert "need when aws_instance.node and aws_instance.more start" in told.message


def test_a_profile_is_found_by_the_default_of_a_variable() -> None:
    variable = 'variable "profile" {\n  default = "node"\n}\n'
    node = NODE.replace("= aws_iam_instance_profile.node.name", "= var.profile")
    files = {"infra/node.tf": node + ROLE + variable, "infra/start.sh": SCRIPT}
    assert len(ask("instance-action-granted", files)) == 1


SAMPLE = Path(__file__).parents[2] / "deployments" / "embedded" / "sample"
SAMPLE_SETTINGS = replace(
    SETTINGS,
    aws=AwsSettings(
        region="us-west-2", artifact_bucket="artifacts", state_bucket="state", deploy_role="moonphase-deploy"
    ),
    secrets=(RepositorySecret(name="AWS_ROLE_TO_ASSUME", source=SecretSource.ROLE_ARN),),
)
NEEDED = {
    "s3:PutObject": ".github/workflows/deploy.yml",
    "ssm:SendCommand": "deploy/rollout.py",
    "ssm:ListCommandInvocations": "deploy/rollout.py",
}


def sample() -> dict[str, str | bytes]:
    paths = (path for path in SAMPLE.rglob("*") if path.is_file() and "target" not in path.parts)
    return {str(path.relative_to(SAMPLE)): path.read_bytes() for path in paths}


def test_the_sample_is_allowed_all_that_it_asks() -> None:
    found = answers("action-granted", sample(), SAMPLE_SETTINGS)
    assert {one.subject.rpartition(": ")[2] for one in found if one.verdict == "holds"} == set(NEEDED)
    assert [one.subject for one in found if one.verdict != "holds"] == []


@pytest.mark.parametrize("action", sorted(NEEDED))
def test_an_action_that_is_taken_from_the_role_of_the_sample_is_missed(
    action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*given: object) -> object:
        policy = json.loads(json.dumps(least_policy(*given)))  # type: ignore[arg-type]
        return json.loads(json.dumps(policy).replace(f'"{action}"', f'"{action}s"'))

    monkeypatch.setattr("tasks.checks.action_grants.least_policy", without)
    (told,) = ask("action-granted", sample(), SAMPLE_SETTINGS)
    assert (told.subject, told.evidence[0].file) == (
        f"deploy.yml: moonphase-deploy: {action}",
        NEEDED[action],
    )
    assert told.evidence[0].line


ON = """
resource "aws_iam_role" "deploy" {
  name = "deploy"
}

resource "aws_s3_bucket" "own" {
  bucket = "artifacts"
}

resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:*", "dynamodb:*", "iam:PassRole", "lambda:*", "secretsmanager:*", "ssm:*"]
      Resource = RESOURCE
    }]
  })
}
"""


def on(resource: str, run: str) -> dict[str, str]:
    return {CI: workflow(run), "infra/role.tf": ON.replace("RESOURCE", resource)}


@pytest.mark.parametrize(
    ("resource", "run", "asked"),
    [
        (
            '"arn:aws:s3:::artifacts"',
            "aws s3 cp a s3://artifacts/a",
            "s3:PutObject on arn:aws:s3:::artifacts/a",
        ),
        (
            "aws_s3_bucket.own.arn",
            "aws s3 cp a s3://artifacts/a",
            "s3:PutObject on arn:aws:s3:::artifacts/a",
        ),
        ('"arn:aws:s3:::artifacts/*"', "aws s3 ls s3://artifacts", "s3:ListBucket on arn:aws:s3:::artifacts"),
        ('"${aws_s3_bucket.own.arn}/*"', "aws s3 rm s3://other/a", "s3:DeleteObject on arn:aws:s3:::other/a"),
        (
            '["arn:aws:s3:::b/x/*"]',
            "aws s3api get-object --bucket b --key y/k out",
            "s3:GetObject on arn:aws:s3:::b/y/k",
        ),
        (
            '"arn:aws:dynamodb:us-west-2:1:table/locks"',
            "aws dynamodb get-item --table-name lock --key {}",
            "dynamodb:GetItem on arn:aws:dynamodb:*:*:table/lock",
        ),
        (
            '"arn:aws:lambda:us-west-2:1:function:app"',
            "aws lambda update-function-code --function-name api --zip-file x",
            "lambda:UpdateFunctionCode on arn:aws:lambda:*:*:function:api*",
        ),
    ],
)
def test_an_action_that_is_allowed_on_something_else_is_refused(resource: str, run: str, asked: str) -> None:
    (told,) = ask("action-granted", on(resource, run))
    assert told.subject == f"ci.yml: deploy: {asked}"
    assert told.message.startswith(f"deploy may not {asked}, which")
    assert "aws_iam_role_policy.deploy allows it on arn:aws:" in told.message
    assert told.weight == "blocker"


def test_the_arn_of_a_bucket_where_that_of_its_objects_is_meant_is_explained() -> None:
    (told,) = ask("action-granted", on('"arn:aws:s3:::artifacts"', "aws s3 cp a s3://artifacts/a"))
    assert "a bucket's ARN is not that of its objects, which ends with /*" in told.message


@pytest.mark.parametrize(
    ("resource", "run"),
    [
        ('"arn:aws:s3:::artifacts/*"', "aws s3 cp a s3://artifacts/a"),
        ('"arn:aws:s3:::artifacts*"', "aws s3 sync a s3://artifacts/a --delete"),
        ('"${aws_s3_bucket.own.arn}/*"', "aws s3 cp a s3://artifacts/"),
        ('"arn:aws:s3:::artifacts/releases/*"', 'aws s3 cp a "s3://artifacts/rel$KIND/a"'),
        ('"arn:aws:s3:::b"', 'aws s3 cp a "s3://$BUCKET/a"'),
        ('"arn:aws:s3:::b"', 'aws s3 cp a "s3://b-$STAGE/a"'),
        ('["arn:aws:s3:::b", local.more]', "aws s3 cp a s3://c/a"),
        ("var.resources", "aws s3 cp a s3://c/a"),
        ('"arn:aws:s3:::${var.bucket}/*"', "aws s3 cp a s3://c/a"),
        ('"arn:aws:s3:::$${aws:PrincipalTag/team}/*"', "aws s3 cp a s3://c/a"),
        ('"arn:aws:dynamodb:*:*:table/locks"', "aws dynamodb get-item --table-name locks --key {}"),
        (
            '"arn:aws:secretsmanager:us-west-2:1:secret:app/key-??????"',
            "aws secretsmanager get-secret-value --secret-id app/key",
        ),
        ('"arn:aws:ssm:us-west-2:1:parameter/app/*"', "aws ssm get-parameter --name /app/key"),
        ('"arn:aws:lambda:us-west-2:1:function:app:live"', "aws lambda invoke --function-name app out"),
    ],
)  # fmt: skip
def test_a_resource_that_may_be_meant_is_not_accused(resource: str, run: str) -> None:
    assert ask("action-granted", on(resource, run)) == []


def test_everything_but_some_resources_may_be_what_is_meant() -> None:
    files = on('"arn:aws:s3:::b"', "aws s3 cp a s3://c/a")
    files["infra/role.tf"] = files["infra/role.tf"].replace("      Resource =", "      NotResource =")
    assert ask("action-granted", files) == []


STATE = """
terraform {
  backend "s3" {
    bucket         = "states"
    key            = "moon"
    dynamodb_table = "locks"
  }
}
"""


def stated(resource: str, *init: str) -> dict[str, str]:
    runs = [f"terraform -chdir=infra init {' '.join(init)}".strip(), "terraform -chdir=infra plan"]
    files = {CI: workflow(*runs), "infra/main.tf": STATE}
    return {**files, "infra/role.tf": ON.replace("RESOURCE", resource)}


def test_the_state_in_a_bucket_that_the_role_may_not_use_is_told() -> None:
    (told,) = ask("action-granted", stated('["arn:aws:s3:::state/*", "arn:aws:dynamodb:*:*:table/locks"]'))
    assert "s3:ListBucket on arn:aws:s3:::states and s3:GetObject on arn:aws:s3:::states/*" in told.message
    assert told.evidence[-1].file == "infra/main.tf"


def test_the_state_in_the_bucket_that_the_role_may_use_or_that_init_is_given_is_fine() -> None:
    allowed = '["arn:aws:s3:::states", "arn:aws:s3:::states/*", "arn:aws:dynamodb:*:*:table/locks"]'
    assert ask("action-granted", stated(allowed)) == []
    assert ask("action-granted", stated('"*"')) == []
    elsewhere = '["arn:aws:s3:::o", "arn:aws:s3:::o/*", "arn:aws:dynamodb:*:*:table/locks"]'
    assert ask("action-granted", stated(elsewhere, "-backend-config=bucket=o")) == []


def test_a_role_that_may_not_be_handed_on_is_named() -> None:
    run = "aws lambda create-function --function-name app --role arn:aws:iam::1:role/app --zip-file x"
    (told,) = ask("action-granted", on('["arn:aws:iam::1:role/api", "arn:aws:lambda:*:*:*"]', run))
    assert told.subject == "ci.yml: deploy: iam:PassRole on arn:aws:iam::1:role/app"
    assert ask("action-granted", on('["arn:aws:iam::1:role/a*", "arn:aws:lambda:*:*:*"]', run)) == []


TERRAFORMED = """
resource "aws_instance" "node" {
  ami           = "ami-1"
  instance_type = "t3.micro"
}

resource "aws_s3_bucket" "media" {
  bucket = "media"
}
"""
APPLIES = ("terraform -chdir=infra init", "terraform -chdir=infra apply -auto-approve")


def granted(command: str) -> set[str]:
    """Return the actions that a typed put-role-policy allows."""
    words = shlex.split(command)
    assert words[:3] == ["aws", "iam", "put-role-policy"]
    statements = json.loads(words[words.index("--policy-document") + 1])["Statement"]
    return {action for one in statements for action in one["Action"]}


def test_one_policy_gives_a_role_all_that_it_lacks() -> None:
    runs = (*APPLIES, "aws ec2 describe-instances", "aws iam list-roles")
    files = {CI: workflow(*runs, sign_in=BY_SECRET), "infra/main.tf": TERRAFORMED}
    found = ask("action-granted", files, SETTINGS)
    assert len(found) == 4
    (command,) = {command for one in found if one.remedy is not None for command in one.remedy.commands}
    lacking = {action for action in granted(command) if any(action in one.message for one in found)}
    assert lacking == granted(command)
    assert {"ec2:RunInstances", "s3:CreateBucket", "iam:ListRoles", "ec2:DescribeInstances"} <= lacking
    document = json.loads(shlex.split(command)[-1])
    role = Role(name="deploy", arn="arn:aws:iam::1:role/deploy", trust={}, policies={"workflows": document})
    assert ask("action-granted", files, SETTINGS, CloudRoles(roles={"deploy": role}, provider=None)) == []


def test_the_policy_takes_the_place_of_none_that_the_role_has() -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=BY_SECRET)}
    document = {"Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}]}
    role = Role(name="deploy", arn="arn:aws:iam::1:role/deploy", trust={}, policies={"workflows": document})
    (told,) = ask("action-granted", files, SETTINGS, CloudRoles(roles={"deploy": role}, provider=None))
    assert told.remedy is not None
    (command,) = told.remedy.commands
    assert "--policy-name workflows-2 " in command


def test_a_role_that_is_not_there_yet_is_made_before_it_is_given_a_policy() -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=BY_SECRET)}
    (told,) = ask("action-granted", files, SETTINGS, CloudRoles(roles={"deploy": None}, provider=None))
    assert told.remedy is not None
    made, put = told.remedy.commands
    assert (made, granted(put)) == (
        "python -m flows.activate --until provisioning",
        {"ec2:DescribeInstances"},
    )


def test_who_does_not_allow_it_is_listed_as_people_write() -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=BY_SECRET), "infra/role.tf": ROLE}
    (told,) = ask("action-granted", files, SETTINGS)
    assert ",," not in told.message
    assert "that provisioning gives it and aws_iam_role_policy.deploy do not allow it" in told.message


def test_what_is_lacked_on_one_resource_is_granted_on_that_one() -> None:
    files = {CI: workflow("aws s3 cp a s3://other-bucket/a", sign_in=BY_SECRET)}
    (told,) = ask("action-granted", files, SETTINGS)
    assert told.remedy is not None
    document = json.loads(shlex.split(told.remedy.commands[0])[-1])
    assert [one["Resource"] for one in document["Statement"]] == ["arn:aws:s3:::other-bucket/a"]


TRUST = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/moon:ref:refs/heads/main"]
    }
  }
}
"""
TRUSTED = TRUST + ROLE.replace(
    'name = "deploy"', 'name = "deploy"\n  assume_role_policy = data.aws_iam_policy_document.trust.json'
)
NOT_OURS = replace(SETTINGS, aws=AwsSettings(), secrets=())


def test_the_role_that_a_secret_likely_holds_is_judged_under_that_condition() -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=BY_SECRET), "infra/role.tf": TRUSTED}
    (told,) = ask("action-granted", files, NOT_OURS)
    assert (told.weight, told.subject) == (Weight.WARNING, "ci.yml: deploy: ec2:DescribeInstances")
    assert told.message.startswith("if secrets.AWS_ROLE is deploy, the only role here that lets tokens in: ")
    assert "aws_iam_role_policy.deploy does not allow it" in told.message
    allowed = {**files, CI: workflow("aws ssm send-command --document-name d", sign_in=BY_SECRET)}
    assert ask("action-granted", allowed, NOT_OURS) == []


def test_a_secret_that_may_hold_another_role_accuses_nobody() -> None:
    files = {CI: workflow("aws ec2 describe-instances", sign_in=BY_SECRET), "infra/role.tf": TRUSTED}
    applies = {**files, CI: workflow("terraform -chdir=infra apply", "aws ec2 describe-instances")}
    applies[CI] = applies[CI].replace("arn:aws:iam::1:role/deploy", "${{ secrets.AWS_ROLE }}")
    assert ask("action-granted", applies, NOT_OURS) == []
    second = TRUSTED[TRUSTED.index('resource "aws_iam_role" "deploy"') :].replace('"deploy"', '"other"')
    two = {**files, "infra/other.tf": second}
    assert ask("action-granted", two, NOT_OURS) == []
    other = files[CI] + BY_SECRET.replace("AWS_ROLE", "OTHER_ROLE").replace("\n", "\n      ")
    assert ask("action-granted", {**files, CI: other}, NOT_OURS) == []


def test_what_terraform_lacks_is_shown_with_the_policy_and_stops_what_its_job_stops() -> None:
    files = {
        CI: workflow("terraform -chdir=infra apply -auto-approve"),
        "infra/main.tf": MODULE,
        "roles/role.tf": ROLE,
    }
    for told in ask("action-granted", files):
        assert told.evidence[1].file == "roles/role.tf"
        assert told.phase is Phase.FIRST_RUN
    shipped = {**files, CI: files[CI].replace("on: push", "on: {workflow_call: {}}")}
    assert {told.phase for told in ask("action-granted", shipped)} == {Phase.DEPLOYMENT}


RELEASES = '"arn:aws:s3:::b/releases/*"'


@pytest.mark.parametrize("target", ["s3://b", "s3://b/", "s3://b/other/", "s3://b/app.gz"])
def test_a_file_that_is_put_where_the_policy_does_not_reach_is_refused(target: str) -> None:
    (told,) = ask("action-granted", on(RELEASES, f"aws s3 cp dist/app.gz {target}"))
    key = "other/app.gz" if "other" in target else "app.gz"
    assert told.subject == f"ci.yml: deploy: s3:PutObject on arn:aws:s3:::b/{key}"


@pytest.mark.parametrize(
    "run",
    [
        "aws s3 cp dist/app.gz s3://b/releases/",
        "aws s3 cp dist/app.gz s3://b/$WHERE/",
        "aws s3 cp dist/app.gz s3://b/rel${EASE}",
        'aws s3 cp "$FILE" s3://b/',
        "aws s3 cp --recursive dist s3://b/",
    ],
)
def test_a_file_that_may_be_put_where_the_policy_reaches_is_not_accused(run: str) -> None:
    assert ask("action-granted", on(RELEASES, run)) == []


def test_a_file_keeps_its_name_behind_a_bucket() -> None:
    assert ask("action-granted", on('"arn:aws:s3:::b/app.gz"', "aws s3 cp dist/app.gz s3://b")) == []


SIGNS_IN = """
resource "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}

resource "aws_iam_role" "deploy" {
  name = "deploy"
}

resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = "*" }] })
}

resource "aws_s3_bucket" "media" {
  bucket = "media"
}

resource "aws_s3_bucket_public_access_block" "media" {
  bucket = aws_s3_bucket.media.id
}
"""


def typed(files: dict[str, str]) -> tuple[str, dict[str, set[str]]]:
    """Return the summary of the remedy for what a role lacks, and what it allows on each resource."""
    none = Role(name="deploy", arn="arn:aws:iam::1:role/deploy", trust={})
    told = ask("action-granted", files, SETTINGS, CloudRoles(roles={"deploy": none}, provider=None))
    (remedy,) = {one.remedy for one in told if one.remedy is not None}
    document = json.loads(shlex.split(remedy.commands[0])[-1])
    return remedy.summary, {one["Resource"]: set(one["Action"]) for one in document["Statement"]}


def test_rights_over_rights_are_given_on_what_terraform_makes_and_never_on_everything() -> None:
    files = {CI: workflow(*APPLIES, sign_in=BY_SECRET), "infra/main.tf": SIGNS_IN}
    summary, allowed = typed(files)
    assert not {one for one in allowed.get("*", set()) if one.startswith(("iam:", "s3:"))}
    assert allowed["arn:aws:iam::*:role/deploy"] >= {"iam:CreateRole", "iam:PutRolePolicy", "iam:GetRole"}
    provider = "arn:aws:iam::*:oidc-provider/token.actions.githubusercontent.com"
    assert "iam:CreateOpenIDConnectProvider" in allowed[provider]
    assert {"s3:CreateBucket", "s3:PutBucketPublicAccessBlock"} <= allowed["arn:aws:s3:::media"]
    assert "mind that with iam:PutRolePolicy on itself it may give itself every right" in summary


def test_rights_over_rights_on_nobody_knows_what_are_left_to_be_filled_in() -> None:
    files = {CI: workflow("aws iam put-role-policy --role-name $R", "aws iam list-roles", sign_in=BY_SECRET)}
    summary, allowed = typed(files)
    assert allowed == {"ARN-TO-FILL-IN": {"iam:PutRolePolicy"}, "*": {"iam:ListRoles"}}
    assert "write the ARN of what iam:PutRolePolicy may be used on for ARN-TO-FILL-IN" in summary
