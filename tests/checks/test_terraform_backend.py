import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, answers, ask, job, places

CHECK = "terraform-backend-complete"


def backend(*lines: str) -> str:
    body = "".join(f"    {one}\n" for one in lines)
    return f'terraform {{\n  backend "s3" {{\n{body}  }}\n}}\n'


def init(options: str, more: str = "") -> str:
    return job(f"- uses: actions/checkout@v4\n- run: terraform -chdir=infra init {options}\n{more}")


def test_an_init_without_the_key_that_the_block_lacks_stops_the_job() -> None:
    files = {"infra/main.tf": backend('bucket = "b"', 'region = "eu-west-1"'), CI: init("-input=false")}
    (found,) = ask(CHECK, files)
    assert places([found]) == [(CI, 7)]
    assert found.weight is Weight.BLOCKER
    assert "no key of the S3 backend" in found.message
    assert [one.line for one in found.evidence] == [7, 2]


def test_an_init_that_gives_the_key_and_not_the_bucket_lacks_the_bucket() -> None:
    files = {"infra/main.tf": backend(), CI: init('-backend-config="key=k"')}
    (found,) = ask(CHECK, files)
    assert "no bucket of" in found.message


@pytest.mark.parametrize(
    "options",
    [
        '-backend-config="bucket=${{ secrets.B }}" -backend-config="key=app-${{ inputs.e }}"',
        "-backend-config=bucket=b -backend-config key=k",
        "-backend-config=prod.hcl",
        "-backend-config=$FILE",
        "$OPTIONS",
        "-backend=false",
        "|| true",
    ],
)
def test_an_init_that_is_given_the_rest_or_may_be_is_fine(options: str) -> None:
    files = {
        "infra/main.tf": backend(),
        "infra/prod.hcl": 'bucket = "b"\nkey = "k"\n',
        CI: init(options),
    }
    assert ask(CHECK, files) == []


def test_a_file_of_the_backend_without_the_key_is_not_enough_and_one_that_is_made_may_be() -> None:
    files = {
        "infra/main.tf": backend(),
        "infra/prod.tfvars": 'bucket = "b"\n',
        CI: init("-backend-config=prod.tfvars"),
    }
    (found,) = ask(CHECK, files)
    assert "no key" in found.message
    assert ask(CHECK, {**files, CI: init("-backend-config=made.hcl")}) == []


@pytest.mark.parametrize("name", ["prod.s3.tfbackend", "backend.hcl"])
def test_a_file_of_the_backend_is_read_by_the_name_that_such_files_have(name: str) -> None:
    files = {
        "infra/main.tf": backend(),
        f"infra/{name}": 'bucket = "b"\nregion = "r"\n',
        CI: init(f"-backend-config {name}"),
    }
    (found,) = ask(CHECK, files)
    assert "no key" in found.message
    assert ask(CHECK, {**files, f"infra/{name}": 'bucket = "b"\nkey    = "k"\n'}) == []


def test_options_of_the_environment_are_not_judged() -> None:
    extra = "env:\n  TF_CLI_ARGS_init: -backend-config=key=k"
    text = job("- run: terraform -chdir=infra init", extra=extra)
    assert ask(CHECK, {"infra/main.tf": backend('bucket = "b"'), CI: text}) == []


def test_a_key_that_nobody_writes_down_is_noted_where_people_run_terraform() -> None:
    files = {"infra/main.tf": backend('bucket = "b"', 'region = "eu-west-1"')}
    (found,) = ask(CHECK, files)
    assert places([found]) == [("infra/main.tf", 2)]
    assert found.weight is Weight.NOTE


def test_a_backend_that_is_completed_somewhere_or_left_open_on_purpose_is_not_noted() -> None:
    text = backend('bucket = "b"')
    assert ask(CHECK, {"infra/main.tf": text, "README.md": "`terraform init -backend-config=key=k`\n"}) == []
    assert ask(CHECK, {"infra/main.tf": backend()}) == []
    whole = answers(CHECK, {"infra/main.tf": backend('bucket = "b"', 'key = "k"')})
    assert [one.verdict.value for one in whole] == ["holds"]


def test_a_program_that_gives_the_backend_its_bucket_says_which_one_is_meant() -> None:
    text = backend('key = "k"', 'region = "eu-west-1"')
    program = 'fn init() { run(["init", "-backend-config", &bucket]); }\n'
    assert ask(CHECK, {"infra/main.tf": text, "src/terraform.rs": program}) == []
    other = 'fn init() { run(["init", "-input=false"]); }\n'
    assert places(ask(CHECK, {"infra/main.tf": text, "src/terraform.rs": other})) == [("infra/main.tf", 2)]


def test_backends_that_lack_the_same_are_one_finding() -> None:
    text = backend('key = "k"', 'region = "eu-west-1"')
    (found,) = ask(CHECK, {"a/main.tf": text, "b/main.tf": text})
    assert [one.file for one in found.evidence] == ["a/main.tf", "b/main.tf"]
    assert "2 S3 backends have no bucket" in found.message
