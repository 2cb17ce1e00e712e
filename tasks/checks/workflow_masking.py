"""Whether a step that fails is seen to fail."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import uploads
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_VERIFIES = {
    "cargo": frozenset({"test", "nextest", "clippy", "audit", "deny", "fmt", "check"}),
    "cross": frozenset({"test", "clippy", "check"}),
    "terraform": frozenset({"validate", "plan", "apply"}),
}
_SUMS = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum"})
_MAY_BE_MISSING = frozenset(
    {"echo", "printf", "ls", "cat", "date", "grep", "awk", "sed", "head", "tail", "find", "cp"}
)
_BUILDS = frozenset({"build", "rustc", "doc", "deb", "dist", "package"})


@check(
    "verification-can-fail",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Drop `|| true` and continue-on-error; write `shell: bash` where there are pipes",
        minutes=10,
    ),
)
def verification_can_fail(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every step that tests, lints, audits or applies turns red when that fails."""
    for workflow in workflows:
        yield from merged(_verifications(workflow, scripts))


def _verifications(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or "PIPESTATUS" in script.text:
            continue
        for command in script.commands:
            name = _verifies(command)
            if name is None or command.substituted or any(one.writes for one in command.redirects):
                continue  # what goes to a file is a report; ``producer-can-fail`` looks at those
            subject = f"{workflow.file}: {job.id}: {step.label}"
            why = _lost(command, script) or _tolerated(workflow, job, step)
            if why is not None:
                yield broken(subject, f"nobody sees `{name}` fail: {why}", workflow.source.at(command))
            elif job.root.get("continue-on-error") is True:
                told = f"the run stays green when `{name}` fails: the job has continue-on-error: true"
                yield broken(subject, told, workflow.source.at(command), weight=Weight.NOTE)
            else:
                yield holds(subject, "can fail")


def _verifies(command: Command) -> str | None:
    if command.program in _SUMS and command.has("--check", "-c"):
        return f"{command.program} --check"
    known = _VERIFIES.get(command.program or "")
    call = cargo_command(command)
    first = call.subcommand if call is not None else next((one for one in command.literals if one), "")
    return f"{command.program} {first}" if known is not None and first in known else None


def _lost(command: Command, script: Script) -> str | None:
    """Return how a script loses the failure of a command; None when it does not, or asks for it."""
    if command.masked and not re.search(r"\bexit +[\"']?\$", script.text):
        return "the script goes on whatever it answers"
    if command.piped_into and not command.pipefail and command.errexit and not command.tested:
        later = [one.line for one in script.commands if one.line > command.line]
        return (
            None
            if _asks_for_status(script) and later
            else "a pipe without pipefail has its last program's result"
        )
    return None


def _asks_for_status(script: Script) -> bool:
    return "$?" in script.text or "pipefail" in script.text


def _tolerated(workflow: Workflow, job: Job, step: Step) -> str | None:
    """Return how a failed step is ignored; None when it is not, or a later step asks for its outcome."""
    if not step.may_fail:
        return None
    id_ = "" if step.id is None else step.id.lower()
    asked = (
        read.context == "steps" and read.use.job == job.id and (read.name or id_).lower() == id_
        for read in workflow.reads
    )
    return None if id_ and any(asked) else "the step has continue-on-error: true"


@check(
    "producer-can-fail",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Let the step fail when it could not make what is uploaded", minutes=10),
)
def producer_can_fail(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every command that makes what a job uploads ends the job when it fails."""
    for workflow in workflows:
        yield from merged(_producers(workflow, scripts))


def _producers(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for upload in uploads(workflow):
        paths = [posixpath.normpath(str(path)) for path in upload.paths]
        for step in upload.job.steps[: upload.step.index]:
            script = scripts.of(workflow.path, upload.job, step)
            # A step that also runs after a failure collects what there is.
            if (
                script is None
                or script.never
                or "always()" in str(step.condition)
                or "failure()" in str(step.condition)
            ):
                continue
            for command in script.commands:
                path = next((one for one in paths if _makes(command, one, scripts)), None)
                if path is None or command.substituted:
                    continue
                subject = f"{workflow.file}: {upload.job.id}: {path}"
                why = _lost(command, script) or _tolerated(workflow, upload.job, step)
                if why is None:
                    yield holds(subject, "its making can fail")
                else:
                    told = f"when {path} cannot be made nobody sees it: {why}"
                    yield broken(subject, told, workflow.source.at(command), workflow.source.at(upload))


def _makes(command: Command, path: str, scripts: Scripts) -> bool:
    """Tell whether a command writes a path that is uploaded: itself, as cargo's product, or by a script."""
    if command.program in _MAY_BE_MISSING:
        return False  # one line more or less of a report
    for one in command.redirects:
        written = None if one.target is None or not one.writes else one.target.literal
        if written is not None and posixpath.normpath(written) == path:
            return True
    call = cargo_command(command)
    if call is not None and call.subcommand in _BUILDS and path.startswith("target/"):
        return True
    first = command.run[0].literal if command.run else None
    own = None if first is None or "/" not in first else command.path(first)
    script = scripts.file(own) if own else None
    if script is not None and _writes_below(script, path):
        return True
    return command.program == "tee" and path in {posixpath.normpath(one) for one in command.literals if one}


def _writes_below(script: Script, directory: str) -> bool:
    """Tell whether a script of the repository redirects into a directory."""
    targets = (one.target for command in script.commands for one in command.redirects if one.writes)
    return any(one is not None and one.beginning.startswith(f"{directory}/") for one in targets)
