"""Whether the files that commands of workflows read are in the repository or made before."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

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
    "kubectl": ("-f", "--filename"),
    "ansible-playbook": ("-i", "--inventory"),
    "python": ("--start-directory",),
    "python3": ("--start-directory",),
}
"""Programs that read the file an option names."""
_OF_COMPOSE = frozenset(
    {
        "-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi",
        "--parallel", "--progress",
    }
)  # fmt: skip
"""Options of compose before its command whose value is a word of its own; behind it `-f` is another one."""
_OF_BATS = frozenset(
    {
        "-f", "--filter", "-j", "--jobs", "-F", "--formatter", "-o", "--output", "--filter-status",
        "--filter-tags", "--report-formatter", "--code-quote-style", "--line-reference-format",
        "--parallel-binary-name", "--gather-test-outputs-in", "--negative-filter",
    }
)  # fmt: skip
"""Options of bats whose value is a word of its own."""
_COMPARED = re.compile(
    r"(?:[\w.-]+/)*(?:[\w.-]+/|[\w-]+\.(?:md|json|toml|lock|ya?ml|txt|rs|html|ts|js|py|proto|sql))"
)
"""What `git diff` can only take for a path: no branch, tag or commit is called like that."""
_PATTERN = re.compile(r"[\w./?*-]+")


@check(
    "workflow-file-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Commit the file, make it in a step before, or correct its path", minutes=10),
)
def workflow_file_exists(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every file of the repository that a step copies, prints or passes to a program is there."""
    yield from merged((*_files(scripts, tree), *_matched(scripts, tree)))


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
                    or (command.program == "git" and made.opaque)
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
    elif command.program == "git":
        words = _compared(command)
    elif command.program == "bats":
        words = [word for word in _behind_options(command, _OF_BATS) if not word.glob]
    elif command.program == "docker-compose" or (
        command.program == "docker" and words and words[0].text == "compose"
    ):
        words = [*_of_compose(command), *command.options("--env-file")]
    elif command.program in _WITH_FILE:
        words = list(command.options(*_WITH_FILE[command.program]))
    elif command.program == "shellcheck":
        words = _behind_options(command, _OF_SHELLCHECK)
    elif command.program not in _READ_ALL or (command.program == "shasum" and command.has("-a")):
        words = []
    given = [one.target for one in command.redirects if one.operator == "<" and one.target is not None]
    for word in (*words, *given):
        value = word.literal
        path = None if value is None or value == "-" or "://" in value else command.path(value)
        if path:
            yield path, word


def _behind_options(command: Command, valued: Container[str]) -> list[Word]:
    """Return the words that are no option, and no value of one."""
    words = command.arguments
    return [
        word
        for number, word in enumerate(words)
        if not word.text.startswith("-") and (number == 0 or words[number - 1].text not in valued)
    ]


def _of_compose(command: Command) -> Iterator[Word]:
    """Go through the files that compose is given before its command."""
    words = command.words[2:] if command.program == "docker" else command.words[1:]
    own: list[Word] = []
    while len(own) < len(words) and words[len(own)].text.startswith("-"):
        valued = words[len(own)].text in _OF_COMPOSE
        own += words[len(own) : len(own) + 1 + valued]
    return command._replace(words=(command.words[0], *own)).options("-f", "--file")


def _compared(command: Command) -> list[Word]:
    """Return what `git diff` has to find in the work tree, as it is written without `--` before it."""
    words = command.arguments
    if not words or words[0].text != "diff" or not command.has("--exit-code", "--quiet"):
        return []
    if any(word.text in ("--", "--no-index", "--cached", "--staged") for word in words):
        return []
    return [word for word in words[1:] if _COMPARED.fullmatch(word.text)]


def _matched(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Go through the patterns of file names that are handed on as they are where no file matches."""
    for script, command in scripts.commands("shellcheck", "bats"):
        job, step = script.job, script.step
        if job is None or step is None or script.never or not checked_out(job, step) or not command.fatal:
            continue
        if command.conditional or command.loop or command.function or "shopt" in script.text:
            continue
        for word in _behind_options(command, _OF_SHELLCHECK | _OF_BATS):
            value = word.values[0] if word.glob and word.values is not None and len(word.values) == 1 else ""
            path = command.path(value) if _PATTERN.fullmatch(value) and "**" not in value else None
            if not path:
                continue
            subject = f"{script.path.rpartition('/')[2]}: {path}"
            fits = re.compile(re.escape(path).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")).fullmatch
            made = before(scripts, script.path, job, step, command)
            if (
                any(fits(one.path) for one in tree)
                or any(fits(one) for one in (*tree.directories, *made.words))
                or made.opaque
                or made.may_hold(path.replace("*", "x").replace("?", "x"), tree)
                or writes_at_will(scripts, script.path, job, step, command.line)
            ):
                yield holds(subject, "matches")
            else:
                told = f"no file is called {path}: {command.program} is handed the pattern, and fails"
                yield broken(subject, told, script.source.at(word))


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
