from tasks.domain.evidence import Evidence
from tasks.domain.policy_audit import PolicyAudit, PolicyFinding
from tests.checks.testing import answers, ask, places

NAME = "iam/deploy-policy.json"
NARROW = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
WIDE = NARROW.replace("s3:GetObject", "s3:*")


def found(rule: str, severity: str = "medium", *detail: str) -> PolicyFinding:
    return PolicyFinding(
        policy=NAME,
        rule=rule,
        title="A title.",
        detail=detail,
        severity=severity,
        statement=0,
        at=Evidence(file=NAME, line=3),
    )


def audit(*findings: PolicyFinding, unread: tuple[str, ...] = ()) -> PolicyAudit:
    return PolicyAudit(tool="parliament 1", findings=findings, unread=unread)


def test_what_the_linter_says_is_one_finding_for_each_policy_and_rule() -> None:
    said = audit(found("INVALID_ARN"), found("INVALID_ARN", "medium", "x"))
    (told,) = ask("policy-audit-passes", {NAME: NARROW}, said)
    assert (told.subject, told.weight) == (f"{NAME}: INVALID_ARN", "warning")
    assert (places([told]), told.message) == ([(NAME, 3)], f"parliament 1: A title in {NAME}: x")


def test_what_is_less_serious_is_a_note_and_what_iam_refuses_is_none() -> None:
    told = ask(
        "policy-audit-passes",
        {NAME: NARROW},
        audit(found("RESOURCE_STAR", "low"), found("INVALID_SID", "low")),
    )
    assert [(one.subject.rpartition(" ")[2], one.weight) for one in told] == [
        ("INVALID_SID", "warning"),
        ("RESOURCE_STAR", "note"),
    ]


def test_the_remedy_says_what_to_write() -> None:
    said = audit(found("RESOURCE_STAR", "low"), found("INVALID_SID", "low"), found("OTHER"))
    told = ask("policy-audit-passes", {NAME: NARROW}, said)
    assert {one.subject.rpartition(" ")[2]: one.remedy.summary for one in told if one.remedy} == {
        "INVALID_SID": "Correct it: IAM refuses the document as it is",
        "OTHER": "Follow what parliament says of OTHER",
        "RESOURCE_STAR": "Name the resources that are meant: these actions can be allowed on some only",
    }


def test_what_other_checks_tell_is_not_told_again() -> None:
    said = audit(found("UNKNOWN_ACTION"), found("RESOURCE_STAR", "low"))
    (told,) = answers("policy-audit-passes", {NAME: WIDE}, said)
    assert (told.verdict, told.message) == ("holds", "parliament 1 finds nothing")


def test_a_document_that_the_linter_cannot_read_is_unknown() -> None:
    (told,) = ask("policy-audit-passes", {NAME: NARROW}, audit(unread=(NAME,)))
    assert (told.verdict, told.weight) == ("unknown", "note")
