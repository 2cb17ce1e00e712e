from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tasks.systems.shell import ProgramFailed, Shell
from tasks.systems.terraform import Terraform

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="this machine has no terraform"),
]


def terraform(tmp_path: Path, text: str, name: str = "main.tf") -> Terraform:
    module = tmp_path / "module"
    module.mkdir()
    (module / name).write_text(text)
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull}
    return Terraform(Shell(environment), module, tmp_path / "data", network=False)


def test_a_module_that_needs_no_provider_is_valid_without_a_network(tmp_path: Path) -> None:
    said = terraform(tmp_path, 'output "answer" {\n  value = 42\n}\n').validate(locked=False)
    assert said.valid
    assert said.messages == ()


def test_what_terraform_refuses_has_its_place(tmp_path: Path) -> None:
    said = terraform(tmp_path, 'output "answer" {\n  value = var.nobody\n}\n').validate(locked=False)
    (message,) = said.messages
    assert (message.severity, message.file, message.line) == ("error", "main.tf", 2)
    assert message.summary == "Reference to undeclared input variable"


def test_what_is_refused_before_providers_are_looked_for_is_known_without_them(tmp_path: Path) -> None:
    twice = 'resource "aws_instance" "one" {}\nresource "aws_instance" "one" {}\n'
    said = terraform(tmp_path, twice).validate(locked=False)
    assert [(one.file, one.line) for one in said.messages] == [("main.tf", 2)]


def test_a_provider_that_is_not_here_is_no_mistake_of_the_module(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"terraform init"):
        terraform(tmp_path, 'resource "aws_instance" "one" {}\n').validate(locked=False)


def test_a_terraform_that_is_too_old_here_is_no_mistake_of_the_module(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"terraform init"):
        terraform(tmp_path, 'terraform {\n  required_version = ">= 99"\n}\n').validate(locked=False)


def test_a_file_whose_name_has_a_space_is_one_file(tmp_path: Path) -> None:
    text = 'output "answer" {\n    value=42\n}\n'
    assert terraform(tmp_path, text, "the main.tf").unformatted() == ("the main.tf",)
