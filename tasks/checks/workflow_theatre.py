"""Whether steps that say they verify, deploy or test can fail, and do anything at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.called import started_file
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_CLAIMS = re.compile(
    r"\b(?:verif(?:y|ies|ication)|validat(?:e|ion)|health(?:[ -]?checks?|y)?|smoke|deploy(?:ment)?|"
    r"roll[ -]?(?:out|back)|trigger|promote|publish|provision|wait for)\b",
    re.IGNORECASE,
)
_WAITS = re.compile(r"^wait\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:all|every|success(?:ful)?|pass(?:ed|es)?|gate|required|checks|ci)\b", re.IGNORECASE)
_TELLS = re.compile(
    r"^(?:log|report|print|show|notify|announce|echo|display|summar|note|comment|send|record|output|"
    r"set|get|determine|compute|skip|todo|debug|post[- ]|begin|start(?:ed|ing)? |end|finish|done)",
    re.IGNORECASE,
)
_ONLY_TALKS = frozenset(
    {
        "echo",
        "printf",
        "sleep",
        "date",
        "true",
        ":",
        "set",
        "seq",
        "shift",
        "wait",
        "exit",
        "break",
        "continue",
    }
)
_NOWHERE = ("&1", "&2", "1", "2", "/dev/null", "/dev/stderr", "/dev/stdout")
_PREPARES = (
    "actions/checkout",
    "actions/cache",
    "actions/setup-",
    "aws-actions/configure-aws-credentials",
    "hashicorp/setup-terraform",
    "swatinem/rust-cache",
    "dtolnay/rust-toolchain",
    "actions-rust-lang/",
)
_REAL = Remedy(
    summary="Ask the service itself, for instance with `curl --fail`, and let the step fail with it",
    minutes=30,
)
_DO = Remedy(summary="Let the step do what its name says, and fail with it, or delete it", minutes=30)
_COMPARE = Remedy(summary="Compare the value with what it should be, and `exit 1` when it is not", minutes=10)
_ASKS = re.compile(r"verif|health|smoke|wait", re.IGNORECASE)
_OF_VALUES = re.compile(
    r"\b(?:validat\w*|verif\w*)\b.*\b(?:versions?|variables?|env\w*|inputs?|tags?|names?|parameters?|config\w*)\b",
    re.IGNORECASE,
)


@check("verification-verifies", phase=Phase.DEPLOYMENT, weight=Weight.WARNING, remedy=_REAL)
def verification_verifies(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every job and step that says it verifies, checks health or deploys does more than print and sleep."""
    yield from of_one_cause(
        answer
        for workflow in workflows
        for job in workflow.jobs.values()
        for answer in merged(_claims(workflow, job, scripts))
    )


