from tasks.domain.source import source
from tasks.domain.terraform import Expression, Terraform
from tasks.facts.terraform import is_terraform, read_terraform

MAIN = """\
terraform {
  required_version = ">= 1.6"
  backend "s3" {
    bucket = "state"
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "ami" {}

locals { tags = { Name = "x", Role = var.role } }

resource "aws_instance" "node" {
  ami   = var.ami
  count = 2
  tags  = merge(local.tags, { for k, v in var.more : k => upper(v) })
  name  = "a-${var.region}-b"
  root_block_device {
    size = data.aws_ebs.x[var.index].size
  }
}

module "net" { source = "./modules/net" }
"""


def terraform(files: dict[str, str]) -> Terraform:
    return read_terraform([source(path, text.encode()) for path, text in files.items()])


def test_blocks_have_labels_literals_and_lines() -> None:
    module = terraform({"infra/main.tf": MAIN}).modules["infra"]
    node = module.of("resource", "aws_instance")[0]
    assert (node.address, node.line, node.get("count"), node.attributes["ami"].line) == (
        "aws_instance.node",
        17,
        2,
        18,
    )
    assert module.required_version is not None
    assert module.required_version.literal == ">= 1.6"
    assert module.backend is not None
    assert module.backend.get("bucket") == "state"
    assert [one.name for one in module.required] == ["ami"]
    assert module.variables["region"].get("default") == "us-east-1"


def test_references_are_told_with_lines_and_bound_names_are_not() -> None:
    module = terraform({"infra/main.tf": MAIN}).modules["infra"]
    found = {(".".join(reference.path), reference.line) for _, _, reference in module.references()}
    assert found == {
        ("var.role", 15),
        ("var.ami", 18),
        ("local.tags", 20),
        ("var.more", 20),
        ("var.region", 21),
        ("data.aws_ebs.x.size", 23),
        ("var.index", 23),
    }


def test_a_template_keeps_its_literal_pieces() -> None:
    node = terraform({"main.tf": MAIN}).modules[""].of("resource")[0]
    name = node.get("name")
    assert isinstance(name, Expression)
    assert name.parts == ("a-", None, "-b")


def test_called_modules_are_no_roots() -> None:
    found = terraform({"infra/main.tf": MAIN, "infra/modules/net/main.tf": 'variable "x" {}\n'})
    assert [one.directory for one in found.roots] == ["infra"]


def test_a_syntax_error_is_told_with_its_line_and_the_rest_is_read() -> None:
    module = terraform({"main.tf": 'variable "a" {}\nresource "x" {\n'}).modules[""]
    assert [problem.line for _, problem in module.problems] != []
    assert "a" in module.variables


def test_values_files_are_kept_beside_the_module() -> None:
    module = terraform({"main.tf": MAIN, "prod.tfvars": 'ami = "ami-1"\n'}).modules[""]
    assert [(v.source.path, v.attributes["ami"].literal) for v in module.tfvars] == [("prod.tfvars", "ami-1")]


def test_a_template_of_a_module_is_none() -> None:
    assert is_terraform("infra/main.tf")
    assert not is_terraform("infra/main.j2.tf")
    whole = read_terraform([source("infra/a.tf", b"locals {}\n")], ["infra/a.tf", "infra/main.j2.tf"])
    assert not whole.modules


def test_a_type_that_is_no_variables_refers_to_what_it_names() -> None:
    text = 'resource "a_b" "c" {\n  type = var.kind\n}\nvariable "kind" {\n  type = string\n}\n'
    (module,) = read_terraform([source("main.tf", text.encode())])
    assert [reference.path for _, _, reference in module.references()] == [("var", "kind")]


def test_functions_in_functions_are_read_once_each_however_deep() -> None:
    deep = 40  # twice the work at each depth would not end
    text = f"locals {{\n  a = {'f(' * deep}var.x{')' * deep}\n}}\n"
    (module,) = read_terraform([source("main.tf", text.encode())])
    value = module.locals["a"].value
    assert isinstance(value, Expression)
    assert [one.function for one in value.calls] == ["f"] * deep


def test_a_module_with_a_linked_file_or_one_in_json_is_known_in_part() -> None:
    files = [source("a/main.tf", b"locals {}"), source("b/main.tf", b"locals {}")]
    terraform = read_terraform(files, (), ["a/variables.tf", "elsewhere/x.tf.json"])
    assert [module.in_part for module in terraform] == [True, False]


def test_a_file_that_is_encrypted_is_not_there_and_no_mistake() -> None:
    sealed = source("a/terraform.tfvars", b"\0GITCRYPT\0\xff\xfe")
    (module,) = read_terraform([source("a/main.tf", b"locals {}"), sealed])
    assert module.in_part
    assert (module.problems, module.tfvars) == ((), ())
