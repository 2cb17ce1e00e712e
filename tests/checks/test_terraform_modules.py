from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places

NODE = 'variable "key" {}\nvariable "size" { default = 1 }\noutput "id" { value = var.key }\n'
CALLED = {"modules/node/main.tf": NODE}


def call(body: str, source: str = "./modules/node") -> dict[str, str]:
    return {**CALLED, "main.tf": f'module "node" {{\n  source = "{source}"\n{body}}}\n'}


def test_a_file_that_is_no_hcl_is_named_with_its_line() -> None:
    found = ask("terraform-parses", {"main.tf": 'variable "a" {}\nresource "x" {{\n', "v.tf": "locals {}\n"})
    assert [one.subject for one in found] == ["main.tf"]
    assert found[0].evidence[0].line in (2, 3)


def test_a_file_that_is_no_hcl_where_tests_keep_theirs_stops_nothing() -> None:
    somewhere = {"run.sh": '#!/bin/sh\nterraform -chdir="$1" plan\n'}
    (found,) = ask("terraform-parses", {**somewhere, "tests/syntax/main.tf": "locals {\n"})
    assert found.weight is Weight.NOTE
    assert ask("terraform-parses", {"tests/syntax/main.tf": "locals {\n"}) == []
    (found,) = ask("terraform-parses", {"infra/main.tf": "locals {\n"})
    assert found.weight is Weight.BLOCKER


def test_heredocs_and_templates_are_hcl() -> None:
    text = "locals {\n  a = <<-EOT\n    $${b} ${var.c} {\n  EOT\n}\n"
    assert ask("terraform-parses", {"main.tf": text}) == []


def test_a_resource_that_two_files_declare_is_named_at_the_second() -> None:
    files = {"a.tf": 'resource "x_y" "z" {}\n', "b.tf": '\nresource "x_y" "z" {}\n'}
    found = ask("terraform-declared-once", files)
    assert places(found) == [("b.tf", 2)]
    assert found[0].subject == ".: x_y.z"


def test_a_local_value_that_is_declared_twice_is_found() -> None:
    found = ask("terraform-declared-once", {"a.tf": "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n"})
    assert places(found) == [("a.tf", 5)]


def test_the_same_name_in_other_modules_and_in_overrides_is_no_repetition() -> None:
    two = {"a/main.tf": 'variable "x" {}\n', "b/main.tf": 'variable "x" {}\n'}
    assert ask("terraform-declared-once", two) == []
    override = {"main.tf": 'variable "x" {}\n', "override.tf": 'variable "x" {}\n'}
    assert ask("terraform-declared-once", override) == []
    kinds = {"main.tf": 'resource "x_y" "z" {}\ndata "x_y" "z" {}\nresource "x_w" "z" {}\n'}
    assert ask("terraform-declared-once", kinds) == []


def test_a_resource_nobody_declares_is_named_where_it_is_read() -> None:
    text = 'output "a" {\n  value = aws_instance.node.id\n}\noutput "b" {\n  value = data.aws_ami.x.id\n}\n'
    assert places(ask("terraform-resource-declared", {"main.tf": text})) == [("main.tf", 2), ("main.tf", 5)]


def test_dynamic_blocks_ignored_changes_and_what_was_moved_refer_to_no_resource() -> None:
    text = """\
        resource "aws_instance" "node" {
          dynamic "ebs_block_device" {
            for_each = var.disks
            content {
              volume_size = ebs_block_device.value.size
            }
          }
          lifecycle {
            ignore_changes = [root_block_device[0].volume_size, user_data]
          }
        }
        moved {
          from = aws_instance.old
          to   = aws_instance.node
        }
        output "ids" { value = [for one_node in aws_instance.node : one_node.id.x] }
    """
    assert ask("terraform-resource-declared", {"main.tf": text}) == []


def test_a_module_in_a_directory_that_is_not_there_is_named() -> None:
    files = {**CALLED, "environments/dev/main.tf": 'module "n" {\n  source = "../modules/node"\n}\n'}
    found = ask("terraform-module-exists", files)
    assert places(found) == [("environments/dev/main.tf", 2)]
    assert "there is modules/node" in found[0].message


def test_calls_of_one_module_that_lead_nowhere_are_one_finding() -> None:
    calls = "".join(f'module "{one}" {{\n  source = "../modules/{one}"\n}}\n' for one in ("node", "net"))
    found = ask("terraform-module-exists", {**CALLED, "environments/dev/main.tf": calls})
    assert len(found) == 1
    assert [place.line for place in found[0].evidence] == [2, 5]
    right = calls.replace("../modules/net", "../../modules/node")
    found = ask("terraform-module-exists", {**CALLED, "environments/dev/main.tf": right})
    assert [place.line for place in found[0].evidence] == [2]


def test_modules_of_the_registry_and_of_the_repository_exist() -> None:
    files = {**call('  key = "k"\n'), "r.tf": 'module "r" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'}
    assert ask("terraform-module-exists", files) == []


