"""Whether the files that commands of workflows read are in the repository or made before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out, placed
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.product import writes_at_will
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.tree import Tree

_READ_ALL = frozenset({"cat", "sha256sum", "shasum"})
_SCRIPTS = (".sh", ".bash", ".py")
_PLAIN_JQ = re.compile(r"-[CcMersSaj]+|--(?:raw-output|exit-status|compact-output|sort-keys|slurp)")
_COPY = frozenset({"cp", "mv"})
_OF_SHELLCHECK = frozenset(
    {
        "-s", "--shell", "-e", "--exclude", "-i", "--include", "-f", "--format", "-S", "--severity",
        "-o", "--enable", "-P", "--source-path", "-W", "--wiki-link-count", "--rcfile",
    }
)  # fmt: skip
"""Options of shellcheck whose value is a word of its own."""
_WITH_FILE = {
    "pip": ("-r", "--requirement"),
    "pip3": ("-r", "--requirement"),
    "docker": ("--env-file",),
    "docker-compose": ("-f", "--file"),
    "kubectl": ("-f", "--filename"),
    "ansible-playbook": ("-i", "--inventory"),
    "python": ("--start-directory",),
    "python3": ("--start-directory",),
}
"""Programs that read the file an option names."""


@check(
    "workflow-file-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Commit the file, make it in a step before, or correct its path", minutes=10),
)
def workflow_file_exists(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every file of the repository that a step copies, prints or passes to a program is there."""
    yield from merged(_files(scripts, tree))


def _files(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for script in scripts:
        job, step = script.job, script.step
        if job is None or step is None or script.never or not checked_out(job, step):
            continue
        for command in script.commands:
            if command.conditional or command.loop or command.function or not command.fatal:
                continue
            for path, word in _read(command):
                subject = f"{script.path.rpartition('/')[2]}: {path}"
                made = before(scripts, script.path, job, step, command)
                if (
                    made.may_hold(path, tree)
                    or placed(job, step, path)
                    or writes_at_will(scripts, script.path, job, step, command.line)
                    or _made_here(script, command, path)
                ):
                    yield holds(subject, "is there")
                else:
                    told = f"{path} is not in the repository, and nothing before makes it"
                    yield broken(subject, told, script.source.at(word))


def _read(command: Command) -> Iterator[tuple[str, Word]]:
    """Go through the paths in the repository that a command reads for sure."""
    words = [word for word in command.arguments if not word.text.startswith("-")]
    if command.program in _COPY:
        # With -t or -T the last word is no destination; who writes that is left alone.
        words = [] if command.has("-t", "-T") or len(words) < 2 else words[:-1]
    elif command.program in ("bash", "sh") and command.has("-n"):
        pass  # every word is a file that is only read
    elif command.program in ("source", "."):
        # What follows the file is given to it; ``workflow-script-exists`` looks at what is called a script.
        words = [word for word in words[:1] if not word.text.strip("\"'").endswith(_SCRIPTS)]
    elif command.program == "jq":
        words = _given_to_jq(command)
    elif command.program in _WITH_FILE:
        words = list(command.options(*_WITH_FILE[command.program]))
    elif command.program == "shellcheck":
        words = _given_to_shellcheck(command)
    elif command.program not in _READ_ALL or (command.program == "shasum" and command.has("-a")):
        words = []
    given = [one.target for one in command.redirects if one.operator == "<" and one.target is not None]
    for word in (*words, *given):
        value = word.literal
        path = None if value is None or value == "-" or "://" in value else command.path(value)
        if path:
            yield path, word


def _given_to_shellcheck(command: Command) -> list[Word]:
    words = command.arguments
    return [
        word
        for number, word in enumerate(words)
        if not word.text.startswith("-") and (number == 0 or words[number - 1].text not in _OF_SHELLCHECK)
    ]


def _given_to_jq(command: Command) -> list[Word]:
    """Return the files behind the filter; none when an option takes words that nobody counts."""
    options = [word.text for word in command.arguments if word.text.startswith("-")]
    if any(not _PLAIN_JQ.fullmatch(one) for one in options):
        return []
    return [word for word in command.arguments if not word.text.startswith("-")][1:]


def _made_here(script: Script, command: Command, path: str) -> bool:
    """Tell whether a command of the same line, of a group or a pipe before it, writes the path."""
    for other in script.commands:
        for one in other.redirects:
            written = None if one.target is None or not one.writes else one.target.literal
            if written is not None and other.line <= command.line and other.path(written) == path:
                return True
    return path in " ".join(
        word.text
        for other in script.commands
        if other.line == command.line and other is not command
        for word in other.words
    )
