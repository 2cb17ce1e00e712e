"""Whether steps that ask a service how it does, or to deploy, turn red at a bad answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lost_failure import lost, meant
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.verification import fails_by_status, verifies
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_ASKS_HEALTH = re.compile(
    r"\b(?:verif(?:y|ies|ication)|health(?:[ _-]?checks?|y)?|smoke(?:[ _-]?tests?)?|readiness|liveness|"
    r"(?:is|be) (?:up|ready|running|alive|live|healthy)|up and running|post[ _-]?deploy\w*)\b",
    re.IGNORECASE,
)
_DEPLOYS = re.compile(r"\b(?:(?:re)?deploy(?:s|ment)?|migrations?|migrate|roll[ _-]?out)\b", re.IGNORECASE)
_TELLS = re.compile(
    r"\b(?:logs?|debug|print|show|notif\w+|announce|dump|report|slack|discord|teams|telegram|comment|badge|"
    r"alert|invalidate|purge|register|download|fetch|install|get|set|status|summary|label|url|preview)\b",
    re.IGNORECASE,
)
_HEALTH = re.compile(r"/(?:health|healthz|healthcheck|health-check|readyz|livez)/?[\"']?$", re.IGNORECASE)
_SENDS = re.compile(r"(?:-X|--request)[= ]*[\"']?(?:POST|PUT|PATCH)\b|(?:^|\s)(?:-d|--data[\w-]*|--json)\b")
_HERE = re.compile(r"\blocalhost\b|\b127\.0\.0\.1\b|\b0\.0\.0\.0\b|\[::1\]")
_TALKS = frozenset({"echo", "printf", "sleep", "date", "true", ":", "seq", "break", "continue", "set"})
_SHOWS = frozenset({"tee", "cat", "head", "tail"})
_COMPARES = frozenset({"[", "[[", "test"})
_JUDGES = re.compile(
    r"\$\?|PIPESTATUS|\bexit[ \t]+[^0\s;]|\bfalse\b|\btrap\b|\breturn\b|\bERR\b|\$\{\w+:?\?|"
    r"\b(?:local|export|readonly|declare)\b"
)
_GIVEN = re.compile(r"^[\"']?\$\{?(?!\{)\w*(?:ARG|OPT|FLAG|CURL|PARAM)\w*", re.IGNORECASE)
_OPEN_END = re.compile(r"^[ \t]*(?:until|while)\b|[;&|][ \t]*(?:until|while)\b", re.MULTILINE)
_NOWHERE = ("/dev/null", "&1", "&2", "1", "2", "/dev/stderr", "/dev/stdout")
_ASK = Remedy(summary="Ask with `curl --fail`, which fails for an answer of 400 and above too", minutes=5)
_DROP = Remedy(summary="Take away what follows `||`, and ask with `curl --fail`", minutes=5)
_END = Remedy(summary="Let the step end with `exit 1` when no good answer came", minutes=10)
_UNREACHED = (
    "an answer like 401 or 500 leaves the step green: without `--fail` curl only fails when nobody answers"
)
_NEVER = "the step stays green whatever is answered, also when nobody answers"


@check(
    "health-answer-counts",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="workflow-theatre",
    remedy=_ASK,
)
def health_answer_counts(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every step that asks for a service's health, or for a deployment, fails at an answer like 500."""
    for workflow in workflows:
        if "curl" in workflow.source.text or "wget" in workflow.source.text:
            yield from of_one_cause(merged(_asking(workflow, scripts)))


