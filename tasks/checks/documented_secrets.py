"""Whether secrets, variables and environments that documents have people set up are used by a workflow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.call_way import ways
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Document, Documents
from tasks.domain.document_table import name_tables, rows
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.secret_list import secret_lists
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

_CORRECT = Remedy(summary="Correct the document, or add what it names", minutes=10)
_TOLD_TO_SET = re.compile(
    r"\b(?:[Ss]et|[Aa]dd|[Cc]reate|[Dd]efine)(?: up)?(?: (?:the|an?|these|this))?"
    r" (?:repository|GitHub|(?:GitHub )?Actions) (?P<kind>secret|variable)s?:?"
    r" (?P<names>`[A-Z_][A-Z0-9_]*`(?:(?:, and |, | and )`[A-Z_][A-Z0-9_]*`)*)"
)
_NOT_SURE = re.compile(
    r"\b(?:not|never|no longer|if|fork|your|or|optional\w*|e\.g|example|instead|former\w*|old|would|will|"
    r"used to|plan\w*|previous\w*)\b|n't\b|n\u2019t\b",
    re.IGNORECASE,
)
_CERTAIN = re.compile(r"[A-Z_][A-Z0-9_]*")


@check(
    "documented-secret-read",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_CORRECT,
)
def documented_secret_read(documents: Documents, workflows: Workflows, sources: Sources) -> Iterator[Answer]:
    """Every secret that a document tells people to set, or lists as GitHub's, is read by a workflow."""
    read = _read(workflows, "secrets")
    inherits = any(
        str(job.root.get("secrets")) == "inherit" for flow in workflows for job in flow.jobs.values()
    )
    if read is None or inherits:
        return
    written = "\n".join(one.source.text for one in followed(documents))
    silent = sorted(name for name in read if name not in written and name != "GITHUB_TOKEN")
    hint = f"; {silent[0]}, which one reads, is in no document" if len(silent) == 1 else ""
    told = (
        *_unread("secret", documents, read, hint),
        *_listed(documents, read, sources, hint),
        *_spoken_of(documents, read, silent, sources),
    )
    yield from merged(told)


@check(
    "documented-variable-read",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_CORRECT,
)
def documented_variable_read(documents: Documents, workflows: Workflows) -> Iterator[Answer]:
    """Every variable that a document tells people to set at GitHub is read by a workflow."""
    read = _read(workflows, "vars")
    # What a workflow of another repository reads of the caller's variables is its own matter.
    calls = any(
        str(job.root.get("uses", "./")).partition("/")[0] != "."
        for flow in workflows
        for job in flow.jobs.values()
    )
    if read is not None and not calls:
        yield from merged(_unread("variable", documents, read, ""))


def _read(workflows: Workflows, context: str) -> set[str] | None:
    """Return the names that workflows read of a context; None when others may be read as well."""
    reads = [one for flow in workflows for one in flow.reads if one.context == context]
    if not workflows.files or workflows.unparsed or any(one.name is None for one in reads):
        return None
    return {one.name.upper() for one in reads if one.name is not None}


def _unread(kind: str, documents: Documents, read: set[str], hint: str) -> Iterator[Answer]:
    for document in followed(documents, kind):
        for name, place in _set(kind, document):
            if name in read:
                yield holds(f"{document.path}: {name}", "is read")
            else:
                told = f"tells to set the {kind} {name}, which no workflow reads{hint}"
                yield broken(f"{document.path}: {name}", told, place)


def _listed(documents: Documents, read: set[str], sources: Sources, hint: str) -> Iterator[Answer]:
    """Go through lists of secrets; those that do not say GitHub's are when workflows read half of them."""
    for document in followed(documents, "ecret"):
        for one in secret_lists(document):
            left = [(name, line) for name, line in one.names if name not in read]
            if not one.explicit and 2 * len(left) > len(one.names):
                continue
            for name, line in left:
                # What another file speaks of may be a program's, or come from elsewhere.
                if name != "GITHUB_TOKEN" and not any(True for _ in sources.saying(name, told=False)):
                    told = f"lists the secret {name}, which no workflow reads{hint}"
                    yield broken(f"{document.path}: {name}", told, document.source.at(line))


_SPOKEN_OF = re.compile(r"\b[Ss]ecret `([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`")
_AT_GITHUB = re.compile(r"\b(?:workflows?|GitHub|Actions)\b", re.IGNORECASE)


