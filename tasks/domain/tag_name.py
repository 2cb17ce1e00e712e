"""What a tag that a workflow makes is called, as far as the files tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.domain.lane import lanes, values
from tasks.domain.script import Command, Script, Word
from tasks.domain.use import CLOSE, OPEN, spans
from tasks.domain.workflow import Job, Step, Workflow

STAND_IN = "1.2.3"
"""Stands in a name for what only a run knows: nearly always it is a version."""

_VALUED = frozenset({"-m", "-F", "-u", "--message", "--file", "--local-user", "--cleanup", "--trailer"})
_GLUED = re.compile(r"-[afs]+m")
_NO_TAG = ("-d", "--delete", "-l", "--list", "-v", "--verify")
_ANNOTATED = ("-a", "-s", "-u", "-m", "-F", "--annotate", "--sign", "--message", "--file")
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_DEEP = 3  # an env of an env of an env


@dataclass(frozen=True, kw_only=True)
class TagMade:
    """A tag that ``git tag`` makes; ``names`` None when nothing of its name is known before the run."""

    written: str
    names: tuple[str, ...] | None
    annotated: bool


def tag_made(command: Command, workflow: Workflow, step: Step, script: Script | None) -> TagMade | None:
    """Return the tag that ``git tag`` makes; None when it only lists or takes away."""
    words = git_words(command)[1:]
    if any(word.text in _NO_TAG for word in words):
        return None
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in _VALUED or _GLUED.fullmatch(words[at].text) else 1
    if at >= len(words):
        return None
    annotated = any(
        word.text in _ANNOTATED or word.text.startswith("--message=") or _GLUED.fullmatch(word.text)
        for word in words
    )
    names = word_names(words[at], workflow, step, script)
    return TagMade(written=bare(words[at]), names=names, annotated=annotated)


def git_words(command: Command) -> tuple[Word, ...]:
    """Return the arguments of git from its subcommand on; none for other programs."""
    words = command.arguments if command.program == "git" else ()
    while words and words[0].text.startswith("-"):
        words = words[2:] if words[0].text in ("-C", "-c") else words[1:]
    return words


def bare(word: Word) -> str:
    """Return a word as written, without quotes and the braces of variables."""
    return _VARIABLE.sub(lambda found: f"${found[1] or found[2]}", word.text.strip("\"'"))


def word_names(word: Word, workflow: Workflow, step: Step, script: Script | None) -> tuple[str, ...] | None:
    """Return what a word of a command can be, with ``STAND_IN`` for what only a run knows."""
    if word.values is not None and not word.glob:
        return word.values
    given = {
        one.name: one.value.text.strip("\"'")
        for command in (script.commands if script is not None else ())
        for one in command.assignments
        if one.value is not None and "$(" not in one.value.text
    }
    written = word.text.strip("\"'")
    for _ in range(_DEEP):
        written = _VARIABLE.sub(lambda found: given.get(found[1] or found[2], found[0]), written)
    if "$(" in written or script is None or script.job is None:
        sure = any(character.isalnum() for part in word.parts for character in part or "")
        return ("".join(STAND_IN if part is None else part for part in word.parts),) if sure else None
    read = _VARIABLE.sub(lambda found: f"{OPEN} env.{found[1] or found[2]} {CLOSE}", written)
    return text_names(read, workflow, script.job, step)


def text_names(written: str, workflow: Workflow, job: Job, step: Step) -> tuple[str, ...] | None:
    """Return what a text can be, with ``STAND_IN`` for an expression; None when all of it is one."""
    ways = tuple(lane.with_env(step.env) for lane in lanes(workflow, job))
    for _ in range(_DEEP):
        known = values(written, ways)
        if known is not None:
            return known
        written = _with_env(written, workflow, job, step)
    parts = written
    for start, end in reversed([*spans(written)]):
        parts = parts[:start] + "\0" + (parts[end:] if end >= 0 else "")
    known_of_it = any(character.isalnum() for character in parts)
    return (parts.replace("\0", STAND_IN),) if known_of_it else None


def _with_env(written: str, workflow: Workflow, job: Job, step: Step) -> str:
    """Put the texts of ``env:`` in for the expressions that read them."""
    for start, end in reversed([*spans(written)]):
        read = written[start + len(OPEN) : end - len(CLOSE)].strip() if end >= 0 else ""
        if read.startswith("env."):
            found = (env.text(read.removeprefix("env.")) for env in (step.env, job.env, workflow.env))
            text = next((one for one in found if one is not None), None)
            written = written if text is None else f"{written[:start]}{text}{written[end:]}"
    return written
