"""Shell text of a repository as commands: a ``run:`` of a workflow, a ``*.sh`` file, a block of a document.

What a word becomes is told as ``values``: every text it can be, or None when only a run can tell. A
check that meets None is silent.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tasks.domain.cached import cached
from tasks.domain.lane import WORKSPACE, Lane
from tasks.domain.located import Problem, Text
from tasks.domain.source import Source
from tasks.domain.workflow import CompositeAction, Job, Step


class Word(NamedTuple):
    """One word of a command; ``parts`` are its literal pieces, None for each that a run fills in.

    A repository has tens of thousands: a tuple is made in a third of a dataclass's time.
    """

    text: str  # as written, with its ${{ }}
    line: int
    parts: tuple[str | None, ...] = ()
    values: tuple[str, ...] | None = None
    glob: bool = False  # holds an unquoted * ? or [

    @property
    def literal(self) -> str | None:
        """The only text it can be; None when there are more, or it is a pattern."""
        return self.values[0] if self.values is not None and len(self.values) == 1 and not self.glob else None

    @property
    def beginning(self) -> str:
        """The text it begins with for sure; empty when that is not certain."""
        return self.parts[0] or "" if self.parts else ""


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Where a command's output goes to or its input comes from; ``heredoc`` is the text of a ``<<``."""

    operator: str
    target: Word | None = None
    descriptor: str | None = None
    heredoc: Text | None = None

    @property
    def writes(self) -> bool:
        """Tell whether a file is written."""
        return self.operator in (">", ">>", "&>", "&>>", ">|")


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """``NAME=value``, before a command or alone; ``exported`` ones reach later programs."""

    name: str
    value: Word | None
    line: int
    exported: bool = False


class _Said(NamedTuple):
    """The fields of a command: there are as many as lines, and a tuple is made in a third of the time."""

    words: tuple[Word, ...]
    line: int
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    cwd: str | None = ""
    conditional: bool = False
    loop: bool = False
    function: str | None = None
    masked: bool = False
    tested: bool = False
    substituted: bool = False
    background: bool = False
    piped_from: bool = False
    piped_into: bool = False
    errexit: bool = True
    pipefail: bool = False


