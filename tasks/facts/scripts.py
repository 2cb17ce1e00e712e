"""Reads the shell of a tree: ``run:`` texts of workflows and composite actions, and shell files."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tasks.domain.checkout import CHECKOUT
from tasks.domain.lane import Lane, lanes
from tasks.domain.located import Map, Text
from tasks.domain.script import ReadShell, Script, Scripts, inside
from tasks.domain.source import Source
from tasks.domain.workflow import CompositeAction, Job, Step, Workflow, Workflows
from tasks.facts.bash import read_shell
from tasks.facts.tame_recipes import tame_recipes
from tasks.systems.ahead import Ahead

LARGEST = 512 * 1024
"""Characters of one shell text that are still read; larger ones are generated archives."""
WORTH_A_HELPER = 64 * 1024
"""Characters of shell that take longer to read (some 30 ms) than a helper takes to begin."""

_ARGUMENT = re.compile(r"\$\{([1-9])(?::?\?[^{}]*)?\}|\$([1-9])")
_OWN_ARGUMENTS = re.compile(
    r"^\s*(?:function\s|[\w-]+\s*\(\))|\bshift\b|\bset\s+--|\bgetopts\b", re.MULTILINE
)
"""What gives ``$1`` another meaning somewhere in a file."""
_OWN_LANGUAGE = ("pwsh", "powershell", "cmd", "python", "node", "perl")


@dataclass(frozen=True, kw_only=True)
class Shell:
    """What runs a text: its name, and whether a failing command ends it."""

    name: str
    errexit: bool
    pipefail: bool


def is_shell(path: str) -> bool:
    """Tell whether a file is shell by its name."""
    return path.endswith((".sh", ".bash"))


FileReader = Callable[[Source], ReadShell]
"""Reads the shell of a file that nobody in particular calls."""


def read_file(one: Source) -> ReadShell:
    """Read the shell of a file; from which directory it is run is up to its caller."""
    return read_shell(one.text.replace("\r\n", "\n"), cwd=None, errexit=_exits_on_error(one.line(1) or ""))


@contextmanager
def read_ahead(sources: Iterable[Source], helpers: int) -> Iterator[FileReader]:
    """Have other processes read the shell files, if those are long, and give what asks for their answers."""
    files = [one for one in sources if is_shell(one.path) and _is_read(one)]
    if not helpers or sum(len(one.text) for one in files) < WORTH_A_HELPER:
        yield read_file
        return
    number = {one.path: place for place, one in enumerate(files)}
    with Ahead([functools.partial(read_file, one) for one in files], helpers) as ahead:
        yield lambda one: ahead.answer(number[one.path]) if one.path in number else read_file(one)


def read_scripts(workflows: Workflows, sources: Iterable[Source], read: FileReader = read_file) -> Scripts:
    """Read all shell of workflows, then of actions, then of the shell files among the sources."""
    sources = tuple(sources)
    found: list[Script] = []
    for workflow in workflows.files:
        for job in workflow.jobs.values():
            found += _of_job(workflow, job)
    for action in workflows.actions:
        found += _of_action(action)
    found += [_of_file(one, read) for one in sorted(sources, key=lambda one: one.path) if _is_shell_file(one)]
    asked = any("make " in str(one.text) for one in found if one.step is not None)
    return Scripts(
        scripts=tuple(found),
        tame=tame_recipes(sources) if asked else frozenset(),
        actions={one.directory: one for one in reversed(workflows.actions)},
    )


def _of_job(workflow: Workflow, job: Job) -> Iterator[Script]:
    now = lanes(workflow, job)
    checked_out = False
    for step in job.steps:
        if _is_checkout(step):
            checked_out = is_own_checkout(step)
        elif not checked_out and step.action is not None and step.action.name == CHECKOUT:
            now = tuple(replace(lane, rooted=False) for lane in now)
        if step.run is None:
            continue
        here = tuple(lane.with_env(step.env) for lane in now if lane.condition(step.condition) is not False)
        shell = _shell(_default("shell", step.shell, job, workflow), here)
        place = _default("working-directory", step.working_directory, job, workflow)
        read, cwd = _read(step.run, shell, here, place, root="" if checked_out else None)
        script = Script(
            source=workflow.source,
            text=str(step.run),
            line=step.run.first_line,
            shell=shell.name,
            read=functools.partial(_already, read),
            workflow=workflow.path,
            job=job,
            step=step,
            lanes=here,
            cwd=cwd,
        )
        yield script
        now = _exported(now, script)


def _is_checkout(step: Step) -> bool:
    """Tell whether a step puts some repository into the workspace itself."""
    return step.action is not None and step.action.name == CHECKOUT and "path" not in step.inputs


def is_own_checkout(step: Step) -> bool:
    """Tell whether a step puts the commit at hand into the workspace itself; only then are paths certain."""
    if not _is_checkout(step):
        return False
    repository, ref = step.inputs.text("repository"), step.inputs.text("ref")
    own = repository is None or "github.repository" in repository
    return own and (ref is None or "github." in ref or "inputs." in ref)


def _of_action(action: CompositeAction) -> Iterator[Script]:
    for step in action.steps:
        if step.run is None:
            continue
        here = (Lane(matrix=None).with_env(step.env),)
        shell = _shell(step.shell, here)
        read, cwd = _read(step.run, shell, here, step.working_directory)
        yield Script(
            source=action.source,
            text=str(step.run),
            line=step.run.first_line,
            shell=shell.name,
            read=functools.partial(_already, read),
            step=step,
            lanes=here,
            cwd=cwd,
        )


def _is_read(source: Source) -> bool:
    return len(source.text) <= LARGEST and source.readable


def _exits_on_error(first: str) -> bool:
    return " -e" in first


def _of_file(source: Source, read: FileReader) -> Script:
    first = source.line(1) or ""
    if not _is_read(source):
        return Script(source=source, text=source.text, line=1, shell="unread", cwd=None)  # noqa: S604 - a name, not a switch
    text = source.text.replace("\r\n", "\n")
    name = "sh" if first.rstrip().endswith(("/sh", " sh")) else "bash"
    return Script(
        source=source,
        text=source.text,
        line=1,
        shell=name,
        read=lambda: read(source),
        cwd=None,
        as_called=_as_called(text, errexit=_exits_on_error(first)),
    )


def _as_called(text: str, *, errexit: bool) -> Callable[[str | None, tuple[Lane, ...]], ReadShell]:
    """Return the reader of a file for its callers; each way to call it is read once."""
    own = _OWN_ARGUMENTS.search(text) is not None
    named = _ARGUMENT.sub(lambda found: f"${{ARGUMENT_{found[1] or found[2]}}}", text)
    known: dict[object, ReadShell] = {}

    def read(cwd: str | None, lanes: tuple[Lane, ...]) -> ReadShell:
        key = cwd, tuple(tuple(sorted(lane.env.items())) for lane in lanes)
        if key not in known:
            known[key] = read_shell(text if own else named, lanes=lanes, cwd=cwd, errexit=errexit)
        return known[key]

    return read


def _already(read: ReadShell) -> ReadShell:
    return read


def _is_shell_file(source: Source) -> bool:
    if is_shell(source.path):
        return True
    first = source.line(1) or ""
    return first.startswith("#!") and first.split()[-1].rpartition("/")[2] in ("sh", "bash", "dash")


def _default(key: str, own: Text | None, job: Job, workflow: Workflow) -> Text | None:
    if own is not None:
        return own
    roots: tuple[Map, ...] = (job.root, workflow.root)
    return next((one for root in roots if (one := root.map("defaults").map("run").text(key))), None)


def _shell(written: Text | None, here: tuple[Lane, ...]) -> Shell:
    """Return the shell that GitHub starts: without one written, bash with ``-e`` but without ``pipefail``."""
    if written is None:
        windows = bool(here) and all(lane.system == "Windows" for lane in here)
        return Shell(name="pwsh" if windows else "bash", errexit=True, pipefail=False)
    words = written.split()
    name = (words[0] if words else "bash").rpartition("/")[2]
    if name not in ("bash", "sh"):
        return Shell(
            name=next((one for one in _OWN_LANGUAGE if name.startswith(one)), name),
            errexit=True,
            pipefail=False,
        )
    if len(words) == 1:
        return Shell(name=name, errexit=True, pipefail=name == "bash")
    flags = [word for word in words[1:] if word.startswith("-") and not word.startswith("--")]
    return Shell(name=name, errexit=any("e" in flag for flag in flags), pipefail="pipefail" in words)


def _read(
    run: Text, shell: Shell, here: tuple[Lane, ...], place: Text | None, *, root: str | None = ""
) -> tuple[ReadShell, str | None]:
    cwd = root
    if place is not None:
        filled = {lane.text(place) for lane in here}
        one = filled.pop() if len(filled) == 1 else None
        cwd = None if one is None else inside(one, root)
    if shell.name not in ("bash", "sh") or len(run) > LARGEST:
        return ReadShell(commands=()), cwd
    exact, first = run.exact, run.first_line
    read = read_shell(
        run,
        line=lambda row: first + row if exact else run.line,
        lanes=here,
        cwd=cwd,
        errexit=shell.errexit,
        pipefail=shell.pipefail,
    )
    return read, cwd


def _exported(now: tuple[Lane, ...], script: Script) -> tuple[Lane, ...]:
    """Return the lanes as later steps see them: what this one wrote to ``$GITHUB_ENV`` is in them."""
    if "GITHUB_ENV" not in script.text:
        return now
    written, certain = script.written("GITHUB_ENV")
    always = {command.line for command in script.commands if not command.conditional}
    single = len({one.name for one in written}) == len(written) and script.step is not None
    unconditional = single and script.step is not None and script.step.condition is None
    made = {
        one.name: one.value if unconditional and one.line in always else None for one in written if one.name
    }
    return tuple(
        replace(lane, env={**(lane.env if certain else dict.fromkeys(lane.env)), **made}) for lane in now
    )