def test_a_required_variable_that_a_call_does_not_pass_is_named() -> None:
    found = ask("terraform-module-inputs", call(""))
    assert places(found) == [("main.tf", 1)]
    assert "does not pass key" in found[0].message


def test_an_argument_that_the_module_does_not_declare_is_named_with_its_line() -> None:
    found = ask("terraform-module-inputs", call('  key = "k"\n  keys = 2\n'))
    assert places(found) == [("main.tf", 4)]


def test_arguments_of_terraform_itself_are_no_inputs() -> None:
    body = '  key = "k"\n  count = 2\n  providers = { aws = aws.west }\n  depends_on = []\n'
    assert ask("terraform-module-inputs", call(body)) == []


def test_an_output_that_the_module_lacks_is_named() -> None:
    files = {**call('  key = "k"\n'), "o.tf": 'output "a" { value = module.node.arn }\n'}
    assert places(ask("terraform-module-outputs", files)) == [("o.tf", 1)]


def test_an_output_that_the_module_has_is_fine_also_with_a_count() -> None:
    files = {**call('  key = "k"\n  count = 2\n'), "o.tf": 'output "a" { value = module.node[0].id }\n'}
    assert ask("terraform-module-outputs", files) == []


def test_a_file_that_terraform_reads_and_nobody_has_is_named() -> None:
    text = 'resource "aws_instance" "n" {\n  user_data = base64encode(file("${path.module}/../boot.sh"))\n}\n'
    found = ask("terraform-file-exists", {"infra/main.tf": text})
    assert places(found) == [("infra/main.tf", 2)]
    assert found[0].subject == "infra: boot.sh"


def test_files_that_are_there_are_made_or_are_computed_are_not_missing() -> None:
    there = {"main.tf": 'locals { a = file("${path.module}/boot.sh") }\n', "boot.sh": "true\n"}
    assert ask("terraform-file-exists", there) == []
    made = {"main.tf": 'locals { a = filemd5("${path.module}/app.zip") }\n', "build.sh": "zip app.zip x\n"}
    assert ask("terraform-file-exists", made) == []
    computed = {
        "main.tf": 'locals { a = file("${path.module}/${var.name}.sh") }\nlocals { b = file("~/.ssh/id") }\n'
    }
    assert ask("terraform-file-exists", computed) == []


def test_a_module_whose_directory_has_another_letter_case_is_there_on_some_disks_only() -> None:
    files = {"infra/main.tf": 'module "e" {\n  source = "./ecs"\n}\n', "infra/ECS/main.tf": "locals {}\n"}
    (found,) = ask("terraform-module-exists", files)
    assert "there is infra/ECS: Linux minds the letter case" in found.message
    assert found.weight is Weight.WARNING
    step = "- uses: actions/checkout@v4\n- run: terraform -chdir=infra plan"
    (found,) = ask("terraform-module-exists", {**files, CI: job(step)})
    assert found.weight is Weight.BLOCKER


def test_a_move_names_an_address_and_no_output() -> None:
    moved = "moved {\n  from = aws_a.b\n  to   = module.m.aws_a.b\n}\n"
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n' + moved,
        "m/main.tf": 'resource "aws_a" "b" {}\n',
    }
    assert ask("terraform-module-outputs", files) == []


def test_an_output_of_a_counted_call_is_missed_only_where_it_is_read() -> None:
    call = 'module "m" {\n  count  = var.on ? 1 : 0\n  source = "./m"\n}\n'
    read = 'output "o" {\n  value = var.on ? module.m[0].gone : ""\n}\nvariable "on" {}\n'
    files = {"main.tf": call + read, "m/main.tf": 'output "a" {\n  value = 1\n}\n'}
    (found,) = ask("terraform-module-outputs", files)
    assert found.weight is Weight.WARNING
    once = {**files, "main.tf": call.replace("  count  = var.on ? 1 : 0\n", "") + read.replace("[0]", "")}
    (found,) = ask("terraform-module-outputs", once)
    assert found.weight is Weight.BLOCKER


def test_a_module_that_is_still_a_template_is_there() -> None:
    call = 'module "m" {\n  source = "../config"\n}\n'
    assert len(ask("terraform-module-exists", {"infra/a/main.tf": call})) == 1
    assert ask("terraform-module-exists", {"infra/a/main.tf": call, "infra/config/main.tf.jinja": "x"}) == []
    assert ask("terraform-module-exists", {"infra/{{app}}/main.tf": call}) == []


def test_a_file_that_git_ignores_is_made_where_terraform_runs() -> None:
    text = 'resource "a_b" "c" {\n  hash = filebase64sha256("${path.module}/../dist/f.zip")\n}\n'
    assert len(ask("terraform-file-exists", {"infra/main.tf": text})) == 1
    assert ask("terraform-file-exists", {"infra/main.tf": text, ".gitignore": "dist/\n"}) == []
