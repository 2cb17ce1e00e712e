from tests.checks.testing import ask, places


def test_a_name_that_its_module_does_not_declare_is_named_with_its_line() -> None:
    text = 'variable "a" {}\nlocals { b = var.a }\noutput "o" { value = "${var.c}-${local.d}" }\n'
    assert places(ask("terraform-names-declared", {"infra/main.tf": text})) == [("infra/main.tf", 3)] * 2


def test_names_of_other_files_of_the_module_and_bound_names_are_declared() -> None:
    files = {
        "infra/main.tf": 'output "o" { value = [for local in var.a : local.x] }\n',
        "infra/variables.tf": 'variable "a" {}\n',
    }
    assert ask("terraform-names-declared", files) == []


def test_a_module_with_a_syntax_error_is_not_judged() -> None:
    files = {"main.tf": 'output "o" { value = var.a }\n', "v.tf": 'variable "a" {\n'}
    assert ask("terraform-names-declared", files) == []
