"""Whether documents put a thing into the AWS account that the repository's own files put it into."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources

_ARN = re.compile(
    r"\barn:aws[\w-]*:(?P<service>[\w-]+):[\w-]*:(?P<account>\d{12}):(?P<thing>[^\s\"'`,;()|]+)"
)
_CERTAIN = re.compile(r"[\w+=.@/:-]*[\w/]")
# Account ids that AWS's own documentation uses, and those that nobody has.
_EXAMPLE = re.compile(
    r"123456789012|111122223333|444455556666|777788889999|210987654321|(\d)\1{11}|0123456789\d\d|12345678\d{4}"
)
_OWN = (".yml", ".yaml", ".tf", ".tfvars", ".json", ".sh", ".toml")


@check(
    "documented-account-agrees",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Write the account that is used, or a placeholder", minutes=5),
)
def documented_account_agrees(documents: Documents, sources: Sources) -> Iterator[Answer]:
    """No document names a role or another thing in another AWS account than the one that files name it in."""
    known: dict[tuple[str, str], dict[str, Evidence]] = {}
    for source in sources:
        if source.path.endswith(_OWN):
            for line, thing, account in _arns(source):
                known.setdefault(thing, {}).setdefault(account, source.at(line))
    for document in followed(documents) if known else ():
        yield from merged(_told(document.source, known))


def _told(source: Source, known: dict[tuple[str, str], dict[str, Evidence]]) -> Iterator[Answer]:
    for line, thing, account in _arns(source):
        used = known.get(thing, {})
        subject = f"{source.path}: {thing[0]} {thing[1]}"
        if account in used:
            yield holds(subject, "is the same")
        elif len(used) == 1:
            ((other, place),) = used.items()
            told = f"puts {thing[1]} into the account ...{account[-4:]}, and it is in ...{other[-4:]}"
            yield broken(subject, told, source.at(line), place)


def _arns(source: Source) -> Iterator[tuple[int, tuple[str, str], str]]:
    """Go through the ARNs with a certain account: line, service with thing, account."""
    if "arn:aws" not in source.text:
        return
    for number, line in enumerate(source.lines, 1):
        for found in _ARN.finditer(line) if "arn:aws" in line else ():
            if not _EXAMPLE.search(found["account"]) and _CERTAIN.fullmatch(found["thing"]):
                yield number, (found["service"], found["thing"]), found["account"]
