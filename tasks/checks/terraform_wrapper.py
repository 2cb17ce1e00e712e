"""Whether what a step takes from terraform's output is what terraform wrote."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import major
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Step

_ACTION = "hashicorp/setup-terraform"
_EXACT_SINCE = 3
"""Its changelog of 3.0.0 (2023-10-30); before, the wrapper adds lines to the output (its issues 20, 85)."""
_READ = frozenset({"output", "show"})


@check(
    "terraform-output-exact",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Take hashicorp/setup-terraform@v3 or newer, or set `terraform_wrapper: false`", minutes=2
    ),
    subject="terraform-runs",
)
def terraform_output_exact(scripts: Scripts) -> Iterator[Answer]:
    """Every output of `terraform output` or `show` that a step keeps is without an old wrapper's lines."""
    yield from merged(_answers(scripts))


def _answers(scripts: Scripts) -> Iterator[Answer]:
    for script, command in scripts.commands("terraform"):
        taken = _taken(command) if script.job is not None and not script.never else None
        installed = _installed(script) if taken is not None else None
        if taken is None or installed is None:
            continue
        verb = _verb(command)
        subject = f"{script.path.rpartition('/')[2]}: terraform {verb} {taken[0]}"
        if not _wraps(installed):
            yield holds(subject, "is what terraform writes")
            continue
        action = installed.action
        told = f"{action.written if action else _ACTION} puts a line `[command]...` before the output"
        yield broken(
            subject,
            f"{told}, and it is {taken[1]}",
            script.source.at(command),
            script.source.at(installed.line),
        )


def _taken(command: Command) -> tuple[str, str] | None:
    """Return who takes the output, short and as a sentence's end; None when nobody needs it exact."""
    if _verb(command) not in _READ or command.piped_into:
        return None  # what it is piped into may leave that line out
    for one in command.redirects:
        if one.writes and one.descriptor in (None, "1") and one.target is not None:
            if one.target.text.strip("\"'").startswith(("/dev/", "$GITHUB_STEP_SUMMARY", "&")):
                return None
            return f"> {one.target.text}", f"kept in {one.target.text}"
    return ("in a variable", "taken as a value") if command.substituted else None


def _verb(command: Command) -> str | None:
    return next((one for one in command.literals if one is not None and not one.startswith("-")), None)


def _installed(script: Script) -> Step | None:
    """Return the step of the action that is the last before, and runs for sure."""
    found: Step | None = None
    for step in script.job.steps if script.job is not None else ():
        if script.step is None or step.index >= script.step.index:
            break
        if step.action is not None and step.action.name == _ACTION:
            sure = all(lane.condition(step.condition) is True for lane in script.lanes)
            found = step if sure else None
    return found


def _wraps(step: Step) -> bool:
    """Tell whether the action certainly puts its old wrapper before terraform."""
    version = major(step.action)
    wrapper = step.inputs.text("terraform_wrapper") or "true"
    return version is not None and version < _EXACT_SINCE and wrapper == "true"
