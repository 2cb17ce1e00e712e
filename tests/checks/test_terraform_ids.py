import re

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places

VPC = 'variable "vpc_id" {\n  default = "vpc-default"\n}\n'


def test_a_default_that_can_be_no_id_is_named() -> None:
    found = ask("terraform-ids-real", {"main.tf": VPC})
    assert places(found) == [("main.tf", 2)]
    assert found[0].subject == ".: var.vpc_id"


@pytest.mark.parametrize(
    "default",
    ['{ a = ["subnet-replace-me"] }', '{ a = { b = "subnet-default" } }', '[{ subnet_id = "subnet-xx" }]'],
)
def test_an_id_in_a_map_or_a_list_of_a_default_is_looked_at_too(default: str) -> None:
    text = f'variable "subnets" {{\n  type    = any\n  default = {default}\n}}\n'
    (found,) = ask("terraform-ids-real", {"main.tf": text})
    assert places([found]) == [("main.tf", 3)]
    fine = re.sub(r"subnet-[\w-]+", "subnet-0a1b2c3d", text)
    assert ask("terraform-ids-real", {"main.tf": fine}) == []
    named = (
        text.replace('"subnets"', '"settings"').replace("subnet_id", "prefix").replace("-replace-me", "-a")
    )
    assert ask("terraform-ids-real", {"main.tf": named}) == []


def test_a_default_that_somebody_overrides_is_not_used() -> None:
    step = "- run: terraform plan -var=vpc_id=$VPC"
    assert ask("terraform-ids-real", {"main.tf": VPC, CI: job(step)}) == []
    assert ask("terraform-ids-real", {"main.tf": VPC, "x.tfvars": 'vpc_id = "vpc-0a1b2c3d"\n'}) == []
    caller = 'module "m" {\n  source = "../m"\n  vpc_id = var.x\n}\n'
    assert ask("terraform-ids-real", {"m/main.tf": VPC, "a/main.tf": caller}) == []


def test_a_file_of_values_that_is_there_to_be_copied_may_say_what_to_fill_in() -> None:
    values = 'project_id = "<your-project-id>"\n'
    variable = 'variable "project_id" {}\n'
    for name in ("testnet-example.tfvars", "template.tfvars", "sample.auto.tfvars"):
        assert ask("terraform-ids-real", {"main.tf": variable, name: values}) == []
    found = ask("terraform-ids-real", {"main.tf": variable, "examples.tfvars": values})
    assert places(found) == [("examples.tfvars", 1)]
    copied = {
        "main.tf": variable,
        "examples.tfvars": values,
        "init.sh": "cp examples.tfvars terraform.tfvars\n",
    }
    assert ask("terraform-ids-real", copied) == []


def test_example_ids_accounts_and_what_nobody_filled_in_are_named() -> None:
    text = """\
        resource "aws_instance" "n" {
          ami       = "ami-0123456789abcdef0"
          subnet_id = "subnet-xxxxxxxx"
          role      = "arn:aws:iam::123456789012:role/x"
          key_name  = "CHANGE_ME"
        }
    """
    assert [line for _, line in places(ask("terraform-ids-real", {"main.tf": text}))] == [2, 3, 4, 5]


def test_the_account_of_examples_alone_is_a_warning() -> None:
    (found,) = ask("terraform-ids-real", {"main.tf": 'variable "account" {\n  default = "123456789012"\n}\n'})
    assert (places([found]), found.weight) == ([("main.tf", 2)], Weight.WARNING)
    for name, value in (("account", "210987654322"), ("order", "123456789012")):
        text = f'variable "{name}" {{\n  default = "{value}"\n}}\n'
        assert ask("terraform-ids-real", {"main.tf": text}) == []


def test_real_ids_names_that_look_like_ids_and_services_owners_are_fine() -> None:
    text = """\
        resource "aws_instance" "n" {
          ami        = "ami-0c55b159cbfafe1f0"
          subnet_ids = ["subnet-1a2b3c4d"]
          name       = "vpc-default"
          owner      = "099720109477"
          bucket     = "todo-app-changes"
        }
        variable "security_group_name" { default = "sg-web" }
    """
    assert ask("terraform-ids-real", {"main.tf": text}) == []


