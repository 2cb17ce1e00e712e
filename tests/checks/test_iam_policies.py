import json
from collections.abc import Mapping

from tasks.domain.finding import Weight
from tests.checks.testing import ask, places

WIDE = """\
resource "aws_iam_role_policy" "p" {
  policy = var.strict ? "" : jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ec2:*"]
      Resource = "*"
    }]
  })
}
"""


def policy(
    action: str | list[str], resource: str = "*", effect: str = "Allow", **more: object
) -> dict[str, str]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"iam/p.json": json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)}


def test_a_policy_that_is_no_json_is_named_with_its_line() -> None:
    broken = {"iam/p.json": '{\n  "Statement": [\n    {"Effect": "Allow",}\n  ]\n}\n'}
    assert places(ask("iam-policy-parses", broken)) == [("iam/p.json", 3)]


def test_policies_templates_and_other_json_are_not_accused() -> None:
    assert ask("iam-policy-parses", policy("s3:GetObject")) == []
    assert ask("iam-policy-parses", {"a.json": '{"Statement": {{ x }}}', "b.json": "{nothing}"}) == []


def test_an_action_that_iam_does_not_know_is_named_with_its_line() -> None:
    found = ask("iam-action-exists", policy(["s3:GetObject", "s3:GetObjects"]))
    assert places(found) == [("iam/p.json", 8)]
    assert found[0].subject == "iam/p.json"
    assert "s3:GetObject" in found[0].message


def test_actions_in_any_letter_case_patterns_and_unknown_services_are_not_accused() -> None:
    actions = ["S3:getobject", "ec2:Describe*", "*", "newservice:DoIt", "ssm:SendCommand"]
    assert ask("iam-action-exists", policy(actions)) == []


def test_an_operation_in_the_place_of_an_action_is_told_with_what_allows_it() -> None:
    named = policy(["budgets:DescribeBudget", "s3:HeadObject", "s3:CopyObject"])
    (found,) = ask("iam-action-exists", named)
    assert "the call is budgets:ViewBudget" in found.message
    assert "the call is s3:GetObject" in found.message
    assert "the call is s3:GetObject and s3:PutObject" in found.message
    assert len(found.evidence) == 3
    for action, meant in (
        ("sqs:DeleteMessageBatch", "sqs:DeleteMessage"),
        ("ebs:DeleteSnapshot", "ec2:DeleteSnapshot"),
        ("bedrock:Converse", "bedrock:InvokeModel"),
    ):
        (found,) = ask("iam-action-exists", policy(action))
        assert found.message == f"IAM knows no action {action} (what allows the call is {meant})"


def test_nothing_is_lost_by_an_operation_whose_action_is_allowed_as_well() -> None:
    (found,) = ask("iam-action-exists", policy(["s3:GetObject", "s3:HeadObject"]))
    assert found.weight is Weight.NOTE
    assert "which the policy allows" in found.message
    (found,) = ask("iam-action-exists", policy(["s3:GetObject", "s3:HeadObject"], effect="Deny"))
    assert found.weight is Weight.WARNING


def test_an_action_that_is_newer_than_the_list_is_not_accused() -> None:
    for action in ("lambda:CheckpointDurableExecution", "lambda:PutFunctionScalingConfig"):
        assert ask("iam-action-exists", policy(action)) == []


def test_an_action_that_is_like_no_other_may_still_be_one() -> None:
    (found,) = ask("iam-action-exists", policy("ecr-public:BatchGetImage"))
    assert found.weight is Weight.NOTE
    (found,) = ask("iam-action-exists", policy("lambda:InvokeFunctions"))
    assert found.weight is Weight.WARNING


def test_an_action_in_a_policy_document_of_terraform_is_looked_up() -> None:
    text = """\
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["budgets:DescribeBudget"]
            resources = ["*"]
          }
        }
    """
    assert places(ask("iam-action-exists", {"main.tf": text})) == [("main.tf", 3)]


def test_everything_on_every_resource_is_named() -> None:
    assert places(ask("iam-not-everything", {"main.tf": WIDE})) == [("main.tf", 6)]
    assert places(ask("iam-not-everything", policy("*"))) == [("iam/p.json", 6)]


