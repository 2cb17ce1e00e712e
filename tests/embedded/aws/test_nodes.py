"""Commands really run on the nodes, and what they start lives and ends with the node."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tasks.domain.deploy_policy import least_policy
from tasks.domain.settings import AwsSettings
from tests.aws_account import Account

pytestmark = pytest.mark.processes
SERVICE = "nohup python3 -m http.server --bind 127.0.0.1 $NODE_PORT >service.log 2>&1 & echo $! >service.pid"


def ssm(account: Account) -> Any:
    key = account.world.credentials
    return boto3.client(
        "ssm",
        endpoint_url=account.world.endpoint_url,
        region_name="us-west-2",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
    )


def until(holds: Callable[[], Any], seconds: float = 10.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def run(account: Account, *lines: str, environment: str = "staging", **parameters: list[str]) -> Any:
    client = ssm(account)
    sent = client.send_command(
        DocumentName="AWS-RunShellScript",
        Targets=[{"Key": "tag:Environment", "Values": [environment]}],
        Parameters={"commands": list(lines), **parameters},
    )["Command"]
    node = account.world.nodes[environment].instance_id
    assert sent["InstanceIds"] == [node]

    def ended() -> Any:
        found = client.get_command_invocation(CommandId=sent["CommandId"], InstanceId=node)
        return found if found["Status"] not in ("Pending", "InProgress") else None

    return until(ended)


def answers(account: Account, name: str = "staging") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{account.world.nodes[name].port}/", timeout=2) as page:
            return bool(page.status == 200)
    except urllib.error.URLError:
        return False


def test_the_nodes_are_online_under_their_environment(account: Account) -> None:
    (staging,) = account.aws.fleet.nodes("staging")
    (production,) = account.aws.fleet.nodes("production")
    assert staging.online
    assert staging.instance_id.startswith("mi-")
    assert staging.instance_id != production.instance_id
    assert account.aws.fleet.nodes("somewhere") == ()


def test_a_command_runs_in_the_nodes_directory_with_a_clean_environment(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PERSON", "hunter2")
    done = run(account, "pwd", "env", "echo to-stderr >&2")
    node = account.world.nodes["staging"]
    assert (done["Status"], done["ResponseCode"]) == ("Success", 0)
    assert done["StandardErrorContent"] == "to-stderr\n"
    said = done["StandardOutputContent"]
    assert said.startswith(f"{node.directory}\n")
    assert f"HOME={node.directory}" in said
    assert "ACTIVATION_NODE=staging" in said
    assert "hunter2" not in said


def test_a_node_is_an_aws_principal_of_its_own(account: Account) -> None:
    done = run(account, "aws sts get-caller-identity --query Arn --output text")
    assert done["StandardOutputContent"].strip().endswith("assumed-role/managed-node/staging")


def test_a_failing_command_keeps_its_exit_code(account: Account) -> None:
    done = run(account, "echo before", "exit 7")
    assert (done["Status"], done["ResponseCode"]) == ("Failed", 7)
    assert done["StandardOutputContent"] == "before\n"


def test_a_command_that_takes_too_long_is_ended(account: Account) -> None:
    done = run(account, "echo begun", "sleep 60", executionTimeout=["1"])
    assert (done["Status"], done["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert done["StandardOutputContent"] == "begun\n"
    assert account.world.nodes["staging"].processes() == []


def test_a_service_stays_up_after_its_command_and_ends_with_the_node(account: Account) -> None:
    assert run(account, SERVICE)["Status"] == "Success"
    until(lambda: answers(account))
    assert not answers(account, "production")
    account.world.nodes["staging"].stop()
    assert account.world.nodes["staging"].processes() == []
    assert not answers(account)


def test_a_service_that_does_not_listen_to_requests_to_end_is_killed(account: Account) -> None:
    run(account, "(trap '' TERM; while :; do sleep 1; done) >/dev/null 2>&1 &")
    node = account.world.nodes["staging"]
    until(node.processes)
    node.stop(grace=0.2)
    assert node.processes() == []


def test_a_world_that_starts_again_brings_services_back_on_the_same_port(account: Account) -> None:
    run(account, SERVICE)
    until(lambda: answers(account))
    port, pid = account.world.nodes["staging"].port, _pid(account)
    account.world.stop()
    account.world.start()
    assert account.world.nodes["staging"].port == port
    until(lambda: answers(account))
    assert _pid(account) != pid
    assert [p.pid for p in account.world.nodes["staging"].processes()] == [_pid(account)]


def test_a_service_that_survived_a_killed_world_is_adopted(account: Account) -> None:
    run(account, SERVICE)
    until(lambda: answers(account))
    pid = _pid(account)
    account.world.nodes["staging"].start()
    assert [p.pid for p in account.world.nodes["staging"].processes()] == [pid]


def test_how_a_command_ended_is_known_after_a_restart(account: Account) -> None:
    done = run(account, "echo remembered")
    account.world.stop()
    account.world.start()
    again = ssm(account).get_command_invocation(CommandId=done["CommandId"], InstanceId=done["InstanceId"])
    assert (again["Status"], again["StandardOutputContent"]) == ("Success", "remembered\n")


def test_invocations_show_both_streams_as_run_command_does(account: Account) -> None:
    done = run(account, "echo out", "echo err >&2")
    (found,) = ssm(account).list_command_invocations(CommandId=done["CommandId"], Details=True)[
        "CommandInvocations"
    ]
    assert found["CommandPlugins"][0]["Output"] == "out\n\n----------ERROR-------\nerr\n"


def test_a_deploy_role_reaches_only_the_nodes_of_its_environments(account: Account) -> None:
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    trust = {"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}
    account.aws.roles.create("r", trust={"Version": "2012-10-17", "Statement": [trust]}, description="d")
    rights = least_policy("123456789012", AwsSettings(region="us-west-2"), ("staging",))
    account.aws.roles.put_policy("r", "p", rights)
    key = account.aws._clients.sts.assume_role(
        RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="job"
    )["Credentials"]
    client = boto3.client(
        "ssm",
        endpoint_url=account.world.endpoint_url,
        region_name="us-west-2",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )

    def send(environment: str) -> Any:
        return client.send_command(
            DocumentName="AWS-RunShellScript",
            Targets=[{"Key": "tag:Environment", "Values": [environment]}],
            Parameters={"commands": ["touch commanded"]},
        )

    assert send("staging")["Command"]["TargetCount"] == 1
    with pytest.raises(ClientError, match="not authorized to perform: ssm:SendCommand"):
        send("production")
    until((account.world.nodes["staging"].directory / "commanded").exists)
    assert not (account.world.nodes["production"].directory / "commanded").exists()


def _pid(account: Account) -> int:
    file = account.world.nodes["staging"].directory / "service.pid"
    pid = int(file.read_text())
    assert pid != os.getpid()
    return pid
