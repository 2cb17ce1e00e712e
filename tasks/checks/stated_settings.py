"""Whether documents, workflows, scripts and Terraform call things as `activation.toml` states them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.document_table import Row, rows
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.spelling import slips, variant
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_text import passed, text_of

_ONE = Remedy(summary="Decide on one of the names and write it everywhere", minutes=10)
_BUCKET = re.compile(
    r"(?:s3://|--bucket[ =])(?P<name>[a-z0-9][a-z0-9.-]+[a-z0-9])(?![\w.-]*[$<{])", re.IGNORECASE
)
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]+[a-z0-9]")
_ROLE = re.compile(r"\brole\s+`(?P<name>[\w+=,.@-]+)`", re.IGNORECASE)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_BUCKETS = ("aws.state_bucket", "aws.artifact_bucket")
_LONG = 6  # letters of a role's name from which on one that goes on is no role of its own
_VARIABLES = {
    "artifact_bucket": "aws.artifact_bucket",
    "artifacts_bucket": "aws.artifact_bucket",
    "artifact_bucket_name": "aws.artifact_bucket",
    "state_bucket": "aws.state_bucket",
    "state_bucket_name": "aws.state_bucket",
    "tf_state_bucket": "aws.state_bucket",
    "terraform_state_bucket": "aws.state_bucket",
}
"""What Terraform's variables for a bucket of the settings are called."""


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A name that the settings' file states: the setting's dotted name, and its line."""

    key: str
    name: str
    place: Evidence


def stated(settings: Settings, sources: Sources, *keys: str) -> dict[str, Stated]:
    """Return by key what a file of the repository states; what is assumed or discovered is left out."""
    found = {}
    for key in keys:
        origin = settings.origins.get(key)
        name = getattr(settings.aws, key.removeprefix("aws."))
        text = sources.get(origin.file) if origin is not None and origin.file is not None else None
        if name is not None and origin is not None and text is not None:
            found[key] = Stated(key=key, name=name, place=text.at(origin.line))
    return found


@check(
    "documented-settings-agree",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_ONE,
)
def documented_settings_agree(
    settings: Settings, documents: Documents, sources: Sources, terraform: Terraform
) -> Iterator[Answer]:
    """Documents call buckets, their region and the deploy role as `activation.toml` states them."""
    ours = stated(settings, sources, *_BUCKETS, "aws.deploy_role", "aws.region")
    buckets = {one.name: one for key, one in ours.items() if key in _BUCKETS}
    known = _Known(sources=sources, made=frozenset(_made(terraform)))
    for document in followed(documents) if ours else ():
        yield from merged(_buckets(document, buckets, documents, known))
        if region := ours.get("aws.region"):
            yield from merged(_regions(document, buckets, region))
        if role := ours.get("aws.deploy_role"):
            yield from merged(_roles(document, role, known))


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What other files than documents write, and what Terraform makes."""

    sources: Sources
    made: frozenset[str]

    def has(self, name: str) -> bool:
        whole = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
        others = self.sources.saying(name, told=False)
        return name in self.made or any(whole.search(one.text) for one in others)


def _made(terraform: Terraform) -> Iterator[str]:
    for module in terraform:
        for kind, attribute in (("aws_s3_bucket", "bucket"), ("aws_iam_role", "name")):
            for block in module.of("resource", kind):
                if (name := text_of(terraform, module, block.get(attribute))) is not None:
                    yield name


def _buckets(
    document: Document, buckets: Mapping[str, Stated], documents: Documents, known: _Known
) -> Iterator[Answer]:
    table = tuple(rows(document, "bucket")) if buckets else ()
    listed = [(row.line, name) for row in table for name in row.names if _PLAIN.fullmatch(name)]
    named = [*listed, *_asked(document.source.text)] if buckets else []
    for line, name in named:
        subject = f"{document.path}: bucket {name}"
        if name in buckets:
            yield holds(subject, "is the same")
            continue
        meant = variant(name, buckets) or (_left(buckets, documents) if (line, name) in listed else None)
        if meant is not None and not known.has(name):
            one = buckets[meant]
            told = f"calls the bucket {name}, and {one.key} is {one.name}"
            yield broken(subject, told, document.source.at(line), one.place)


