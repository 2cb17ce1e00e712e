import pytest

from tests.checks.testing import ask, places

PATH = "infra/main.tf"
ITERATOR = """\
resource "a_b" "c" {
  dynamic "x" {
    for_each = [1]
    iterator = each
    content {
      n = each.value
    }
  }
}
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('resource "a_b" "c" {\n  name = each.key\n}\n', [2, 1]),
        (
            'resource "a_b" "c" {\n  count = 2\n  tags = {\n    Name = "x-${each.value.name}"\n  }\n}\n',
            [4, 1],
        ),
        ('data "a_b" "c" {\n  inner {\n    name = "n-${count.index}"\n  }\n}\n', [3, 1]),
        ('module "m" {\n  source = "./m"\n  name = each.key\n}\n', [3, 1]),
    ],
)
def test_each_and_count_without_their_argument_are_named(text: str, lines: list[int]) -> None:
    (found,) = ask("terraform-each-declared", {PATH: text})
    assert [one.line for one in found.evidence] == lines


@pytest.mark.parametrize(
    "text",
    [
        'resource "a_b" "c" {\n  for_each = toset(["x"])\n  name = each.key\n}\n',
        'resource "a_b" "c" {\n  name = "each.key"\n}\n',
        'resource "a_b" "c" {\n  name = var.each.key\n}\n',
        ITERATOR,
        'resource "a_b" "c" {\n  # each.key\n  name = "x"\n}\n',
    ],
)
def test_each_and_count_that_are_declared_or_not_read_are_fine(text: str) -> None:
    assert ask("terraform-each-declared", {PATH: text}) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('variable "a" {\n  type = strnig\n}\n', 2),
        ('variable "a" {\n  type    = number\n  default = "fourteen"\n}\n', 3),
        ('variable "a" {\n  type    = bool\n  default = "yes"\n}\n', 3),
    ],
)
def test_a_type_or_default_that_terraform_refuses_is_named(text: str, line: int) -> None:
    assert places(ask("terraform-types-known", {PATH: text})) == [(PATH, line)]


@pytest.mark.parametrize(
    "text",
    [
        'variable "a" {\n  type = list(object({ naem = string }))\n}\n',
        'variable "a" {\n  type    = number\n  default = "14"\n}\n',
        'variable "a" {\n  type    = bool\n  default = "true"\n}\n',
        'variable "a" {\n  type = "string"\n}\n',
        'variable "a" {\n  default = "x"\n}\n',
    ],
)
def test_types_that_terraform_has_and_texts_that_it_converts_are_fine(text: str) -> None:
    assert ask("terraform-types-known", {PATH: text}) == []


@pytest.mark.parametrize(
    ("call", "meant"),
    [("uppercase(var.n)", "upper"), ("startwith(var.n, 0)", "startswith"), ("len(var.n)", "length")],
)
def test_a_function_that_terraform_does_not_have_is_named_with_the_one_it_has(call: str, meant: str) -> None:
    for value in (call, f'"x-${{{call}}}"', f"merge({{}}, {{ a = {call} }})"):
        text = f'resource "a_b" "c" {{\n  tags {{\n    name = {value}\n  }}\n}}\n'
        (found,) = ask("terraform-functions-known", {PATH: text})
        assert places([found]) == [(PATH, 3)]
        assert found.message == f"Terraform has no function {call.partition('(')[0]} (it has {meant})"
        assert found.remedy is not None
        assert meant in found.remedy.commands[0]


@pytest.mark.parametrize(
    "text",
    [
        'resource "a_b" "c" {\n  name = upper(try(core::lower(var.n), one(var.m)))\n}\n',
        'resource "a_b" "c" {\n  name = provider::aws::arn_parse(var.n)\n}\n',
        'resource "a_b" "c" {\n  name = newfunction(urldecode(cidrcontains(var.n, "x")))\n}\n',
        'resource "a_b" "c" {\n  name = "uppercase(x)" # uppercase(x)\n}\n',
        'variable "a" {\n  type = object({ b = optional(list(string)) })\n}\n',
    ],
)
def test_functions_of_terraform_of_providers_and_newer_ones_are_fine(text: str) -> None:
    assert ask("terraform-functions-known", {PATH: text}) == []
