"""Whether a step that fails is seen to fail."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import path_lines, uploads
from tasks.domain.called import started_file
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_VERIFIES = {
    "cargo": frozenset({"test", "nextest", "clippy", "audit", "deny", "fmt", "check", "publish"}),
    "cross": frozenset({"test", "clippy", "check"}),
    "terraform": frozenset({"validate", "plan", "apply"}),
}
_HEALTH = re.compile(r"://\S*/(?:health|healthz|ready|readyz|livez|status|ping)\b")
_CHECKING = re.compile(r"(?:^|[_-])(?:check|health|healthcheck|smoke|validate|verify)(?:[_-]|\.|$)")
_SUMS = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum"})
_MAY_BE_MISSING = frozenset(
    {"echo", "printf", "ls", "cat", "date", "grep", "awk", "sed", "head", "tail", "find", "cp"}
)
_BUILDS = frozenset({"build", "rustc", "doc", "deb", "dist", "package"})
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
        yield from merged(_verifications(workflow, scripts, tree))


def _verifications(workflow: Workflow, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for job, step in workflow.steps():
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or "PIPESTATUS" in script.text:
            continue
        for command in script.commands:
            name = _verifies(command) or _deploys(command, job, tree)
            if name is None or command.substituted or any(one.writes for one in command.redirects):
                continue  # what goes to a file is a report; ``producer-can-fail`` looks at those
            subject = f"{workflow.file}: {job.id}: {step.label}"
            why = _lost(command, script) or _tolerated(workflow, job, step)
            if why is not None:
                weight = Weight.NOTE if name == "cargo publish" else Weight.WARNING
                told = f"nobody sees `{name}` fail: {why}"
                remedy = _CUT if _is_cut(command, script) else None
                yield broken(subject, told, workflow.source.at(command), weight=weight, remedy=remedy)
            elif job.root.get("continue-on-error") is True:
                told = f"the run stays green when `{name}` fails: the job has continue-on-error: true"
                yield broken(subject, told, workflow.source.at(command), weight=Weight.NOTE)
            else:
                yield holds(subject, "can fail")


def _verifies(command: Command) -> str | None:
    if command.program in _SUMS and command.has("--check", "-c"):
        return f"{command.program} --check"
    if command.program in ("bash", "sh") and command.has("-n"):
        return f"{command.program} -n"
    if command.program == "curl" and any(_HEALTH.search(word.text) for word in command.arguments):
        return "curl --fail" if _fails_by_status(command) else None
    own = started_file(command)
    if own is not None and _CHECKING.search(posixpath.basename(own)):
        return own
    known = _VERIFIES.get(command.program or "")
    call = cargo_command(command)
    first = call.subcommand if call is not None else next((one for one in command.literals if one), "")
    return f"{command.program} {first}" if known is not None and first in known else None


def _fails_by_status(command: Command) -> bool:
    short = (word.text for word in command.arguments if re.fullmatch(r"-[A-Za-z]+", word.text))
    return command.has("--fail", "--fail-with-body") or any("f" in one for one in short)


def _deploys(command: Command, job: Job, tree: Tree) -> str | None:
    """Return the script of the repository that a command starts in a job with an environment."""
    own = started_file(command) if "environment" in job.root else None
    return own if own is not None and tree.file(own) is not None else None


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


def _is_cut(command: Command, script: Script) -> bool:
    """Tell whether ``head`` reads a command's output: it goes away while the command still writes."""
    cutting = {one.line for one in script.running("head") if one.piped_from}
    return command.piped_into and command.line in cutting


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
    for job, last, written, line in _handed_on(workflow, scripts):
        paths = [posixpath.normpath(path) for path in written]
        for step in job.steps[: last.index]:
            script = scripts.of(workflow.path, job, step)
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
                subject = f"{workflow.file}: {job.id}: {path}"
                why = _lost(command, script) or _tolerated(workflow, job, step)
                if why is None:
                    yield holds(subject, "its making can fail")
                else:
                    told = f"when {path} cannot be made nobody sees it: {why}"
                    yield broken(subject, told, workflow.source.at(command), workflow.source.at(line))


def _handed_on(workflow: Workflow, scripts: Scripts) -> Iterator[tuple[Job, Step, list[str], int]]:
    """Go through the steps that upload or take something: job, step, the paths and a line."""
    for upload in uploads(workflow):
        yield upload.job, upload.step, [str(path) for path in upload.paths], upload.line
    for job, step in workflow.steps():
        if step.action is not None and step.action.name == "softprops/action-gh-release":
            files = path_lines(step.inputs.text("files"))
            yield job, step, [str(path) for path in files], step.line
        script = scripts.of(workflow.path, job, step)
        for command in script.running("gh") if script is not None else ():
            if [word.text for word in command.arguments[:1]] == ["release"]:
                given = [word.text.strip("\"'") for word in command.arguments[2:]]
                yield job, step, [path for path in given if "/" in path and "$" not in path], command.line
        for command in script.commands if script is not None else ():
            own = started_file(command)
            file = scripts.file(own) if own else None
            # What a script takes from there cargo has to have left there.
            if file is not None and "target/" in file.text and "cargo" not in file.text:
                yield job, step, ["target/"], command.line


def _makes(command: Command, path: str, scripts: Scripts) -> bool:
    """Tell whether a command writes a path that is uploaded: itself, as cargo's product, or by a script."""
    if command.program in _MAY_BE_MISSING:
        return False  # one line more or less of a report
    for one in command.redirects:
        written = None if one.target is None or not one.writes else one.target.literal
        own = None if written is None else command.path(written) or posixpath.normpath(written)
        if own is not None and (own == path or fnmatch.fnmatchcase(own, path)):
            return True
    call = cargo_command(command)
    if call is not None and call.subcommand in _BUILDS and f"{path}/".startswith("target/"):
        return True
    own = started_file(command)
    script = scripts.file(own) if own else None
    if script is not None and _writes_below(script, path):
        return True
    return command.program == "tee" and path in {posixpath.normpath(one) for one in command.literals if one}


def _writes_below(script: Script, directory: str) -> bool:
    """Tell whether a script of the repository redirects into a directory, or makes it and packs into it."""
    top = directory.partition("/")[0]
    for command in script.commands:
        targets = [one.target for one in command.redirects if one.writes and one.target is not None]
        if any(one.beginning.startswith(f"{directory}/") for one in targets):
            return True
        if command.program == "mkdir" and any(
            word.beginning.partition("/")[0] == top and word.beginning for word in command.arguments
        ):
            return True
    return False