def test_what_is_meant_for_administrators_or_knows_no_resource_is_noted() -> None:
    admins = {"team/infra-admins.json": policy("*")["iam/p.json"]}
    assert [one.weight for one in ask("iam-not-everything", admins)] == ["note"]
    assert [one.weight for one in ask("iam-not-everything", policy("support:*"))] == ["note"]
    assert [one.weight for one in ask("iam-not-everything", policy("ec2:*"))] == ["warning"]


def test_every_action_of_every_service_is_noted_on_one_thing_too() -> None:
    (found,) = ask("iam-not-everything", policy(["s3:GetObject", "*"], "arn:aws:s3:::b/*"))
    assert (places([found]), found.weight) == ([("iam/p.json", 8)], Weight.NOTE)


def test_a_denial_a_resource_and_single_actions_are_narrower() -> None:
    for narrow in (
        policy("s3:*", effect="Deny"),
        policy("s3:*", "arn:aws:s3:::b/*"),
        policy(["ec2:RunInstances"]),
        {"main.tf": WIDE.replace('Resource = "*"', "Resource = var.arns")},
    ):
        assert ask("iam-not-everything", narrow) == []


def test_the_policy_of_one_thing_says_everything_of_that_thing_only() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "kms:*",
        "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::1:root"},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert ask("iam-not-everything", {"iam/key.json": text}) == []
    del statement["Principal"]
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert len(ask("iam-not-everything", {"iam/key.json": text})) == 1


def test_a_role_that_may_be_passed_on_must_be_named() -> None:
    assert places(ask("iam-pass-role-scoped", policy("iam:PassRole"))) == [("iam/p.json", 6)]
    assert ask("iam-pass-role-scoped", policy("iam:PassRole", "arn:aws:iam::1:role/node")) == []
    condition = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert ask("iam-pass-role-scoped", policy("iam:PassRole", Condition=condition)) == []


def trust(condition: Mapping[str, object] | None) -> dict[str, str]:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    if condition is not None:
        statement["Condition"] = condition
    return {"iam/trust.json": json.dumps({"Statement": statement}, indent=2)}


def test_a_role_that_trusts_every_repository_is_named() -> None:
    audience = {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
    assert places(ask("iam-trust-names-repository", trust(audience))) == [("iam/trust.json", 5)]
    anybody = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}
    assert places(ask("iam-trust-names-repository", trust(anybody))) == [("iam/trust.json", 10)]