def test_a_variable_that_nothing_reads_is_named_with_its_line() -> None:
    text = 'variable "a" {}\nvariable "b" {}\noutput "o" { value = "x-${var.a}" }\n'
    assert places(ask("terraform-variables-read", {"main.tf": text})) == [("main.tf", 2)]


def test_a_variable_read_in_another_file_or_block_is_read() -> None:
    files = {"v.tf": 'variable "a" {}\n', "m.tf": 'module "m" {\n  source = "x/y/z"\n  a = [var.a[0].b]\n}\n'}
    assert ask("terraform-variables-read", files) == []


def test_unread_variables_of_several_modules_are_told_once() -> None:
    (found,) = ask("terraform-variables-read", {"a/v.tf": 'variable "x" {}\n', "b/v.tf": 'variable "x" {}\n'})
    assert [(one.file, one.line) for one in found.evidence] == [("a/v.tf", 1), ("b/v.tf", 1)]


def test_what_passes_an_unread_variable_is_removed_with_it() -> None:
    files = {
        "m/v.tf": 'variable "x" {}\n',
        "main.tf": 'module "m" {\n  source = "./m"\n  x = 1\n}\n',
        "m/terraform.tfvars": "x = 2\n",
    }
    (found,) = ask("terraform-variables-read", files)
    assert [(one.file, one.line) for one in found.evidence] == [
        ("m/v.tf", 1),
        ("m/terraform.tfvars", 1),
        ("main.tf", 3),
    ]
    assert found.remedy is not None
    assert "main.tf:3" in found.remedy.summary


def test_a_program_or_script_that_passes_an_unread_variable_stops_doing_so_first() -> None:
    files = {
        "v.tf": 'variable "vm_count" {}\nvariable "zone" {}\n',
        "src/main.rs": 'fn f() {\n    args.push(("vm_count".to_string(), n));\n    let zone = "zone";\n}\n',
        "src/terraform.rs": 'fn g() { args.push("-var".to_string()); }\n',
        "up.sh": "terraform apply -var zone=a\n",
    }
    (found,) = ask("terraform-variables-read", files)
    assert [(one.file, one.line) for one in found.evidence] == [
        ("v.tf", 1),
        ("v.tf", 2),
        ("up.sh", 1),
        ("src/main.rs", 2),
    ]
    assert found.remedy is not None
    assert found.remedy.summary.startswith(
        "Take away what gives it a value (up.sh:1 and src/main.rs:2) first"
    )
    kept = {"v.tf": 'variable "vm_count" {}\n', "src/main.rs": "let vm_count = 1; // vm_count\n"}
    (found,) = ask("terraform-variables-read", kept)
    assert [one.file for one in found.evidence] == ["v.tf"]
    tested = {"v.tf": 'variable "vm_count" {}\n', "tests/tf.rs": 'has("vm_count"); run("-var");\n'}
    (found,) = ask("terraform-variables-read", tested)
    assert [one.file for one in found.evidence] == ["v.tf"]


def test_a_variable_that_a_template_or_terragrunt_reads_or_that_is_kept_on_purpose_is_not_named() -> None:
    made = {"v.tf": 'variable "a" {}\n', "terragrunt.hcl": 'generate "p" {\n  contents = "x = var.a"\n}\n'}
    assert ask("terraform-variables-read", made) == []
    kept = '# tflint-ignore: terraform_unused_declarations\nvariable "a" {}\n'
    assert ask("terraform-variables-read", {"v.tf": kept}) == []


@pytest.mark.parametrize(
    ("path", "begin", "inside"),
    [
        ("unused_variables.tf", "", ""),
        ("v.tf", '# Only used by the parent: declared to avoid\n# "undeclared variable" warnings.\n\n', ""),
        ("v.tf", "/* These silence terraform:\n   one shared prod.tfvars */\n", ""),
        ("v.tf", "", 'description = "Not used in this module"'),
    ],
)
def test_variables_that_are_unread_on_purpose_leave_only_the_others_to_tell(
    path: str, begin: str, inside: str
) -> None:
    other = {"m/v.tf": 'variable "o" {}\n'}
    files = {path: f'{begin}variable "a" {{\n{inside}\n}}\n', **other}
    assert places(ask("terraform-variables-read", files)) == [("m/v.tf", 1)]
    (found,) = ask("terraform-variables-read", files)
    assert len(found.evidence) == 1


