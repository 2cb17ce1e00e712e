import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import ask, job, places

NODE = """\
resource "aws_instance" "node" {
  ami  = data.aws_ami.image.id
  tags = merge(var.common, { Role = "storage" }, local.more)
  ebs_block_device {
    device_name = "/x"
  }
  user_data = file("${path.module}/boot.sh")
}
data "aws_ami" "image" {
  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]
  }
}
variable "common" { default = { Owner = "me" } }
locals { more = { Site = "A" } }
provider "aws" {
  default_tags {
    tags = { Project = "p" }
  }
}
"""


def find(filters: str) -> dict[str, str]:
    return {
        "main.tf": NODE,
        "find.sh": f"#!/bin/bash\naws ec2 describe-instances \\\n  --filters {filters}\n",
    }


def test_a_tag_spelled_in_another_letter_case_is_named() -> None:
    found = ask("tag-keys-match", find('"Name=tag:project,Values=p"'))
    assert places(found) == [("find.sh", 3)]
    assert "Project" in found[0].message


def test_a_tag_that_nothing_sets_is_named() -> None:
    assert places(ask("tag-keys-match", find("Name=tag:Stage,Values=test"))) == [("find.sh", 3)]


def test_tags_of_defaults_variables_local_values_and_scripts_are_set() -> None:
    for key in ("Role", "Owner", "Site", "Project", "aws:autoscaling:groupName"):
        assert ask("tag-keys-match", find(f"Name=tag:{key},Values=*")) == []
    tagged = {"tag.sh": "aws ec2 create-tags --resources i --tags Key=stage,Value=x\n"}
    assert ask("tag-keys-match", find("Name=tag:stage,Values=x") | tagged) == []


def test_a_value_that_terraform_gives_no_machine_is_named_with_those_it_gives() -> None:
    for asked in ("Name=tag:Role,Values=store", '"Name=tag:Project,Values=P"', "Name=tag:Site,Values=B,C"):
        (found,) = ask("tag-keys-match", find(asked))
        assert places([found]) == [("find.sh", 3)]
    assert "storage" in ask("tag-keys-match", find("Name=tag:Role,Values=store"))[0].message


def test_a_value_that_is_given_computed_or_set_by_hand_is_not_accused() -> None:
    asked = [
        "Name=tag:Role,Values=storage",
        "Name=tag:Role,Values=client,storage",
        "'Name=tag:Role,Values=stor*'",
        '"Name=tag:Role,Values=$ROLE"',
    ]
    for one in asked:
        assert ask("tag-keys-match", find(one)) == [], one
    other = {"tag.sh": "aws ec2 create-tags --resources i --tags Key=Role,Value=store\n"}
    assert ask("tag-keys-match", find("Name=tag:Role,Values=store") | other) == []
    counted = find("Name=tag:Role,Values=store")
    counted["main.tf"] = NODE.replace('"storage"', '"node-${count.index}"')
    assert ask("tag-keys-match", counted) == []
    handed = find("Name=tag:Role,Values=store")
    handed["main.tf"] = NODE.replace("local.more)", "module.labels.tags)")
    assert ask("tag-keys-match", handed) == []


def test_tags_are_not_judged_without_terraform_or_where_a_script_computes_them() -> None:
    alone = {"find.sh": find("Name=tag:project,Values=p")["find.sh"]}
    assert ask("tag-keys-match", alone) == []
    computed = {"tag.sh": 'aws ec2 create-tags --resources i --tags Key="$KEY",Value=x\n'}
    assert ask("tag-keys-match", find("Name=tag:Stage,Values=x") | computed) == []


def login(user: str) -> dict[str, str]:
    return {
        "main.tf": NODE,
        "o.tf": f'output "ssh" {{\n  value = "ssh {user}@${{aws_instance.node.public_ip}}"\n}}\n',
    }


def test_a_login_that_the_image_does_not_know_is_named() -> None:
    found = ask("login-user-fits-image", login("ec2-user"))
    assert places(found) == [("o.tf", 2)]
    assert "ubuntu" in found[0].message


def test_the_user_of_the_image_and_computed_images_are_fine() -> None:
    assert ask("login-user-fits-image", login("ubuntu")) == []
    computed = login("ec2-user")
    computed["main.tf"] = computed["main.tf"].replace("data.aws_ami.image.id", "var.ami")
    assert ask("login-user-fits-image", computed) == []


SIGN_IN = {
    "in.sh": '#!/bin/sh\nset -eu\nssh "{user}@$(terraform output -raw ip)" uptime\n',
    ".github/workflows/ci.yml": job('- run: ssh -o BatchMode=yes {user}@"$HOST" uptime'),
    "RUNBOOK.md": "Look at it:\n\n    ssh {user}@NODE\n",
}


@pytest.mark.parametrize(("path", "line"), [("in.sh", 3), (".github/workflows/ci.yml", 6), ("RUNBOOK.md", 3)])
def test_a_command_that_signs_in_as_another_user_is_named(path: str, line: int) -> None:
    files = {"main.tf": NODE, path: SIGN_IN[path].replace("{user}", "ec2-user")}
    assert places(ask("login-user-fits-image", files)) == [(path, line)]
    files[path] = SIGN_IN[path].replace("{user}", "ubuntu")
    assert ask("login-user-fits-image", files) == []