def _asked(text: str) -> Iterator[tuple[int, str]]:
    """Go through the buckets that a text's commands and addresses name, each with its line."""
    if "s3://" in text or "--bucket" in text:
        for number, line in enumerate(text.split("\n"), 1):
            for found in _BUCKET.finditer(line):
                yield number, found["name"]


def _left(buckets: Iterable[str], documents: Documents) -> str | None:
    """Return the only bucket that no document names: a row about another one can mean only that."""
    silent = [name for name in buckets if not any(name in one.source.text for one in followed(documents))]
    return silent[0] if len(silent) == 1 else None


def _regions(document: Document, buckets: Mapping[str, Stated], region: Stated) -> Iterator[Answer]:
    for row in rows(document, "bucket"):
        if not (set(row.names) & set(buckets)):
            continue
        for other in _other_regions(row, region.name):
            told = f"puts the bucket {row.names[0]} into {other}, and {region.key} is {region.name}"
            subject = f"{document.path}: {row.names[0]} in {other}"
            yield broken(subject, told, document.source.at(row.line), region.place)


def _other_regions(row: Row, region: str) -> list[str]:
    found = [one for one in row.cells if _REGION.fullmatch(one)]
    return [] if region in found else found


def _roles(document: Document, role: Stated, known: _Known) -> Iterator[Answer]:
    for number, line in document.prose:
        for found in _ROLE.finditer(line) if "ole" in line else ():
            name = found["name"]
            goes_on = (
                name.startswith(role.name) and len(role.name) >= _LONG and name[len(role.name) :].isalpha()
            )
            if name == role.name:
                yield holds(f"{document.path}: role {name}", "is the same")
            elif (goes_on or variant(name, (role.name,))) and not known.has(name):
                told = f"calls the role {name}, and {role.key} is {role.name}"
                place = document.source.at(number)
                yield broken(f"{document.path}: role {name}", told, place, role.place)


@check(
    "settings-buckets-agree",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    subject="names",
    remedy=_ONE,
)
def settings_buckets_agree(
    settings: Settings, scripts: Scripts, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """Workflows, scripts and Terraform's defaults name the buckets that `activation.toml` states."""
    ours = stated(settings, sources, *_BUCKETS)
    buckets = {one.name: one for one in ours.values()}
    if ours:
        yield from merged(_in_scripts(scripts, buckets, frozenset(_made(terraform))))
        yield from merged(_defaults(terraform, scripts, sources, ours))
        yield from _slips(terraform, ours)


def _slips(terraform: Terraform, ours: Mapping[str, Stated]) -> Iterator[Answer]:
    """Go through the stated buckets that Terraform makes under a name of which one letter is another."""
    blocks = [
        (text_of(terraform, module, block.get("bucket")), block)
        for module in terraform
        for block in module.of("resource", "aws_s3_bucket")
    ]
    made = {name: block for name, block in blocks if name is not None}
    for one in ours.values() if len(made) == len(blocks) else ():
        meant = variant(one.name, made)
        if meant is not None and slips(one.name, meant, 1) == 1:
            told = f"{one.key} is {one.name}, and the bucket that Terraform makes is {meant}"
            yield broken(one.key, told, one.place, made[meant].at("bucket"))


def _in_scripts(scripts: Scripts, buckets: Mapping[str, Stated], made: frozenset[str]) -> Iterator[Answer]:
    for script in scripts:
        for line, name in _asked(script.text):
            meant = None if name in made else variant(name, buckets)
            subject = f"{script.path}: bucket {name}"
            if name in buckets:
                yield holds(subject, "is the same")
            elif meant is not None:
                one = buckets[meant]
                told = f"asks the bucket {name}, and {one.key} is {one.name}"
                yield broken(subject, told, script.source.at(script.line + line - 1), one.place)


def _defaults(
    terraform: Terraform, scripts: Scripts, sources: Sources, ours: Mapping[str, Stated]
) -> Iterator[Answer]:
    for module in terraform.roots:
        for name, block in module.variables.items():
            one = ours.get(_VARIABLES.get(name, ""))
            default = block.get("default")
            given = any(name in values.attributes for values in module.tfvars)
            if one is None or not isinstance(default, str) or not default or given:
                continue
            subject = f"{module.directory or '.'}: var.{name}"
            if default == one.name:
                yield holds(subject, "is the same")
            elif not passed(name, scripts, sources):
                told = f"is {default} where nobody gives it, and {one.key} is {one.name}"
                yield broken(subject, told, block.at("default"), one.place)
