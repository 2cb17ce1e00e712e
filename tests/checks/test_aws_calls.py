import pytest

from tests.checks.testing import ask, places


def looking(*filters: str) -> dict[str, str]:
    return {"a.sh": "aws ec2 describe-instances \\\n  --filters \\\n  " + " \\\n  ".join(filters) + "\n"}


@pytest.mark.parametrize(
    "written",
    [
        '"Name=tag:role,Values!=orchestrator"',
        "Name=tag:role,Values==a",
        "Name=tag:role,Value=a",
        "name=tag:role,Values=a",
    ],
)
def test_a_filter_that_is_refused_is_named_with_its_line(written: str) -> None:
    (found,) = ask("aws-filter-parses", looking('"Name=vpc-id,Values=$VPC"', written))
    assert (found.subject, places([found])) == (f"a.sh: {written.strip(chr(34))}", [("a.sh", 4)])
    files = looking(written)
    (copied,) = ask("aws-filter-parses", {**files, "b.sh": files["a.sh"]})
    assert [one.file for one in copied.evidence] == ["a.sh", "b.sh"]


@pytest.mark.parametrize(
    "written",
    [
        '"Name=tag:role,Values=a,b"',
        '"Name=tag:$KEY,Values=$VALUE" --query "Reservations[?Name!=\'x\']"',
        "'Name=tag:Name,Values=name=x'",
        "file://filters.json",
        '\'[{"Name": "x", "Values": ["a!=b"]}]\'',
    ],
)
def test_a_filter_that_is_read_is_not_accused(written: str) -> None:
    assert ask("aws-filter-parses", looking(written)) == []


def test_the_filters_of_another_service_are_not_accused() -> None:
    assert (
        ask("aws-filter-parses", {"a.sh": "aws rds describe-db-instances --filters Name=x,Value=y\n"}) == []
    )
