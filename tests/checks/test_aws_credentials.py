import pytest

from tests.checks.testing import CI, answers, ask, job, places

BUCKET = "- uses: actions/checkout@v6\n- run: aws s3 ls s3://bucket\n"


def test_a_command_of_a_job_without_credentials_is_a_blocker() -> None:
    (told,) = ask("aws-credentials-given", {CI: job(BUCKET)})
    assert (told.subject, told.weight, places([told])) == ("ci.yml: build", "blocker", [(CI, 7)])
    assert "no step gives it any" in told.message


def test_a_step_whose_neighbour_has_the_keys_is_told_so() -> None:
    steps = """
    - run: aws s3 ls s3://bucket
      env:
        AWS_ACCESS_KEY_ID: ${{ secrets.KEY }}
    - run: aws s3 ls s3://other
    """
    (told,) = ask("aws-credentials-given", {CI: job(steps)})
    assert places([told]) == [(CI, 9)]
    assert "other steps of the job have them" in told.message


@pytest.mark.parametrize(
    "before",
    [
        "- uses: aws-actions/configure-aws-credentials@v6\n  with:\n    role-to-assume: x\n",
        "- uses: ./.github/actions/sign-in\n",
        "- uses: hashicorp/vault-action@v3\n",
        "- run: echo AWS_ACCESS_KEY_ID=x >> $GITHUB_ENV\n",
        "- run: aws configure set region x\n",
        "- run: . ./nobody-knows\n",
        "- run: docker run -d localstack/localstack\n",
    ],
)
def test_a_step_before_that_gives_or_may_give_them_is_enough(before: str) -> None:
    assert ask("aws-credentials-given", {CI: job(before + BUCKET)}) == []


@pytest.mark.parametrize(
    "extra",
    [
        "env:\n  AWS_PROFILE: ci",
        "env:\n  AWS_ENDPOINT_URL_S3: http://minio:9000",
        "env: ${{ fromJSON(inputs.env) }}",
        "services:\n  s3:\n    image: minio/minio",
        "container: amazon/aws-cli",
        "continue-on-error: true\nenv:\n  AWS_ROLE_ARN: x\n  AWS_WEB_IDENTITY_TOKEN_FILE: x",
    ],
)
def test_a_job_that_is_given_them_another_way_is_fine(extra: str) -> None:
    assert ask("aws-credentials-given", {CI: job(BUCKET, extra=extra)}) == []


@pytest.mark.parametrize(
    "machine", ["self-hosted", "${{ matrix.os }}", "big-machine", "[self-hosted, linux]"]
)
def test_a_machine_of_somebodys_own_may_have_credentials(machine: str) -> None:
    files = {CI: job(BUCKET).replace("ubuntu-latest", machine)}
    assert answers("aws-credentials-given", files) == []


@pytest.mark.parametrize(
    "run",
    [
        "aws s3 cp s3://public/x x --no-sign-request",
        "aws --version",
        "aws s3 ls s3://bucket || true",
        "aws s3 ls --endpoint-url http://x",
        'if [ -n "$UPLOAD" ]; then aws s3 ls s3://bucket; fi',
        "AWS_PROFILE=x aws s3 ls",
    ],
)
def test_what_needs_none_or_may_not_run_is_fine(run: str) -> None:
    assert ask("aws-credentials-given", {CI: job(f"- run: |\n    {run}\n")}) == []


SCRIPT = """\
#!/bin/bash
nodes() {
  aws ec2 describe-instances
}
unused() {
  aws s3 ls
}
store() {
  if [ -n "$1" ]; then
    aws s3 ls
  fi
}
list() {
  nodes
  store x
}
case $1 in
  list) list ;;
esac
"""


def test_a_function_of_a_called_script_is_a_warning() -> None:
    steps = "- uses: actions/checkout@v6\n- run: tools/x.sh list\n"
    (told,) = ask("aws-credentials-given", {CI: job(steps), "tools/x.sh": SCRIPT})
    assert told.weight == "warning"
    assert [(one.file, one.line) for one in told.evidence] == [(CI, 7), ("tools/x.sh", 3)]


BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "state"\n  }\n}\n'
PROVIDER = 'provider "aws" {\n  region = "x"\n}\n'


@pytest.mark.parametrize(
    ("module", "action", "told"),
    [
        (BACKEND, "init", True),
        (BACKEND, "init -backend=false", False),
        (BACKEND.replace('bucket = "state"', 'profile = "x"'), "init", False),
        (PROVIDER, "init", False),
        (PROVIDER, "validate", False),
        (PROVIDER, "plan", True),
        (PROVIDER.replace("region", "access_key"), "plan", False),
        (PROVIDER + 'terraform {\n  cloud {\n    organization = "x"\n  }\n}\n', "plan", False),
        (PROVIDER + BACKEND.replace("s3", "remote"), "apply", False),
        ('provider "google" {}\n', "plan", False),
    ],
)
def test_terraform_needs_them_for_state_and_provider(module: str, action: str, *, told: bool) -> None:
    steps = f"- uses: actions/checkout@v6\n- run: terraform -chdir=infra {action}\n"
    files = {CI: job(steps), "infra/main.tf": module}
    assert bool(ask("aws-credentials-given", files)) is told


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("bash -n x.sh", False),
        ("shellcheck x.sh", False),
        ("chmod +x x.sh", False),
        ("cp x.sh out/", False),
        ("./x.sh", True),
        ("bash x.sh", True),
        ("bash -eu x.sh", True),
        ("sudo sh x.sh now", True),
    ],
)
def test_a_script_that_is_only_read_or_copied_asks_for_nothing(text: str, starts: bool) -> None:
    script = "#!/bin/bash\nset -e\naws s3 ls s3://bucket\n"
    steps = f"- uses: actions/checkout@v6\n- run: {text}"
    assert bool(ask("aws-credentials-given", {"x.sh": script, CI: job(steps)})) == starts
