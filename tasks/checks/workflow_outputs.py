"""Whether what steps and jobs hand on is written by one side and read by the other."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tasks.domain.answers import MOST_PLACES, as_one, listed, merged, of_one_cause
from tasks.domain.called import started_file
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected, respelled
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.generated import is_generated
from tasks.domain.handed_on import is_handed_to_nobody, may_read, unread_outputs
from tasks.domain.phase import Phase
from tasks.domain.python_program import OutputPrograms, program_path
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.spelling import fumbled
from tasks.domain.use import Read
from tasks.domain.workflow import CompositeAction, Job, Step, Workflow, Workflows

_OUTPUT = "GITHUB_OUTPUT"
_PATH_LENGTH = 3  # steps.ID.outputs.NAME, needs.ID.outputs.NAME without the context
_OF_STEPS = ("outputs", "outcome", "conclusion")
_OF_NEEDS = ("outputs", "result")

_WRITES_NOTHING_ELSE = frozenset(
    {
        "echo", "printf", "cat", "test", "[", "[[", "set", "export", "cd", "grep", "sed", "awk", "tr",
        "cut", "jq", "date", "git", "mkdir", "cp", "mv", "rm", "ls", "head", "tail", "sort", "uniq", "wc",
        "basename", "dirname", "sha256sum", "exit", "true", "false", ":", "sleep", "tee", "read", "find",
        "rustc", "uname", "curl", "tar", "gpg", "shift", "local", "return", "sudo", "apt-get", "seq",
        "rustup", "zip", "unzip", "7z", "strip", "shasum", "md5sum", "base64", "touch", "chmod", "aws", "gh",
    }
)  # fmt: skip
"""Programs that write no outputs of the step behind its text; any other one may."""

_ONLY_COMPILES = frozenset({"build", "check", "clippy", "doc", "fetch", "fmt", "metadata", "package", "tree"})
_MAY_BE_ANY = re.compile(r">>\s*[\"']?\$|\btee\s[^|\n]*\$|\beval\b|\bxargs\b|-exec\b")
"""Text that goes to a file named in a variable, or is run: the file may be that of the outputs."""


@check(
    "step-output-is-written",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the output in a step before, under the id and name that is read", minutes=5),
)
def step_output_is_written(
    workflows: Workflows, scripts: Scripts, programs: OutputPrograms
) -> Iterator[Answer]:
    """Every `steps.x.outputs.y` is written by a step before: a name that nobody writes is just empty."""
    for workflow in workflows:
        # The heaviest place comes first: it decides.
        found = sorted(_written(workflows, workflow, scripts, programs), key=_is_mild)
        yield from of_one_cause(_of_one_step(merged(found)))


def _is_mild(answer: Answer) -> bool:
    return answer.weight is Weight.NOTE


_LACKS = re.compile(r"^(?P<step>the step '[^']*') writes no output (?P<name>'[^']*') (?P<there>\(.*\))$")


def _of_one_step(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Put together the names that one step does not write: what it is meant to write is one question."""
    alike: dict[tuple[str, str, str], list[Answer]] = {}
    for answer in answers:
        found = _LACKS.match(answer.message)
        if found is None:
            yield answer
        else:
            file_and_job = answer.subject.partition(": steps.")[0]
            alike.setdefault((file_and_job, found["step"], found["there"]), []).append(answer)
    for (_, step, there), lacking in alike.items():
        names = [found["name"] for one in lacking if (found := _LACKS.match(one.message))]
        told = f"{step} writes no output {listed(names)} {there}"
        yield replace(as_one(min(lacking, key=_is_mild), lacking), message=told)


def _written(
    workflows: Workflows, workflow: Workflow, scripts: Scripts, programs: OutputPrograms
) -> Iterator[Answer]:
    for read in workflow.reads:
        job = workflow.jobs.get(read.use.job or "")
        id_, name = _of_steps(read)
        if job is None or id_ is None or not job.steps or is_handed_to_nobody(workflow, read.use):
            continue
        step = job.step(id_)
        if step is not None and not _is_known(read, _OF_STEPS):
            told = f"a step has {_listed(_OF_STEPS)}, but no {read.path[1]!r}"
            subject = f"{workflow.file}: {job.id}: steps.{id_}.{read.path[1]}"
            yield broken(subject, told, workflow.source.at(read))
            continue
        if step is None or name is None or read.use.step == step.index:
            continue  # ids that are not there, or only later, are for ``expression-name-exists``
        subject = f"{workflow.file}: {job.id}: steps.{id_}.outputs.{name}"
        declared = _outputs(workflows, workflow, job, step, scripts)
        script = scripts.of(workflow.path, job, step)
        slip = _slip(name, script, programs, scripts) if declared is None else None
        if slip is not None:
            path, meant = slip
            told = f"{path} writes the outputs of {id_!r} and has no {name!r}; did you mean {meant!r}?"
            place = workflow.source.at(read)
            edits = corrected(name, meant, place, after=("outputs.",))
            yield broken(subject, told, place, workflow.source.at(step), edits=edits)
        elif declared is None or name.lower() in map(str.lower, declared):
            yield holds(subject, "is written")
        else:
            there = ", ".join(sorted(declared)) or "none"
            told = f"the step {id_!r} writes no output {name!r} (it writes: {there})"
            place = workflow.source.at(read)
            edits = respelled(name, declared, place, after=("outputs.",))
            weight = Weight.NOTE if read.use.is_for_show else None
            yield broken(subject, told, place, workflow.source.at(step), edits=edits, weight=weight)