def test_a_comment_on_one_variable_says_nothing_of_the_file() -> None:
    text = 'variable "a" {}\n# unused: the next one\nvariable "b" {}\n'
    (found,) = ask("terraform-variables-read", {"v.tf": text})
    assert [one.line for one in found.evidence] == [1, 3]
    (found,) = ask("terraform-variables-read", {"v.tf": '# unused\nvariable "a" {}\nvariable "b" {}\n'})
    assert [one.line for one in found.evidence] == [3]


def test_an_argument_of_another_kind_of_resource_is_named() -> None:
    text = """\
        resource "aws_instance" "n" {
          spot_price = "0.1"
        }
        resource "aws_launch_template" "t" {
          root_block_device {
            volume_size = 8
          }
        }
    """
    assert places(ask("terraform-arguments-known", {"main.tf": text})) == [("main.tf", 2), ("main.tf", 5)]


def test_an_argument_that_modules_have_from_each_other_is_one_finding() -> None:
    text = 'resource "aws_instance" "a" {\n  spot_price = 1\n}\n'
    (found,) = ask("terraform-arguments-known", {"a/main.tf": text, "b/main.tf": text})
    assert [(one.file, one.line) for one in found.evidence] == [("a/main.tf", 2), ("b/main.tf", 2)]


def test_arguments_where_they_belong_are_fine() -> None:
    text = """\
        resource "aws_spot_instance_request" "n" {
          spot_price = "0.1"
        }
        resource "aws_instance" "n" {
          root_block_device {}
          instance_market_options {
            spot_options {
              instance_interruption_behavior = "terminate"
            }
          }
        }
    """
    assert ask("terraform-arguments-known", {"main.tf": text}) == []


def test_placeholders_are_told_once_and_stop_no_apply() -> None:
    text = 'variable "%s_password" { default = "changeme" }\n'
    (found,) = ask("terraform-ids-real", {"a/v.tf": text % "a", "b/v.tf": text % "b"})
    assert places([found]) == [("a/v.tf", 1)]
    assert "nobody has filled in var.a_password and var.b_password" in found.message
    assert found.weight == "warning"


def test_a_placeholder_that_terraform_never_puts_back_is_fine() -> None:
    for kept in ("[secret_string]", "all"):
        text = f"""\
            resource "aws_secretsmanager_secret_version" "s" {{
              secret_string = "changeme"
              lifecycle {{
                ignore_changes = {kept}
              }}
            }}
        """
        assert ask("terraform-ids-real", {"main.tf": text}) == []


def test_an_id_of_what_belongs_to_another_thing_is_one() -> None:
    text = 'resource "aws_x" "n" {\n  attachment_id = "tgw-attach-08f56a523d8575bec"\n}\n'
    assert ask("terraform-ids-real", {"main.tf": text}) == []
    assert len(ask("terraform-ids-real", {"main.tf": text.replace("08f56a", "08x")})) == 1


PROVIDER = 'provider "aws" {\n  region = var.where\n}\n'


def test_a_region_that_aws_does_not_have_is_told_where_it_is_written() -> None:
    files = {"main.tf": PROVIDER, "v.tf": 'variable "where" {\n  default = "eu-east-1"\n}\n'}
    (found,) = ask("terraform-ids-real", files)
    assert (places([found]), found.weight) == ([("v.tf", 2)], "warning")
    (found,) = ask("terraform-ids-real", {"main.tf": PROVIDER.replace("var.where", '"eu-west-11"')})
    assert (places([found]), found.weight) == ([("main.tf", 2)], "blocker")


def test_a_region_of_aws_or_of_others_or_one_that_is_given_otherwise_is_fine() -> None:
    variable = 'variable "where" {\n  default = "eu-east-1"\n}\n'
    for text in ("eu-west-1", "ap-southeast-7", "eu-frankfurt-1", "auto"):
        assert ask("terraform-ids-real", {"main.tf": PROVIDER.replace("var.where", f'"{text}"')}) == []
    assert ask("terraform-ids-real", {"main.tf": PROVIDER.replace("aws", "huaweicloud") + variable}) == []
    given = {"main.tf": PROVIDER + variable, "terraform.tfvars": 'where = "eu-west-1"\n'}
    assert ask("terraform-ids-real", given) == []
    other = PROVIDER.replace("}", "  skip_region_validation = true\n}")
    assert ask("terraform-ids-real", {"main.tf": other + variable}) == []
