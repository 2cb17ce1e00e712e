import pytest

from tests.checks.testing import CI, ask, job

ROLE = "arn:aws:iam::405644541454:role/deploy"
USED = {CI: job(f"- uses: aws-actions/configure-aws-credentials@v4\n  with: {{role-to-assume: '{ROLE}'}}")}


def test_a_role_that_a_document_puts_into_another_account_is_named_with_both_places() -> None:
    guide = "# Guide\n\nThe role is `arn:aws:iam::905644541499:role/deploy`.\n"
    (found,) = ask("documented-account-agrees", {**USED, "docs/guide.md": guide})
    assert [(one.file, one.line) for one in found.evidence] == [("docs/guide.md", 3), (CI, 7)]
    assert "905644541499" not in repr(found)
    assert "405644541454" not in repr(found)


@pytest.mark.parametrize(
    "arn",
    [
        ROLE,
        "arn:aws:iam::123456789012:role/deploy",
        "arn:aws:iam::905644541499:role/other",
        "arn:aws:iam::905644541499:role/deploy-*",
        "arn:aws:iam::ACCOUNT:role/deploy",
    ],
)
def test_the_same_account_an_example_or_another_thing_is_not_accused(arn: str) -> None:
    assert ask("documented-account-agrees", {**USED, "docs/guide.md": f"`{arn}`\n"}) == []


def test_a_thing_of_two_accounts_is_not_accused() -> None:
    other = {
        "b.tf": 'x = "arn:aws:iam::705644541477:role/deploy"\n',
        "docs/guide.md": "arn:aws:iam::905644541499:role/deploy",
    }
    assert ask("documented-account-agrees", {**USED, **other}) == []


def test_the_number_of_an_account_is_hidden_in_the_line_that_is_shown_as_well() -> None:
    (found,) = ask("account-id-in-files", USED)
    assert found.evidence[0].excerpt is not None
    assert "405644541454" not in repr(found)
    assert "arn:aws:iam::...1454:role/deploy" in found.evidence[0].excerpt


def test_the_publisher_of_an_application_that_is_offered_to_everybody_is_no_secret() -> None:
    offered = "arn:aws:serverlessrepo:us-east-1:405644541454:applications/proxy"
    assert ask("account-id-in-files", {"README.md": f"Take `{offered}`.\n"}) == []
    link = "https://serverlessrepo.aws.amazon.com/applications/us-east-1/405644541454/proxy"
    assert ask("account-id-in-files", {**USED, "README.md": f"See [it]({link}).\n"}) == []


def test_a_load_balancers_account_is_known_to_everybody() -> None:
    policy = '{"Principal": {"AWS": "arn:aws:iam::127311923021:root"}}'
    assert ask("account-id-in-files", {"policy.json": policy}) == []


def test_a_document_cannot_read_a_secret() -> None:
    (found,) = ask("account-id-in-files", {"README.md": f"The role is `{ROLE}`.\n"})
    assert found.remedy is not None
    assert "123456789012" in found.remedy.summary
    (found,) = ask("account-id-in-files", {**USED, "README.md": f"The role is `{ROLE}`.\n"})
    assert found.remedy is not None
    assert "variable or a secret" in found.remedy.summary


def test_a_script_that_runs_tests_is_no_data_of_tests_and_what_runs_comes_before_comments() -> None:
    files = {
        "infra/main.tf": f'# role = "{ROLE}"\n',
        "server/run-tests.sh": f"#!/bin/sh\naws sts assume-role --role-arn {ROLE}\n",
        "tests/data.sh": f"#!/bin/sh\necho {ROLE}\n",
    }
    (found,) = ask("account-id-in-files", files)
    assert [(one.file, one.line) for one in found.evidence] == [
        ("server/run-tests.sh", 2),
        ("infra/main.tf", 1),
    ]


def test_a_bucket_that_is_named_after_its_account_shows_its_number() -> None:
    text = 'terraform {\n  backend "s3" {\n    bucket = "app-tfstate-%s"\n  }\n}\n'
    (found,) = ask("account-id-in-files", {"main.tf": text % "874373491455"})
    assert ([(one.file, one.line) for one in found.evidence]) == [("main.tf", 3)]
    assert found.remedy is not None
    assert "-backend-config" in found.remedy.summary
    for other in ("202611231430", "123456789012", "8743734914551", "87437349145"):
        assert ask("account-id-in-files", {"main.tf": text % other}) == []


def test_where_not_every_text_is_read_the_number_of_places_is_the_least() -> None:
    twice = {"main.tf": f'a = "{ROLE}"\nb = "{ROLE}"\n'}
    (found,) = ask("account-id-in-files", twice)
    assert "written in 2 places" in found.message
    for path in (".claude/rules/account.md", "docs/archive/old.md"):
        (found,) = ask("account-id-in-files", {**twice, path: f"The role is `{ROLE}`.\n"})
        assert "written in at least 2 places" in found.message


def baselines(count: int) -> str:
    names = [f"arn:aws:ssm:us-east-1:{405644541454 + number}:patchbaseline/pb-1" for number in range(count)]
    return "[\n" + ",\n".join(f'  "{one}"' for one in names) + "\n]\n"


def test_data_that_names_the_accounts_of_many_names_none_of_the_project() -> None:
    assert ask("account-id-in-files", {"src/baselines.json": baselines(10)}) == []
    assert len(ask("account-id-in-files", {"src/baselines.json": baselines(9)})) == 1
    assert len(ask("account-id-in-files", {"src/baselines.tf": baselines(10)})) == 1
    assert len(ask("account-id-in-files", {"infra/terraform.tfvars.json": baselines(10)})) == 1


def test_a_number_of_such_data_that_is_used_elsewhere_is_told_there() -> None:
    (found,) = ask("account-id-in-files", {**USED, "src/baselines.json": baselines(12)})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7)]
