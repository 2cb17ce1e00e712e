"""Whether a step that fails is seen to fail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.called import started_file
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.let_go import LEFT_OF_AND, UNWAITED, let_go
from tasks.domain.lost_failure import advises, lost, meant, tolerated
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.tree import Tree
from tasks.domain.verification import verifies
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_KINDS = {"test": "tests", "nextest": "tests", "insta": "tests", "clippy": "lints"}
_PARTS = ("-p", "--package", "--manifest-path", "--lib", "--bin", "--test", "--doc", "--exclude", "--no-run")
_SHOWS = frozenset({"clippy-sarif", "sarif-fmt", "cargo-action-fmt", "reviewdog"})
_REPORTERS = {
    "dorny/test-reporter": "tests",
    "enricomi/publish-unit-test-result-action": "tests",
    "github/codeql-action/upload-sarif": "lints",
    "mikepenz/action-junit-report": "tests",
    "phoenix-actions/test-reporting": "tests",
}
_OF_RULES = {
    LEFT_OF_AND: Remedy(
        summary="Write each command on a line of its own: the script ends at the first that fails", minutes=5
    ),
    UNWAITED: Remedy(summary="Run them one after another, or wait for each one's number", minutes=10),
}
_SWITCHED_OFF = Remedy(summary="Drop `set +e`, or end with `exit` and the code of what failed", minutes=5)
_WITHOUT = Remedy(
    summary="Write `shell: bash`, which has -e, or end with `exit` and the code of what failed", minutes=5
)
_CUT = Remedy(
    summary="Drop `|| true`, continue-on-error and `head`, which with pipefail would end what it cuts off",
    minutes=10,
)


@check(
    "verification-can-fail",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Drop `|| true` and continue-on-error; write `shell: bash` where there are pipes",
        minutes=10,
    ),
)
def verification_can_fail(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every step that tests, lints, audits, applies or deploys turns red when that fails."""
    for workflow in workflows:
        # One line in many jobs is one decision.
        yield from of_one_cause(merged(_verifications(workflow, scripts, tree)))


def _verifications(workflow: Workflow, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or "PIPESTATUS" in script.text:
            continue
        for command in script.commands:
            name = verifies(command) or _deploys(command, job, step, tree)
            if name is None or command.substituted or any(one.writes for one in command.redirects):
                continue  # what goes to a file is a report; ``producer-can-fail`` looks at those
            if _prepares(name, command, script) or _run_again(workflow, scripts, job, step, command):
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            why = lost(command, script) or let_go(command, script) or tolerated(workflow, job, step)
            if advises(job, step):
                yield holds(subject, "is called something that stops nobody")
            elif why is not None:
                told_elsewhere = name == "cargo publish" or _reported(job, step, command, script)
                weight = Weight.NOTE if told_elsewhere or meant(workflow, job, step) else Weight.WARNING
                told = f"the job stays green when `{name}` fails: {why}"
                remedy = _CUT if _is_cut(command, script) else _OF_RULES.get(why)
                if "goes on after a failure" in why:
                    remedy = _SWITCHED_OFF if why.startswith("set +e") else _WITHOUT
                yield broken(subject, told, workflow.source.at(command), weight=weight, remedy=remedy)
            elif job.root.get("continue-on-error") is True:
                told = f"the run stays green when `{name}` fails: the job has continue-on-error: true"
                yield broken(subject, told, workflow.source.at(command), weight=Weight.NOTE)
            else:
                yield holds(subject, "can fail")


def _deploys(command: Command, job: Job, step: Step, tree: Tree) -> str | None:
    """Return the script of the repository that a command starts in a job with an environment."""
    own = started_file(command) if "environment" in job.root else None
    collects = re.search(r"always|failure|cancelled", str(step.condition)) is not None
    return own if own is not None and tree.file(own) is not None and not collects else None


def _prepares(name: str, command: Command, script: Script) -> bool:
    """Tell whether a command is called for what it leaves behind, or is one of many in a loop."""
    if command.has("--fix"):
        return True
    if name == "cargo check":
        edits = (one for one in script.running("sed", "perl", "cargo") if one.line < command.line)
        words = (word.text for one in edits for word in one.words)
        return any("Cargo.toml" in text or text == "set-version" for text in words)
    return command.loop and started_file(command) is not None


def _run_again(workflow: Workflow, scripts: Scripts, job: Job, step: Step, command: Command) -> bool:
    """Tell whether the job tests the whole workspace once more, where a failure ends it."""
    kind = _kind(command)
    for one in job.steps[step.index :] if kind is not None else ():
        script = scripts.of(workflow.path, job, one)
        for later in script.commands if script is not None and not one.may_fail else ():
            after = one.index > step.index or later.line > command.line
            after = after and later.cwd in (command.cwd, "")
            if after and later.fatal and _kind(later) == kind and not later.has(*_PARTS):
                return True
    return False


def _kind(command: Command) -> str | None:
    call = cargo_command(command)
    return None if call is None else _KINDS.get(call.subcommand or "")


def _reported(job: Job, step: Step, command: Command, script: Script) -> bool:
    """Tell whether a formatter of annotations or an action that shows test results tells of the failure."""
    at = script.commands.index(command)
    for one in script.commands[at + 1 :]:
        if not one.piped_from:
            break
        if one.program in _SHOWS:
            return True
    shown = {_REPORTERS.get(one.action.name.lower()) for one in job.steps[step.index :] if one.action}
    return _kind(command) in shown - {None}


def _is_cut(command: Command, script: Script) -> bool:
    """Tell whether ``head`` reads a command's output: it goes away while the command still writes."""
    cutting = {one.line for one in script.running("head") if one.piped_from}
    return command.piped_into and command.line in cutting