def _asking(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if step.run is None or step.may_fail or not ("curl" in step.run or "wget" in step.run):
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or not script.understood:
            continue
        asking = [one for one in script.commands if one.program in ("curl", "wget")]
        subject = f"{workflow.file}: {job.id}: {step.label}"
        if not _is_asked_for(job, step, asking) or not _nothing_else(script):
            continue
        if any(verifies(one) is not None and lost(one, script) is not None for one in asking):
            continue  # ``verification-can-fail`` tells of it
        ways = [_way(one, script) for one in asking]
        if "fails" in ways:
            yield holds(subject, "can fail")
            continue
        near = all(any(_HERE.search(word.text) for word in one.arguments) for one in asking)
        weight = Weight.NOTE if near or meant(workflow, job, step) else None
        places = [workflow.source.at(one) for one in asking]
        dropped = all(one.masked for one in asking)
        never = (_NEVER, _DROP if dropped else _END)
        told, remedy = (_UNREACHED, _ASK) if "unreached" in ways else never
        yield broken(subject, told, *places, remedy=remedy, weight=weight)


def _is_asked_for(job: Job, step: Step, asking: Sequence[Command]) -> bool:
    """Tell whether a step says, by a name or the path, that it asks for health, or makes others deploy."""
    own = str(step.name) if step.name else f"{str(job.id).replace('_', '-')} {job.name or ''}"
    if not asking or _TELLS.search(own):
        return False
    lines = [" ".join(word.text for word in one.arguments) for one in asking]
    if _DEPLOYS.search(own) and any(_SENDS.search(one) for one in lines):
        return True
    paths = (word.text for one in asking for word in one.arguments)
    return _ASKS_HEALTH.search(own) is not None or any(_HEALTH.search(one) for one in paths)


def _nothing_else(script: Script) -> bool:
    """Tell whether a script only asks, prints and sleeps, and never ends by what came out."""
    if _JUDGES.search(script.text) or _OPEN_END.search(script.text):
        return False
    return all(_is_idle(one, script) for one in script.commands)


def _is_idle(command: Command, script: Script) -> bool:
    if command.function is not None or command.background:
        return False
    for one in command.redirects:
        if one.writes and (one.target is None or one.target.text.strip("\"'") not in _NOWHERE):
            return False
    if command.program in ("curl", "wget"):
        return _is_plain(command)
    if command.program in _COMPARES:
        return command.tested and _is_of_if(command, script)
    if command.program == "exit":
        return command.literals in ((), ("0",))
    if command.program in _SHOWS:
        return command.piped_from
    if command.program == "jq":
        words = [word.text for word in command.arguments]
        return command.piped_from and not any(
            re.match(r"-\w*e|--exit-status", one) or "error" in one or "halt" in one for one in words
        )
    return command.program in _TALKS or (not command.words and bool(command.assignments))


def _is_plain(command: Command) -> bool:
    """Tell whether all options are written out, and the answer goes to the log or nowhere."""
    if any(_GIVEN.match(word.text) or word.text in ("-K", "--config") for word in command.arguments):
        return False
    into = command.option("-o", "--output")
    if command.program == "curl" and command.has("-O", "--remote-name"):
        return False
    return into is None or command.program == "wget" or into.text.strip("\"'") == "/dev/null"


def _way(command: Command, script: Script) -> str:
    """Return what makes a question end its step: ``fails`` for an error, ``unreached``, or ``never``."""
    if command.fatal:
        return "fails" if command.program == "wget" or fails_by_status(command) else "unreached"
    if command.masked or (command.piped_into and not command.tested):
        return "never"
    return "never" if command.tested and _goes_on(command, script) else "fails"


_CONTINUED = re.compile(r"\\\n")
_IF = r"(?P<if>\b(?:el)?if[ \t]+)?(?P<not>![ \t]*)?"
_ASKED = re.compile(rf"^[^#\n]*?{_IF}(?:timeout[ \t]+\S+[ \t]+)?\b(?:curl|wget)\b[^\n;|&]*")
_TALK = r"(?:echo|printf|sleep|date|true|:)\b[^\n;|&]*"
_THEN = r"&&[ \t]*(?:\{[^{}]*\}|[^;\n&|{}]+)"
_OR_ELSE = re.compile(rf"{_THEN}\|\|[ \t]*{_TALK}(?:\n|;|$)")
_LOOPED = re.compile(rf"{_THEN}[ \t]*(?:[;\n]\s*(?:#[^\n]*\s*)?{_TALK})+[;\n]\s*done\b")
_LINES = 12


def _goes_on(command: Command, script: Script) -> bool:
    """Tell whether the script goes on, and ends well, after either answer to a question that it tests."""
    lines = script.source.lines[command.line - 1 : command.line + _LINES]
    behind = _CONTINUED.sub(" ", "\n".join(lines))
    asked = _ASKED.search(behind)
    if asked is None:
        return False
    if asked["if"] or _OR_ELSE.match(behind, asked.end()) or _LOOPED.match(behind, asked.end()):
        return True
    last = script.commands[-1]
    at_top = not (last.conditional or last.loop or last.tested or last.piped_from)
    return at_top and last.line > command.line and last.program in _TALKS and not asked["not"]


def _is_of_if(command: Command, script: Script) -> bool:
    return re.search(r"\b(?:el)?if\b", script.source.line(command.line) or "") is not None
