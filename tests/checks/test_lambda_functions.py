import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, answers, ask, job, places

FUNCTION = """\
resource "aws_lambda_function" "f" {
  function_name = "f"
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  filename      = FILE
}
"""
ARCHIVE = """\
data "archive_file" "zip" {
  type        = "zip"
  source_file = "${path.module}/../target/release/NAME"
  output_path = "f.zip"
}
"""


def function(file: str, more: str = "") -> str:
    return FUNCTION.replace("FILE", file).replace("}\n", f"{more}}}\n")


def made(name: str) -> dict[str, str]:
    return {"main.tf": function("data.archive_file.zip.output_path") + ARCHIVE.replace("NAME", name)}


def zipped_by(command: str) -> dict[str, str]:
    return {CI: job(f"- uses: actions/checkout@v4\n- run: {command}")}


def zipped(command: str) -> dict[str, str]:
    return {"infra/main.tf": function('"../f.zip"'), **zipped_by(command)}


def test_an_archive_of_terraform_without_a_bootstrap_is_named() -> None:
    (found,) = ask("lambda-program-named", made("server"))
    assert places([found]) == [("main.tf", 9)]
    assert "holds server" in found.message
    assert found.weight is Weight.WARNING
    assert ask("lambda-program-named", made("bootstrap")) == []


def test_another_runtime_starts_what_the_handler_says() -> None:
    files = made("handler.py")
    assert (
        ask("lambda-program-named", {"main.tf": files["main.tf"].replace("provided.al2023", "python3.13")})
        == []
    )


@pytest.mark.parametrize(
    "command", ["zip -j f.zip target/release/server", "zip f.zip target/lambda/x/bootstrap"]
)
def test_an_archive_that_a_step_makes_is_read(command: str) -> None:
    (found,) = ask("lambda-program-named", zipped(command))
    assert places([found]) == [(CI, 7)]


@pytest.mark.parametrize(
    "command",
    [
        "zip -j f.zip target/lambda/x/bootstrap",
        "zip f.zip ./bootstrap extra.json",
        "zip -j f.zip target/release/$NAME",
        "zip -r f.zip dist",
        "zip -j other.zip target/release/server",
        "zip -j f.zip a/server && zip -j f.zip a/bootstrap",
    ],
)
def test_an_archive_with_a_bootstrap_or_of_what_is_not_certain_is_fine(command: str) -> None:
    assert ask("lambda-program-named", zipped(command)) == []


def test_a_recipe_of_a_makefile_is_read_and_two_functions_are_told_once() -> None:
    two = function('"../f.zip"') + function('"../g.zip"').replace('"f"', '"g"', 1)
    make = "package:\n\t@ cp target/lambda/api/bootstrap api\n\t@ zip f.zip ./api\n\t@ zip g.zip ./api\n"
    (found,) = ask("lambda-program-named", {"infra/main.tf": two, "Makefile": make})
    assert places([found]) == [("Makefile", 3)]
    assert "aws_lambda_function.f and aws_lambda_function.g hold api" in found.message
    assert (
        ask("lambda-program-named", {"infra/main.tf": two, "Makefile": make.replace("./api", "$(BIN)")}) == []
    )


def test_an_archive_of_the_same_name_in_another_directory_is_another_one() -> None:
    files = {"infra/main.tf": function('"f.zip"'), **zipped_by("zip -j f.zip target/release/server")}
    assert ask("lambda-program-named", files) == []
    files["infra/main.tf"] = function('"${path.module}/../f.zip"')
    assert len(ask("lambda-program-named", files)) == 1
    assert ask("lambda-program-named", {**files, **zipped_by('cd "$D" && zip f.zip server')}) == []


def test_a_layer_may_bring_the_program_unless_it_is_the_adapter_that_starts_the_handler() -> None:
    adapter = '  layers = ["arn:aws:lambda:${var.r}:753240598075:layer:LambdaAdapterLayerArm64:25"]\n'
    files = zipped("zip f.zip server")
    other = {**files, "infra/main.tf": function('"../f.zip"', "  layers = [var.layer]\n")}
    assert ask("lambda-program-named", other) == []
    (found,) = ask("lambda-program-named", {**files, "infra/main.tf": function('"../f.zip"', adapter)})
    assert found.evidence[0].file == CI
    named = function('"../f.zip"', adapter).replace('handler       = "bootstrap"', 'handler = "server"')
    assert ask("lambda-program-named", {**files, "infra/main.tf": named}) == []


