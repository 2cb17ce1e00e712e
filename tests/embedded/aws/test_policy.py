"""IAM policies are evaluated as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest

from deployments.embedded.aws.policy import Decision, evaluate


def policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}


@pytest.mark.parametrize(
    ("documents", "decision"),
    [
        ([], "implicitDeny"),
        ([policy(Action="s3:GetObject")], "allowed"),
        ([policy(Action="S3:getobject")], "allowed"),
        ([policy(Action="s3:Get*", Resource="arn:aws:s3:::b/*")], "allowed"),
        ([policy(Action="s3:Get*", Resource="arn:aws:s3:::B/*")], "implicitDeny"),
        ([policy(Action="s3:*"), policy(Effect="Deny", Action="s3:GetObject")], "explicitDeny"),
        ([policy(NotAction="s3:PutObject")], "allowed"),
        ([policy(NotAction="s3:Get*")], "implicitDeny"),
        ([policy(Action="*", NotResource="arn:aws:s3:::b/*")], "implicitDeny"),
        ([policy(Action="*", Condition={"Bool": {"aws:SecureTransport": "true"}})], "allowed"),
        ([policy(Action="*", Condition={"StringEquals": {"aws:missing": "x"}})], "implicitDeny"),
        ([policy(Action="*", Condition={"StringEqualsIfExists": {"aws:missing": "x"}})], "allowed"),
        ([policy(Action="*", Condition={"StringNotEquals": {"aws:missing": "x"}})], "allowed"),
        ([policy(Action="*", Condition={"MoonPhase": {"aws:SecureTransport": "true"}})], "implicitDeny"),
        ([policy(Effect="Deny", Action="*", Condition={"MoonPhase": {"k": "v"}})], "explicitDeny"),
    ],
)
def test_a_deny_wins_then_an_allow_else_nothing_is_allowed(
    documents: list[dict[str, Any]], decision: Decision
) -> None:
    context = {"aws:SecureTransport": "true"}
    found = evaluate(documents, action="s3:GetObject", resource="arn:aws:s3:::b/k", context=context)
    assert found == decision
