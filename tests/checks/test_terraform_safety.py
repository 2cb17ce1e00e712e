import pytest

from tests.checks.testing import CI, ask, places


def group(cidr: str, low: str = "22", high: str = "22", protocol: str = "tcp") -> str:
    return f"""\
resource "aws_security_group" "g" {{
  ingress {{
    from_port   = {low}
    to_port     = {high}
    protocol    = "{protocol}"
    cidr_blocks = {cidr}
  }}
  egress {{
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
"""


def test_ssh_from_everywhere_is_named() -> None:
    found = ask("ssh-not-open-to-all", {"main.tf": group('["0.0.0.0/0"]')})
    assert places(found) == [("main.tf", 6)]
    assert places(ask("ssh-not-open-to-all", {"main.tf": group('["::/0"]', "0", "65535")})) == [
        ("main.tf", 6)
    ]
    assert len(ask("ssh-not-open-to-all", {"main.tf": group('["0.0.0.0/0"]', "0", "0", "-1")})) == 1


def test_the_default_and_the_caller_that_open_ssh_are_shown() -> None:
    variable = 'variable "from" { default = ["0.0.0.0/0"] }\n'
    found = ask("ssh-not-open-to-all", {"m/main.tf": group("var.from"), "m/v.tf": variable})
    assert [(one.file, one.line) for one in found[0].evidence] == [("m/main.tf", 6), ("m/v.tf", 1)]
    call = 'module "m" {\n  source = "../m"\n  from = ["10.0.0.0/8"]\n}\n'
    files = {"m/main.tf": group("var.from"), "m/v.tf": variable, "a/main.tf": call}
    assert ask("ssh-not-open-to-all", files) == []


DYNAMIC = """\
locals {
  doors = [22, 8443]
  sets  = { a = { port = "22", from = "0.0.0.0/0" }, b = { port = 443, from = "0.0.0.0/0" } }
}
variable "doors" { default = ["22"] }
resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = %s
    content {
      from_port   = %s
      to_port     = %s
      protocol    = "tcp"
      cidr_blocks = [%s]
    }
  }
}
"""


@pytest.mark.parametrize(
    ("each", "port", "cidr"),
    [
        ("local.doors", "ingress.value", '"0.0.0.0/0"'),
        ("toset(var.doors)", "ingress.value", '"0.0.0.0/0"'),
        ("local.sets", "ingress.value.port", "ingress.value.from"),
        ("local.sets", 'ingress.value["port"]', '"::/0"'),
        ('{ "22" = "0.0.0.0/0" }', "ingress.key", "ingress.value"),
    ],
)
def test_a_dynamic_rule_that_opens_ssh_to_everybody_is_named(each: str, port: str, cidr: str) -> None:
    text = DYNAMIC % (each, port, port, cidr)
    assert places(ask("ssh-not-open-to-all", {"main.tf": text})) == [("main.tf", 13)]
    named = text.replace("    content", "    iterator = door\n    content").replace("ingress.", "door.")
    assert places(ask("ssh-not-open-to-all", {"main.tf": named})) == [("main.tf", 14)]


@pytest.mark.parametrize(
    ("each", "port", "cidr"),
    [
        ("[80, 443]", "ingress.value", '"0.0.0.0/0"'),
        ("local.doors", "ingress.value", '"10.0.0.0/8"'),
        ("local.sets", "ingress.value.port", "ingress.value.source"),
        ("var.given", "ingress.value", '"0.0.0.0/0"'),
        ('{ "22" = "10.0.0.0/8", "80" = "0.0.0.0/0" }', "ingress.key", "ingress.value"),
    ],
)
def test_a_dynamic_rule_of_other_ports_or_addresses_is_fine(each: str, port: str, cidr: str) -> None:
    assert ask("ssh-not-open-to-all", {"main.tf": DYNAMIC % (each, port, port, cidr)}) == []


@pytest.mark.parametrize(
    ("given", "default"),
    [
        ("    env:\n      TF_VAR_from: '0.0.0.0/0' # for now", "0.0.0.0/0"),
        ("    env:\n      TF_VAR_from: 0.0.0.0/0", "10.0.0.0/8"),
        ("    steps:\n    - run: terraform apply -var from=0.0.0.0/0", "10.0.0.0/8"),
        ("    steps:\n    - run: terraform apply '-var=from=0.0.0.0/0'", "10.0.0.0/8"),
    ],
)
def test_the_workflow_that_opens_ssh_is_the_place_to_change(given: str, default: str) -> None:
    variable = f'variable "from" {{ default = "{default}" }}\n'
    workflow = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n{given}\n"
    files = {"m/main.tf": group("[var.from]"), "m/v.tf": variable, CI: workflow}
    (found,) = ask("ssh-not-open-to-all", files)
    assert (CI, 6) in [(one.file, one.line) for one in found.evidence]
    assert found.remedy is not None
    assert "change what .github/workflows/ci.yml gives to var.from" in found.remedy.summary


