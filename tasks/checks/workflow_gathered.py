"""Whether files of several downloaded artifacts are looked for where the download puts them."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.artifact import DOWNLOAD, path_lines, uploads
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out
from tasks.domain.finding import Remedy, Weight
from tasks.domain.guarded import is_certain
from tasks.domain.job_order import above, runs_for_sure
from tasks.domain.key_edit import with_key
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_ELSEWHERE = ("name", "artifact-ids", "run-id", "github-token", "repository", "merge-multiple")
_RELEASE = "softprops/action-gh-release"
_SUMS = ("sha256sum", "sha512sum", "sha1sum", "sha384sum", "md5sum", "b2sum", "shasum")
_TAKES = frozenset({*_SUMS, "cat", "chmod", "cp", "gpg", "ls", "mv"})
"""Programs that fail when a pattern finds no file."""
_LEAVES_FILES = frozenset(
    {
        *_SUMS, "[", "[[", "awk", "cat", "cd", "chmod", "cut", "date", "du", "echo", "exit", "export", "file",
        "grep", "gh", "head", "ls", "mkdir", "printf", "pwd", "sed", "set", "sort", "stat", "tail", "test",
        "tr", "tree", "true", "wc",
    }
)  # fmt: skip
"""Programs that put no files anywhere but by redirection."""
_KNOWN_ACTIONS = ("actions/", "aws-actions/", "docker/setup-", "docker/login-", "dtolnay/", "swatinem/")
_REMEDY = Remedy(
    summary="Add `merge-multiple: true` to the download, which puts the files of all artifacts into one"
    " directory; or look one directory deeper",
    minutes=5,
)


@dataclass(frozen=True, kw_only=True)
class _Gathered:
    """A step that downloads several artifacts, each of them into a directory of its own below one."""

    workflow: Workflow
    job: Job
    step: Step
    into: str  # from the workspace, empty for it
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Sought:
    """A pattern that looks for files in the one directory; ``fatal`` when finding none ends the job."""

    step: Step
    text: str
    line: int
    fatal: bool


@check("gathered-files-lie-there", phase=Phase.RELEASE, weight=Weight.WARNING, remedy=_REMEDY)
def gathered_files_lie_there(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """No pattern looks for files of several artifacts in one directory while each has one of its own."""
    for workflow in workflows:
        for one in _gathered(workflow) if DOWNLOAD in workflow.source.text else ():
            subject = f"{workflow.file}: {one.job.id}: {one.into or '.'}"
            sought = [*_sought(one, scripts, tree)]
            if not sought:
                yield holds(subject, "files are looked for where they are")
                continue
            patterns = [*dict.fromkeys(each.text for each in sought)]
            told = (
                f"{listed(patterns)} {'find' if len(patterns) > 1 else 'finds'} no file of the artifacts"
                f" {listed([*map(repr, one.names)], most=3)}: without `merge-multiple` each is downloaded"
                f" into a directory of its own below {one.into or '.'}/"
            )
            key = "pattern" if "pattern" in one.step.inputs else "path"
            given = key in one.step.inputs
            line = one.step.inputs.line_of(key) if given else one.step.line
            lines = dict.fromkeys([line, *(each.line for each in sought)])
            edits = with_key(workflow.source, one.step.inputs, "merge-multiple: true") if given else ()
            places = [workflow.source.at(number) for number in lines]
            weight = Weight.BLOCKER if any(each.fatal for each in sought) else None
            yield broken(subject, told, *places[:MOST_PLACES], weight=weight, edits=edits, remedy=_REMEDY)


def _gathered(workflow: Workflow) -> Iterator[_Gathered]:
    for job, step in workflow.steps():
        if step.action is None or step.action.name != DOWNLOAD or step.condition is not None:
            continue
        into = posixpath.normpath(step.inputs.text("path") or ".")
        if any(key in step.inputs for key in _ELSEWHERE) or into.startswith(("/", "~", "..")) or "$" in into:
            continue
        # A newer version puts a single artifact right there: two have to be certain.
        names = tuple(dict.fromkeys(_names(workflow, job, step.inputs.text("pattern") or "*")))
        if len(names) > 1:
            into = "" if into == "." else into
            yield _Gathered(workflow=workflow, job=job, step=step, into=into, names=names)


def _names(workflow: Workflow, job: Job, pattern: str) -> Iterator[str]:
    if re.search(r"\$|[{}!+@(]", pattern):
        return
    before = above(workflow, job)
    for one in uploads(workflow):
        for lane, name in zip(one.lanes, one.names, strict=True):
            ends = str(one.job.id) in before and runs_for_sure(lane, one.job, one.step)
            if name is not None and ends and fnmatch.fnmatchcase(name, pattern):
                yield name


def _sought(one: _Gathered, scripts: Scripts, tree: Tree) -> Iterator[_Sought]:
    """Go through what looks for files right in the directory, as long as nothing can have put any there."""
    for step in one.job.steps:
        script = scripts.of(one.workflow.path, one.job, step) if step.run is not None else None
        later = step.index > one.step.index
        own = checked_out(one.job, step)
        if own and (not one.into or tree.has(one.into) or tree.unseen(one.into)):
            return
        if later and step.action is not None and step.action.name == _RELEASE and step.condition is None:
            yield from _by_the_release(one, step)
        elif step.action is not None and step is not one.step and not _leaves(step, one.into):
            return
        for command in script.commands if script is not None else ():
            if later and script is not None:
                yield from _by_a_command(one, script, step, command)
            if not _leaves_files(command):
                return
        if step.run is not None and (script is None or not script.understood):
            return


def _by_the_release(one: _Gathered, step: Step) -> Iterator[_Sought]:
    # It takes files alone: a directory that has a fitting name is none.
    for path in path_lines(step.inputs.text("files")):
        directory, name = posixpath.split(posixpath.normpath(path))
        if directory == one.into and "*" in name and "**" not in name:
            fatal = step.inputs.get("fail_on_unmatched_files") is True and not step.may_fail
            yield _Sought(step=step, text=str(path), line=path.line, fatal=fatal)


def _by_a_command(one: _Gathered, script: Script, step: Step, command: Command) -> Iterator[_Sought]:
    uploads_assets = command.program == "gh" and command.literals[:1] == ("release",)
    if command.program not in _TAKES and not uploads_assets:
        return
    if command.loop or command.substituted or not is_certain(command) or "nullglob" in script.text:
        return
    here = _directory(one, script, step, command)
    for word in command.arguments if here is not None and step.condition is None else ():
        text = word.values[0] if word.glob and word.values is not None and len(word.values) == 1 else ""
        directory, name = posixpath.split(posixpath.normpath(posixpath.join(here or "", text)))
        # A directory of an artifact that fits is found, and only a program that reads files minds.
        fits = any(fnmatch.fnmatchcase(each, name) for each in one.names)
        if text and directory == one.into and "**" not in name and (not fits or command.program in _SUMS):
            fatal = command.fatal and not step.may_fail
            yield _Sought(step=step, text=word.text, line=word.line, fatal=fatal)


def _directory(one: _Gathered, script: Script, step: Step, command: Command) -> str | None:
    """Return the directory of a command from the workspace, also of a job that checks nothing out."""
    if command.cwd is not None:
        return command.cwd
    roots = (one.job.root, one.workflow.root)
    default = (root.map("defaults").map("run").text("working-directory") for root in roots)
    here = str(step.working_directory or next((each for each in default if each), ""))
    for earlier in script.earlier(command):
        if earlier.program in ("pushd", "popd"):
            return None
        if earlier.program == "cd":
            target = earlier.arguments[0].literal if len(earlier.arguments) == 1 else None
            if target is None or earlier.loop or target.startswith("~"):
                return None
            here = posixpath.join(here, target)
    here = posixpath.normpath(here or ".")
    return None if "$" in here or here.startswith(("/", "..")) else here.removeprefix(".").lstrip("/")


def _leaves_files(command: Command) -> bool:
    """Tell whether a command puts no file anywhere that a pattern could find."""
    if not command.words:
        return True
    if command.program == "find":
        return not re.search(r"-(?:exec|execdir|fprint|delete)", " ".join(w.text for w in command.arguments))
    if command.program == "gh":
        return command.literals[:2] != ("release", "download") and command.literals[:1] != ("run",)
    written = [each.target for each in command.redirects if each.writes]
    plain = all(each is not None and re.search(r"SUMS?|/dev/null|\$GITHUB_", each.text) for each in written)
    return command.program in _LEAVES_FILES and plain


def _leaves(step: Step, into: str) -> bool:
    """Tell whether an action puts no files into a directory."""
    if step.action is None or step.action.local is not None:
        return False
    if step.action.name == DOWNLOAD:
        other = posixpath.normpath(step.inputs.text("path") or ".")
        return "$" not in other and other != (into or ".")
    known = step.action.name.startswith(_KNOWN_ACTIONS)
    return known or (bool(into) and into not in str(step.inputs))