class Command(_Said):
    """One simple command with the circumstances under which it runs.

    ``cwd`` is relative to the repository's root, empty for it, None when outside or not certain.
    ``masked``: its failure cannot end the script (``|| true``). ``tested``: its exit code is asked for by
    ``if``, ``&&``, ``||`` or ``!``. ``substituted``: it stands in ``$( )``.
    """

    @cached
    def memo(self) -> dict[str, Any]:
        """What a program's own reader made of the words: many checks ask, and the words do not change."""
        return {}

    @cached
    def run(self) -> tuple[Word, ...]:
        """The words from the program that really runs on: without sudo, env, timeout and their like."""
        return _peeled(self.words)

    @cached
    def program(self) -> str | None:
        """The program's name without its directory; None when it is not certain."""
        name = self.run[0].literal if self.run else None
        return None if name is None else name.rpartition("/")[2]

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words behind the program."""
        return self.run[1:]

    @property
    def literals(self) -> tuple[str | None, ...]:
        """The arguments as texts, None for each that is not certain."""
        return tuple(word.literal for word in self.arguments)

    @property
    def fatal(self) -> bool:
        """Tell whether its failure ends the script with a failure."""
        lost = self.piped_into and not self.pipefail
        return self.errexit and not (self.masked or self.tested or self.background or lost)

    def option(self, *names: str) -> Word | None:
        """Return the value of ``--name VALUE`` or ``--name=VALUE``; the last one when repeated."""
        return next(reversed([*self.options(*names)]), None)

    def options(self, *names: str) -> Iterator[Word]:
        """Go through the values of an option that may be repeated; behind ``--`` there are none.

        Behind a short name of clap's and Go's programs ``=`` is no part of the value: ``-p=NAME``.
        """
        following = False
        for word in self.arguments:
            if following:
                following = False
                yield word
                continue
            if word.text == "--":
                return
            if word.text in names:
                following = True
                continue
            for name in names:
                if name.startswith("--") and word.text.startswith(f"{name}="):
                    yield _behind(word, len(name) + 1)
                elif not name.startswith("--") and len(name) == 2 and _glued(word.text, name):
                    strips = word.text[2:3] == "=" and len(word.text) > 3 and self.program in _STRIPS_EQUALS
                    yield _behind(word, 3 if strips else 2)

    def has(self, *flags: str) -> bool:
        """Tell whether one of the flags is written before ``--``."""
        for word in self.arguments:
            if word.text == "--":
                return False
            if word.text in flags:
                return True
        return False

    def path(self, value: str) -> str | None:
        """Return a path relative to the repository's root, empty for it; None when outside or not certain."""
        return inside(value, self.cwd)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A ``NAME=value`` that a script appends to ``$GITHUB_OUTPUT`` or ``$GITHUB_ENV``."""

    name: str
    line: int
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReadShell:
    """What a shell text says, and where it could not be read."""

    commands: tuple[Command, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Script:
    """One piece of shell; ``job`` and ``step`` are set for a ``run:``.

    ``shell`` is ``bash``, ``sh``, ``pwsh``, ``cmd``, ``python`` or what is written; only bash and sh have
    ``commands``. ``read`` gives them when somebody asks: most files are never asked about.
    """

    source: Source
    text: str = field(repr=False)
    line: int
    shell: str = "bash"
    read: Callable[[], ReadShell] = field(default=ReadShell, repr=False, compare=False)
    workflow: str | None = None
    job: Job | None = None
    step: Step | None = None
    lanes: tuple[Lane, ...] = (Lane(),)
    cwd: str | None = ""
    # Reads a file as a caller starts it: in a directory, with ``$1`` and on as ARGUMENT_1 of each lane's env.
    as_called: Callable[[str | None, tuple[Lane, ...]], ReadShell] | None = field(
        default=None, repr=False, compare=False
    )
    # What others made of it, by who asked: a script does not change.
    memo: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.source.path

    @cached
    def commands(self) -> tuple[Command, ...]:
        """Its commands, in the order in which they are written."""
        return self._read.commands

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Places that bash could not read: what stands there has no commands."""
        return self._read.problems

    @cached
    def _read(self) -> ReadShell:
        return self.read()

    @property
    def understood(self) -> bool:
        """Tell whether every line of it is in ``commands``."""
        return self.shell in ("bash", "sh") and not self.problems

    @property
    def never(self) -> bool:
        """Tell whether the ``if:`` of its step is false in every lane."""
        return not self.lanes

    def running(self, *programs: str) -> Iterator[Command]:
        """Go through the commands that run one of these programs."""
        # Without the variables of a job a program's name stands in the text, or is not certain.
        known = "commands" in vars(self)  # then it is read, and asking it is cheaper than searching
        if self.step is None and not known and not any(program in self.text for program in programs):
            return
        if not self.programs.isdisjoint(programs):
            yield from (command for command in self.commands if command.program in programs)

    def earlier(self, than: Command | int) -> Iterator[Command]:
        """Go through the commands before a line, or before a command: also on its line, if it is the own."""
        line = than if isinstance(than, int) else than.line
        ahead = any(one is than for one in self.commands)
        for one in self.commands:
            ahead = ahead and one is not than
            if one.line < line or (ahead and one.line == line):
                yield one

    @cached
    def programs(self) -> frozenset[str | None]:
        """The programs that it runs; None among them when one is not certain."""
        return frozenset(command.program for command in self.commands)

    def written(self, variable: str) -> tuple[tuple[Written, ...], bool]:
        """Return what is appended to ``$GITHUB_OUTPUT`` (or ENV, PATH), and whether that is all of it."""
        found: list[Written] = []
        certain = self.understood
        end = None
        commands = [one for one in self.commands if _goes_to(one, variable)]
        for number, command in enumerate(commands):
            if end is not None:
                certain, end = False, None if _said(command) == end else end
                continue
            made = _lines(command)
            opened = _said(command).partition("<<")[2]
            if opened and any(_said(one) == opened for one in commands[number + 1 :]):
                end = opened
            if made is None:
                certain = False
                continue
            found += made
        mentions = self.text.count(variable)
        return tuple(found), certain and mentions <= sum(_goes_to(c, variable) for c in self.commands)


Call = tuple[str | None, tuple[str, ...]]
"""Where a command runs, and its words: equal ones do the same."""


def call_of(command: Command) -> Call:
    """Return what two equal commands have in common."""
    return command.cwd, tuple(word.text for word in command.words)


@dataclass(frozen=True, kw_only=True)
class Scripts:
    """All shell of a tree: the ``run:`` texts of workflows and actions, then the files, by path and line."""

    scripts: tuple[Script, ...] = ()
    # Directory and name of the targets of make that leave nothing but what cargo builds.
    tame: frozenset[tuple[str, str]] = frozenset()
    # Call of cargo that runs a program of the repository -> all texts that the program spells.
    programs: Mapping[Call, str] = field(default_factory=dict, repr=False)
    # The repository's own actions by their directory, for those who ask what a step that uses one does.
    actions: Mapping[str, CompositeAction] = field(default_factory=dict, repr=False)
    _found: dict[tuple[str, ...], tuple[tuple[Script, Command], ...]] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def __iter__(self) -> Iterator[Script]:
        return iter(self.scripts)

    def commands(self, *programs: str, spelling: str = "") -> Iterator[tuple[Script, Command]]:
        """Go through the commands that run one of these programs, all commands without a name.

        With ``spelling`` only those of scripts in which it is written somewhere: the others need no reading.
        """
        asked = (spelling, *programs)
        if asked not in self._found:
            self._found[asked] = tuple(
                (script, command)
                for script in self.scripts
                if spelling in script.text
                for command in (script.running(*programs) if programs else script.commands)
            )
        return iter(self._found[asked])

    def is_tame(self, command: Command) -> bool:
        """Tell whether a call of make makes nothing but what cargo leaves in its target directory."""
        if command.program != "make" or command.cwd is None or not command.arguments:
            return False
        return all((command.cwd, str(word.literal)) in self.tame for word in command.arguments)

    @cached
    def files(self) -> tuple[Script, ...]:
        """The scripts that are files of their own."""
        return tuple(one for one in self.scripts if one.step is None)

    def file(self, path: str) -> Script | None:
        """Return the script that is a file of its own."""
        return self._by_path.get(path)

    @cached
    def _by_path(self) -> Mapping[str, Script]:
        return {one.path: one for one in self.files}

    @cached
    def _by_step(self) -> Mapping[tuple[str, str, int], Script]:
        return {
            (script.path, str(script.job.id), script.step.index): script
            for script in self.scripts
            if script.job is not None and script.step is not None
        }

    def of(self, path: str, job: Job, step: Step) -> Script | None:
        """Return the script of a step's ``run:``."""
        return self._by_step.get((path, str(job.id), step.index))


