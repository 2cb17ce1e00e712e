"""SSM Run Command on the managed nodes: send, look at invocations, and the nodes' inventory."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.keys import AccessKey
from deployments.embedded.aws.node import ManagedNode
from deployments.embedded.aws.wire import AwsRequest
from deployments.embedded.private_file import write_private

Result = Mapping[str, Any]
_DOCUMENTS = frozenset({"AWS-RunShellScript"})
_PLUGIN = "aws:runShellScript"


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One command on one node; statuses are those of the SSM reference."""

    command_id: str
    instance_id: str
    name: str
    document: str
    comment: str
    status: str  # Pending, InProgress, Success, Failed, TimedOut, Cancelled
    details: str
    requested: float
    exit_code: int = -1
    stdout: str = ""
    stderr: str = ""
    started: float | None = None
    ended: float | None = None


class Commands:
    """Runs commands on nodes in the background and keeps how each ended in a file."""

    def __init__(self, *, directory: Path, nodes: Iterable[ManagedNode]) -> None:
        self._directory = directory
        self._nodes = {node.instance_id: node for node in nodes}
        self._lock = threading.Lock()
        self._invocations: dict[tuple[str, str], Invocation] = {}
        self._threads: list[threading.Thread] = []
        for file in sorted(directory.glob("*/*/invocation.json")):
            row = Invocation(**json.loads(file.read_text()))
            if row.status in ("Pending", "InProgress"):
                # The process that ran it is gone and its exit code with it.
                row = replace(row, status="Failed", details="Terminated", ended=time.time())
            self._keep(row)

    def answers(self) -> Mapping[tuple[str, str], Callable[[AwsRequest, AccessKey | None], Result]]:
        """Return the operations answered here: moto's own runs nothing."""
        return {
            ("ssm", "DescribeInstanceInformation"): self.describe_instance_information,
            ("ssm", "SendCommand"): self.send_command,
            ("ssm", "GetCommandInvocation"): self.get_command_invocation,
            ("ssm", "ListCommandInvocations"): self.list_command_invocations,
            ("ssm", "ListCommands"): self.list_commands,
        }

    def describe_instance_information(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List the nodes, filtered by id or tag."""
        asked = request.parameters
        filters = [(str(f["Key"]), [str(v) for v in f["Values"]]) for f in asked.get("Filters") or ()]
        filters += [
            (str(f["key"]), [str(v) for v in f["valueSet"]])
            for f in asked.get("InstanceInformationFilterList") or ()
        ]
        return {
            "InstanceInformationList": [
                {
                    "InstanceId": node.instance_id,
                    "Name": node.name,
                    "ComputerName": node.name,
                    "PingStatus": "Online",
                    "LastPingDateTime": time.time(),
                    "AgentVersion": "3.3.0.0",
                    "IsLatestVersion": True,
                    "PlatformType": "Linux",
                    "ResourceType": "ManagedInstance",
                    "IPAddress": "127.0.0.1",
                }
                for node in self._nodes.values()
                if all(_node_matches(node, key, values) for key, values in filters)
            ]
        }

    def send_command(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Run a shell script on every node named or targeted."""
        asked = request.parameters
        document = str(asked["DocumentName"])
        if document not in _DOCUMENTS:
            raise AwsError("InvalidDocument", f"{document} is not offered here; AWS-RunShellScript is")
        parameters = {
            str(k): [str(v) for v in values] for k, values in (asked.get("Parameters") or {}).items()
        }
        if not parameters.get("commands"):
            raise AwsError("InvalidParameters", "Parameter commands is required and must not be empty")
        nodes = self._targets(asked)
        timeout = float(parameters.get("executionTimeout", ["3600"])[0])
        command_id, now = str(uuid.uuid4()), time.time()
        for node in nodes:
            invocation = Invocation(
                command_id=command_id,
                instance_id=node.instance_id,
                name=node.name,
                document=document,
                comment=str(asked.get("Comment") or ""),
                status="Pending",
                details="Pending",
                requested=now,
            )
            self._keep(invocation)
            script = "\n".join(parameters["commands"]) + "\n"
            folder = parameters.get("workingDirectory", [""])[0]
            thread = threading.Thread(
                target=self._run, args=(node, invocation, script, folder, timeout), daemon=True
            )
            self._threads.append(thread)
            thread.start()
        return {"Command": self._command(command_id)}

    def get_command_invocation(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Return how one command stands on one node, with its output."""
        key = (str(request.parameters["CommandId"]), str(request.parameters["InstanceId"]))
        with self._lock:
            found = self._invocations.get(key)
        if found is None:
            raise AwsError("InvocationDoesNotExist", "the command was not sent to that node")
        return {
            "CommandId": found.command_id,
            "InstanceId": found.instance_id,
            "Comment": found.comment,
            "DocumentName": found.document,
            "PluginName": _PLUGIN,
            "ResponseCode": found.exit_code,
            "ExecutionStartDateTime": _iso(found.started),
            "ExecutionEndDateTime": _iso(found.ended),
            "Status": found.status,
            "StatusDetails": found.details,
            "StandardOutputContent": found.stdout,
            "StandardOutputUrl": "",
            "StandardErrorContent": found.stderr[:8000],
            "StandardErrorUrl": "",
        }

    def list_command_invocations(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List invocations of a command, a node, or all; with `Details` their output too."""
        asked = request.parameters
        with self._lock:
            rows = list(self._invocations.values())
        return {
            "CommandInvocations": [
                {
                    "CommandId": row.command_id,
                    "InstanceId": row.instance_id,
                    "InstanceName": row.name,
                    "Comment": row.comment,
                    "DocumentName": row.document,
                    "RequestedDateTime": row.requested,
                    "Status": row.status,
                    "StatusDetails": row.details,
                    "CommandPlugins": [
                        {
                            "Name": _PLUGIN,
                            "Status": row.status,
                            "StatusDetails": row.details,
                            "ResponseCode": row.exit_code,
                            "Output": _combined(row)[:2500],
                        }
                    ]
                    if asked.get("Details")
                    else [],
                }
                for row in rows
                if asked.get("CommandId") in (None, row.command_id)
                and asked.get("InstanceId") in (None, row.instance_id)
            ]
        }

    def list_commands(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List commands, one or all."""
        with self._lock:
            ids = list(dict.fromkeys(command_id for command_id, _ in self._invocations))
        wanted = request.parameters.get("CommandId")
        if wanted and wanted not in ids:
            raise AwsError("InvalidCommandId", "the command does not exist")
        return {"Commands": [self._command(i) for i in ids if wanted in (None, i)]}

    def wait(self, timeout: float) -> None:
        """Wait for the commands under way."""
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def clear(self) -> None:
        """Forget every command."""
        with self._lock:
            self._invocations.clear()
        for file in self._directory.glob("*/*/invocation.json"):
            file.unlink()

    def _targets(self, asked: Mapping[str, Any]) -> list[ManagedNode]:
        ids = [str(i) for i in asked.get("InstanceIds") or ()]
        unknown = [i for i in ids if i not in self._nodes]
        if unknown:
            raise AwsError("InvalidInstanceId", f"Instances {unknown} not in a valid state for account")
        targets = [(str(t["Key"]), [str(v) for v in t["Values"]]) for t in asked.get("Targets") or ()]
        if not ids and not targets:
            raise AwsError("InvalidParameters", "name instance ids or targets")
        return [
            node
            for node in self._nodes.values()
            if node.instance_id in ids
            or (targets and all(_node_matches(node, key, values) for key, values in targets))
        ]

    def _run(
        self, node: ManagedNode, invocation: Invocation, script: str, folder: str, timeout: float
    ) -> None:
        under_way = replace(invocation, status="InProgress", details="InProgress", started=time.time())
        self._keep(under_way)
        if folder:
            script = f"cd {_quoted(folder)} || exit 1\n{script}"
        output = self._directory / invocation.command_id / invocation.instance_id
        try:
            done = node.run(script, timeout=timeout, output=output)
        except OSError as error:
            failed = replace(under_way, status="Failed", details="Failed", stderr=str(error))
            self._keep(replace(failed, ended=time.time(), exit_code=1))
            return
        if done.exit_code is None:
            status, details = "TimedOut", "ExecutionTimedOut"
        else:
            status = details = "Success" if done.exit_code == 0 else "Failed"
        self._keep(
            replace(
                under_way,
                status=status,
                details=details,
                exit_code=-1 if done.exit_code is None else done.exit_code,
                stdout=done.stdout,
                stderr=done.stderr,
                ended=time.time(),
            )
        )

    def _keep(self, invocation: Invocation) -> None:
        file = self._directory / invocation.command_id / invocation.instance_id / "invocation.json"
        write_private(file, json.dumps(asdict(invocation)))
        with self._lock:
            self._invocations[invocation.command_id, invocation.instance_id] = invocation

    def _command(self, command_id: str) -> Result:
        with self._lock:
            rows = [row for (found, _), row in self._invocations.items() if found == command_id]
        states = {row.status for row in rows}
        status = next(
            (s for s in ("InProgress", "Pending", "TimedOut", "Failed") if s in states), "Success"
        )  # a command whose targets match no node succeeds at once, as in SSM
        first = rows[0] if rows else None
        return {
            "CommandId": command_id,
            "DocumentName": first.document if first else "AWS-RunShellScript",
            "Comment": first.comment if first else "",
            "RequestedDateTime": first.requested if first else time.time(),
            "InstanceIds": [row.instance_id for row in rows],
            "Status": status,
            "StatusDetails": status,
            "TargetCount": len(rows),
            "CompletedCount": sum(row.ended is not None for row in rows),
            "ErrorCount": sum(row.status in ("Failed", "TimedOut") for row in rows),
        }


def _node_matches(node: ManagedNode, key: str, values: list[str]) -> bool:
    if key == "InstanceIds":
        return node.instance_id in values
    if key == "tag:Environment":
        return node.name in values
    if key == "tag-key":
        return "Environment" in values
    if key == "PingStatus":
        return "Online" in values
    if key == "ResourceType":
        return "ManagedInstance" in values
    if key == "PlatformTypes":
        return "Linux" in values
    if key.startswith("tag:"):
        return False  # the nodes carry no other tag
    raise AwsError("InvalidFilterKey", f"the filter {key} is not offered here")


def _combined(row: Invocation) -> str:
    """Return both streams as SSM shows them in a plugin's output."""
    return f"{row.stdout}\n----------ERROR-------\n{row.stderr}" if row.stderr else row.stdout


def _quoted(folder: str) -> str:
    return "'" + folder.replace("'", "'\\''") + "'"


def _iso(moment: float | None) -> str:
    return "" if moment is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
