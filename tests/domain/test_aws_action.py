"""The tables of what AWS asks for, against botocore, the list of actions and AWS's own policies."""

import fnmatch
import json

import botocore.session
import pytest
from botocore import xform_name
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tasks.domain.aws_action import OTHERS, PASSING, WAITS, needed
from tasks.domain.managed_policy import managed
from tasks.domain.terraform_actions import CREATES, READS
from tasks.facts.iam_actions import known_actions

BOTOCORE = {"s3api": "s3", "deploy": "codedeploy"}
POLICIES = json.loads(aws_managed_policies_data)


def test_every_action_of_the_tables_is_one_that_iam_knows() -> None:
    named = {
        action for actions in (*OTHERS.values(), *CREATES.values(), *READS.values()) for action in actions
    }
    named |= {action for action, _ in PASSING.values()}
    known = known_actions({one.partition(":")[0] for one in named})
    assert {one for one in named if known.spelled(one) != one} == set()


@pytest.mark.parametrize("waited", sorted(WAITS))
def test_a_waiter_asks_the_operation_that_its_model_names(waited: str) -> None:
    service, _, name = waited.partition(" ")
    model = botocore.session.get_session().get_waiter_model(BOTOCORE.get(service, service))
    names = {xform_name(one, "-"): one for one in model.waiter_names}
    assert xform_name(model.get_waiter(names[name]).operation, "-") == WAITS[waited]


@pytest.mark.parametrize("service", ["ec2", "ecs", "iam", "secretsmanager", "ssm"])
def test_most_operations_need_the_action_that_is_called_like_them(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    known = known_actions({service})
    derived = [needed(service, xform_name(one, "-")) for one in model.operation_names]
    there = [one for one in derived if one and known.spelled(one[0])]
    assert len(there) > 0.6 * len(derived)  # the rest is newer than the list, and needs nothing certain


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "AmazonDynamoDBFullAccess",
        "AmazonEC2ContainerRegistryPowerUser",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2FullAccess",
        "AmazonEC2ReadOnlyAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AmazonSSMManagedInstanceCore",
        "CloudWatchAgentServerPolicy",
        "CloudWatchLogsFullAccess",
        "IAMFullAccess",
        "SecretsManagerReadWrite",
    ],
)
def test_a_policy_of_aws_allows_no_more_than_is_said_of_it(name: str) -> None:
    said = managed(f"arn:aws:iam::aws:policy/{name}")
    assert said is not None
    patterns = [pattern.lower() for one in said for pattern in one.actions]
    for statement in POLICIES[name]["Document"]["Statement"]:
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert any(fnmatch.fnmatchcase(action.lower(), one) for one in patterns), action


def test_a_policy_that_is_not_known_may_allow_anything() -> None:
    assert managed("arn:aws:iam::aws:policy/job-function/Billing") is None
    assert managed("arn:aws:iam::123456789012:policy/AdministratorAccess") is None
