import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import answers, ask, places

CHECK = "private-network-leads-out"
VPC = """\
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id = aws_vpc.v.id
}
"""
FUNCTION = """\
resource "aws_lambda_function" "f" {
  vpc_config {
    subnet_ids = SUBNETS
  }
  environment {
    variables = {
      QUEUE = ASKED
    }
  }
}
"""
SERVICE = """\
resource "aws_ecs_service" "s" {
  launch_type = "FARGATE"
  network_configuration {
    subnets          = [aws_subnet.a.id]
    assign_public_ip = PUBLIC
  }
}
"""


def function(subnets: str = "[aws_subnet.a.id]", asked: str = "aws_sqs_queue.q.url") -> str:
    return FUNCTION.replace("SUBNETS", subnets).replace("ASKED", asked)


def test_a_function_without_a_way_to_the_queue_that_it_is_told_of_is_named() -> None:
    (found,) = ask(CHECK, {"main.tf": function() + VPC})
    assert places([found]) == [("main.tf", 3)]
    assert "aws_sqs_queue.q" in found.message
    assert found.weight is Weight.WARNING


def test_a_service_of_fargate_without_an_address_cannot_pull_its_image() -> None:
    (found,) = ask(CHECK, {"main.tf": SERVICE.replace("PUBLIC", "false") + VPC})
    assert places([found]) == [("main.tf", 4)]
    assert ask(CHECK, {"main.tf": SERVICE.replace("PUBLIC", "true") + VPC}) == []


def test_an_internet_gateway_is_no_way_out_for_a_function() -> None:
    gateway = """\
resource "aws_route_table" "r" {
  vpc_id = aws_vpc.v.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.g.id
  }
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.r.id
}
"""
    assert len(ask(CHECK, {"main.tf": function() + VPC + gateway})) == 1
    elsewhere = gateway.replace("route_table_id = aws_route_table.r.id", "route_table_id = var.table")
    assert ask(CHECK, {"main.tf": function() + VPC + elsewhere}) == []


@pytest.mark.parametrize(
    "way",
    [
        'resource "aws_nat_gateway" "n" {\n}\n',
        'resource "aws_vpc_endpoint" "e" {\n}\n',
        'resource "aws_route" "r" {\n  network_interface_id = aws_instance.nat.id\n}\n',
        'module "net" {\n  source = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"\n}\n',
    ],
)
def test_any_other_way_out_is_one(way: str) -> None:
    found = answers(CHECK, {"main.tf": function() + VPC + way})
    assert [one.verdict.value for one in found] == ["holds"]


def test_a_way_out_that_the_calling_module_makes_is_one() -> None:
    caller = 'module "app" {\n  source = "./app"\n}\nresource "aws_nat_gateway" "n" {\n}\n'
    assert ask(CHECK, {"main.tf": caller, "app/main.tf": function() + VPC}) == []


def test_a_function_that_asks_nothing_or_lies_in_subnets_of_others_is_fine() -> None:
    assert ask(CHECK, {"main.tf": function(asked="aws_db_instance.d.endpoint") + VPC}) == []
    assert ask(CHECK, {"main.tf": function(subnets="var.subnets") + VPC}) == []
    assert ask(CHECK, {"main.tf": function() + VPC.replace("aws_vpc.v.id", "var.vpc")}) == []


def test_the_default_network_is_a_note_for_somebody_may_have_changed_it() -> None:
    text = VPC.replace("aws_vpc.v.id", "data.aws_vpc.d.id") + 'data "aws_vpc" "d" {\n  default = true\n}\n'
    (found,) = ask(CHECK, {"main.tf": function() + text})
    assert found.weight is Weight.NOTE
    assert ask(CHECK, {"main.tf": function() + text.replace("  default = true\n", "")}) == []


MACHINE = """\
resource "aws_instance" "m" {
  ami       = "ami-1"
  subnet_id = aws_subnet.a.id
  user_data = <<-EOF
    #!/bin/bash
    set -e
    RUN
  EOF
}
"""
INSTALLS = "apt-get update && apt-get install -y nginx"


def machine(run: str = INSTALLS) -> str:
    return MACHINE.replace("RUN", run)


@pytest.mark.parametrize(
    "run", [INSTALLS, "sudo dnf -y install nginx", "curl -fsSL https://get.docker.com | sh"]
)
def test_a_machine_without_a_way_out_that_starts_by_loading_something_is_told(run: str) -> None:
    (found,) = ask(CHECK, {"main.tf": machine(run) + VPC})
    assert (places([found]), found.weight) == ([("main.tf", 3)], Weight.WARNING)
    refused = machine(run).replace("  ami ", "  associate_public_ip_address = false\n  ami ")
    mapped = VPC.replace("vpc_id =", "map_public_ip_on_launch = true\n  vpc_id =")
    assert places(ask(CHECK, {"main.tf": refused + mapped})) == [("main.tf", 4)]


def test_the_script_of_a_machine_may_be_a_file() -> None:
    body = 'subnet_id = aws_subnet.a.id\n  user_data = file("${path.module}/b.sh")'
    main = f'resource "aws_instance" "m" {{\n  {body}\n}}\n'
    files = {"infra/main.tf": main + VPC, "infra/b.sh": "#!/bin/sh\nyum install -y jq\n"}
    assert places(ask(CHECK, files)) == [("infra/main.tf", 2)]


@pytest.mark.parametrize(
    ("instance", "more"),
    [
        (machine("systemctl start moon"), ""),
        (machine("curl http://169.254.169.254/latest/meta-data"), ""),
        (machine("export https_proxy=http://10.0.0.5:3128\n    " + INSTALLS), ""),
        (machine().replace("  ami ", "  associate_public_ip_address = true\n  ami "), ""),
        (machine().replace("  ami ", "  associate_public_ip_address = var.public\n  ami "), ""),
        (machine().replace("aws_subnet.a.id", "var.subnet"), ""),
        (machine(), 'resource "aws_nat_gateway" "n" {\n}\n'),
        (machine(), 'resource "aws_vpc_endpoint" "s3" {\n}\n'),
        (machine(), 'resource "aws_eip" "e" {\n  instance = aws_instance.m.id\n}\n'),
        (machine(), 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'),
    ],
)
def test_a_machine_with_a_way_out_or_that_loads_nothing_is_not_accused(instance: str, more: str) -> None:
    assert ask(CHECK, {"main.tf": instance + VPC + more}) == []


def test_a_machine_in_a_subnet_that_gives_addresses_is_not_accused() -> None:
    mapped = VPC.replace("vpc_id =", "map_public_ip_on_launch = true\n  vpc_id =")
    assert ask(CHECK, {"main.tf": machine() + mapped}) == []
    looked_up = VPC.replace("aws_vpc.v.id", "data.aws_vpc.v.id")
    assert ask(CHECK, {"main.tf": machine() + looked_up}) == []