@pytest.mark.parametrize(
    "files",
    [
        {"in.sh": "ssh ec2-user@build.example.com\n"},
        {"in.sh": "ssh ec2-user@$HOST\nssh ubuntu@$NODE\n"},
        {"in.sh": "ssh ec2-user@$HOST\n", "more.tf": 'resource "aws_launch_template" "x" {}\n'},
        {"in.sh": "ssh ec2-user@$HOST\n", "more.tf": 'resource "aws_instance" "x" {\n  ami = var.ami\n}\n'},
        {"in.sh": "ssh ec2-user@$HOST\n", "more.tf": 'locals { user = "ec2-user" }\n'},
        {"in.sh": "echo ec2-user@$HOST\n"},
        {"notes.md": "The user ec2-user@NODE is of Amazon Linux.\n"},
    ],
)
def test_other_machines_may_have_other_users(files: dict[str, str]) -> None:
    assert ask("login-user-fits-image", {"main.tf": NODE, **files}) == []


PARAMETER = """\
data "aws_ssm_parameter" "image" {
  name = "%s"
}
resource "aws_instance" "node" {
  ami = data.aws_ssm_parameter.image.value
}
"""


def test_the_user_of_an_image_that_a_public_parameter_holds_is_known() -> None:
    for begin, other, name in (
        ("ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", "ubuntu", "ec2-user"),
        ("canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id", "ec2-user", "ubuntu"),
    ):
        files = {"main.tf": PARAMETER % f"/aws/service/{begin}"}
        line = f"Its log: `ssh {other}@$(terraform -chdir=infra output -raw address) uptime`.\n"
        (found,) = ask("login-user-fits-image", {**files, "RUNBOOK.md": line})
        assert (found.weight, found.message) == (
            Weight.WARNING,
            f"a command signs in as {other}, and every machine of Terraform here lets in {name}",
        )
        assert ask("login-user-fits-image", {**files, "RUNBOOK.md": line.replace(other, name)}) == []
        own = {"main.tf": PARAMETER % "/acme/images/node"}
        assert ask("login-user-fits-image", {**own, "RUNBOOK.md": line}) == []


def test_an_address_that_a_script_takes_from_terraform_is_that_of_its_machine() -> None:
    text = 'host=$(terraform -chdir=infra output -raw address)\nssh -o A=b "ec2-user@$host" uptime\n'
    (found,) = ask("login-user-fits-image", {"main.tf": NODE, "in.sh": text})
    assert found.weight is Weight.WARNING
    (found,) = ask("login-user-fits-image", {"main.tf": NODE, "in.sh": text.replace("terraform", "cat")})
    assert found.weight is Weight.NOTE


def test_a_volume_that_the_start_script_leaves_alone_is_named() -> None:
    idle = {"main.tf": NODE, "boot.sh": "#!/bin/bash\napt-get update\n"}
    assert places(ask("volumes-mounted", idle)) == [("main.tf", 4)]
    used = {"main.tf": NODE, "boot.sh": "#!/bin/bash\nmkfs.xfs $DISK && mount $DISK /data\n"}
    assert ask("volumes-mounted", used) == []


ATTACHED = """\
resource "aws_instance" "node" {
  ami = "ami-1"
}
resource "aws_ebs_volume" "data" {
  size = 10
}
resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.node.id
}
"""


def started(user_data: str, **files: str) -> dict[str, str]:
    return {"main.tf": ATTACHED.replace('  ami = "ami-1"\n', f'  ami = "ami-1"\n{user_data}\n'), **files}


@pytest.mark.parametrize(
    ("user_data", "files", "line"),
    [
        ('  user_data = "#!/bin/sh\\necho hi\\n"', {}, 8),
        ("  user_data = <<-EOT\n    #!/bin/sh\n    apt-get update\n  EOT", {}, 11),
        ('  user_data = base64encode("#!/bin/sh\\necho hi\\n")', {}, 8),
        ('  user_data = file("${path.module}/boot.sh")', {"boot.sh": "#!/bin/sh\napt-get update\n"}, 8),
        ('  user_data = templatefile("${path.module}/b.sh", { x = 1 })', {"b.sh": "echo ${x}\n"}, 8),
        ("", {}, 8),
    ],
)
def test_an_attached_volume_that_nothing_mounts_is_named(
    user_data: str, files: dict[str, str], line: int
) -> None:
    found = ask("volumes-mounted", started(user_data, **files))
    assert places(found) == [("main.tf", line)]


@pytest.mark.parametrize(
    ("user_data", "files"),
    [
        ('  user_data = "#!/bin/sh\\nmount /dev/sdf /data\\n"', {}),
        ('  user_data = "#cloud-config\\nmounts: [[sdf, /data]]\\n"', {}),
        ('  user_data = "curl https://x/setup | sh"', {}),
        ('  user_data = "echo ${var.script}"', {}),
        ("  user_data = local.script", {}),
        (
            '  user_data = file("${path.module}/boot.sh")',
            {"boot.sh": "aws s3 cp s3://x/setup . && ./setup\n"},
        ),
        ("", {"site.yml": "- hosts: all\n  tasks:\n    - filesystem: {dev: /dev/sdf}\n"}),
        ("", {"prepare.sh": "mkfs.xfs /dev/nvme1n1\n"}),
        ('  provisioner "remote-exec" {\n    script = "x"\n  }', {}),
    ],
)
def test_a_volume_that_is_mounted_or_may_be_is_not_named(user_data: str, files: dict[str, str]) -> None:
    assert ask("volumes-mounted", started(user_data, **files)) == []