def test_what_a_workflow_gives_to_a_variable_of_that_name_of_another_module_opens_nothing_here() -> None:
    variable = 'variable "from" { default = "10.0.0.0/8" }\n'
    files = {
        "m/main.tf": group("[var.from]"),
        "m/v.tf": variable,
        "web/v.tf": variable,
        CI: "env: {TF_VAR_from: 0.0.0.0/0}\njobs: {a: {steps: [{run: terraform -chdir=web apply}]}}\n",
    }
    assert ask("ssh-not-open-to-all", files) == []
    files[CI] = files[CI].replace("=web", "=m")
    assert len(ask("ssh-not-open-to-all", files)) == 1


@pytest.mark.parametrize(
    "given", ["TF_VAR_from: 10.0.0.0/8", "TF_VAR_other: 0.0.0.0/0", "# TF_VAR_from: 0.0.0.0/0"]
)
def test_a_workflow_that_opens_nothing_is_not_named(given: str) -> None:
    files = {
        "m/main.tf": group("[var.from]"),
        "m/v.tf": 'variable "from" {}\n',
        CI: f"on: push\nenv:\n  {given}\n",
    }
    assert ask("ssh-not-open-to-all", files) == []


def test_other_ports_and_networks_are_fine() -> None:
    assert ask("ssh-not-open-to-all", {"main.tf": group('["0.0.0.0/0"]', "443", "443")}) == []
    assert ask("ssh-not-open-to-all", {"main.tf": group('["10.0.0.0/8", var.office]')}) == []
    assert ask("ssh-not-open-to-all", {"main.tf": group('["0.0.0.0/0"]', "0", "65535", "udp")}) == []


def test_a_rule_of_its_own_counts() -> None:
    text = """\
        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          cidr_ipv4   = "0.0.0.0/0"
          from_port   = 22
          to_port     = 22
          ip_protocol = "tcp"
        }
    """
    assert places(ask("ssh-not-open-to-all", {"main.tf": text})) == [("main.tf", 2)]


def test_instances_without_required_tokens_are_named() -> None:
    text = 'resource "aws_instance" "n" {\n  metadata_options {\n    http_tokens = "optional"\n  }\n}\n'
    assert places(ask("instance-metadata-v2", {"main.tf": text})) == [("main.tf", 3)]
    assert places(ask("instance-metadata-v2", {"main.tf": 'resource "aws_instance" "n" {}\n'})) == [
        ("main.tf", 1)
    ]


def test_required_and_computed_tokens_and_templates_are_fine() -> None:
    for body in (
        'metadata_options {\nhttp_tokens = "required"\n}',
        "metadata_options {\nhttp_tokens = var.t\n}",
    ):
        assert ask("instance-metadata-v2", {"main.tf": f'resource "aws_instance" "n" {{\n{body}\n}}\n'}) == []
    templated = 'resource "aws_instance" "n" {\n  launch_template {\n    id = "lt-1"\n  }\n}\n'
    assert ask("instance-metadata-v2", {"main.tf": templated}) == []


def test_a_public_bucket_is_named() -> None:
    text = 'resource "aws_s3_bucket_acl" "a" {\n  acl = "public-read"\n}\n'
    assert places(ask("bucket-not-public", {"main.tf": text})) == [("main.tf", 2)]
    assert ask("bucket-not-public", {"main.tf": text.replace("public-read", "private")}) == []


def test_an_acl_that_s3_refuses_is_told_once() -> None:
    bucket = 'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n'
    assert ask("bucket-not-public", {"main.tf": bucket}) == []
    (found,) = ask("bucket-acl-accepted", {"main.tf": bucket})
    assert "aws_s3_bucket.b opens it to everybody" in found.message
    made = bucket.replace('acl = "public-read"', 'bucket = "b"')
    acl = 'resource "aws_s3_bucket_acl" "a" {\n  bucket = aws_s3_bucket.b.id\n  acl = "public-read"\n}\n'
    owned = (
        'resource "aws_s3_bucket_ownership_controls" "c" {\n  bucket = aws_s3_bucket.b.id\n'
        '  rule {\n    object_ownership = "ObjectWriter"\n  }\n}\n'
    )
    assert places(ask("bucket-not-public", {"main.tf": made + acl + owned})) == [("main.tf", 6)]


