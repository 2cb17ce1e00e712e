"""Whether workflows, scripts and documents ask for what Terraform makes under the names it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Documents
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Source, Sources
from tasks.domain.spelling import near, slips, variant
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.workflow import Workflows

_END = r"(?![\w./-]*[$<{*])"  # a name that goes on with what only a run can tell is none
_ASKED = {
    "bucket": (
        ("s3://", "--bucket", "BUCKET", "arn:aws:s3"),
        re.compile(
            r"s3://(?P<a>[a-z0-9][a-z0-9.-]+[a-z0-9])(?![\w.-]*[$<{*])"
            r"|--bucket[ =]\"?(?P<b>[a-z0-9][a-z0-9.-]+[a-z0-9])"
            + _END
            + r"|\b\w*BUCKET\w*\s*[:=]\s*[\"']?(?P<c>[a-z0-9][a-z0-9.-]+[a-z0-9])"
            + _END
            + r"(?=[\"'\s]|$)|arn:aws:s3:::(?P<d>[a-z0-9][a-z0-9.-]+[a-z0-9])(?![\w.-]*[$<{*])"
        ),
        ("aws_s3_bucket", "bucket"),
    ),
    "table": (
        ("--table-name", "TABLE"),
        re.compile(
            r"--table-name[ =]\"?(?P<a>[A-Za-z][\w.-]+)"
            + _END
            + r"|\b\w*TABLE(?:_NAME)?\s*[:=]\s*[\"']?(?P<b>[A-Za-z][\w.-]*[\w])"
            + _END
            + r"(?=[\"'\s]|$)"
        ),
        ("aws_dynamodb_table", "name"),
    ),
    "secret entry": (
        ("--secret-id",),
        re.compile(r"--secret-id[ =][\"']?(?P<a>[A-Za-z][\w/+=.@-]+)" + _END),
        ("aws_secretsmanager_secret", "name"),
    ),
}
"""What stands near a name, the name itself, and the resource that makes it."""
_IN_TEXTS = ("bucket", ("s3://",), re.compile(r"s3://(?P<a>[a-z0-9][a-z0-9.-]+[a-z0-9])(?![\w.-]*[$<{*])"))
"""What the blocks of documents are read for: addresses, which nothing but a bucket has."""
_MAKES = re.compile(r"\b(?:s3 mb|create-bucket|create-table|create-secret)\b")
_AT_HOME = re.compile(r"localstack|awslocal|minio|--endpoint-url|dynamodb-local")


@check(
    "made-name-agrees",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Ask for it under the name that Terraform gives it", minutes=5),
)
def made_name_agrees(  # noqa: PLR0917 - every fact is one
    workflows: Workflows,
    scripts: Scripts,
    terraform: Terraform,
    settings: Settings | Unseen,
    documents: Documents,
    sources: Sources,
) -> Iterator[Answer]:
    """Nobody is told to ask for a bucket, table or secret with a slip in the name Terraform gives."""
    aws = settings.aws if isinstance(settings, Settings) else None
    stated = (
        {one for one in (aws.state_bucket, aws.artifact_bucket, *aws.secrets) if one}
        if aws is not None
        else set()
    )
    texts = {one.path: one.source for one in (*workflows, *scripts)}
    for kind, (marks, pattern, (resource, key)) in _ASKED.items():
        made = {**dict(_named(terraform, kind)), **dict(_made(terraform, resource, key))}
        if not made or None in made:
            continue
        known = {str(name): place for name, place in made.items()}
        asked = [one for text in texts.values() for one in _asked(text, marks, pattern)]
        names = {name for name, _ in asked}
        created = {name for name, place in asked if _MAKES.search(place.excerpt or "")}
        yield from merged(_told(kind, asked, known, _Others(names | stated, sources), created))
        if kind == _IN_TEXTS[0]:
            yield from merged(_documented(documents, sources, known, names | stated))


def _documented(
    documents: Documents, sources: Sources, made: dict[str, Evidence], others: set[str]
) -> Iterator[Answer]:
    """Go through the names in the blocks of documents that nothing else of the repository writes."""
    kind, marks, pattern = _IN_TEXTS
    for document in followed(documents, *marks):
        text = document.source.text
        if _AT_HOME.search(text) or _MAKES.search(text):
            continue
        for script in (*document.scripts_with(*marks), *document.lines_with("aws ")):
            for command in script.running("aws") if marks[0] in script.text else ():
                for word in command.literals:
                    found = pattern.match(word or "")
                    name = found["a"] if found is not None else None
                    meant = near(name, made) if name is not None and name not in others else None
                    if name is None or meant is None or f"s3://{meant}" in script.text:
                        continue
                    if not any(sources.saying(name, told=False)):
                        place = document.source.at(command)
                        told = f"tells to ask for the {kind} {name}, and Terraform's is {meant}"
                        edits = corrected(name, meant, place, often=True)
                        subject = f"{kind} {name}"
                        yield broken(subject, told, place, made[meant], edits=edits, weight=Weight.NOTE)


def _made(terraform: Terraform, resource: str, key: str) -> Iterator[tuple[str | None, Evidence]]:
    for module in terraform:
        for block in module.of("resource", resource):
            if key in block.attributes:
                yield text_of(terraform, module, block.get(key)), block.at(key)


def _named(terraform: Terraform, kind: str) -> Iterator[tuple[str | None, Evidence]]:
    """Go through the names that are not made here: those of backends, and defaults of variables."""
    word = {"bucket": "bucket", "table": "table"}.get(kind)
    key = "bucket" if word == "bucket" else "dynamodb_table"
    for module in terraform if word is not None else ():
        backend = module.backend
        if backend is not None and isinstance(name := backend.get(key), str) and name:
            yield name, backend.at(key)
        for variable, block in module.variables.items():
            default = block.get("default")
            if re.search(rf"(?:^|_){word}(?:_name)?$", variable) and isinstance(default, str) and default:
                yield default, block.at("default")


def _asked(text: Source, marks: tuple[str, ...], pattern: re.Pattern[str]) -> Iterator[tuple[str, Evidence]]:
    if not any(mark in text.text for mark in marks) or _AT_HOME.search(text.text):
        return
    for number, line in enumerate(text.lines, 1):
        if not any(mark in line for mark in marks) or line.lstrip().startswith("#"):
            continue
        for found in pattern.finditer(line):
            yield next(one for one in found.groups() if one), text.at(number)


@dataclass(frozen=True)
class _Others:
    """The names that are asked for or stated, and the texts in which they stand."""

    names: set[str]
    sources: Sources

    def may_be_two(self, name: str, meant: str) -> bool:
        """Tell whether both names may be right: both are asked for, and no single letter is the difference.

        A name that stands in one file alone, one letter beside that of Terraform, is no second thing.
        """
        if meant not in self.names:
            return False
        files = list(islice(self.sources.saying(name), 2))
        alone = len(files) == 1 and meant not in files[0].text
        return not (alone and variant(name, (meant,)) and slips(name, meant, 1) == 1)


def _told(
    kind: str,
    asked: list[tuple[str, Evidence]],
    made: dict[str, Evidence],
    others: _Others,
    created: set[str],
) -> Iterator[Answer]:
    for name, place in asked:
        subject = f"{kind} {name}"
        meant = near(name, made)
        if name in made:
            yield holds(subject, "is made under this name")
        elif meant is not None and name not in created and not others.may_be_two(name, meant):
            told = f"asks for the {kind} {name}, and Terraform's is {meant}"
            edits = corrected(name, meant, place)
            yield broken(subject, told, place, made[meant], edits=edits)