URL = """\
resource "aws_lambda_function_url" "u" {
  function_name      = "f"
  authorization_type = "NONE"
}
"""
PROVIDERS = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "VERSION"
    }
  }
}
provider "aws" {}
"""
LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "VERSION"
}
"""


@pytest.mark.parametrize("version", ["~> 5.0", "5.100.0", ">= 4, < 6", "~> 6.10.0"])
def test_an_open_url_of_a_provider_that_grants_half_of_what_it_needs_is_named(version: str) -> None:
    files = {"main.tf": URL, "versions.tf": PROVIDERS.replace("VERSION", version)}
    (found,) = ask("lambda-url-answers", files)
    assert places([found]) == [("main.tf", 3)]
    assert [(one.file, one.line) for one in found.evidence][1] == ("versions.tf", 5)


@pytest.mark.parametrize("version", ["~> 6", ">= 5", "~> 6.10", ">= 6.28.0, < 6.29.0", "6.30.1"])
def test_a_provider_that_may_be_new_enough_is_fine(version: str) -> None:
    files = {"main.tf": URL, "versions.tf": PROVIDERS.replace("VERSION", version)}
    assert ask("lambda-url-answers", files) == []


def test_the_locked_version_decides() -> None:
    files = {"main.tf": URL, "versions.tf": PROVIDERS.replace("VERSION", ">= 5")}
    (found,) = ask("lambda-url-answers", {**files, ".terraform.lock.hcl": LOCK.replace("VERSION", "6.27.0")})
    assert (found.evidence[-1].file, found.evidence[-1].line) == (".terraform.lock.hcl", 2)
    assert (
        ask("lambda-url-answers", {**files, ".terraform.lock.hcl": LOCK.replace("VERSION", "6.28.0")}) == []
    )


def test_a_url_of_known_callers_or_with_a_permission_of_its_own_is_fine() -> None:
    old = PROVIDERS.replace("VERSION", "~> 5.0")
    permission = 'resource "aws_lambda_permission" "p" {\n  principal = "*"\n}\n'
    assert ask("lambda-url-answers", {"main.tf": URL + permission, "versions.tf": old}) == []
    assert ask("lambda-url-answers", {"main.tf": URL.replace("NONE", "AWS_IAM"), "versions.tf": old}) == []


MOUNT = """\
resource "aws_lambda_function" "f" {
  file_system_config {
    arn = aws_efs_access_point.p.arn
  }
  depends_on = [WAITS]
}
resource "aws_efs_access_point" "p" {
  file_system_id = aws_efs_file_system.s.id
}
resource "aws_efs_mount_target" "t" {
  file_system_id = aws_efs_file_system.s.id
}
resource "null_resource" "ready" {
  depends_on = [aws_efs_mount_target.t]
}
"""


def test_a_function_that_does_not_wait_for_its_mount_targets_is_made_too_early() -> None:
    (found,) = ask("lambda-mount-waits", {"main.tf": MOUNT.replace("WAITS", "aws_efs_access_point.p")})
    assert [one.line for one in found.evidence] == [1, 10]
    assert found.weight is Weight.WARNING


@pytest.mark.parametrize("waits", ["aws_efs_mount_target.t", "null_resource.ready", "module.storage"])
def test_a_function_that_waits_for_them_however_is_fine(waits: str) -> None:
    found = answers("lambda-mount-waits", {"main.tf": MOUNT.replace("WAITS", waits)})
    assert [one.verdict.value for one in found] == ["holds"]


def test_mount_targets_of_another_file_system_are_none_of_its() -> None:
    text = MOUNT.replace("WAITS", "").replace(
        'target" "t" {\n  file_system_id = aws_efs_file_system.s',
        'target" "t" {\n  file_system_id = aws_efs_file_system.o',
    )
    assert ask("lambda-mount-waits", {"main.tf": text}) == []
