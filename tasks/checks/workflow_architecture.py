"""Whether what a job builds for its own machine is called by that machine's architecture."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.artifact import path_lines
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import step_lanes
from tasks.domain.lane import Lane, lanes
from tasks.domain.phase import Phase
from tasks.domain.runner_label import architecture
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.written_file import written_by

_ARM, _INTEL = "aarch64", "x86_64"
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<aarch64>aarch64|arm64)|(?P<x86_64>x86[_-]64|amd64|x64))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_CHOOSES = re.compile(
    r"--target\b|CARGO_BUILD_TARGET|\bcross\b|\blipo\b|universal|\barch -|--arch\b|zigbuild|xwin|docker"
    r"|buildx|qemu|podman|GOARCH|default-host|RUSTUP_TOOLCHAIN|rosetta|download-artifact"
    r"|gh (?:run|release) download"
    r"|\btoolchain:.*(?:x86_64|aarch64|matrix)|rustup.*(?:x86_64|aarch64)|\+\S*-(?:x86_64|aarch64)",
    re.IGNORECASE,
)
"""What makes, or may make, something for another machine than the job's own, or brings it from elsewhere."""
_ELSEWHERE = frozenset(
    {"make", "just", "npm", "pnpm", "yarn", "bash", "sh", "python", "python3", "nix", "task"}
)
_TARGET_INPUT = re.compile(r"^(?:target|arch|architecture|platform)s?$", re.IGNORECASE)
_COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")
_BUILDS = frozenset({"build", "b", "rustc"})
_INPUTS = ("name", "path", "files", "file", "asset_name", "asset_path", "artifacts")
_NO_PROGRAM = re.compile(
    r"(?<![a-z])(?:logs?|reports?|coverage|junit|results?|bench\w*|profil\w+|lcov)(?![a-z])"
)
_PUBLISHES = (("release", "upload"), ("release", "create"))
_OTHER = {_ARM: _INTEL, _INTEL: _ARM}


@check(
    "asset-architecture-matches",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Build with --target for the architecture of the name (rustup target add), or take another "
        "runner, or another name",
        minutes=10,
    ),
)
def asset_architecture_matches(
    workflows: Workflows, scripts: Scripts, manifests: Manifests
) -> Iterator[Answer]:
    """No job that builds for its own machine puts that up under the name of another architecture."""
    chosen = any("build" in one.root for one in manifests.configs if "target" in one.source.text)
    pinned = manifests.toolchain.channel or "" if manifests.toolchain is not None else ""
    if chosen or _NAMED.search(pinned):
        return
    for workflow in workflows:
        text = workflow.source.text
        if "cargo" in text and _NAMED.search(text) and "CARGO_BUILD_TARGET" not in text:
            for job in workflow.jobs.values():
                yield from _answers(workflow, job, scripts)


