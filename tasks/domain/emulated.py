"""Calls of terraform that change nothing but an emulator of AWS on the machine that runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.script import Scripts
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.terraform_values import possible, reached

_HERE = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|(?:[\w-]+\.)*localhost\.localstack\.cloud|localstack)"
    r"(?::\d+)?(?:/|$)"
)
"""An address on the machine itself, or of the container beside it that stands in for AWS."""
_ENDPOINT = "AWS_ENDPOINT_URL"
_EXPORTED = re.compile(rf"^\s*export\s+{_ENDPOINT}=[\"']?(\S+?)[\"']?\s*(?:[;&#].*)?$", re.MULTILINE)
_OF_AWS = re.compile(r"(?:aws|awscc|archive|external|local|null|random|template|terraform|time|tls)(?:_|$)")
"""Types of AWS, and those that make nothing outside of terraform's state and the machine."""


def emulated(scripts: Scripts, terraform: Terraform) -> frozenset[tuple[str, int]]:
    """Return where terraform is called against an emulator: the file and the line of each call."""
    return frozenset(
        (run.script.path, run.command.line)
        for run in terraform_runs(scripts, terraform)
        if is_emulated(run, terraform)
    )


def is_emulated(run: TerraformRun, terraform: Terraform) -> bool:
    """Tell whether all that a call makes of AWS is made by what answers on the runner itself."""
    module = run.module
    if module is None or module.in_part:
        return False
    modules = reached(terraform, module)
    if not all(_OF_AWS.match(kind) for one in modules for kind in _types(one)):
        return False
    backend = module.backend
    if backend is not None and backend.labels != ("local",) and not _is_here(backend):
        return False  # the state is one that others share
    providers = [(one, block) for one in modules for block in one.of("provider", "aws")]
    if any(block.inner("endpoints") for _, block in providers):
        return all(_asks_here(terraform, one, block) for one, block in providers)
    return _set_for(run)


def _types(module: Module) -> Iterator[str]:
    for block in module.of("resource"):
        yield from block.labels[:1]


def _is_here(backend: Block) -> bool:
    given = backend.get("endpoints")
    values = list(given.values()) if isinstance(given, Mapping) else [backend.get("endpoint")]
    return bool(values) and all(isinstance(one, str) and _HERE.match(one) for one in values)


def _asks_here(terraform: Terraform, module: Module, provider: Block) -> bool:
    """Tell whether each endpoint of a provider is on the machine, whatever a variable of it can be."""
    endpoints = [
        (block, attribute) for block in provider.inner("endpoints") for attribute in block.attributes.values()
    ]
    for block, attribute in endpoints:
        known = possible(terraform, module, block, attribute)
        if not known or not all(isinstance(one.value, str) and _HERE.match(one.value) for one in known):
            return False
    return bool(endpoints)


def _set_for(run: TerraformRun) -> bool:
    """Tell whether the environment of a call names an emulator, in every lane of its job."""
    given = next((one.value for one in run.command.assignments if one.name == _ENDPOINT), None)
    if given is not None:
        return _HERE.match(given.beginning) is not None
    exported = _EXPORTED.findall(run.script.text) if _ENDPOINT in run.script.text else []
    if exported:
        return all(_HERE.match(one) for one in exported)
    lanes = run.script.lanes
    return bool(lanes) and all(_HERE.match(one.env.get(_ENDPOINT) or "") for one in lanes)
