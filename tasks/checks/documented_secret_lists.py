"""Whether lists of the secrets that workflows need are complete."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.section import Section, sections
from tasks.domain.workflow import Workflow, Workflows

_HEADING = re.compile(r"^#+\s.*\bsecrets\b", re.IGNORECASE)
_NEEDED = re.compile(r"\b(?:requir\w+|needs?|needed|must|following)\b", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[.\]\s+)?(?:\*\*)?`(?P<name>[A-Z][A-Z0-9_]+)`")


@check(
    "documented-secrets-complete",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Add the secret to the list, with what it is for", minutes=5),
)
def documented_secrets_complete(documents: Documents, workflows: Workflows) -> Iterator[Answer]:
    """Every secret of a workflow is in a document where one lists those that the workflow needs."""
    reads = {one.path: _secrets(one) for one in workflows}
    if not any(reads.values()) or workflows.unparsed:
        return
    found = [*_lists(documents)]
    if found:
        written = "\n".join(one.source.text for one in documents)
        yield from merged(_answers(found, workflows, reads, written))


def _lists(documents: Documents) -> Iterator[tuple[Section, dict[str, int]]]:
    """Go through the lists of secrets that are needed, each with its names and their lines."""
    for document in followed(documents, "ecrets"):
        for section in sections(document) if any(_HEADING.match(f"# {h}") for h in document.headings) else ():
            lines = section.document.source.lines[section.first - 1 : section.last]
            if not _HEADING.match(lines[0]) or not any(_NEEDED.search(one) for one in lines[:4]):
                continue
            names = {
                item["name"]: number
                for number, line in enumerate(lines, section.first)
                if (item := _ITEM.match(line)) is not None
            }
            if names:
                yield section, names


def _answers(
    found: list[tuple[Section, dict[str, int]]],
    workflows: Workflows,
    reads: dict[str, dict[str, Evidence]],
    written: str,
) -> Iterator[Answer]:
    for section, names in found:
        subject = (
            f"{section.document.path}: {(section.document.source.line(section.first) or '').strip('# ')}"
        )
        # A list is that of the workflows that read what is in it.
        about = [one for one in workflows if not reads[one.path].keys().isdisjoint(names)]
        left = {
            name: (workflow, place)
            for workflow in about
            for name, place in reads[workflow.path].items()
            if name not in names and name not in written
        }
        if left:
            files = [workflow.file for workflow, _ in left.values()]
            told = f"lists what {listed(files)} {'needs' if len(set(files)) == 1 else 'need'}, and "
            told += (
                f"{listed([*left])}, which {'it reads' if len(set(files)) == 1 else 'they read'} as well, "
            )
            told += f"{'is' if len(left) == 1 else 'are'} in no document"
            places = [place for _, place in left.values()]
            yield broken(subject, told, section.document.source.at(section.first), *places)
        elif about:
            yield holds(subject, "is complete")


def _secrets(workflow: Workflow) -> dict[str, Evidence]:
    """Return the secrets that a workflow reads, each with the first place."""
    found: dict[str, Evidence] = {}
    for one in workflow.reads:
        name = one.name.upper() if one.context == "secrets" and one.name is not None else ""
        if name and name != "GITHUB_TOKEN":
            found.setdefault(name, workflow.source.at(one.line))
    return found
