from __future__ import annotations

import pytest

from tests.checks.testing import ask, places

CHECK = "terraform-told-variable-declared"
FILES = {"infra/main.tf": 'variable "region" {}\n'}


def test_a_variable_that_no_module_declares_is_told_where_people_export_it() -> None:
    text = "# Bench\n\nGive the key by `terraform.tfvars` or `TF_VAR_ssh_public_key`.\n"
    script = "#!/bin/sh\nexport TF_VAR_ssh_public_key=x\n"
    (found,) = ask(CHECK, {**FILES, "README.md": text, "docs/BENCH.md": text})
    assert places([found]) == [("README.md", 3)]
    assert "(2 documents)" in found.message
    assert places(ask(CHECK, {**FILES, "bench.sh": script})) == [("bench.sh", 2)]


def test_the_name_that_may_be_meant_is_told() -> None:
    (found,) = ask(CHECK, {**FILES, "README.md": "Set `TF_VAR_regoin`.\n"})
    assert "(region is)" in found.message


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "Set `TF_VAR_region`.\n"},
        {"README.md": "Set `TF_VAR_<name>`, or `TF_VAR_my_var`, or any `TF_VAR_*`.\n"},
        {"README.md": "Set `TF_VAR_creds`.\n", "run.sh": "#!/bin/sh\necho ${TF_VAR_creds}\n"},
        {"README.md": "Set `TF_VAR_key`.\n", "live/terragrunt.hcl": "\n"},
        {"README.md": "Set `TF_VAR_key`.\n", "infra/main.tf": "no hcl {"},
    ],
)
def test_what_is_declared_or_may_be_is_not_told(files: dict[str, str]) -> None:
    assert ask(CHECK, {**FILES, **files}) == []