def _spoken_of(documents: Documents, read: set[str], silent: list[str], sources: Sources) -> Iterator[Answer]:
    """Go through sentences on a secret of workflows, where one is read that is called nearly so."""
    for document in followed(documents, "ecret `") if silent else ():
        for number, line in document.prose:
            if "ecret `" not in line or _NOT_SURE.search(line) or not _AT_GITHUB.search(line):
                continue
            for name in _SPOKEN_OF.findall(line):
                alike = [one for one in silent if _is_said_longer(name, one)]
                if name in read or len(alike) != 1 or any(True for _ in sources.saying(name, told=False)):
                    continue
                told = (
                    f"speaks of the secret {name}, which no workflow reads; "
                    f"{alike[0]}, which one reads, is in no document"
                )
                yield broken(f"{document.path}: {name}", told, document.source.at(number))


def _is_said_longer(name: str, other: str) -> bool:
    """Tell whether one of two names has all the words of the other, of which there are more than one."""
    shorter, longer = sorted((set(name.split("_")), set(other.split("_"))), key=len)
    return len(shorter) > 1 and shorter < longer


def _set(kind: str, document: Document) -> Iterator[tuple[str, Evidence]]:
    """Go through the names that people are told to set: by a command, or by a row of a table."""
    call = f"gh {kind} set"
    for script in (*document.scripts_with(call), *document.spoken_with(call)):
        for command in script.running("gh"):
            words = command.literals
            elsewhere = command.has("-R", "--repo", "--app", "-a", "-o", "--org", "-u", "--user")
            if words[:2] == (kind, "set") and len(words) > 2 and not elsewhere:
                name = words[2]
                if name is not None and _CERTAIN.fullmatch(name):
                    yield name, document.source.at(command)
    for number, line in document.prose if _TOLD_TO_SET.search(document.source.text) else ():
        told = _TOLD_TO_SET.search(line) if kind in line and "`" in line else None
        if told is not None and told["kind"] == kind and not _NOT_SURE.search(line):
            for name in re.findall(r"`(\w+)`", told["names"]):
                yield name, document.source.at(number)
    for row in rows(document, kind):
        for name in row.names if row.on_github else ():
            if _CERTAIN.fullmatch(name):
                yield name, document.source.at(row.line)


@check(
    "documented-environment-used",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_CORRECT,
)
def documented_environment_used(
    documents: Documents, workflows: Workflows, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    """Every environment of the repository that a document's table lists is one that a job runs in."""
    used = _used(workflows)
    if used:
        yield from merged(_in_tables(documents, used, sources, tree))
    for document in followed(documents, "environment", "Environment") if used else ():
        for row in rows(document, "environment"):
            for name in row.names if row.on_github else ():
                subject = f"{document.path}: {name}"
                if name.lower() in used:
                    yield holds(subject, "is used")
                else:
                    told = f"lists the environment {name}, and jobs run in {listed(sorted(used))}"
                    yield broken(subject, told, document.source.at(row.line))


def _in_tables(documents: Documents, used: set[str], sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Go through tables of environments alone, of which jobs run in half at least."""
    for document in followed(documents, "environment", "Environment"):
        for table in name_tables(document, "environment"):
            left = [(name, line) for name, line in table.names if name.lower() not in used]
            for name, line in left if 2 * len(left) <= len(table.names) else ():
                # Of what anything else speaks of it may be an environment: a directory, a script's argument.
                elsewhere = any(True for _ in sources.saying(name, told=False))
                if not elsewhere and not any(name in entry.path for entry in tree):
                    told = f"lists the environment {name}, and jobs run in {listed(sorted(used))}"
                    yield broken(f"{document.path}: {name}", told, document.source.at(line))


def _used(workflows: Workflows) -> set[str]:
    """Return the environments in which jobs run; none when a job may run in others."""
    used: set[str] = set()
    for workflow in workflows:
        for job in workflow.jobs.values():
            if "uses" in job.root and (job.action is None or job.action.local is None):
                return set()
            for way in ways(workflows, workflow, job) if job.environment is not None else ():
                name = way.lane.text(job.environment.name) if job.environment is not None else ""
                if name is None:
                    return set()
                used |= {name.lower()} - {""}
    return set() if workflows.unparsed else used