def test_a_role_that_trusts_one_repository_or_a_service_is_fine() -> None:
    own = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:o/n:*"}}
    assert ask("iam-trust-names-repository", trust(own)) == []
    service = policy("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
    assert ask("iam-trust-names-repository", service) == []


def test_a_service_with_a_letter_too_many_is_unknown_and_a_newer_one_is_left_alone() -> None:
    def text(action: str) -> str:
        statement = f'{{"Effect": "Allow", "Action": ["{action}"], "Resource": "arn:aws:s3:::a"}}'
        return f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'

    (found,) = ask("iam-action-exists", {"policy.json": text("s3x:GetObject")})
    assert "s3:GetObject" in found.message
    assert ask("iam-action-exists", {"policy.json": text("s3lakehouse:GetObject")}) == []


def test_a_policy_that_terraform_fills_in_is_no_broken_json() -> None:
    for part in ('"Resource": ${arns}', '"Resource": ["a"%{ if x }, "b"%{ endif }]'):
        text = f'{{"Statement": [{{"Effect": "Allow",\n{part}}}]}}\n'
        assert ask("iam-policy-parses", {"policies/lambda.json": text}) == []
    own = '{"Statement": [{"Effect": "Allow", "Resource": "${aws:username}",}]}\n'
    assert len(ask("iam-policy-parses", {"policies/lambda.json": own})) == 1


def test_what_aws_writes_into_policies_itself_is_not_accused() -> None:
    assert ask("iam-action-exists", policy("SNS:Receive")) == []


def test_a_boundary_only_limits_and_an_example_only_shows() -> None:
    for path in ("policies/boundary.json", "docs/example-role-policy.json"):
        wide = {path: policy("ec2:*")["iam/p.json"]}
        assert [one.weight for one in ask("iam-not-everything", wide)] == ["note"]


def heredoc(statement: str) -> dict[str, str]:
    begin = 'resource "aws_iam_policy" "p" {\n  policy = <<EOF\n{\n  "Version": "2012-10-17",\n'
    return {"infra/main.tf": f'{begin}  "Statement": {statement}\n}}\nEOF\n}}\n'}


def test_an_action_in_a_heredoc_is_looked_up_whether_one_statement_or_a_list() -> None:
    one = '{\n    "Effect": "Allow",\n    "Action": ["logs:PutLogEvent"],\n    "Resource": "*"\n  }'
    for statement in (one, f"[{one}]"):
        (found,) = ask("iam-action-exists", heredoc(statement))
        assert places([found]) == [("infra/main.tf", 7)]
        assert found.subject == "infra: aws_iam_policy.p"
        assert found.message == (
            "IAM knows no action logs:PutLogEvent (the nearest name is logs:PutLogEvents)"
        )
        assert found.remedy is not None
        assert "logs:PutLogEvents" in found.remedy.commands[0]


def test_a_heredoc_allows_everything_and_passes_every_role_as_any_policy_does() -> None:
    wide = '[{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]'
    assert places(ask("iam-not-everything", heredoc(wide))) == [("infra/main.tf", 5)]
    passing = '[{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]'
    assert places(ask("iam-pass-role-scoped", heredoc(passing))) == [("infra/main.tf", 5)]


def test_what_is_interpolated_in_a_heredoc_may_be_anything() -> None:
    for resource in ('"${aws_s3_bucket.b.arn}"', '"${aws_s3_bucket.b.arn}/*"', "${jsonencode(var.arns)}"):
        one = f'{{"Effect": "Allow", "Action": ["s3:*", "iam:PassRole"], "Resource": {resource}}}'
        assert ask("iam-not-everything", heredoc(one)) == []
        assert ask("iam-pass-role-scoped", heredoc(one)) == []
        assert places(ask("iam-action-exists", heredoc(one.replace("s3:*", "s3:GetObjects")))) != []
    for action in ('"${var.service}:GetObjects"', '"s3:${var.actions}"', "${var.actions}"):
        one = f'{{"Effect": "Allow", "Action": {action}, "Resource": "*"}}'
        assert ask("iam-action-exists", heredoc(one)) == []
    assert ask("iam-not-everything", heredoc("[${local.statements}]")) == []
    assert ask("iam-not-everything", heredoc('[%{ if var.x }{"Effect": "Allow"}%{ endif }]')) == []


GITHUB = """\
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:o/n:ref:refs/heads/main"]
    }
  }
}
resource "aws_iam_role" "ship" {
  name               = "ship"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
ATTACHED = """\
resource "aws_iam_role_policy_attachment" "ship" {
  role       = aws_iam_role.ship.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""


def test_a_role_of_github_that_is_an_administrator_is_named_at_what_makes_it_one() -> None:
    (found,) = ask("iam-not-everything", {"main.tf": GITHUB + ATTACHED})
    assert (places([found]), found.weight) == ([("main.tf", 17)], Weight.WARNING)
    assert found.message == (
        "aws_iam_role.ship has AdministratorAccess: every job that it lets in may do everything"
    )
    listed = GITHUB.replace(
        '"ship"\n', '"ship"\n  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]\n'
    )
    assert places(ask("iam-not-everything", {"main.tf": listed})) == [("main.tf", 13)]


def test_a_role_of_github_that_applies_what_is_declared_may_be_meant_to_be_one() -> None:
    applies = (GITHUB + ATTACHED).replace('"ship"', '"tf_apply"').replace(".ship.", ".tf_apply.")
    assert [one.weight for one in ask("iam-not-everything", {"main.tf": applies})] == [Weight.NOTE]


def test_administrators_that_are_no_jobs_and_jobs_with_other_policies_are_left_alone() -> None:
    services = GITHUB.replace("WithWebIdentity", "")
    cluster = GITHUB.replace("token.actions.githubusercontent.com", "oidc.eks.eu-west-1.amazonaws.com/id/1")
    narrower = ATTACHED.replace("AdministratorAccess", "ReadOnlyAccess")
    counted = ATTACHED.replace("{\n", "{\n  count = var.on ? 1 : 0\n", 1)
    others = ATTACHED.replace("role.ship", "role.team")
    for text in (
        services + ATTACHED,
        cluster + ATTACHED,
        *(GITHUB + one for one in (narrower, counted, others)),
    ):
        assert ask("iam-not-everything", {"main.tf": text}) == []