def inside(value: str, cwd: str | None) -> str | None:
    """Return a path relative to the repository's root; None when it is outside or not certain."""
    if value == WORKSPACE or value.startswith(f"{WORKSPACE}/"):
        joined = posixpath.normpath(value.removeprefix(WORKSPACE).lstrip("/") or ".")
    elif value.startswith(("/", "~")) or value[1:3] in (":\\", ":/") or cwd is None:
        return None  # of the machine, or not certain
    else:
        joined = posixpath.normpath(posixpath.join(cwd, value) or ".")
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined


_STRIPS_EQUALS = frozenset(
    {"cargo", "cross", "just", "docker", "podman", "docker-compose", "gh", "kubectl", "helm"}
)
"""Programs that read ``-p=NAME`` as NAME: those of clap and of Go's pflag. Getopt keeps the ``=``."""

_WITH_VALUE: Mapping[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-C", "-h", "-p", "--user", "--group"}),
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "nice": frozenset({"-n"}),
    "timeout": frozenset({"-s", "-k", "--signal", "--kill-after"}),
    "time": frozenset({"-o", "-f"}),
    "nohup": frozenset(),
    "exec": frozenset(),
    "command": frozenset(),
    "xvfb-run": frozenset({"-s", "-n", "--server-args"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "ionice": frozenset({"-c", "-n"}),
}
"""Programs that only run another one, with their options that take a value."""


def _peeled(words: tuple[Word, ...]) -> tuple[Word, ...]:
    while words and (name := words[0].literal) is not None and name in _WITH_VALUE:
        at = 1
        while at < len(words) and words[at].text.startswith("-"):
            at += 2 if words[at].text in _WITH_VALUE[name] else 1
        while name in ("env", "sudo") and at < len(words) and "=" in words[at].text:
            at += 1
        words = words[at + 1 :] if name == "timeout" else words[at:]
    return words


def _glued(text: str, name: str) -> bool:
    return text.startswith(name) and len(text) > len(name) and not text.startswith("--")


def _behind(word: Word, count: int) -> Word:
    """Return the word without its first characters, which are certain."""
    values = None if word.values is None else tuple(value[count:] for value in word.values)
    head = word.parts[0] if word.parts else None
    parts = word.parts if head is None else (head[count:], *word.parts[1:])
    return Word(text=word.text[count:], line=word.line, parts=parts, values=values, glob=word.glob)


def _goes_to(command: Command, variable: str) -> bool:
    spelled = (f"${variable}", f"${{{variable}}}")
    if any(one.target is not None and one.target.text.strip('"') in spelled for one in command.redirects):
        return True
    return command.program == "tee" and any(word.text.strip('"') in spelled for word in command.arguments)


def _said(command: Command) -> str:
    """Return what a command prints, as written: the end of an output of many lines is found by it."""
    printed = [word.text.strip("\"'") for word in command.arguments] if command.program == "echo" else []
    return " ".join(printed)


def _assigned(text: Text) -> Iterator[Written]:
    """Go through the ``NAME=value`` lines of a heredoc; a backslash takes the next line into its own."""
    goes_on = False
    for number, line in enumerate(text.split("\n")):
        name, equals, _ = line.partition("=")
        if equals and not goes_on:
            yield Written(name=name, line=text.line_at(0) + number)
        goes_on = line.endswith("\\")


def _lines(command: Command) -> list[Written] | None:
    """Return what a command prints as ``NAME=value`` lines; None when that is not certain."""
    if command.program == "cat":
        texts = [one.heredoc for one in command.redirects if one.heredoc is not None]
        if not texts:
            return None
        return [one for text in texts for one in _assigned(text)]
    if command.program not in ("echo", "printf"):
        return None
    words = [word for word in command.arguments if not word.text.startswith("-")]
    if not words:
        return []
    name, equals, _ = words[0].beginning.partition("=")
    if not equals:
        # A delimiter line, or the end of one: NAME<<EOF names the output, others do not.
        name, heredoc, _ = words[0].beginning.partition("<<")
        return [Written(name=name, line=words[0].line)] if heredoc else None
    literal = words[0].literal if len(words) == 1 else None
    return [
        Written(
            name=name,
            line=words[0].line,
            value=None if literal is None else literal.partition("=")[2].strip(),
        )
    ]