def _is_known(read: Read, known: tuple[str, ...]) -> bool:
    """Tell whether what is read of a step or job is something that GitHub keeps of it, or is computed."""
    part = read.path[1] if len(read.path) > 1 else None
    return part is None or part.lower() in known


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}"


def _of_steps(read: Read) -> tuple[str | None, str | None]:
    """Return the step's id and the output's name that are read, None for each that is not certain."""
    if read.context != "steps" or read.name is None:
        return None, None
    certain = len(read.path) == _PATH_LENGTH and read.path[1] == "outputs"
    return read.name, read.path[2] if certain else None


def _outputs(
    workflows: Workflows, workflow: Workflow, job: Job, step: Step, scripts: Scripts
) -> frozenset[str] | None:
    """Return the names that a step writes, None when nobody can tell."""
    if step.action is not None:
        action = None if step.action.local is None else workflows.action(step.action.local)
        return None if action is None or not _is_composite(action) else _names(action.root.map("outputs"))
    script = scripts.of(workflow.path, job, step)
    if script is None or "set-output" in script.text:
        return None
    if _OUTPUT not in script.text:
        return frozenset() if _is_silent(script, scripts) else None
    found, certain = script.written(_OUTPUT)
    alone = all(_writes_nothing_else(command) for command in script.commands)
    return _names(one.name for one in found) if certain and alone else None


def _writes_nothing_else(command: Command) -> bool:
    if command.program == "cargo":
        call = cargo_command(command)
        return call is not None and call.subcommand in _ONLY_COMPILES
    return command.program in _WRITES_NOTHING_ELSE or not command.words


def _is_silent(script: Script, scripts: Scripts, *, calls: bool = True) -> bool:
    """Tell whether a script that names no outputs writes none, and neither does what it calls."""
    if not script.understood or _MAY_BE_ANY.search(script.text):
        return False
    for command in script.commands:
        file = scripts.file(started_file(command) or "") if calls else None
        if file is not None and _OUTPUT not in file.text and "set-output" not in file.text:
            if not _is_silent(file, scripts, calls=False):
                return False
        elif not _writes_nothing_else(command):
            return False
    return True


def _slip(
    name: str, script: Script | None, programs: OutputPrograms, scripts: Scripts
) -> tuple[str, str] | None:
    """Return the program of a step and the word of it that is a slip away; None when another may write it."""
    if script is None or _OUTPUT in script.text:
        return None
    commands = [one for one in script.commands if one.program not in _WRITES_NOTHING_ELSE]
    run = [program_path(one) or started_file(one) for one in commands]
    if len(run) != 1 or run[0] is None:
        return None
    file = scripts.file(run[0])
    if file is not None and _OUTPUT in file.text:
        found, certain = file.written(_OUTPUT)
        own = frozenset(one.name for one in found)
        meant = fumbled(name, own) if certain and name not in own else None
        return None if meant is None else (run[0], meant)
    if run[0] not in programs.words:
        return None
    # The same letters in another order, where the program writes the one and nobody the other.
    written = programs.written.get(run[0], frozenset())
    meant = fumbled(name, written)
    if meant is not None:
        return run[0], meant
    words = programs.words[run[0]]
    near = difflib.get_close_matches(name, words - {name}, n=1, cutoff=0.8)
    lower = {word.lower() for word in words}
    return (run[0], near[0]) if near and name.lower() not in lower else None


def _is_composite(action: CompositeAction) -> bool:
    return action.using == "composite"


def _names(found: Iterable[str]) -> frozenset[str]:
    return frozenset(str(name).strip() for name in found)


@check(
    "job-output-is-declared",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Declare the output below `outputs:` of the job that is needed", minutes=5),
)
def job_output_is_declared(workflows: Workflows) -> Iterator[Answer]:
    """Every `needs.x.outputs.y` is an output that the job declares: any other name is just empty."""
    for workflow in workflows:
        yield from merged(_declared(workflows, workflow))


