"""How a script or a step loses the failure of a command, and whether somebody says that it is meant."""

from __future__ import annotations

import re

from tasks.domain.located import Map
from tasks.domain.script import Command, Script
from tasks.domain.workflow import Job, Step, Workflow

NO_PIPEFAIL = "a pipe without pipefail has its last program's result"
_SAID = re.compile(
    r"\b(?:ignor\w+|allow\w* to fail|allow\w* failures?|may fail|can fail|don'?t fail|do not fail|not fail|"
    r"non-?(?:blocking|fatal)|advisory|optional|best[ -]effort|informational|expect\w* to fail|known to fail|"
    r"flaky|until|continue even|not block\w*)\b",
    re.IGNORECASE,
)
"""Words with which people say that a failure is let through on purpose."""

_ADVISES = re.compile(
    r"\b(?:advisory|informational|information only|optional(?! +(?:feat|dep|crate|comp))|"
    r"non-?(?:blocking|fatal)|best[ -]effort|"
    r"(?:may|can|allowed to) fail)\b",
    re.IGNORECASE,
)
"""What a step is called that was made to stop nobody."""

_REPORTS = re.compile(
    r"\b(?:non-?gating|not gating|report[- ]only|informational|(?:do not|don'?t|never|must not) fail)\b",
    re.IGNORECASE,
)
"""What people write beside a job or a step of which the only work is a report."""


def lost(command: Command, script: Script) -> str | None:
    """Return how a script loses the failure of a command; None when it does not, or asks for it."""
    if any(_ends(one) for one in script.commands if one.line > command.line):
        return None  # it looks for itself at what came out
    if command.masked and not re.search(r"\bexit +[\"']?\$", script.text):
        return "the script goes on whatever it answers"
    if command.piped_into and not command.pipefail and command.errexit and not command.tested:
        later = [one.line for one in script.commands if one.line > command.line]
        asked = "PIPESTATUS" in script.text or (_asks_for_status(script) and later)
        return None if asked else NO_PIPEFAIL
    if _only_warned(command, script):
        return "the script prints that it failed, and goes on"
    return _passed_over(command, script)


def _passed_over(command: Command, script: Script) -> str | None:
    """Return how a step has the result of a later command, because nothing ends it at a failure."""
    free = not (command.errexit or command.tested or command.masked or command.background)
    at_top = command.function is None and not (command.loop or command.conditional or command.piped_into)
    if script.step is None or not (free and at_top) or "pipefail" in script.text:
        return None
    if "$?" in script.text and not _only_says_status(script):
        return None
    later = [one for one in script.commands if one.line > command.line and one.program not in ("set", "exit")]
    if not later or any(one.tested or one.program in ("test", "[", "[[") for one in later):
        return None
    by = "set +e" if "set +e" in script.text else f"the shell {script.step.shell or script.shell!r}"
    return f"{by} goes on after a failure, and the step has the result of its last command"


_WARNED = re.compile(
    r"^[ \t]*if[ \t]+![ \t]+(?P<tried>[^\n;|&]+);[ \t]*then\s+"
    r"(?:(?:echo|printf)[ \t][^\n;]*(?:;\s*|\n\s*))+fi\b",
    re.MULTILINE,
)


def _only_warned(command: Command, script: Script) -> bool:
    """Tell whether all that follows the failure of ``if ! COMMAND`` is a line that is printed."""
    if not command.tested or not command.words:
        return False
    tried = (found["tried"].split() for found in _WARNED.finditer(script.text))
    return any(words[:1] == [command.words[0].text] for words in tried)


def _ends(command: Command) -> bool:
    """Tell whether a command ends its script with a failure."""
    status = command.literals[:1]
    return command.program == "false" or (command.program == "exit" and status not in ((), ("0",)))


_SHOWN = (
    "&1",
    "&2",
    "/dev/null",
    "/dev/stderr",
    "/dev/stdout",
    "$GITHUB_STEP_SUMMARY",
    "${GITHUB_STEP_SUMMARY}",
)


def _only_says_status(script: Script) -> bool:
    """Tell whether a script prints each ``$?``, or the variable that holds it, and no more."""
    kept = {
        one.name: one
        for command in script.commands
        for one in (() if command.words else command.assignments)
        if one.value is not None and one.value.text.strip("\"'") == "$?"
    }
    said = " ".join(
        word.text
        for command in script.running("echo", "printf")
        if not (command.substituted or command.piped_into)
        and all(to.target is not None and to.target.text.strip('"') in _SHOWN for to in command.redirects)
        for word in command.arguments
    )
    set_ = [one for command in script.commands for one in command.assignments if one.name in kept]
    if script.text.count("$?") != said.count("$?") + len(set_):
        return False
    for name in kept:
        mentions = re.compile(rf"\b{name}\b")
        set_of_it = sum(one.name == name for one in set_)
        if len(mentions.findall(script.text)) != len(mentions.findall(said)) + set_of_it:
            return False
    return True


def _asks_for_status(script: Script) -> bool:
    return "$?" in script.text or "pipefail" in script.text


def tolerated(workflow: Workflow, job: Job, step: Step) -> str | None:
    """Return how a failed step is ignored; None when it is not, or a later step asks for its outcome."""
    if not step.may_fail:
        return None
    id_ = "" if step.id is None else step.id.lower()
    asked = (
        read.context == "steps" and read.use.job == job.id and (read.name or id_).lower() == id_
        for read in workflow.reads
    )
    return None if id_ and any(asked) else "the step has continue-on-error: true"


def meant(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a name or a comment beside the step says that its failure is let through."""
    lines = workflow.source.text.splitlines()
    last = step.run.line + str(step.run).count("\n") if step.run is not None else step.line
    near = [line for line in lines[max(0, step.line - 4) : last + 1] if "#" in line]
    said = [line.partition("#")[2] for line in near]
    return any(_SAID.search(text) for text in (*said, str(step.name or ""), str(job.name or "")))


def advises(job: Job, step: Step) -> bool:
    """Tell whether a step or its job is called something that stops nobody: all who see the run read it."""
    return any(_ADVISES.search(str(name)) for name in (step.name, job.name) if name is not None)


def only_reports(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether the name of a step or its job, or a comment right above it, declares a mere report.

    A job's comments may stand above its id or any key of its own.
    """
    if any(_REPORTS.search(str(one.name or "")) for one in (job, step)):
        return True
    run = step.run.line if step.run is not None else step.line
    tops = {job.line, *(job.root.line_of(key) for key in job.root), step.line, run}
    return any(_REPORTS.search(_comment_above(workflow, line)) for line in tops)


def _comment_above(workflow: Workflow, line: int) -> str:
    """Return the text of the comment lines that end right above a line, as one."""
    found: list[str] = []
    while (text := (workflow.source.line(line - 1 - len(found)) or "").strip()).startswith("#"):
        found.append(text.lstrip("# "))
    return " ".join(reversed(found))


def explained(workflow: Workflow, root: Map) -> bool:
    """Tell whether a comment beside or above ``continue-on-error`` gives its reason."""
    number = root.line_of("continue-on-error")
    near = [workflow.source.line(number) or "", (workflow.source.line(number - 1) or "").lstrip()]
    return "#" in near[0] or near[1].startswith("#")
