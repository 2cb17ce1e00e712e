import json
from dataclasses import replace

import pytest

from tasks.domain.fact import Unseen
from tasks.domain.finding import Weight
from tasks.domain.forge import ForgeOidc
from tests.checks.test_oidc import SETTINGS
from tests.checks.testing import CI, ask, job, places

OFFLINE = Unseen(reason="offline", asked=False)
NO_ROLE = replace(SETTINGS, aws=replace(SETTINGS.aws, deploy_role=None))
ISSUER = "token.actions.githubusercontent.com"
SIGN_IN = """\
- uses: aws-actions/configure-aws-credentials@v6
  with:
    role-to-assume: arn:aws:iam::123412341234:role/ship
"""
SECRET = SIGN_IN.replace("arn:aws:iam::123412341234:role/ship", "${{ secrets.ROLE }}")
PRODUCTION = "environment: production"
SCRIPT = """\
ROLE=ship
ACCOUNT=$(aws sts get-caller-identity --query Account)
aws iam create-role --role-name "$ROLE" --assume-role-policy-document file://policies/trust.json
gh secret set ROLE --body "arn:aws:iam::$ACCOUNT:role/$ROLE"
"""


def terraform(
    subject: str,
    test: str = "StringEquals",
    audience: str = "sts.amazonaws.com",
    action: str = "WithWebIdentity",
) -> str:
    return f"""\
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["sts:AssumeRole{action}"]
    principals {{
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }}
    condition {{
      test     = "StringEquals"
      variable = "{ISSUER}:aud"
      values   = ["{audience}"]
    }}
    condition {{
      test     = "{test}"
      variable = "{ISSUER}:sub"
      values   = [{subject}]
    }}
  }}
}}
resource "aws_iam_role" "ship" {{
  name               = "ship"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""


def told(written: str, extra: str = PRODUCTION, on: str = "push") -> list[tuple[str | None, int | None]]:
    files = {CI: job(SIGN_IN, extra=extra, on=on), "infra/main.tf": written}
    return places(ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE))


@pytest.mark.parametrize(
    "subject",
    [
        "repo:O/n:environment:production",
        "repo:o/m:environment:production",
        "repo:o/n:environment:prod",
        "repo:o/n:ref:refs/heads/main",
        "repo:o/n:environment:Production",
    ],
)
def test_a_subject_that_the_trust_policy_does_not_name_is_told_at_the_environment(subject: str) -> None:
    assert told(terraform(f'"{subject}"')) == [(CI, 5)]


def test_a_star_is_no_pattern_for_string_equals() -> None:
    assert told(terraform('"repo:o/n:*"')) == [(CI, 5)]
    assert told(terraform('"repo:o/n:*"', test="StringLike")) == []


@pytest.mark.parametrize(
    "subject",
    [
        '"repo:o/n:environment:production"',
        '"repo:o/n:environment:staging", "repo:o/n:environment:production"',
        '"repo:${var.owner}/n:environment:prod"',  # the owner is computed
        "var.subject",
        '"repo:upstream/n:environment:production"',  # this is a fork, or that was its name
        '"repo:o@1/n@2:environment:prod"',  # immutable ids: whose they are is not known
        '"job_workflow_ref:o/n/.github/workflows/ci.yml@refs/heads/main"',
    ],
)
def test_a_subject_that_is_named_computed_or_of_another_kind_is_not_told(subject: str) -> None:
    assert told(terraform(subject)) == []


def test_a_job_without_an_environment_needs_a_ref() -> None:
    assert told(terraform('"repo:o/n:environment:production"'), extra="") == [(CI, 3)]
    assert told(terraform('"repo:o/n:ref:refs/heads/release"'), extra="") == []  # any branch is pushed
    assert told(terraform('"repo:o/n:environment:production"'), extra="", on="workflow_call") == []


ONLY_MAIN = "{push: {branches: [main]}}"


@pytest.mark.parametrize(
    ("subject", "test", "on"),
    [
        ("repo:o/m:*", "StringLike", "push"),  # another repository
        ("repo:oo/n:*", "StringLike", "push"),  # a slip in the owner
        ("repo:O/n:*", "StringLike", "push"),  # AWS minds letter case
        ("repo:o/n:*", "StringEquals", "push"),  # a star is a letter there
        ("repo:o/n:ref:refs/heads/master", "StringEquals", ONLY_MAIN),
        ("repo:o/n:ref:refs/heads/release/*", "StringLike", ONLY_MAIN),
        ("repo:o/n:ref:refs/tags/v*", "StringLike", ONLY_MAIN),
        ("repo:o/n:ref:refs/heads/main", "StringEquals", "{push: {tags: ['v*']}}"),
        ("repo:o/n:ref:refs/heads/main", "StringEquals", "pull_request"),
        ("repo:o/n:ref:refs/heads/main", "StringEquals", "release"),
    ],
)
def test_a_ref_that_the_trust_policy_does_not_admit_is_told(subject: str, test: str, on: str) -> None:
    assert told(terraform(f'"{subject}"', test=test), extra="", on=on) == [(CI, 3)]


@pytest.mark.parametrize(
    ("subject", "test", "on"),
    [
        ("repo:o/n:*", "StringLike", "push"),
        ("repo:o/*", "StringLike", ONLY_MAIN),
        ("repo:o/n:ref:refs/heads/m?in", "StringLike", ONLY_MAIN),
        ("repo:o/n:ref:refs/heads/release", "StringEquals", "{push: {branches: ['rel*']}}"),
        ("repo:o/n:ref:refs/tags/v1", "StringEquals", "{push: {tags: ['v[0-9]*']}}"),
        ("repo:o/n:pull_request", "StringEquals", "pull_request"),
        ("repo:o/n:ref:refs/heads/main", "StringEquals", "workflow_dispatch"),
        ("repo:o/n:ref:refs/heads/main", "StringEquals", "pull_request_target"),
        ("repo:upstream/n:*", "StringLike", "push"),  # this is a fork, or that was its name
    ],
)
def test_a_ref_that_the_trust_policy_may_admit_is_not_told(subject: str, test: str, on: str) -> None:
    assert told(terraform(f'"{subject}"', test=test), extra="", on=on) == []


def test_the_letter_case_of_an_address_proves_less_than_what_github_says() -> None:
    files = {
        CI: job(SIGN_IN, extra=PRODUCTION),
        "infra/main.tf": terraform('"repo:O/n:environment:production"'),
    }
    (offline,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    (known,) = ask("trust-policy-admits-job", files, NO_ROLE, ForgeOidc(use_default=True, prefix="repo:o/n"))
    assert "letter case" in offline.message
    assert (offline.weight, known.weight) == (Weight.WARNING, Weight.BLOCKER)


def test_one_event_of_two_that_is_refused_warns_unless_the_job_asks_first() -> None:
    both = "{push: {branches: [main]}, pull_request: null}"
    written = terraform('"repo:o/n:ref:refs/heads/main"')
    files = {CI: job(SIGN_IN, extra="", on=both), "infra/main.tf": written}
    (finding,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert finding.weight is Weight.WARNING
    assert told(written, extra="if: github.event_name == 'push'", on=both) == []


def test_an_audience_and_an_action_of_others_refuse_every_token() -> None:
    own = '"repo:o/n:environment:production"'
    assert told(terraform(own, audience="https://github.com/o")) == [("infra/main.tf", 11)]
    assert told(terraform(own, action="")) == [("infra/main.tf", 3)]


def test_the_role_of_a_secret_that_a_script_sets_is_the_one_that_the_script_makes() -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::1:oidc-provider/{ISSUER}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {f"{ISSUER}:sub": "repo:o/n:environment:live"}},
            }
        ],
    }
    files = {
        CI: job(SECRET, extra=PRODUCTION),
        "policies/trust.json": json.dumps(trust, indent=1),
        "provision.sh": SCRIPT,
    }
    found = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert places(found) == [(CI, 5)]
    assert "policies/trust.json" in [one.file for one in found[0].evidence]
    other = files | {"provision.sh": SCRIPT.replace("secret set ROLE", "secret set OTHER")}
    assert ask("trust-policy-admits-job", other, NO_ROLE, OFFLINE) == []


CALLER = ".github/workflows/deploy.yml"
CALLED = "{workflow_call: {inputs: {environment: {type: string, default: staging}}, secrets: {role: {}}}}"


def calls(*given: str, secrets: str = "{}") -> str:
    jobs = "".join(
        f"  j{n}:\n    uses: ./{CI}\n    with: {one}\n    secrets: {secrets}\n" for n, one in enumerate(given)
    )
    return f"on: workflow_dispatch\njobs:\n{jobs}"


def test_the_environment_that_a_caller_hands_on_is_compared() -> None:
    called = job(SIGN_IN, extra="environment: ${{ inputs.environment }}", on=CALLED)
    files = {
        CI: called,
        CALLER: calls("{environment: staging}", "{environment: production}"),
        "infra/main.tf": terraform('"repo:o/n:environment:staging", "repo:o/n:environment:prod"'),
    }
    (finding,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert places([finding]) == [(CALLER, 9)]
    assert "repo:o/n:environment:production" in finding.message
    default = files | {CALLER: calls("{}")}
    assert ask("trust-policy-admits-job", default, NO_ROLE, OFFLINE) == []
    computed = files | {CALLER: calls("{environment: '${{ vars.WHERE }}'}")}
    assert ask("trust-policy-admits-job", computed, NO_ROLE, OFFLINE) == []


def test_the_role_of_a_secret_is_likely_the_only_one_for_tokens() -> None:
    files = {CI: job(SECRET, extra=PRODUCTION), "infra/main.tf": terraform('"repo:o/n:environment:prod"')}
    (finding,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert (places([finding]), finding.weight) == ([(CI, 5)], Weight.WARNING)
    assert finding.message.startswith("if secrets.ROLE is ship, the only role here that lets tokens in: ")


def test_the_secret_of_a_called_workflow_is_the_one_that_its_callers_hand_on() -> None:
    called = job(SECRET.replace("ROLE", "role"), extra="environment: live", on=CALLED)
    files = {
        CI: called,
        CALLER: calls("{}", secrets="{role: '${{ secrets.AWS_ROLE }}'}"),
        "infra/main.tf": terraform('"repo:o/n:environment:prod"'),
    }
    (finding,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert "secrets.AWS_ROLE is ship" in finding.message
    both = files | {
        ".github/workflows/other.yml": calls("{}", secrets="{role: '${{ secrets.OTHER }}'}"),
    }
    assert ask("trust-policy-admits-job", both, NO_ROLE, OFFLINE) == []


def test_a_secret_may_hold_another_role_where_there_are_two_or_terraform_itself_runs() -> None:
    refused = terraform('"repo:o/n:environment:prod"')
    second = refused[refused.index("resource") :].replace('"ship"', '"other"')
    files = {CI: job(SECRET, extra=PRODUCTION), "infra/main.tf": refused + second}
    assert ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE) == []
    applies = {CI: job(SECRET + "- run: terraform apply\n", extra=PRODUCTION), "infra/main.tf": refused}
    assert ask("trust-policy-admits-job", applies, NO_ROLE, OFFLINE) == []
    other = {
        CI: job(SECRET + SIGN_IN, extra=PRODUCTION),
        "infra/main.tf": refused.replace('"ship"', '"ship2"'),
    }
    assert ask("trust-policy-admits-job", other, NO_ROLE, OFFLINE) == []


def test_the_subject_in_another_letter_case_is_shown_first_and_written_anew() -> None:
    own, wrong = "repo:o/n:environment:staging", "repo:o/n:environment:Production"
    written = terraform(f'\n"{own}",\n"{wrong}",\n')
    files = {CI: job(SIGN_IN, extra=PRODUCTION), "infra/main.tf": written}
    (found,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    shown = [one.excerpt for one in found.evidence if one.file == "infra/main.tf"]
    assert shown[:2] == [f'"{wrong}",', f'"{own}",']
    assert found.remedy is not None
    assert "repo:o/n:environment:production" in found.remedy.summary
    assert found.remedy.commands[0].startswith("sed -i ")
    other = job(SIGN_IN, extra="environment: Production").replace("build:", "other:")
    both = {**files, ".github/workflows/other.yml": other}
    (found,) = ask("trust-policy-admits-job", both, NO_ROLE, OFFLINE)
    assert found.remedy is not None
    assert not any(one.startswith("sed") for one in found.remedy.commands)


def test_a_repository_in_another_letter_case_is_written_as_the_policys_other_lines_have_it() -> None:
    wrong = "repo:O/n:environment:production"
    files = {
        CI: job(SIGN_IN, extra=PRODUCTION),
        "infra/main.tf": terraform(f'\n"repo:o/n:environment:staging",\n"{wrong}",\n'),
    }
    (found,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert found.remedy is not None
    assert found.remedy.commands[0].startswith("sed -i ")
    alone = {**files, "infra/main.tf": terraform(f'\n"{wrong}",\n')}
    (found,) = ask("trust-policy-admits-job", alone, NO_ROLE, OFFLINE)
    assert found.remedy is not None
    assert not any(one.startswith("sed") for one in found.remedy.commands)


def test_a_token_for_somebody_else_is_told_at_the_step_that_asks_for_it() -> None:
    asked = SECRET + "    audience: https://github.com/o\n"
    written = terraform('"repo:o/n:environment:production"')
    files = {CI: job(asked, extra=PRODUCTION), "infra/main.tf": written}
    (found,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert places([found]) == [(CI, 10)]
    assert found.message.startswith(
        "if secrets.ROLE is ship, the only role here that lets tokens in: the token"
    )
    assert found.remedy is not None
    assert found.remedy.summary.startswith("Take `audience` out of the step, or name https://github.com/o")


def test_a_job_that_runs_terraform_by_the_secret_that_others_read_needs_the_same_role() -> None:
    kept = SECRET.replace("ROLE", "AWS_ROLE")
    applies = job(kept + "- run: terraform apply\n", on="{push: {branches: [main]}}")
    ship = ".github/workflows/ship.yml"
    called = job(SECRET.replace("ROLE", "role"), extra=PRODUCTION, on=CALLED)
    files = {
        CI: called,
        CALLER: calls("{}", secrets="{role: '${{ secrets.AWS_ROLE }}'}"),
        ship: applies,
        "infra/main.tf": terraform('"repo:o/n:environment:production"'),
    }
    (found,) = ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)
    assert found.weight is Weight.WARNING
    assert "build signs in as repo:o/n:ref:refs/heads/main, which the trust of ship refuses" in found.message
    assert places([found])[0][0] == ship
    direct = {**files, CI: job(kept, extra=PRODUCTION)}  # a secret of the environment
    del direct[CALLER]
    assert ask("trust-policy-admits-job", direct, NO_ROLE, OFFLINE) == []
    own = {**files, ship: job(kept + "- run: terraform apply\n", extra="environment: infra")}
    assert ask("trust-policy-admits-job", own, NO_ROLE, OFFLINE) == []


PROVIDER = """\
resource "aws_iam_openid_connect_provider" "github" {{
  url            = "https://{}"
  client_id_list = ["https://github.com/o"]
}}
"""


def test_a_provider_that_takes_no_token_for_sts_is_told() -> None:
    files = {CI: job(SIGN_IN), "infra/main.tf": PROVIDER.format(ISSUER)}
    assert places(ask("identity-provider-takes-audience", files)) == [("infra/main.tf", 3)]


def test_a_provider_of_others_and_an_audience_that_a_step_asks_for_are_not_told() -> None:
    files = {CI: job(SIGN_IN), "infra/main.tf": PROVIDER.format("oidc.eks.amazonaws.com/id/1")}
    assert ask("identity-provider-takes-audience", files) == []
    asked = SIGN_IN + "    audience: https://github.com/o\n"
    files = {CI: job(asked), "infra/main.tf": PROVIDER.format(ISSUER)}
    assert ask("identity-provider-takes-audience", files) == []


def test_the_job_that_makes_the_provider_needs_its_own_audience_taken() -> None:
    provider = PROVIDER.format(ISSUER).replace("https://github.com/o", "sts.amazonaws.com")
    asked = f"- uses: actions/checkout@v6\n{SIGN_IN}    audience: https://github.com/o\n"
    applies = "- run: terraform -chdir=infra apply -auto-approve\n"
    ship = {".github/workflows/ship.yml": job(SIGN_IN), "infra/main.tf": provider}
    (found,) = ask("identity-provider-takes-audience", {**ship, CI: job(asked + applies)})
    assert places([found]) == [("infra/main.tf", 3)]
    assert (CI, 10) in {(one.file, one.line) for one in found.evidence}
    assert found.message.endswith("only; jobs ask theirs for https://github.com/o")
    assert found.remedy is not None
    assert found.remedy.summary.startswith("Take `audience` out of the step")
    assert ask("identity-provider-takes-audience", {**ship, CI: job(asked)}) == []
    plans = applies.replace("apply -auto-approve", "plan")
    assert ask("identity-provider-takes-audience", {**ship, CI: job(asked + plans)}) == []
    elsewhere = provider + 'provider "aws" {\n  assume_role {\n    role_arn = var.x\n  }\n}\n'
    other = {**ship, CI: job(asked + applies), "infra/main.tf": elsewhere}
    assert ask("identity-provider-takes-audience", other) == []


@pytest.mark.parametrize(
    ("account", "places_"), [("210000000012", [("infra/main.tf", 6)]), ("123412341234", [])]
)
def test_the_provider_of_another_account_than_the_roles_is_told(
    account: str, places_: list[tuple[str, int]]
) -> None:
    written = terraform('"repo:o/n:environment:production"').replace(
        "[aws_iam_openid_connect_provider.github.arn]", f'["arn:aws:iam::{account}:oidc-provider/{ISSUER}"]'
    )
    assert told(written) == places_
    files = {CI: job(SECRET, extra=PRODUCTION), "infra/main.tf": written}
    assert ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE) == []