def _declared(workflows: Workflows, workflow: Workflow) -> Iterator[Answer]:
    jobs = {id_.lower(): job for id_, job in workflow.jobs.items()}
    lacking: dict[str, dict[str, list[Evidence]]] = {}
    for read in workflow.reads:
        job = jobs.get((read.name or "").lower()) if read.context == "needs" else None
        name = read.path[2] if len(read.path) >= _PATH_LENGTH and read.path[1] == "outputs" else None
        if job is not None and not _is_known(read, _OF_NEEDS):
            told = f"a needed job has {_listed(_OF_NEEDS)}, but no {read.path[1]!r}"
            yield broken(f"{workflow.file}: needs.{job.id}.{read.path[1]}", told, workflow.source.at(read))
            continue
        names = None if job is None else _outputs_of(workflows, job)
        if job is None or name is None or names is None:
            continue
        if name.lower() in map(str.lower, names):
            yield holds(f"{workflow.file}: needs.{job.id}.outputs.{name}", "is declared")
        else:
            lacking.setdefault(str(job.id), {}).setdefault(name, []).append(workflow.source.at(read))
    for id_, missing in lacking.items():
        job = workflow.jobs[id_]
        there = ", ".join(sorted(_outputs_of(workflows, job) or ())) or "none"
        told = f"the job {id_!r} declares no output {listed([*map(repr, missing)])} (it has: {there})"
        told += ": what reads it gets an empty text"
        subject = f"{workflow.file}: needs.{id_}.outputs.{next(iter(missing))}"
        places = [place for found in missing.values() for place in found]
        known = _outputs_of(workflows, job) or ()
        each = [respelled(name, known, *found, after=("outputs.",)) for name, found in missing.items()]
        edits = tuple(edit for one in each for edit in one) if all(each) else ()
        remedy = None if edits or job.action is None else _declare(str(job.action.local))
        where = dict.fromkeys([*places, workflow.source.at(job)])
        yield broken(subject, told, *where, edits=edits, remedy=remedy)


def _declare(file: str) -> Remedy:
    """Return the remedy of a job with ``uses:``, which may have no ``outputs:`` of its own."""
    summary = f"Declare the output below `on.workflow_call.outputs` of {file}, or read one that is there"
    return Remedy(summary=summary, minutes=5)


def _outputs_of(workflows: Workflows, job: Job) -> frozenset[str] | None:
    """Return the names that a job hands on; None for a workflow of others."""
    if job.action is None:
        return _names(job.outputs)
    called = None if job.action.local is None else workflows.at(job.action.local)
    call = None if called is None else called.event("workflow_call")
    return None if call is None else _names(call.map("outputs"))


@check(
    "output-is-read",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Use the output where a decision depends on it, or delete it", minutes=10),
)
def output_is_read(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every output that a job declares or a step writes is read; an unread one decides nothing."""
    for workflow in workflows:
        if not is_generated(workflow.source.text):
            yield from merged(_job_outputs(workflow))
            yield from of_one_cause(merged(_step_outputs(workflow, scripts)))  # also a step copied to jobs


def _job_outputs(workflow: Workflow) -> Iterator[Answer]:
    for job in workflow.jobs.values():
        unread = unread_outputs(workflow, job)
        subject = f"{workflow.file}: {job.id}.outputs"
        if unread:
            told = f"no job reads {_outputs_named(unread)} of the job {job.id!r}"
            places = [workflow.source.at(job.outputs.line_of(name)) for name in unread]
            yield broken(subject, told, *places[:MOST_PLACES])
        elif job.outputs:
            yield holds(subject, "are read")


def _step_outputs(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    # A step that an alias puts into many jobs is one text: what one of them reads is read.
    copies: dict[int, list[tuple[Job, Step]]] = {}
    for job, step in workflow.steps():
        if step.id is not None and step.run is not None and _OUTPUT in step.run:
            copies.setdefault(step.run.line, []).append((job, step))
    for shared in copies.values():
        job, step = shared[0]
        script = scripts.of(workflow.path, job, step)
        if script is None:
            continue
        own = [str(job.id) for job, _ in shared]
        reads = [read for read in workflow.reads if read.context == "steps" and read.use.job in own]
        found, certain = script.written(_OUTPUT)
        written = [one for one in found if one.name]
        known = {one.name.lower() for one in written}
        id_ = str(step.id)
        names = (
            name for read_id, name in map(_of_steps, reads) if read_id and read_id.lower() == id_.lower()
        )
        if certain and any(name is not None and name.lower() not in known for name in names):
            continue  # what is read by another name is for ``step-output-is-written``
        unread = [one for one in written if not any(may_read(it, id_, one.name) for it in reads)]
        subject = f"{workflow.file}: {job.id}: steps.{id_}.outputs"
        if unread:
            told = f"no step reads {_outputs_named([one.name for one in unread])} of the step {id_!r}"
            yield broken(subject, told, *(workflow.source.at(one) for one in unread[:MOST_PLACES]))
        elif written:
            yield holds(subject, "are read")


def _outputs_named(names: Iterable[str]) -> str:
    shown = list(dict.fromkeys(map(repr, names)))
    return f"the output{'s' if len(shown) > 1 else ''} {listed(shown)}"