def _claims(workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[Answer]:
    words = f"{job.id.replace('-', ' ').replace('_', ' ')} {job.name or ''}"
    empty = [step for step in job.steps if _talks(scripts.of(workflow.path, job, step), scripts)]
    others = [step for step in job.steps if step not in empty and not _prepares(step)]
    noted = [step for step in others if _only_notes(scripts.of(workflow.path, job, step), scripts)]
    if _ASSURES.search(words) and len(noted) == len(others) and not _SUMS_UP.search(words):
        empty, others = [*empty, *noted], []
    if _CLAIMS.search(words) and empty and not others:
        if _gathers(words, job, empty) or _announces(words, job, empty):
            return
        told = f"the job {job.id!r} only prints and sleeps: it is green whatever is deployed"
        places = [workflow.source.at(step.run and step.run.first_line) for step in empty]
        yield broken(f"{workflow.file}: {job.id}", told, *places)
        return
    for step in job.steps:
        label = str(step.name or "")
        if not _CLAIMS.search(label) or _TELLS.match(label):
            continue
        subject = f"{workflow.file}: {job.id}: {label}"
        follows = any(one.index > step.index for one in others) or _is_needed(workflow, job)
        if step in empty and _WAITS.match(label) and follows:
            yield holds(subject, "what comes after it tells")
        elif step in empty:
            place = workflow.source.at(step.run and step.run.first_line)
            if _OF_VALUES.search(label):
                told = f"steps called {label!r} only print: nothing is compared"
                yield broken(subject, told, place, remedy=_COMPARE, weight=Weight.NOTE)
                continue
            told = f"the step {label!r} only prints and sleeps: it is green whatever happened"
            yield broken(subject, told, place, remedy=None if _ASKS.search(label) else _DO)
        else:
            yield holds(subject, "does something")


def _is_needed(workflow: Workflow, job: Job) -> bool:
    return any(str(job.id) in map(str, one.needs) for one in workflow.jobs.values())


def _gathers(words: str, job: Job, empty: list[Step]) -> bool:
    """Tell whether a job only stands for all that it needs: it runs when they succeeded, and is asked for."""
    sleeps = any("sleep" in str(step.run) for step in empty)
    return bool(job.root.get("needs")) and not sleeps and _ALL.search(words) is not None


def _announces(words: str, job: Job, empty: list[Step]) -> bool:
    """Tell whether a job is called what tells of the jobs before it: that is printed, and does no more."""
    sleeps = any("sleep" in str(step.run) for step in empty)
    return bool(job.root.get("needs")) and not sleeps and _ANNOUNCES.search(words) is not None


def _prepares(step: Step) -> bool:
    return step.action is not None and (
        step.action.name.startswith(_PREPARES) or "upload-artifact" in step.action.name
    )


def _talks(script: Script | None, scripts: Scripts) -> bool:
    """Tell whether a script only prints and sleeps, without handing anything on or ending with a failure."""
    if script is None or script.never or any(name in script.text for name in _HANDS_ON):
        return False
    if script.shell == "python":
        return all(_PYTHON_TALKS.fullmatch(line) for line in script.text.splitlines())
    if not script.understood or not script.commands:
        return False
    return all(_only_talks(command) or _starts_talk(command, scripts) for command in script.commands)


_SUMMARY = "GITHUB_STEP_SUMMARY"
_HANDS_ON = ("GITHUB_OUTPUT", "GITHUB_ENV", _SUMMARY, "::set-")
_ASSURES = re.compile(r"\b(?:verif\w+|validat\w+|health\w*|smoke|deploy(?:ment)?)\b", re.IGNORECASE)
_SUMS_UP = re.compile(
    r"\b(?:summar\w*|reports?|notif\w*|announc\w*|comments?|docs|documentation)\b", re.IGNORECASE
)
_ANNOUNCES = re.compile(r"\b(?:announc\w*|notif\w*|summar\w*|reports?)\b", re.IGNORECASE)
_PYTHON_TALKS = re.compile(
    r"\s*(?:#.*|import (?:time|datetime)|from time import sleep|(?:time\.)?sleep\([\d.]+\)"
    r"|print\((?:\"[^\"]*\"|'[^']*')?\))?\s*"
)


def _only_notes(script: Script | None, scripts: Scripts) -> bool:
    """Tell whether a script prints and sleeps, and writes fixed sentences into the summary of its run."""
    if script is None or script.never or not script.understood or _SUMMARY not in script.text:
        return False
    if any(name in script.text for name in _HANDS_ON if name != _SUMMARY) or "${{" in script.text:
        return False
    return all(
        _only_talks(command, f"${_SUMMARY}", f"${{{_SUMMARY}}}")
        or _copies(command)
        or _starts_talk(command, scripts)
        for command in script.commands
    )


def _copies(command: Command) -> bool:
    """Tell whether ``tee`` copies what is printed into the summary."""
    files = [word.text.strip('"') for word in command.arguments if not word.text.startswith("-")]
    return command.program == "tee" and files in ([f"${_SUMMARY}"], [f"${{{_SUMMARY}}}"])


def _starts_talk(command: Command, scripts: Scripts) -> bool:
    """Tell whether a command starts a script of the repository that only prints and sleeps."""
    own = started_file(command)
    script = scripts.file(own) if own is not None else None
    if script is None or not script.understood or not script.commands:
        return False
    return not any(name in script.text for name in _HANDS_ON) and all(map(_only_talks, script.commands))


def _only_talks(command: Command, *also: str) -> bool:
    """Tell whether a command prints, to a terminal or to what is named too, or sleeps."""
    where = (*_NOWHERE, *also)
    if any(
        one.writes and (one.target is None or one.target.text.strip('"') not in where)
        for one in command.redirects
    ):
        return False
    if command.program == "exit":
        return command.literals in ((), ("0",))
    return command.program in _ONLY_TALKS
