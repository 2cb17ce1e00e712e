"""Whether the lock file of Terraform's providers still fits what the modules ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.spelling import misspelled
from tasks.domain.terraform import Attribute, Module, Terraform
from tasks.domain.terraform_run import LOCK, terraform_runs
from tasks.domain.terraform_values import reached, shown
from tasks.domain.terraform_version import Version, constraints
from tasks.domain.tree import Tree

_PROVIDER = re.compile(r'^provider "(?P<source>[^"]+)" \{', re.MULTILINE)
_VERSION = re.compile(r'^\s*version\s*=\s*"(\d+)\.(\d+)\.(\d+)"\s*$')
_REGISTRY = "registry.terraform.io"


@check(
    "terraform-lock-fits",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Let terraform choose again, and commit the lock file",
        commands=("terraform init -backend=false -upgrade",),
        minutes=10,
    ),
)
def terraform_lock_fits(
    terraform: Terraform, sources: Sources, scripts: Scripts, tree: Tree
) -> Iterator[Answer]:
    """Every provider that a module asks for is locked under its name, in a version that it allows."""
    called = {place for module in terraform for place in terraform.calls(module)}
    started = any(module.is_root for module in terraform)
    for module in terraform:
        lock = sources.get(f"{module.directory}/{LOCK}".lstrip("/"))
        part = module.directory in called and module.backend is None
        if lock is None or part or (started and not module.is_root):
            continue  # terraform reads the lock file of the module that it is run in, and no other
        locked = dict(_locked(lock))
        for one in reached(terraform, module):
            yield from merged(_of_module(module, one, lock, locked))
    yield from merged(_read_only(terraform, sources, scripts, tree))


def _read_only(terraform: Terraform, sources: Sources, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Go through the calls of init that may not add to the lock file, and what they would have to add."""
    for run in terraform_runs(scripts, terraform):
        kept = run.action == "init" and any(one.value == "readonly" for one in run.given("lockfile"))
        module = run.module if kept else None
        if module is None or module.in_part or run.script.job is None or run.script.never:
            continue
        path = f"{module.directory}/{LOCK}".lstrip("/")
        lock = sources.get(path)
        asked = {
            name.lower()
            for one in reached(terraform, module)
            for _, attribute in _required(one)
            if isinstance(attribute.value, Mapping) and isinstance(name := attribute.value.get("source"), str)
        }
        text = "" if lock is None else lock.text
        missing = sorted(one for one in asked if one.count("/") == 1 and f'/{one}" {{' not in text)
        subject = f"{run.script.path.rpartition('/')[2]}: {shown(module.directory)}: -lockfile=readonly"
        if not missing or (lock is None and (tree.unseen(path) or tree.file(path) is not None)):
            continue
        if lock is None and LOCK in run.script.source.text:
            continue  # the workflow may make or bring it
        has = f"{path} does not have" if lock is not None else f"there is no {path} with"
        told = f"terraform init may not change the lock file, and {has} {listed(missing, 4)}: it ends"
        yield broken(subject, told, run.script.source.at(run.command))


def _locked(lock: Source) -> Iterator[tuple[str, tuple[int, Version | None]]]:
    """Go through the providers of a lock file: their line, and their version when it is a plain one."""
    name: str | None = None
    for number, text in enumerate(lock.lines, 1):
        if (begins := _PROVIDER.match(text)) is not None:
            name = begins["source"]
            yield name, (number, None)
        elif name is not None and (found := _VERSION.match(text)) is not None:
            yield name, (number, (int(found[1]), int(found[2]), int(found[3])))
            name = None


def _of_module(
    root: Module, module: Module, lock: Source, locked: Mapping[str, tuple[int, Version | None]]
) -> Iterator[Answer]:
    for source, attribute in _required(module):
        written = attribute.value if isinstance(attribute.value, Mapping) else {}
        name = written.get("source")
        if not isinstance(name, str) or name.count("/") not in (1, 2):
            continue
        whole = name.lower() if name.count("/") == 2 else f"{_REGISTRY}/{name.lower()}"
        subject = f"{shown(root.directory)}: {name}"
        if whole not in locked:
            meant = misspelled(whole, locked)
            if meant is not None:
                told = f"asks for the provider {name}; {lock.path} has {meant.removeprefix(_REGISTRY + '/')}"
                yield broken(subject, told, _at(source, attribute, name), lock.at(locked[meant][0]))
            continue
        line, version = locked[whole]
        asked = written.get("version")
        conditions = constraints(asked) if isinstance(asked, str) else None
        if version is None or conditions is None or not isinstance(asked, str):
            continue
        if all(one.allows(version) for one in conditions):
            yield holds(subject, "is locked in a version that fits")
        else:
            has = ".".join(map(str, version))
            told = f"init refuses: {lock.path} locks {name} {has}, and {asked!r} is asked for"
            yield broken(subject, told, _at(source, attribute, asked), lock.at(line))


def _required(module: Module) -> Iterator[tuple[Source, Attribute]]:
    for block in module.of("terraform"):
        for inner in block.inner("required_providers"):
            for attribute in inner.attributes.values():
                yield block.source, attribute


def _at(source: Source, attribute: Attribute, text: str) -> Evidence:
    return source.at(source.line_of(f'"{text}"', attribute.line - 1) or attribute.line)
