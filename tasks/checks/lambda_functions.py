"""Whether Lambda functions start, are reached, and are made after what they need."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lambda_code import Packed, archive_of, packed, packed_by_terraform
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Module, Reference, Terraform
from tasks.domain.terraform_values import possible, reached, shown
from tasks.domain.terraform_version import Version, constraints
from tasks.domain.terraform_waits import named, waits_for

_FUNCTION = "aws_lambda_function"
_PROGRAM = "bootstrap"
_ADAPTER = "LambdaAdapterLayer"
"""The Lambda Web Adapter: its layer starts what the function calls its handler, from the archive's root."""


@check(
    "lambda-program-named",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Put the program into the archive's root under the name bootstrap "
        "(cargo lambda makes target/lambda/NAME/bootstrap: zip -j ARCHIVE that file)",
        url="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
        minutes=10,
    ),
)
def lambda_program_named(terraform: Terraform, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Every archive of a function on an own runtime has a program `bootstrap`: Lambda starts no other."""
    made: dict[str, list[Packed]] | None = None
    for module in terraform:
        found: list[_Misnamed] = []
        functions = [
            one for one in module.of("resource", _FUNCTION) if _starts_bootstrap(terraform, module, one)
        ]
        if functions and made is None:
            made = _archives(scripts, sources)
        for block in functions:
            files, at = _files(terraform, module, block, made or {})
            if files and _PROGRAM not in files:
                found.append(_Misnamed(block=block, has=listed(files), at=at))
            elif files:
                yield holds(f"{shown(module.directory)}: {block.address}", "has a program bootstrap")
        if found:
            yield _misnamed(module, found)


@dataclass(frozen=True, kw_only=True)
class _Misnamed:
    block: Block
    has: str
    at: tuple[Evidence, ...]


def _archives(scripts: Scripts, sources: Sources) -> dict[str, list[Packed]]:
    made: dict[str, list[Packed]] = defaultdict(list)
    for one in () if any(sources.saying("zipnote")) else packed(scripts, sources):
        made[one.name].append(one)
    return made


def _files(
    terraform: Terraform, module: Module, block: Block, made: Mapping[str, list[Packed]]
) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Return the files of a function's archive and where they are named; none when they are not certain."""
    own = packed_by_terraform(module, block)
    if own is not None:
        return (own[0],), (own[1],)
    archive = archive_of(terraform, module, block)
    named_so = made.get(posixpath.basename(archive), []) if archive else []
    calls = [one for one in named_so if one.archive in (archive, None)]
    if any(one.files is None or one.archive is None for one in calls):
        return (), ()
    files = tuple(file for one in calls for file in one.files or ())
    return files, tuple(one.at for one in calls)


def _starts_bootstrap(terraform: Terraform, module: Module, block: Block) -> bool:
    """Tell whether a function is of an archive, and its runtime starts nothing but ``bootstrap``."""
    runtime = block.attributes.get("runtime")
    values = {one.value for one in possible(terraform, module, block, runtime)} if runtime else set()
    if len(values) != 1 or not str(values.pop()).startswith("provided"):
        return False
    layers = block.attributes.get("layers")
    if layers is None:
        return True
    # A layer may bring a bootstrap of its own: that of the adapter starts the handler.
    text = layers.value if isinstance(layers.value, tuple) else ()
    words = [getattr(one, "text", one) for one in text]
    return len(words) == 1 and _ADAPTER in str(words[0]) and block.get("handler") == _PROGRAM


def _misnamed(module: Module, found: list[_Misnamed]) -> Answer:
    addresses = [one.block.address for one in found]
    holding = listed([one.has for one in found], 4)
    whose, verb = ("archive", "holds") if len(found) == 1 else ("archives", "hold")
    told = (
        f"the {whose} of {listed(addresses, 4)} {verb} {holding}, and an own runtime starts {_PROGRAM} "
        "from the archive's root: every call ends with an error"
    )
    places = [place for one in found for place in (*one.at, one.block.at("filename"))]
    return broken(f"{shown(module.directory)}: archives of functions", told, *dict.fromkeys(places))


_INVOKES = (6, 28, 0)
"""The first version of the AWS provider that lets everybody invoke by an open URL, by its change log."""
_NEXT_MAJOR = 7
_AWS = "hashicorp/aws"
_LOCKED = re.compile(
    r'^provider "registry\.(?:terraform\.io|opentofu\.org)/hashicorp/aws" \{\s*\n\s*version\s*=\s*"'
    r'(\d+)\.(\d+)\.(\d+)"',
    re.MULTILINE,
)


@check(
    "lambda-url-answers",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Ask for version 6.28 or newer of the AWS provider, which grants both when it makes the URL; "
        "one that is there already has to be made anew (-replace)",
        url="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        minutes=20,
    ),
)
def lambda_url_answers(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every open URL of a function may be called: AWS asks for two permissions since October 2025."""
    for module in terraform:
        urls = [
            one
            for one in module.of("resource", "aws_lambda_function_url")
            if one.get("authorization_type") == "NONE" and "count" not in one.attributes
        ]
        if not urls or any(sources.saying("add-permission")):
            continue
        subject = f"{shown(module.directory)}: URLs of functions"
        old = _old_provider(terraform, module, sources)
        granted = any(
            one.get("principal") == "*" or not isinstance(one.get("principal"), str)
            for each in terraform
            for one in each.of("resource", "aws_lambda_permission")
        )
        if old is None or granted:
            yield holds(subject, "may be called")
            continue
        version, place = old
        verb = "answers" if len(urls) == 1 else "answer"
        told = (
            f"{listed([one.address for one in urls], 4)}, made now, {verb} each request with 403: such a URL "
            "needs lambda:InvokeFunction besides lambda:InvokeFunctionUrl, and version "
            f"{version} of the AWS provider grants only the latter"
        )
        yield broken(subject, told, *(one.at("authorization_type") for one in urls), place)


def _old_provider(terraform: Terraform, module: Module, sources: Sources) -> tuple[str, Evidence] | None:
    """Return the version of the AWS provider, where it is certain that it grants too little."""
    roots = [one for one in terraform.roots if module in reached(terraform, one)] or [module]
    for root in roots:
        lock = sources.get(f"{root.directory}/.terraform.lock.hcl".lstrip("/"))
        found = None if lock is None else _LOCKED.search(lock.text)
        if found is not None and lock is not None:
            version = (int(found[1]), int(found[2]), int(found[3]))
            if version < _INVOKES:
                return ".".join(map(str, version)), lock.at(lock.text.count("\n", 0, found.end()) + 1)
            return None
    for one in reached(terraform, roots[0]) if len(roots) == 1 else ():
        for block in one.of("terraform"):
            for inner in block.inner("required_providers"):
                for attribute in inner.attributes.values():
                    asked = _asked(attribute.value)
                    if asked is not None and _is_old(asked):
                        line = inner.source.line_of(asked, attribute.line - 1) or attribute.line
                        return asked, inner.source.at(line)
    return None


def _asked(value: object) -> str | None:
    if not isinstance(value, Mapping) or value.get("source") != _AWS:
        return None
    version = value.get("version")
    return version if isinstance(version, str) else None


def _is_old(asked: str) -> bool:
    """Tell whether a constraint allows only versions that grant too little."""
    limits = constraints(asked)
    if not limits:
        return False
    newer: list[Version] = [_INVOKES, *((6, minor, 0) for minor in range(28, 60))]
    newer += [(major, 0, 0) for major in range(_NEXT_MAJOR, _NEXT_MAJOR + 3)]
    for one in limits:
        major, minor, patch = (*one.version, 0, 0)[:3]
        newer += [(major, minor, patch)] if (major, minor, patch) >= _INVOKES else []
    return not any(all(one.allows(version) for one in limits) for version in newer)


@check(
    "lambda-mount-waits",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name the mount targets in the function's depends_on", minutes=2),
)
def lambda_mount_waits(terraform: Terraform) -> Iterator[Answer]:
    """Every function that mounts a file system is made after its mount targets: Lambda refuses it before."""
    for module in terraform:
        targets = module.of("resource", "aws_efs_mount_target")
        yield from merged(_mounts(module, targets)) if targets else ()


def _mounts(module: Module, targets: tuple[Block, ...]) -> Iterator[Answer]:
    for block in module.of("resource", _FUNCTION):
        config = block.inner("file_system_config")
        given = config[0].attributes.get("arn") if len(config) == 1 else None
        system = _file_system(module, given.references if given is not None else ())
        mine = [one for one in targets if system is not None and _names(one, "file_system_id") == {system}]
        if not mine:
            continue
        waits = waits_for(module, block)
        subject = f"{shown(module.directory)}: file systems of functions"
        if any(one.startswith(("module.", "aws_efs_mount_target.")) for one in waits):
            yield holds(subject, "are mounted when they can be")
            continue
        told = (
            "Lambda makes no function before the mount targets of its file system are available, which takes "
            "a minute or two, and nothing makes terraform wait for them: the first apply ends with "
            "InvalidParameterValueException"
        )
        yield broken(subject, told, block.at(), mine[0].at())


def _file_system(module: Module, references: tuple[Reference, ...]) -> str | None:
    points = {one.path[1] for one in references if one.root == "aws_efs_access_point" and one.path[1:]}
    blocks = module.of("resource", "aws_efs_access_point", points.pop()) if len(points) == 1 else ()
    found = _names(blocks[0], "file_system_id") if len(blocks) == 1 else set()
    return found.pop() if len(found) == 1 else None


def _names(block: Block, attribute: str) -> set[str]:
    given = block.attributes.get(attribute)
    return {name for one in (given.references if given is not None else ()) if (name := named(one))}
