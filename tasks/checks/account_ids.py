"""Whether the numbers of AWS accounts are written into files, and agree between documents and files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.credential import for_tests
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed, is_followed
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.tree import Tree

_ARN = re.compile(
    r"\barn:aws[\w-]*:(?P<service>[\w-]+):[\w-]*:(?P<account>\d{12}):(?P<thing>[^\s\"'`,;()|]+)"
)
_WRITE_ANOTHER = Remedy(
    summary="Write the number that AWS keeps for examples into the documents: 123456789012", minutes=5
)
_GIVE_BUCKET = Remedy(
    summary='Give the bucket where terraform is called: `terraform init -backend-config="bucket=$NAME"`',
    minutes=10,
)
_CERTAIN = re.compile(r"[\w+=.@/:-]*[\w/]")
# Account ids that AWS's own documentation uses, and those that nobody has.
_EXAMPLE = re.compile(
    r"123456789012|111122223333|444455556666|777788889999|210987654321|123412341234|987654321098|(\d)\1{11}|0123456789\d\d|12345678\d{4}"
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
    for document in followed(documents, "arn:aws") if known else ():
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
            yield broken(subject, told, _hiding(source.at(line), account), _hiding(place, other))


def _hiding(place: Evidence, account: str) -> Evidence:
    """Return the place without the number, of which the end is enough to know it by."""
    excerpt = place.excerpt
    return replace(place, excerpt=excerpt and excerpt.replace(account, f"...{account[-4:]}"))


def _arns(source: Source) -> Iterator[tuple[int, tuple[str, str], str]]:
    """Go through the ARNs with a certain account: line, service with thing, account."""
    if "arn:aws" not in source.text:
        return
    for number, line in enumerate(source.lines, 1):
        for found in _ARN.finditer(line) if "arn:aws" in line else ():
            if not _EXAMPLE.search(found["account"]) and _CERTAIN.fullmatch(found["thing"]):
                yield number, (found["service"], found["thing"]), found["account"]


_NAMED = re.compile(
    r"arn:aws[a-z-]*:[a-z0-9-]+:(?:[a-z0-9-]*|\$\w+|\$\{[\w.:]+\}):(?P<account>\d{12}):(?!layer:)"
)
"""A name of AWS; layers are left out: those of others are used by their name."""
_PUBLISHERS = frozenset(
    {
        "009996457667", "027434742980", "033677994240", "054676820928", "076674570225", "098369216593",
        "099720109477", "114774131450", "127311923021", "136693071363", "137112412989", "156460612806",
        "383597477331", "507241528517", "582318560864", "591542846629", "600734575887", "602401143452",
        "635631232127", "652711504416", "718504428378", "754344448648", "783225319266", "797873946194",
        "897822967062", "985666609251",
    }
)  # fmt: skip
"""The accounts that publish machine images for everybody, and those from which load balancers write logs."""
_IN_BUCKET = re.compile(
    r"\bbucket\s*=\s*\"(?:[a-z0-9.-]*[a-z.-])?(?P<account>\d{12})(?:[.-][a-z0-9.-]*)?\"", re.IGNORECASE
)
"""A bucket that is named after its account, which makes its name one that nobody else has."""
_MOMENT = re.compile(r"20[12]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}")
_DATA = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xml")
_MANY = 10
_OFFERED = re.compile(
    r"arn:aws[\w-]*:serverlessrepo:[\w-]*:(\d{12}):|serverlessrepo\.aws\.amazon\.com/applications/[\w-]+/(\d{12})/"
)
"""An application that is offered to everybody: whoever takes it has to write the account of its publisher."""


@check(
    "account-id-in-files",
    phase=Phase.PREFLIGHT,
    weight=Weight.NOTE,
    subject="secrets",
    remedy=Remedy(summary="Read the account's number from a variable or a secret", minutes=15),
)
def account_id_in_files(sources: Sources, documents: Documents, tree: Tree) -> Iterator[Answer]:
    """No AWS account's number is written into a file."""
    sites = Sites.of(tree)
    ours = {one.path for one in documents if is_followed(one.path) and not sites.have(one)}
    others = {one.path for one in documents} - ours
    looked = [
        one
        for one in sources
        if one.path in ours or not (one.path in others or for_tests(_without_script(one.path)))
        if not _is_reference(one)
    ]
    published = _PUBLISHERS.union(
        account
        for source in sources
        if "serverlessrepo" in source.text
        for found in _OFFERED.findall(source.text)
        for account in found
    )
    accounts = {
        found["account"]
        for source in looked
        if "arn:aws" in source.text
        for found in _NAMED.finditer(source.text)
        if found["account"] not in published and not _EXAMPLE.search(found["account"])
    }
    accounts |= {
        found["account"]
        for source in looked
        if source.path.endswith((".tf", ".tfvars", ".tfbackend")) and "bucket" in source.text
        for found in _IN_BUCKET.finditer(source.text)
        if not _EXAMPLE.search(found["account"]) and not _MOMENT.fullmatch(found["account"])
    }
    # A name of AWS or of a bucket shows that a number is an account's; then it is one wherever it stands.
    places = [place for account in sorted(accounts) for place in _written(account, looked)]
    if not places:
        yield holds("accounts", "none is written down")
        return
    ends = listed([f"...{account[-4:]}" for account in sorted(accounts)], most=3)
    which = f"the number of {ends} is" if len(accounts) == 1 else f"the numbers of {ends} are"
    least = "at least " if _is_elsewhere(accounts, looked, sources, tree) else ""
    told = f"{which} written in {least}{len(places)} places" if len(places) > 1 else f"{which} written down"
    places.sort(key=lambda one: (one.excerpt or "").startswith(("#", "//")))  # what runs comes first
    remedy = None
    if all(one.file in ours for one in places):
        remedy = _WRITE_ANOTHER
    elif all(_IN_BUCKET.search(_bare(one)) for one in places):
        remedy = _GIVE_BUCKET
    yield broken("accounts", told, *places[:MOST_PLACES], remedy=remedy)


def _is_reference(source: Source) -> bool:
    """Tell whether a file of data names the accounts of so many that none of them is the project's own."""
    of_terraform = source.path.endswith(".tfvars.json")  # the accounts of its environments are one's own
    if of_terraform or not source.path.endswith(_DATA) or source.text.count("arn:aws") < _MANY:
        return False
    return len({found["account"] for found in _NAMED.finditer(source.text)}) >= _MANY


def _is_elsewhere(accounts: set[str], looked: list[Source], sources: Sources, tree: Tree) -> bool:
    """Tell whether a number stands in more texts, or may in one that is not read: a document for programs."""
    if any(one.startswith(".") and "/" in one and one.endswith((".md", ".mdc")) for one in tree.entries):
        return True
    paths = {one.path for one in looked}
    return any(one.path not in paths for account in accounts for one in sources.saying(account))


def _bare(place: Evidence) -> str:
    """Return the line of a place as if its number were not hidden."""
    return re.sub(r"\.\.\.\d{4}", "0" * 12, place.excerpt or "")


def _without_script(path: str) -> str:
    """Return the directory of a script, which may be called after the tests that it runs, else the path."""
    return posixpath.dirname(path) if path.endswith(".sh") else path


def _written(account: str, looked: list[Source]) -> list[Evidence]:
    alone = re.compile(rf"(?<!\d){account}(?!\d)")
    return [
        _hiding(source.at(number), account)
        for source in looked
        if account in source.text
        for number, line in enumerate(source.lines, 1)
        if alone.search(line)
    ]
