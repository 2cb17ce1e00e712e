import pytest

from tests.checks.testing import ask, places

MAIN = """\
resource "aws_instance" "node" {
  user_data = templatefile("${path.module}/node.sh.tftpl", {
    device = "/dev/sdf"
    hosts  = ["a", "b"]
  })
}
"""


def told(template: str, main: str = MAIN) -> list[tuple[str | None, int | None]]:
    files = {"infra/main.tf": main, "infra/node.sh.tftpl": template}
    return places(ask("terraform-template-is-given", files))


@pytest.mark.parametrize(
    "line", ["mkfs ${devcie}", 'echo "${HOSTNAME}"', "echo ${~ other.name ~}", "${list[0]}"]
)
def test_a_name_that_nobody_hands_to_the_template_is_told_at_its_line(line: str) -> None:
    assert told(f"#!/bin/sh\n{line}\n") == [("infra/node.sh.tftpl", 2)]


@pytest.mark.parametrize(
    "line",
    [
        "mkfs ${device}",
        "echo $${HOSTNAME} $HOSTNAME $(hostname)",
        "%{ for host in hosts ~}\nping ${host}\n%{ endfor ~}",
        "${join(hosts)} ${upper(device)}",
    ],
)
def test_names_that_are_handed_bound_or_left_to_the_shell_are_not_told(line: str) -> None:
    assert told(f"#!/bin/sh\n{line}\n") == []


@pytest.mark.parametrize("given", ["local.values", "merge(local.values, { a = 1 })", "{ (var.key) = 1 }"])
def test_values_that_only_terraform_knows_are_not_told(given: str) -> None:
    main = f'locals {{\n  text = templatefile("${{path.module}}/node.sh.tftpl", {given})\n}}\n'
    assert told("${device}\n", main) == []


def test_a_name_that_a_loop_inside_an_expression_binds_is_no_value() -> None:
    assert told('${jsonencode([for name in hosts : { "name" : "${name}" }])}\n') == []


@pytest.mark.parametrize(
    "line",
    [
        "curl -w '%{http_code}' localhost",
        'echo "${PORT:-80}"',
        "name=${path##*/}",
        "count=${#hosts[@]}",
        "%{ foreach a in hosts }",
    ],
)
def test_what_only_the_shell_can_read_in_a_template_is_told_at_its_line(line: str) -> None:
    assert told(f"#!/bin/sh\n{line}\n") == [("infra/node.sh.tftpl", 2)]
    computed = MAIN.split("{\n    device", maxsplit=1)[0] + "local.values)\n}\n"
    assert told(f"#!/bin/sh\n{line}\n", computed) == [("infra/node.sh.tftpl", 2)]


@pytest.mark.parametrize(
    "line",
    [
        "curl -w '%%{http_code}' localhost",
        'echo "$${PORT:-80}" 50% {a}',
        "count=$${#hosts[@]}",
        "%{~ if true ~}\nx\n%{ else }\ny\n%{ endif }",
        "${true ? 1 : -1} ${4 / 2} ${4 % 2}",
    ],
)
def test_what_is_left_to_the_shell_and_terraforms_own_directives_are_not_told(line: str) -> None:
    assert told(f"#!/bin/sh\n{line}\n") == []


def test_a_script_that_is_no_template_may_say_what_it_likes() -> None:
    main = MAIN.replace("templatefile(", "file(").replace(MAIN[MAIN.index(", {") : MAIN.index(")\n}")], "")
    assert told('echo "${PORT:-80}"\n', main) == []
