from pathlib import Path

from tasks.checks.aws_quotas import ON_DEMAND, SPOT
from tasks.domain.cloud import CloudQuotas
from tasks.domain.fact import Unseen
from tasks.domain.finding import Verdict
from tasks.domain.settings import AwsSettings, Settings, WorldKind
from tests.checks.testing import answers, ask, places

SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("x"),
    owner="o",
    name="n",
    branch="main",
    state_directory=Path("s"),
    aws=AwsSettings(region="eu-west-1"),
)
NODES = """\
variable "number" { default = 3 }
resource "aws_instance" "big" {
  count         = var.number
  instance_type = "i4i.2xlarge"
}
resource "aws_instance" "small" {
  instance_type = "t3.large"
}
"""


def quota(on_demand: float | Unseen | None, spot: float | None = 5) -> CloudQuotas:
    return CloudQuotas(vcpus={ON_DEMAND: on_demand, SPOT: spot})


def test_more_machines_than_the_quota_has_room_for_are_named_the_biggest_first() -> None:
    found = ask("vcpu-quota-suffices", {"main.tf": NODES}, quota(25), SETTINGS)
    assert places(found) == [("main.tf", 4)]
    assert "at least 26 on-demand" in found[0].message


def test_machines_that_fit_are_fine() -> None:
    assert ask("vcpu-quota-suffices", {"main.tf": NODES}, quota(26), SETTINGS) == []


def test_spot_machines_have_a_quota_of_their_own() -> None:
    text = """\
        resource "aws_instance" "n" {
          instance_type = "c7a.2xlarge"
          instance_market_options {
            market_type = "spot"
          }
        }
    """
    found = ask("vcpu-quota-suffices", {"main.tf": text}, quota(0), SETTINGS)
    assert [one.subject for one in found] == [".: spot"]


def test_computed_numbers_and_types_and_other_families_are_not_counted() -> None:
    text = """\
        resource "aws_instance" "a" {
          count         = var.big ? 100 : 0
          instance_type = "c7a.2xlarge"
        }
        resource "aws_instance" "b" { instance_type = var.type }
        resource "aws_instance" "c" { instance_type = "p5.48xlarge" }
    """
    assert answers("vcpu-quota-suffices", {"main.tf": text}, quota(0), SETTINGS) == []


def test_a_quota_that_could_not_be_seen_is_unknown() -> None:
    found = ask("vcpu-quota-suffices", {"main.tf": NODES}, quota(Unseen(reason="denied")), SETTINGS)
    assert [one.verdict for one in found] == [Verdict.UNKNOWN]
    assert not found[0].blocks
