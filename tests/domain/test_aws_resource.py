import pytest

from tasks.domain.aws_resource import meet

BUCKET = "arn:*:s3:::b"


@pytest.mark.parametrize(
    ("policy", "asked"),
    [
        ("*", "arn:*:s3:::b/k"),
        ("arn:aws:s3:::b/*", "arn:*:s3:::b/k"),
        ("arn:aws:s3:::b*", "arn:*:s3:::b/k"),
        ("arn:aws:s3:::b/releases/*", "arn:*:s3:::b/rel*"),
        ("arn:aws:s3:::?/k", "arn:*:s3:::b/k"),
        ("arn:aws-cn:s3:::b", BUCKET),
        ("arn:aws:s3:::*-logs/*", "arn:*:s3:::my-logs/*"),
        ("", ""),
    ],
)
def test_patterns_with_a_text_in_common_meet(policy: str, asked: str) -> None:
    assert meet(policy, asked)
    assert meet(asked, policy)


@pytest.mark.parametrize(
    ("policy", "asked"),
    [
        ("arn:aws:s3:::b", "arn:*:s3:::b/k"),
        ("arn:aws:s3:::b", "arn:*:s3:::b/*"),
        ("arn:aws:s3:::b/*", BUCKET),
        ("arn:aws:s3:::other/*", "arn:*:s3:::b/*"),
        ("arn:aws:s3:::B/*", "arn:*:s3:::b/*"),
        ("arn:aws:s3:::b/releases/*", "arn:*:s3:::b/nightly/*"),
        ("arn:aws:dynamodb:*:*:table/locks", "arn:*:dynamodb:*:*:table/lock"),
        ("a", ""),
    ],
)
def test_patterns_without_one_do_not(policy: str, asked: str) -> None:
    assert not meet(policy, asked)
    assert not meet(asked, policy)