def _answers(workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[Answer]:
    written = _text(workflow, job)
    if "container" in job.root or _NAMED.search(written) is None or _CHOOSES.search(written):
        return
    for lane in lanes(workflow, job):
        label = lane.text(job.runs_on[0]) if len(job.runs_on) == 1 else None
        machine = architecture((label or "").lower())
        if label is None or machine is None or not _builds_here(workflow, job, scripts, lane):
            continue
        named = [
            (name, line)
            for name, line in _put_up(workflow, job, scripts, lane)
            if _said(name) == {_OTHER[machine]}
        ]
        subject = f"{workflow.file}: {job.id}: {label}"
        if not named:
            yield holds(subject, "builds what its names say")
            continue
        names = listed([name for name, _ in named])
        told = (
            f"{label} is {machine}, and cargo builds there without --target: what it puts up as {names} does "
            f"not run on the {_OTHER[machine]} of that name"
        )
        lines = dict.fromkeys([_line_of(workflow, job, label), *(line for _, line in named)])
        yield broken(subject, told, *[workflow.source.at(line) for line in lines][:MOST_PLACES])


def _said(name: str) -> set[str]:
    return {kind for found in _NAMED.finditer(name) for kind, text in found.groupdict().items() if text}


def _text(workflow: Workflow, job: Job) -> str:
    """Return the lines of a job without their comments."""
    later = [one.line for one in workflow.jobs.values() if one.line > job.line]
    lines = workflow.source.lines[job.line - 1 : min(later) - 1 if later else None]
    return _COMMENT.sub("", "\n".join(lines))


def _line_of(workflow: Workflow, job: Job, label: str) -> int:
    """Return the line that names the machine of a lane: that of the matrix, where it comes from there."""
    line = job.root.line_of("runs-on")
    if label in (workflow.source.line(line) or ""):
        return line
    numbers = range(job.line, job.steps[0].line if job.steps else job.line)
    wanted = re.compile(rf"(?<![\w-]){re.escape(label)}(?![\w-])")
    return next((at for at in numbers if wanted.search(workflow.source.line(at) or "")), line)


def _in_lane(workflow: Workflow, job: Job, step: Step, lane: Lane) -> bool:
    """Tell whether a step surely runs in a lane."""
    return lane.condition(step.condition) is not False and any(
        one.matrix == lane.matrix and one.inputs == lane.inputs for one in step_lanes(workflow, job, step)
    )


def _builds_here(workflow: Workflow, job: Job, scripts: Scripts, lane: Lane) -> bool:
    """Tell whether cargo builds for the machine itself, and nothing that cannot be read here builds too."""
    found = False
    for step in job.steps:
        if not _in_lane(workflow, job, step, lane):
            continue
        if step.action is not None:
            if not step.action.name or step.action.written.startswith("."):
                return False
            toolchain = "toolchain" in step.action.name or "setup-rust" in step.action.name
            if not toolchain and any(_TARGET_INPUT.match(str(key)) for key in step.inputs):
                return False
        script = scripts.of(workflow.path, job, step)
        if script is None:
            continue
        if script.never or not script.understood or _is_elsewhere(script):
            return False
        for command in script.running("cargo"):
            call = cargo_command(command)
            found = found or (call is not None and call.subcommand in _BUILDS)
    return found


def _is_elsewhere(script: Script) -> bool:
    """Tell whether a script calls another program that may build."""
    return any(
        program is None or program in _ELSEWHERE or "/" in program or program.endswith(".sh")
        for program in script.programs
    )


def _packs(command: Command) -> bool:
    """Tell whether a command makes a file of what was built: what is fetched is named by others."""
    if command.program in ("cp", "mv", "install"):
        return any("target/" in word.text or "$" in word.text for word in command.arguments[:-1])
    return command.program in ("tar", "zip")


def _put_up(workflow: Workflow, job: Job, scripts: Scripts, lane: Lane) -> Iterator[tuple[str, int]]:
    """Go through the names under which a lane puts up files, with their lines; those it writes come first."""
    uploads = [
        step
        for step in job.steps
        if _in_lane(workflow, job, step, lane)
        and (
            (step.action is not None and re.search(r"upload|release", step.action.name))
            or "gh release" in (step.run or "")
        )
        and not any(_NO_PROGRAM.search(step.inputs.text(key) or "") for key in _INPUTS)
    ]
    if not uploads:
        return
    for step in job.steps:
        script = scripts.of(workflow.path, job, step) if _in_lane(workflow, job, step, lane) else None
        for command in script.commands if script is not None else ():
            words = list(written_by(command)) if _packs(command) else []
            if command.program == "gh" and command.literals[:2] in _PUBLISHES:
                words += command.arguments[3:]
            for word in words:
                name = lane.text(word.text)
                if name is not None and "github.repository" not in name:
                    yield name.strip("\"'"), word.line
    for step in uploads:
        for key in _INPUTS if step.action is not None else ():
            for text in path_lines(step.inputs.text(key)):
                name = lane.text(text)
                if name is not None:
                    yield name, text.line
