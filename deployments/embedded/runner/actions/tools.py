"""Actions that bring a tool: the tool must be on this machine already."""

import os
import re
from pathlib import Path

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.errors import NotHereError, StepFailedError


def program(call: ActionCall, name: str) -> str | None:
    """Find a program on the job's PATH."""
    for directory in call.environment.get("PATH", "").split(os.pathsep):
        candidate = Path(directory) / name
        if directory and candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    return None


def _require(call: ActionCall, tool: str) -> None:
    bare = tool.partition("@")[0].strip()
    place = program(call, bare) or program(call, f"cargo-{bare}")
    if place is None:
        raise NotHereError(f"{bare} is not on this machine, and a rehearsal installs nothing")
    call.out.write(f"{bare} is on this machine: {place}")


def install_action(call: ActionCall) -> None:
    """`taiki-e/install-action`: the tools are an input, or the name after the `@`."""
    tools = call.get("tool")
    if not tools and re.fullmatch(r"v?\d[\w.]*|main|[0-9a-f]{40}", call.version):
        raise StepFailedError("no tool specified")
    for tool in re.split(r"[,\s]+", tools or call.version):
        if tool:
            _require(call, tool)


def cargo_install(call: ActionCall) -> None:
    """`baptiste0928/cargo-install` and `actions-rs/install`."""
    _require(call, call.required("crate"))


def cargo_deny(call: ActionCall) -> None:
    """`EmbarkStudios/cargo-deny-action`: runs cargo-deny where it is installed."""
    _require(call, "cargo-deny")
    arguments = call.get("arguments", "--all-features").split()
    command = [*call.get("command", "check").split(), *call.get("command-arguments").split()]
    manifest = call.get("manifest-path", "Cargo.toml").removeprefix("./")
    code = call.run(["cargo", "deny", "--offline", "--manifest-path", manifest, *arguments, *command])
    if code:
        raise StepFailedError(f"cargo-deny ended with exit code {code}")


def cargo_audit(call: ActionCall) -> None:
    """`rustsec/audit-check`: runs cargo-audit where it is installed, without fetching its database."""
    _require(call, "cargo-audit")
    code = call.run(["cargo", "audit", "--no-fetch"])
    if code:
        raise StepFailedError(f"cargo-audit ended with exit code {code}")


def setup_terraform(call: ActionCall) -> None:
    """`hashicorp/setup-terraform`: the machine's own Terraform.

    Another version than asked for is said aloud.
    """
    place = program(call, "terraform")
    if place is None:
        raise NotHereError("this machine has no Terraform, and a rehearsal installs nothing")
    code, text = call.capture(["terraform", "version"])
    match = re.search(r"v(\d+\.\d+\.\d+)", text)
    if code or match is None:
        raise StepFailedError(f"terraform version failed: {text}")
    wanted = call.get("terraform_version", "latest")
    if wanted != "latest" and not match[1].startswith(wanted.lstrip("~>=v ").removesuffix(".0")):
        call.out.warning(f"Terraform {match[1]} of this machine is used; the workflow asks for {wanted}")
    if call.flag("terraform_wrapper", default=True):
        call.out.write("The wrapper that gives stdout, stderr and exitcode as outputs is not installed")


def setup_python(call: ActionCall) -> None:
    """`actions/setup-python`: the machine's own Python."""
    _setup(call, "python3", call.get("python-version"), ["--version"], "python-version")


def setup_node(call: ActionCall) -> None:
    """`actions/setup-node`: the machine's own Node.js."""
    _setup(call, "node", call.get("node-version"), ["--version"], "node-version")


def _setup(call: ActionCall, name: str, wanted: str, arguments: list[str], output: str) -> None:
    if program(call, name) is None:
        raise NotHereError(f"this machine has no {name}, and a rehearsal installs nothing")
    code, text = call.capture([name, *arguments])
    match = re.search(r"\d+\.\d+(?:\.\d+)?", text)
    if code or match is None:
        raise StepFailedError(f"{name} {' '.join(arguments)} failed: {text}")
    if wanted and not match[0].startswith(re.sub(r"[^\d.].*$", "", wanted.lstrip("^~>=v "))):
        call.out.warning(f"{name} {match[0]} of this machine is used; the workflow asks for {wanted}")
    call.outputs[output] = match[0]


def no_engine(call: ActionCall) -> None:
    """Refuse what needs containers."""
    raise NotHereError(f"{call.name} needs a container engine; the embedded world has none")


def no_script(call: ActionCall) -> None:
    """Refuse `actions/github-script`, which runs JavaScript against a client library that is not here."""
    raise NotHereError(
        f"{call.name} needs GitHub's JavaScript client, which the embedded world does not have"
    )


def outside_upload(call: ActionCall) -> None:
    """Say that a report to an outside service is not sent; fail where the workflow insists on it."""
    message = f"{call.name} sends to a service outside; a rehearsal sends nothing"
    if call.flag("fail_ci_if_error"):
        raise NotHereError(message)
    call.out.warning(message)
