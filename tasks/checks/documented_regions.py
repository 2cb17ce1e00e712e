"""Whether documents and scripts speak of the region in which the repository's files make things."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.checks.names import regions
from tasks.domain.answers import merged
from tasks.domain.aws_region import AREAS, is_region, regions_in
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.home_region import REGION_NAMES, HomeRegion, home_region
from tasks.domain.phase import Phase
from tasks.domain.regional import ELSEWHERE, made_by, services
from tasks.domain.script import Script, Scripts
from tasks.domain.section import sections
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.workflow import Workflows

_MADE = {
    "table": ("aws_dynamodb_table", "name", "--table-name"),
    "secret entry": ("aws_secretsmanager_secret", "name", "--secret-id"),
}
_RUNBOOK = re.compile(
    r"run-?book|play-?book|operat(?:ions|ional|ing)|on-?call|incident|disaster|infrastructure", re.IGNORECASE
)
_STATED = re.compile(
    r"^[\s|>*+-]*(?:our\s+)?(?:AWS\s+)?region\W{1,8}[a-z]{2}-[a-z-]+-\d[`*|\s.]*$|"
    r"\b(?:everything|service|services|stack|tables?|buckets?|queues?|functions?|lambdas?|cluster|database|"
    r"production|staging|infrastructure|environments?|servers?|nodes?|resources|secrets?|we|it|all)\b[^.!?]{0,40}?"
    r"\b(?:runs?|is|are|lives?|live|deployed|hosted|running|located)\s+(?:(?:only|all|entirely)\s+)?(?:in|to|into)\s+"
    r"(?:the\s+)?(?:AWS\s+)?(?:region\s+)?[`*]*[a-z]{2}-[a-z-]+-\d",
    re.IGNORECASE,
)
_DOUBTFUL = re.compile(
    r"\b(?:if|example|e\.g|such|like|would|could|can|may|might|should|default\w*|not|no|never|old|other|another|former\w*|"
    r"previous\w*|was|were|will|replica\w*|backups?|peer\w*|bench\w*|measur\w*|latenc\w*|tests?|your|or|except|only\s+available|"
    r"certificates?|images?|AMIs?|client\w*|users?|customers?)\b|n't\b",
    re.IGNORECASE,
)
_SERVES_ALL = re.compile(
    r"\b(?:acm|certificates?|cloudfront|route ?53|ecr-public|public\.ecr|budgets?|billing|costs?|ce|"
    r"organizations|wafv?2?|shield|pricing|iam|lambda@edge)\b",
    re.IGNORECASE,
)
_ALL = "us-east-1"
_OF_CLOUD = frozenset({"aws", "terraform", "tofu", "export", "cd"})
_MOST = 2  # regions in a document that is about one


@check(
    "documented-region-agrees",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Ask in the region in which Terraform makes the thing", minutes=5),
)
def documented_region_agrees(
    documents: Documents,
    terraform: Terraform,
    workflows: Workflows,
    scripts: Scripts,
    sources: Sources,
) -> Iterator[Answer]:
    """No document works in another region than the one in which Terraform or the workflows make things."""
    told = set[str]()
    speaking = [one for one in followed(documents, *AREAS) if any(regions_in(one.source.text))]
    home = home_region(terraform, workflows, scripts, sources) if speaking else None
    for document in speaking:
        found = () if home is None else tuple(_elsewhere(document, home, terraform, sources))
        told |= {document.path for _ in found}
        yield from merged(found)
    asking = [one for one in speaking if "--region" in one.source.text and one.path not in told]
    yield from _of_things(asking, terraform) if asking else ()


def _elsewhere(
    document: Document, home: HomeRegion, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """Go through what a document says of one other region, unless it speaks of ours or of many too."""
    named = set(regions_in(document.source.text))
    if home.name in named or len(named) > _MOST or any(any(sources.saying(one, told=False)) for one in named):
        return
    parts = tuple(sections(document))
    lines = dict[tuple[int, str], str]()
    for line, region, doing in (*_said(document), *_commanded(document, terraform, home)):
        part = next((one.text for one in parts if one.first <= line <= one.last), "")
        wider = region == _ALL and _SERVES_ALL.search(part)
        if not wider and not ELSEWHERE.search(part):
            lines.setdefault((line, region), doing)
    if not lines or not _is_ours(document, terraform):
        return
    for (line, region), doing in sorted(lines.items()):
        place = document.source.at(line)
        remedy = Remedy(summary=f"Say {home.name} there, or make things in {region}", minutes=5)
        yield broken(
            f"{document.path}: {region}",
            f"{doing} {region}, and {home.told}",
            place,
            *home.places,
            remedy=remedy,
            edits=corrected(region, home.name, place),
        )


def _is_ours(document: Document, terraform: Terraform) -> bool:
    """Tell whether a document is about what the repository itself runs, and not what its users do."""
    title = str(document.headings[0]) if document.headings else ""
    text = document.source.text
    if any(one in text for one in ("TF_VAR_", "-var", "tfvars")):
        return False  # where things are made is told by what it hands on
    if _RUNBOOK.search(document.path) or _RUNBOOK.search(title):
        return True
    roots = [one.directory for one in terraform.roots if one.directory and one.of("provider", "aws")]
    return any(re.search(rf"(?<![\w/-]){re.escape(one)}(?![\w-])", text) for one in roots)


def _said(document: Document) -> Iterator[tuple[int, str, str]]:
    """Go through the lines of prose that state where ours runs."""
    for number, line in document.prose:
        if "-" not in line or not any(one in line for one in AREAS):
            continue
        named = set(regions_in(line))
        if len(named) == 1 and _STATED.search(line) and not _DOUBTFUL.search(line):
            yield number, named.pop(), "says"


def _commanded(document: Document, terraform: Terraform, home: HomeRegion) -> Iterator[tuple[int, str, str]]:
    scripts = [
        *document.scripts_with("--region", "set region", *REGION_NAMES),
        *document.spoken_with("aws ", "export AWS_"),
    ]
    made = {
        one for script in document.scripts_with("create-", "run-instances", " mb ") for one in made_by(script)
    }
    programs = {command.program for one in (*document.scripts, *scripts) for command in one.commands}
    for script in scripts:
        yield from _settings(script) if programs & {"aws", "terraform", "tofu"} and not made else ()
        yield from _asked(script, services(terraform) - made) if home.by_terraform else ()


def _settings(script: Script) -> Iterator[tuple[int, str, str]]:
    """Go through the settings of a region for the commands of the AWS CLI behind them."""
    others = {one.program for one in script.commands if one.words} - _OF_CLOUD
    for command in script.commands:
        for one in command.assignments if not others or command.program == "aws" else ():
            name = one.value.literal if one.value is not None else None
            if one.name in REGION_NAMES and name is not None and is_region(name):
                yield command.line, name, "works in"
        given = command.literals
        sets = command.program == "aws" and given[:3] == ("configure", "set", "region") and len(given) > 3
        if sets and "--profile" not in given and is_region(str(given[3])):
            yield command.line, str(given[3]), "works in"


def _asked(script: Script, ours: set[str]) -> Iterator[tuple[int, str, str]]:
    """Go through the commands that ask a service for what Terraform makes."""
    for command in script.running("aws"):
        asked = command.option("--region")
        service = next((one for one in command.literals if one in ours), None)
        if (
            service is not None
            and asked is not None
            and asked.literal is not None
            and is_region(asked.literal)
        ):
            yield asked.line, asked.literal, f"asks for what is at {service} in"


def _of_things(documents: list[Document], terraform: Terraform) -> Iterator[Answer]:
    """Tell of things that Terraform certainly makes in its one region, and that are asked for elsewhere."""
    found = regions(terraform)
    if len(found) != 1:
        return
    ((region, places),) = found.items()
    made = {
        name: (kind, option)
        for kind, (resource, attribute, option) in _MADE.items()
        for module in terraform
        for block in module.of("resource", resource)
        if "provider" not in block.attributes
        if (name := text_of(terraform, module, block.get(attribute))) is not None
    }
    for document in documents if made else ():
        for script in document.scripts_with("--region"):
            yield from merged(_of_named(script, document, made, region, places))


def _of_named(
    script: Script,
    document: Document,
    made: dict[str, tuple[str, str]],
    region: str,
    places: list[Evidence],
) -> Iterator[Answer]:
    for command in script.running("aws"):
        asked = command.option("--region")
        for _, _, option in _MADE.values():
            word = command.option(option)
            name = word.literal if word is not None else None
            if asked is None or asked.literal is None or name not in made or name is None:
                continue
            subject = f"{document.path}: {name} in {asked.literal}"
            if asked.literal == region:
                yield holds(subject, "is where it is made")
            elif is_region(asked.literal):
                told = (
                    f"asks {asked.literal} for the {made[name][0]} {name}, which Terraform makes in {region}"
                )
                yield broken(subject, told, document.source.at(command), *places)