def test_a_bucket_that_everybody_may_read_is_noted_and_one_that_everybody_may_write_hurts() -> None:
    text = 'resource "aws_s3_bucket_acl" "a" {\n  acl = "public-read"\n}\n'
    assert [one.weight for one in ask("bucket-not-public", {"main.tf": text})] == ["note"]
    writable = text.replace("public-read", "public-read-write")
    assert [one.weight for one in ask("bucket-not-public", {"main.tf": writable})] == ["warning"]


def test_groups_of_one_module_are_told_once_and_examples_are_noted() -> None:
    two = group('["0.0.0.0/0"]') + group('["0.0.0.0/0"]').replace('"g"', '"h"')
    (found,) = ask("ssh-not-open-to-all", {"infra/main.tf": two})
    assert "aws_security_group.g and aws_security_group.h let everybody reach port 22" in found.message
    assert [one.line for one in found.evidence] == [6, 20]
    assert found.weight == "warning"
    (found,) = ask("ssh-not-open-to-all", {"examples/ecs/main.tf": two})
    assert found.weight == "note"


def test_instances_of_several_modules_are_told_once() -> None:
    text = 'resource "aws_instance" "n" {}\n'
    (found,) = ask("instance-metadata-v2", {"a/main.tf": text, "b/main.tf": text})
    assert found.message.startswith("2 instances and templates of a and b do not require IMDSv2")
    assert places([found]) == [("a/main.tf", 1)]


def test_a_volume_in_clear_is_named() -> None:
    text = 'resource "aws_instance" "n" {\n  root_block_device {\n    encrypted = false\n  }\n}\n'
    assert places(ask("volumes-encrypted", {"main.tf": text})) == [("main.tf", 3)]
    assert ask("volumes-encrypted", {"main.tf": text.replace("false", "var.encrypted")}) == []


def test_tokens_of_a_dynamic_block_and_metadata_that_is_off_are_left_alone() -> None:
    for options in (
        'dynamic "metadata_options" {\n content {\n http_tokens = var.t\n }\n }',
        'metadata_options {\n http_endpoint = "disabled"\n }',
    ):
        text = f'resource "aws_instance" "n" {{\n  {options}\n}}\n'
        assert ask("instance-metadata-v2", {"main.tf": text}) == []


def _switched(each: str, *more: str) -> str:
    """Return a group that lets ssh in by a dynamic rule, and whatever else the file declares."""
    rule = 'from_port = 22\n to_port = 22\n protocol = "tcp"\n cidr_blocks = ["0.0.0.0/0"]'
    block = f'dynamic "ingress" {{\n for_each = {each}\n content {{\n {rule}\n }}\n }}'
    return "\n".join([f'resource "aws_security_group" "g" {{\n {block}\n}}', *more, ""])


KEY = 'variable "key" {\n default = ""\n}'
OPEN = 'variable "open" {\n default = false\n}'


@pytest.mark.parametrize(
    ("each", "more", "name"),
    [
        ("local.use ? [1] : []", (KEY, "locals {\n use = length(trimspace(var.key)) > 0\n}"), "var.key"),
        ('var.key != "" ? [1] : []', (KEY,), "var.key"),
        ('var.key == "" ? [] : [1]', (KEY,), "var.key"),
        ("var.open ? toset([1]) : toset([])", (OPEN,), "var.open"),
        ("(var.open && var.other) ? [1] : []", (OPEN, 'variable "other" {}'), "var.open"),
        ("var.ports", ('variable "ports" {\n default = []\n}',), "var.ports"),
    ],
)
def test_a_rule_that_is_off_by_default_is_a_note_that_says_what_opens_it(
    each: str, more: tuple[str, ...], name: str
) -> None:
    (found,) = ask("ssh-not-open-to-all", {"main.tf": _switched(each, *more)})
    assert found.weight == "note"
    assert f"once {name} is given; by default it is not" in found.message


