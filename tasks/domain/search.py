"""Searches with grep on which a step of a workflow fails, and what each finds in the committed files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.evidence import Evidence
from tasks.domain.installed import History
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflow, Workflows

_PLAIN = re.compile(
    r"-(?:[rRnqEFGPiIlwxvcshHoay]+|-(?:recursive|quiet|silent|ignore-case|line-number|extended-regexp|"
    r"fixed-strings|perl-regexp|word-regexp|with-filename|no-messages|files-with-matches|color(?:=\w+)?|"
    r"(?:include|exclude|exclude-dir)=.+))$"
)
_REFUSES = re.compile(r"^\s*exit\s+[1-9]\d*\s*;?\s*$", re.MULTILINE)
# What may take a line away from a committed file, or bring one that is not committed.
_CHANGES = re.compile(
    r"\bsed\s+-\S*i|\bgit\s+(?:apply|checkout|reset|switch|merge|pull|mv|rm|clean|am|stash|restore)\b|\bpatch\b|"
    r"\b(?:rm|mv|perl|ruby|python3?|node|awk)\s|\bcargo\s+(?:fix|fmt|set-version)|--fix\b|--write\b"
)
_MAKES = re.compile(r"(?<![0-9&])>{1,2}\s*(?!&|/dev/null)|\btee\b|\b(?:cp|curl|wget|tar|unzip|make|just)\s")


@dataclass(frozen=True, kw_only=True)
class Search:
    """One call of grep; ``needed`` tells that the step fails without a match, else that it fails with one."""

    workflow: Workflow = field(repr=False)
    script: Script = field(repr=False)
    command: Command = field(repr=False)
    arguments: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, kw_only=True)
class Searched:
    """What a search found: the first match, None without one."""

    search: Search
    match: Evidence | None


@dataclass(frozen=True, kw_only=True)
class Searches:
    """All searches whose answer is certain before a run."""

    made: tuple[Searched, ...] = ()


def searches(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Search]:
    """Go through the searches that decide about a step and look only at committed files."""
    history = History(workflows, scripts)
    for workflow in workflows:
        for script, command in history.commands(workflow, "grep", "egrep", "fgrep"):
            needed = _needed(script, command)
            if needed is None or not _always(script):
                continue
            arguments = _arguments(command, tree, files_only=needed)
            said = history.before(workflow, script, command)
            above = "\n".join(script.text.split("\n")[: command.line - script.line])
            text = f"{said.text}\n{above}"
            if arguments is None or _CHANGES.search(text):
                continue
            if needed and (said.opaque or _MAKES.search(text)):
                continue
            yield Search(
                workflow=workflow, script=script, command=command, arguments=arguments, needed=needed
            )


def _always(script: Script) -> bool:
    job, step = script.job, script.step
    if job is None or step is None or step.may_fail or job.root.get("continue-on-error") is not None:
        return False
    return step.condition is None and job.condition is None and not script.never


def _needed(script: Script, command: Command) -> bool | None:
    """Tell what the step wants of a search; None when that is not certain."""
    if command.loop or command.function is not None or command.substituted or command.background:
        return None
    if command.piped_from or command.piped_into or command.conditional:
        return None
    if command.fatal:
        return True
    lines = script.text.split("\n")
    rest = "\n".join(lines[command.line - script.line :])
    asked = re.match(r"\s*if\s+(?P<not>!\s+)?(?:grep|egrep|fgrep)\s", rest)
    if asked is None:
        return None
    condition, then, body = rest.partition("then\n")
    if not then or re.search(r"&&|\|\||\|", re.sub(r"'[^']*'|\"[^\"]*\"", "", condition)):
        return None
    body = re.split(r"^\s*(?:elif|else|fi)\b", body, maxsplit=1, flags=re.MULTILINE)[0]
    if re.search(r"^\s*(?:if|for|while|case)\b", body, re.MULTILINE) or not _REFUSES.search(body):
        return None
    return asked["not"] is not None


def _arguments(command: Command, tree: Tree, *, files_only: bool) -> tuple[str, ...] | None:
    """Return the arguments when all are certain and look at committed files only."""
    texts: list[str] = []
    free: list[str] = []
    for word in command.arguments:
        text = word.literal
        if text is None:
            return None
        texts.append(text)
        if text.startswith("-") and text != "--":
            if not _PLAIN.match(text):
                return None
        else:
            free.append(text)
    operands = free[1:]
    if command.cwd is None or not operands or "--" in free or "" in free:
        return None
    for one in operands:
        path = command.path(one)
        if path is None or (tree.file(path) is None if files_only else not tree.has(path)):
            return None
        if any(opaque == path or opaque.startswith(f"{path}/") for opaque in tree.opaque) and files_only:
            return None
    return tuple(texts)
