import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import answers, ask, places

FUNCTION = 'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\n'
PERMISSION = """\
resource "aws_lambda_permission" "p" {
  function_name = aws_lambda_function.f.function_name
  principal     = "SERVICE"
}
"""
_ARN = "aws_lambda_function.f.arn"
CALLERS = {
    "sns.amazonaws.com": f'aws_sns_topic_subscription" "c" {{\n  endpoint = {_ARN}\n  protocol = "lambda"\n',
    "events.amazonaws.com": f'aws_cloudwatch_event_target" "c" {{\n  arn = {_ARN}\n',
    "apigateway.amazonaws.com": f'aws_apigatewayv2_integration" "c" {{\n  integration_uri = {_ARN}\n',
}


def caller(service: str, more: str = "") -> str:
    return f'resource "{CALLERS[service]}{more}}}\n'


@pytest.mark.parametrize("service", CALLERS)
def test_a_caller_that_nothing_allows_is_named_where_it_names_the_function(service: str) -> None:
    (found,) = ask("lambda-caller-allowed", {"main.tf": caller(service) + FUNCTION})
    assert places([found]) == [("main.tf", 2)]
    assert service in found.message
    assert found.weight is Weight.WARNING
    granted = caller(service) + FUNCTION + PERMISSION.replace("SERVICE", service)
    assert [one.verdict.value for one in answers("lambda-caller-allowed", {"main.tf": granted})] == ["holds"]


def test_a_permission_for_another_service_does_not_count() -> None:
    text = caller("events.amazonaws.com") + FUNCTION + PERMISSION.replace("SERVICE", "sns.amazonaws.com")
    assert len(ask("lambda-caller-allowed", {"main.tf": text})) == 1


@pytest.mark.parametrize(
    "more",
    [
        PERMISSION.replace("SERVICE", "${var.service}"),
        'resource "aws_lambda_permission" "p" {\n  function_name = "f"\n  principal = "x"\n}\n',
        'module "allow" {\n  source = "acme/permission/aws"\n  function = aws_lambda_function.f.arn\n}\n',
    ],
)
def test_a_permission_that_may_be_the_one_is_enough(more: str) -> None:
    text = caller("events.amazonaws.com") + FUNCTION + more
    assert ask("lambda-caller-allowed", {"main.tf": text}) == []


def test_a_permission_in_the_module_that_is_handed_the_function_may_be_the_one() -> None:
    call = 'module "allow" {\n  source = "./allow"\n  function = aws_lambda_function.f.arn\n}\n'
    other = PERMISSION.replace("aws_lambda_function.f.function_name", "var.function")
    files = {"main.tf": caller("events.amazonaws.com") + FUNCTION + call, "allow/main.tf": other}
    assert ask("lambda-caller-allowed", files) == []


def test_a_caller_with_a_role_or_of_a_function_of_somewhere_else_is_fine() -> None:
    by_role = caller("apigateway.amazonaws.com", "  credentials_arn = aws_iam_role.r.arn\n")
    assert ask("lambda-caller-allowed", {"main.tf": by_role + FUNCTION}) == []
    assert ask("lambda-caller-allowed", {"main.tf": caller("events.amazonaws.com")}) == []
    queue = caller("sns.amazonaws.com").replace('"lambda"', '"sqs"')
    assert ask("lambda-caller-allowed", {"main.tf": queue + FUNCTION}) == []


def test_a_script_that_adds_permissions_may_add_this_one() -> None:
    files = {"main.tf": caller("events.amazonaws.com") + FUNCTION, "x.sh": "aws lambda add-permission\n"}
    assert ask("lambda-caller-allowed", files) == []


BUCKET = """\
resource "aws_s3_bucket_notification" "n" {
  lambda_function {
    lambda_function_arn = aws_lambda_function.f.arn
    events              = ["s3:ObjectCreated:*"]
  }
WAITS}
"""
S3 = PERMISSION.replace("SERVICE", "s3.amazonaws.com")


def test_a_notification_of_a_function_that_s3_may_not_call_ends_the_apply() -> None:
    (found,) = ask("bucket-notification-accepted", {"main.tf": BUCKET.replace("WAITS", "") + FUNCTION})
    assert places([found]) == [("main.tf", 3)]
    assert found.weight is Weight.BLOCKER


def test_a_notification_that_does_not_wait_for_its_permission_may_come_too_early() -> None:
    (found,) = ask("bucket-notification-accepted", {"main.tf": BUCKET.replace("WAITS", "") + FUNCTION + S3})
    assert places([found]) == [("main.tf", 1)]
    assert found.weight is Weight.WARNING
    waits = "  depends_on = [aws_lambda_permission.p]\n"
    assert (
        ask("bucket-notification-accepted", {"main.tf": BUCKET.replace("WAITS", waits) + FUNCTION + S3}) == []
    )


def test_a_notification_of_a_queue_needs_no_permission_of_a_function() -> None:
    queue = "  queue {\n    queue_arn = aws_sqs_queue.q.arn\n  }\n"
    text = f'resource "aws_s3_bucket_notification" "n" {{\n{queue}}}\n'
    assert ask("bucket-notification-accepted", {"main.tf": text + FUNCTION}) == []