@pytest.mark.parametrize(
    ("each", "more"),
    [
        ("var.open ? [1] : []", (OPEN.replace("false", "true"),)),
        ("var.open ? [1] : []", ('variable "open" {}',)),
        ("!var.open ? [1] : []", (OPEN,)),
        ("(var.open || var.other) ? [1] : []", (OPEN, 'variable "other" {}')),
        ("data.a.b.c ? [1] : []", ()),
        ("[1]", ()),
    ],
)
def test_a_rule_that_is_on_by_default_or_may_be_stays_a_warning(each: str, more: tuple[str, ...]) -> None:
    (found,) = ask("ssh-not-open-to-all", {"main.tf": _switched(each, *more)})
    assert (found.weight, "by default" in found.message) == ("warning", False)


def test_a_rule_that_a_caller_or_a_values_file_switches_on_is_a_warning() -> None:
    module = _switched("var.open ? [1] : []", OPEN)
    call = 'module "m" {\n  source = "../m"\n  open = true\n}\n'
    (found,) = ask("ssh-not-open-to-all", {"m/main.tf": module, "a/main.tf": call})
    assert found.weight == "warning"
    (found,) = ask("ssh-not-open-to-all", {"main.tf": module, "terraform.tfvars": "open = true\n"})
    assert found.weight == "warning"


def test_a_resource_that_is_not_made_by_default_is_a_note() -> None:
    rule = 'type = "ingress"\n from_port = 22\n to_port = 22\n protocol = "tcp"\n cidr_blocks = ["0.0.0.0/0"]'
    text = f'resource "aws_security_group_rule" "r" {{\n count = var.open ? 1 : 0\n {rule}\n}}\n{OPEN}\n'
    (found,) = ask("ssh-not-open-to-all", {"main.tf": text})
    assert found.weight == "note"
    both = text + group('["0.0.0.0/0"]')
    (found,) = ask("ssh-not-open-to-all", {"main.tf": both})
    assert found.weight == "warning"


def test_a_bucket_for_everybody_that_is_not_made_by_default_is_a_note() -> None:
    acl = 'resource "aws_s3_bucket_acl" "a" {\n  count = var.open ? 1 : 0\n  acl = "public-read-write"\n}\n'
    (found,) = ask("bucket-not-public", {"main.tf": f"{acl}{OPEN}\n"})
    assert (found.weight, "once var.open is given" in found.message) == ("note", True)
    (found,) = ask("bucket-not-public", {"main.tf": f"{acl}{OPEN}\n".replace("false", "true")})
    assert found.weight == "warning"


def _image(name: str, owner: str) -> str:
    kept = f'filter {{\n name = "name"\n values = ["{name}"]\n }}'
    return (
        f'data "aws_ami" "os" {{\n owners = ["{owner}"]\n {kept}\n}}\n'
        'resource "aws_instance" "n" {\n ami = data.aws_ami.os.id\n}\n'
    )


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*", "099720109477"),
        ("al2023-ami-2023.*-x86_64", "amazon"),
    ],
)
def test_an_image_that_requires_tokens_itself_needs_no_setting(name: str, owner: str) -> None:
    assert ask("instance-metadata-v2", {"main.tf": _image(name, owner)}) == []
    optional = _image(name, owner).replace(
        "os.id\n", 'os.id\n metadata_options {\n http_tokens = "optional"\n }\n'
    )
    assert places(ask("instance-metadata-v2", {"main.tf": optional})) == [("main.tf", 11)]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*", "099720109477"),
        ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*", "123456789012"),
        ("amzn2-ami-hvm-*", "amazon"),
    ],
)
def test_an_older_image_or_anybodys_leaves_version_1_allowed(name: str, owner: str) -> None:
    assert places(ask("instance-metadata-v2", {"main.tf": _image(name, owner)})) == [("main.tf", 8)]


def test_an_accounts_default_that_requires_tokens_holds_for_the_instances_that_say_nothing() -> None:
    default = 'resource "aws_ec2_instance_metadata_defaults" "all" {\n  http_tokens = "required"\n}\n'
    silent = 'resource "aws_instance" "n" {}\n'
    assert ask("instance-metadata-v2", {"main.tf": silent, "account/main.tf": default}) == []
    said = 'resource "aws_instance" "n" {\n  metadata_options {\n    http_tokens = "optional"\n  }\n}\n'
    assert places(ask("instance-metadata-v2", {"main.tf": default + said})) == [("main.tf", 6)]
    loose = default.replace("required", "no-preference")
    assert places(ask("instance-metadata-v2", {"main.tf": silent + loose})) == [("main.tf", 1)]
