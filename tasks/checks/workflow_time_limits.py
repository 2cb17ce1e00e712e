"""Whether the time limits of jobs leave the time that a run may take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.run_metrics import kind_of
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.settings import Settings
from tasks.domain.workflow import Job, Workflow, Workflows

_TIME = re.compile(r"(?P<many>\d+(?:\.\d+)?)(?P<unit>[smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_WAITS = ("sleep ", "timeout ")
_LOOP = re.compile(
    r"\bfor \w+ in (?:\$\(seq (?:1 )?(?P<seq>\d+)\)|\{1\.\.(?P<last>\d+)\})\s*(?:;\s*|\n\s*)do\b"
    r"(?P<body>(?:(?!\b(?:done|for|while|until)\b)[\s\S])*)\bdone\b"
)
_TURN = re.compile(
    r"(?:^|[;\n])\s*(?P<opens>if|case)\b|\b(?P<ends>fi|esac)\b|"
    r"(?:^|[;\n])\s*sleep (?P<time>\S+?)[ \t]*(?=[;\n]|$)"
)


@check(
    "timeout-is-positive",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the minutes that the job may take, or take the line out", minutes=2),
)
def timeout_is_positive(workflows: Workflows) -> Iterator[Answer]:
    """Every `timeout-minutes:` is more than nothing: GitHub's documents ask for a positive number."""
    for workflow in workflows:
        roots = [(str(job.id), job.root) for job in workflow.jobs.values()]
        roots += [(f"{job.id}: {step.label}", step.root) for job, step in workflow.steps()]
        for subject, root in roots:
            given = root.get("timeout-minutes")
            if isinstance(given, bool) or not isinstance(given, (int, float)):
                continue
            if given > 0:
                yield holds(f"{workflow.file}: {subject}", "is positive")
            else:
                told = f"timeout-minutes is {given}: it has to be a positive number"
                yield broken(
                    f"{workflow.file}: {subject}", told, workflow.source.at(root.line_of("timeout-minutes"))
                )


@check("timeout-fits-target", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def timeout_fits_target(workflows: Workflows, settings: Settings) -> Iterator[Answer]:
    """No job ends before the minutes that activation.toml takes for normal of its workflow."""
    for workflow in workflows:
        kind = kind_of(workflow.path)
        origin = settings.origins.get(f"thresholds.{kind}")
        target = settings.thresholds.get(kind or "")
        if kind is None or target is None or origin is None or origin.source != "file":
            continue  # nobody said what is normal
        for job in workflow.jobs.values():
            given = job.root.get("timeout-minutes")
            if isinstance(given, bool) or not isinstance(given, (int, float)) or given <= 0 or not job.steps:
                continue
            subject = f"{workflow.file}: {job.id}"
            # Of several jobs, the others may well be done sooner.
            of_it = len(workflow.jobs) == 1 or kind.partition("_")[0] in str(job.id).lower()
            if given >= target.target or not of_it:
                yield holds(subject, "leaves the time")
                continue
            told = (
                f"the job {str(job.id)!r} is ended after {given:g} min; {origin.file or 'activation.toml'}"
                f" has {target.target:g} for the target of {kind}, and {target.alert:g} for its alert"
            )
            remedy = Remedy(summary=f"Allow the job more than {target.alert:g} minutes", minutes=2)
            place = workflow.source.at(job.root.line_of("timeout-minutes"))
            yield broken(subject, told, place, remedy=remedy)


@check(
    "waits-fit-timeout",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Allow the job more minutes, or wait less", minutes=5),
)
def waits_fit_timeout(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No job is ended by its `timeout-minutes:` before what it certainly waits for is over."""
    for workflow in workflows:
        text = workflow.source.text
        if "timeout-minutes" not in text or not any(one in text for one in _WAITS):
            continue
        for job in workflow.jobs.values():
            given = job.root.get("timeout-minutes")
            if isinstance(given, bool) or not isinstance(given, (int, float)) or given <= 0:
                continue
            yield from merged(_waits(workflow, job, given, scripts))


def _waits(workflow: Workflow, job: Job, minutes: float, scripts: Scripts) -> Iterator[Answer]:
    subject = f"{workflow.file}: {job.id}"
    ends = f"timeout-minutes ends the job {str(job.id)!r} after {minutes:g}"
    limit = workflow.source.at(job.root.line_of("timeout-minutes"))
    for step in job.steps:
        script = scripts.of(workflow.path, job, step) if "timeout-minutes" not in step.root else None
        if script is None or not any(one in script.text for one in _WAITS):
            continue
        for command in script.commands:
            slept = _slept(command) if step.condition is None else 0
            if slept > minutes * 60:
                told = f"sleeps for {slept / 60:g} min, and {ends}"
                yield broken(f"{subject}: sleep", told, script.source.at(command), limit)
            allowed = _allowed(command)
            if allowed > minutes * 60:
                told = (
                    f"allows a command {allowed / 60:g} min, and {ends}: the command's own limit is never met"
                )
                place = script.source.at(command)
                yield broken(f"{subject}: timeout", told, place, limit, weight=Weight.NOTE)
        for turns, slept in _loops(script):
            if turns * slept > minutes * 60:
                told = f"waits {turns} times {slept:g} s, and {ends}: it never gets to the last"
                place = script.source.at(_within(script, slept))
                yield broken(f"{subject}: loop", told, place, limit, weight=Weight.NOTE)


def _within(script: Script, slept: float) -> Command:
    """Return the `sleep` of a loop: the one of that many seconds, if one alone is all that a turn waits."""
    inside = [one for one in script.running("sleep") if one.loop]
    return next((one for one in inside if sum(map(_seconds, one.literals)) == slept), inside[0])


def _slept(command: Command) -> float:
    """Return the seconds of a `sleep` that nothing keeps from running."""
    depends = command.conditional or command.loop or command.function is not None
    beside = command.background or command.substituted or command.piped_into or command.masked
    if command.program != "sleep" or depends or beside or command.run != command.words:
        return 0
    return sum(_seconds(one) for one in command.literals)


def _allowed(command: Command) -> float:
    """Return the seconds behind a `timeout` without options."""
    words = [one.literal for one in command.words[:2]]
    return _seconds(words[1]) if len(words) > 1 and words[0] == "timeout" and not command.background else 0


def _loops(script: Script) -> Iterator[tuple[int, float]]:
    """Go through the loops of a known number of turns, with the seconds that each turn sleeps."""
    for found in _LOOP.finditer(script.text) if "for " in script.text else ():
        depth, slept = 0, 0.0
        for word in _TURN.finditer(found["body"]):
            depth += (word["opens"] is not None) - (word["ends"] is not None)
            slept += _seconds(word["time"]) if word["time"] is not None and depth == 0 else 0
        if any(one.loop for one in script.running("sleep")):
            yield int(found["seq"] or found["last"]), slept


def _seconds(written: str | None) -> float:
    """Return how long GNU's programs take a time for; nothing for what is none."""
    found = _TIME.fullmatch(written or "")
    return 0 if found is None else float(found["many"]) * _SECONDS[found["unit"]]
