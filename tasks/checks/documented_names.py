"""Whether documents call buckets, tables, entries and secrets as the repository's own files call them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.document_table import rows
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.section import sections
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.workflow import Workflows

_ONE = Remedy(
    summary="Write the name that the repository has into the document, or the other way round", minutes=10
)
_NAMED = {
    "bucket": re.compile(
        r"s3://([a-z0-9][a-z0-9.-]+[a-z0-9])(?![\w.-]*[$<{])|--bucket[ =]([a-z0-9][a-z0-9.-]+)(?![-\w.$<{])"
    ),
    "table": re.compile(r"--table-name[ =]\"?([\w.-]+)(?![-\w.$<{])|\bdynamodb_table\s*=\s*\"([\w.-]+)\""),
    "secret entry": re.compile(r"--secret-id[ =]\"?([\w/+=.@-]+)(?![-\w.$<{])"),
}
_MARKS = {
    "bucket": ("s3://", "--bucket"),
    "table": ("--table-name", "dynamodb_table"),
    "secret entry": ("--secret-id",),
}
"""What stands before a name; a text without it needs no reading."""
_MADE = {
    "bucket": ("aws_s3_bucket", "bucket"),
    "table": ("aws_dynamodb_table", "name"),
    "secret entry": ("aws_secretsmanager_secret", "name"),
}
_TOKEN = re.compile(r"(?<![\w./:-])[A-Za-z0-9]\w*(?:[-_/][A-Za-z0-9]+)+(?![\w/:-])")
"""A name of several words; a path, an address or a part of one is none."""
_BACKEND = {"bucket": "bucket", "table": "dynamodb_table"}


@check(
    "documented-resource-agrees",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    subject="names",
    remedy=_ONE,
)
def documented_resource_agrees(
    documents: Documents, scripts: Scripts, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """No document calls a bucket, table or secret entry nearly as Terraform and scripts call theirs."""
    addresses = {one.name for module in terraform for one in module.blocks}
    for kind in _NAMED:
        known = dict(_known(kind, scripts, terraform))
        if known:
            told = (*_spelled(kind, known, documents), *_said(kind, known, documents, sources, addresses))
            yield from merged(told)


def _known(kind: str, scripts: Scripts, terraform: Terraform) -> Iterator[tuple[str, Evidence]]:
    """Go through the names that files use or make, with a place of each."""
    for script in scripts:
        for number, name in _written(kind, script.text):
            yield name, script.source.at(script.line + number)
    resource, attribute = _MADE[kind]
    for module in terraform:
        for block in module.of("resource", resource):
            made = text_of(terraform, module, block.get(attribute))
            if made is not None:
                yield made, block.at(attribute)
        key, backend = _BACKEND.get(kind), module.backend
        kept = backend.get(key) if backend is not None and key is not None else None
        if isinstance(kept, str) and backend is not None and key is not None:
            yield kept, backend.at(key)


def _written(kind: str, text: str) -> Iterator[tuple[int, str]]:
    """Go through the certain names in a text, each with the lines above it."""
    if any(mark in text for mark in _MARKS[kind]):
        for number, line in enumerate(text.split("\n")):
            for found in _NAMED[kind].finditer(line):
                yield number, next(one for one in found.groups() if one)


def _spelled(kind: str, known: dict[str, Evidence], documents: Documents) -> Iterator[Answer]:
    for document in followed(documents, *_MARKS[kind]):
        for number, name in _written(kind, document.source.text):
            subject = f"{document.path}: {kind} {name}"
            if name in known:
                yield holds(subject, "is the same")
                continue
            near = [one for one in known if _plain(one) == _plain(name)]
            if len(near) == 1:
                told = f"calls the {kind} {name}, and what the repository has is {near[0]}"
                yield broken(subject, told, document.source.at(number + 1), known[near[0]])


def _said(
    kind: str, known: dict[str, Evidence], documents: Documents, sources: Sources, addresses: set[str]
) -> Iterator[Answer]:
    """Go through the names in sentences that speak of the kind; what other files write is another thing."""
    word = kind.partition(" ")[0]
    by_plain: dict[str, list[str]] = {}
    for name in known:
        by_plain.setdefault(_plain(name), []).append(name)
    for document in followed(documents, word, word.capitalize()):
        for number, line in document.prose:
            for token in _TOKEN.findall(line) if word in line.lower() else ():
                near = by_plain.get(_plain(token), [])
                if len(near) != 1 or token in known or token in addresses or _is_written(token, sources):
                    continue
                told = f"calls the {kind} {token}, and what the repository has is {near[0]}"
                subject = f"{document.path}: {kind} {token}"
                yield broken(subject, told, document.source.at(number), known[near[0]])


def _is_written(token: str, sources: Sources) -> bool:
    whole = re.compile(rf"(?<![\w-]){re.escape(token)}(?![\w-])")
    others = (one for one in sources if not one.path.endswith((".md", ".mdx", ".markdown")))
    return any(token in one.text and whole.search(one.text) for one in others)


def _plain(name: str) -> str:
    """Return a name without what people mix up: letter case, what joins its words, and a plural."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"s\b", "", name.lower().replace("_", "-")))


_SECRETS = re.compile(r"\bsecrets?\b", re.IGNORECASE)
_UPPER = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")


@check(
    "documented-secret-agrees",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="names",
    remedy=_ONE,
)
def documented_secret_agrees(documents: Documents, workflows: Workflows) -> Iterator[Answer]:
    """No document lists a secret that nothing reads in place of one that is read and in no document."""
    read = {
        one.path[0].upper(): workflow.source.at(one.use.line)
        for workflow in workflows
        for one in workflow.reads
        if one.context == "secrets" and one.path and one.path[0]
    }
    texts = "\n".join(one.source.text for one in workflows)
    if not read or "secrets: inherit" in texts or workflows.unparsed:
        return
    written = "\n".join(one.source.text for one in followed(documents))
    silent = {name: place for name, place in read.items() if name not in written and name != "GITHUB_TOKEN"}
    for document in followed(documents, "secret", "Secret", "SECRET"):
        if silent and _SECRETS.search(document.source.text):
            yield from merged(_listed(document, texts, silent))


def _listed(document: Document, texts: str, silent: dict[str, Evidence]) -> Iterator[Answer]:
    for section in sections(document):
        heading = document.source.line(section.first) or ""
        if not (_SECRETS.search(heading) and re.search(r"github|repository|actions", heading, re.IGNORECASE)):
            continue
        in_rows = {row.line for row in rows(document, "secret")}  # of these `documented-secret-read` tells
        for span in document.spans:
            within = section.first <= span.line <= section.last and span.line not in in_rows
            if not within or not _UPPER.match(span) or span in texts:
                continue
            alike = [name for name in silent if _alike(span, name)]
            if len(alike) == 1:
                told = f"lists the secret {span}; workflows read {alike[0]}, which no document names"
                place = document.source.at(span.line)
                yield broken(f"{document.path}: {span}", told, place, silent[alike[0]])


def _alike(one: Text, other: str) -> bool:
    """Tell whether two names begin with the same two words, or have the same words."""
    words, others = one.split("_"), other.split("_")
    return words[:2] == others[:2] or sorted(words) == sorted(others)
