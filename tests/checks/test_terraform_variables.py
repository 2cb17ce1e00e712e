from tasks.domain.finding import Weight
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


DECLARED = 'variable "replicas" { default = 2 }\nvariable "vpc_id" {}\n'


def test_a_value_whose_name_has_a_slip_is_told_where_both_stand() -> None:
    files = {"infra/main.tf": DECLARED, "infra/live.tfvars": 'vpc_id = "x"\nreplcias = 4\n'}
    (found,) = ask("terraform-value-has-variable", files)
    assert [(one.file, one.line) for one in found.evidence] == [
        ("infra/live.tfvars", 2),
        ("infra/main.tf", 1),
    ]


def test_values_that_no_module_declares_are_one_note() -> None:
    text = 'variable "node_count" {}\nvariable "node_size" {}\nvariable "zone" {}\n'
    given = 'node_count = 1\nnode_size = "s"\nzone = "a"\nsetup_gateway = true\n'
    (found,) = ask("terraform-value-has-variable", {"infra/v.tf": text, "infra/live.tfvars": given})
    assert (places([found]), found.weight) == ([("infra/live.tfvars", 4)], Weight.NOTE)
    assert "setup_gateway" in found.message
    other = {"infra/v.tf": text, "infra/live.tfvars": given, "net/v.tf": 'variable "setup_gateway" {}\n'}
    assert ask("terraform-value-has-variable", other) == []
    foreign = {"infra/v.tf": text, "infra/live.tfvars": 'zone = "a"\nsetup_gateway = true\n'}
    assert ask("terraform-value-has-variable", foreign) == []


def test_values_of_other_modules_and_of_variables_with_like_names_are_not_told() -> None:
    shared = 'vpc_id = "x"\nreplicas = 4\nreplica = 1\nregion = "eu-west-1"\n'
    files = {"infra/main.tf": DECLARED, "infra/live.tfvars": shared}
    assert ask("terraform-value-has-variable", files) == []
    broken = {"infra/main.tf": DECLARED + "locals {\n", "infra/live.tfvars": "replcias = 4\n"}
    assert ask("terraform-value-has-variable", broken) == []


def test_a_module_into_which_terragrunt_writes_or_whose_files_are_templates_is_not_judged() -> None:
    text = 'output "o" {\n  value = var.gone\n}\n'
    assert len(ask("terraform-names-declared", {"aws/a/main.tf": text})) == 1
    written = 'generate "variables" {\n  path = "generated.tf"\n}\n'
    assert ask("terraform-names-declared", {"aws/a/main.tf": text, "env/terragrunt.hcl": written}) == []
    above = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
    assert ask("terraform-names-declared", {"aws/a/main.tf": text, "env/terragrunt.hcl": above}) == []
    plain = 'terraform {\n  source = "../aws//a"\n}\n'
    assert len(ask("terraform-names-declared", {"aws/a/main.tf": text, "env/terragrunt.hcl": plain})) == 1
    assert ask("terraform-names-declared", {"a/o.tf": text, "a/main.tf.jinja": "x"}) == []
    assert len(ask("terraform-names-declared", {"a/o.tf": text, "a/backend.tf.template": "x"})) == 1


def test_two_versions_that_a_document_shows_side_by_side_are_no_module() -> None:
    files = {f"docs/upgrade/{name}.tf": 'module "eks" {\n  source = "a/b/c"\n}\n' for name in ("v4", "v5")}
    assert ask("terraform-declared-once", files) == []


def test_many_names_that_one_module_lacks_are_told_once() -> None:
    text = "".join(f'output "{name}" {{\n  value = var.{name}\n}}\n' for name in "abcd")
    (found,) = ask("terraform-names-declared", {"infra/main.tf": text})
    assert found.subject == "infra: names"
    assert [one.line for one in found.evidence] == [2, 5, 8, 11]
