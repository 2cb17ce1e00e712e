"""Whether jobs that work on the repository have it."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.artifact import DOWNLOAD
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import CHECKOUT
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import lanes, values
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.runner_label import OFFERED, of_github
from tasks.domain.script import Command, Redirect, Script, Scripts, inside
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_BRINGS_NO_FILES = (
    "actions/setup-",
    "actions-rust-lang/",
    "dtolnay/rust-toolchain",
    "swatinem/rust-cache",
    "taiki-e/install-action",
    "hashicorp/setup-terraform",
    "aws-actions/configure-aws-credentials",
    "docker/setup-",
    "docker/login-action",
)
_HARMLESS = frozenset(
    {
        "echo", "printf", "set", "export", "rustup", "rustc", "apt-get", "apt", "date", "sleep", "ls", "pwd",
        "mkdir", "[", "test", "jq", "exit", "true", ":", "sha256sum", "gcloud", "kubectl",
    }
)  # fmt: skip
_NEEDS_FILES = frozenset({"embarkstudios/cargo-deny-action", "rustsec/audit-check"})
_LOOKS = frozenset({"diff", "log", "show", "describe", "rev-list", "rev-parse", "ls-files", "status"})
"""Subcommands of git that ask the repository in which they are started."""
_WORKS = frozenset({"fmt", "publish", "package", "llvm-cov", "nextest", "hack", "deny"})
"""Subcommands of cargo that need a manifest, beside those that build."""
_BUILDS_IMAGE = "docker/build-push-action"
_RUNNERS = {
    "make": ("Makefile", "makefile", "GNUmakefile"),
    "just": ("justfile", "Justfile", ".justfile"),
}
_INTERPRETERS = frozenset({"bash", "sh", "python", "python3", "node"})


@check(
    "job-has-repository",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Begin the job with actions/checkout", minutes=2),
)
def job_has_repository(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every job that builds the workspace or runs a script of the repository has checked it out before."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            if job.action is None and job.steps:
                subject = f"{workflow.file}: {job.id}"
                found = _without(workflow, job, scripts, tree)
                if found is None:
                    yield holds(subject, "needs no files before it has them, or gets them")
                else:
                    line, what = found
                    told = f"{what} needs the repository's files, and no step before checks them out"
                    weight = None
                    if not _begins_empty(workflow, job):
                        told, weight = f"{told}: only an earlier job can have left them", Weight.WARNING
                    if any(lane.condition(job.condition) is not True for lane in lanes(workflow, job)):
                        weight = Weight.WARNING  # the job may never be wanted
                    yield broken(subject, told, workflow.source.at(line), weight=weight)


def _begins_empty(workflow: Workflow, job: Job) -> bool:
    """Tell whether a job begins on a new machine of GitHub's: on others an earlier checkout may lie."""
    wanted = [values(label, lanes(workflow, job)) for label in job.runs_on]
    return bool(wanted) and all(
        known is not None and all(label.lower() in OFFERED or of_github(label.lower()) for label in known)
        for known in wanted
    )


def _without(workflow: Workflow, job: Job, scripts: Scripts, tree: Tree) -> tuple[int, str] | None:
    """Return the line of the first thing that needs the files before anything can have brought them."""
    made: set[str] = set()
    for step in job.steps:
        if _brings_elsewhere(step):
            made |= set(_parts(str(step.inputs.text("path"))))
        if step.action is not None:
            if step.action.local is not None and tree.directory(step.action.local):
                return step.action.line, f"the action {step.action.written}"
            name = step.action.name
            if name.lower() in _NEEDS_FILES:
                return step.action.line, name
            if name == _BUILDS_IMAGE:
                context = inside(str(step.inputs.text("context") or "no/context"), "")
                here = context == "" or (context is not None and tree.directory(context))
                return (step.action.line, f"the context of {name}") if here else None
            if _brings_elsewhere(step):
                continue
            if name == CHECKOUT or not name.startswith(_BRINGS_NO_FILES):
                return None
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or not script.understood:
            return None
        directory = _directory(workflow, job, step)
        if directory is not None:
            there = inside(str(directory), "")
            if there and tree.directory(there) and not made.intersection(_parts(there)):
                return script.line, f"the working directory {directory}"
            return None
        made |= {part for word in _words(script) for part in _parts(word)}
        for command in script.commands:
            what = _needs(command, tree)
            if what is not None:
                return command.line, what
            # A directory that somebody goes into is one that somebody made: from there nobody can tell.
            if command.program not in _HARMLESS and not _only_sends(command):
                return None
            if command.function is not None or any(_makes_a_file(one) for one in command.redirects):
                return None
    return None


def _makes_a_file(redirect: Redirect) -> bool:
    """Tell whether a file is written into the workspace: what comes later may need no other."""
    text = "" if redirect.target is None else redirect.target.text.strip("\"'")
    return redirect.writes and bool(text) and not text.startswith(("/", "$", "&"))


def _brings_elsewhere(step: Step) -> bool:
    """Tell whether a step downloads artifacts into a directory of their own."""
    if step.action is None or step.action.name != DOWNLOAD:
        return False
    path = step.inputs.text("path")
    return path is not None and "${{" not in path and inside(path, "") not in (None, "")


def _only_sends(command: Command) -> bool:
    """Tell whether a call of the AWS command line brings no files: it asks, or it copies them away."""
    if command.program != "aws":
        return False
    words = [word.text for word in command.arguments]
    return words[:1] != ["s3"] or (words[1:2] in (["cp"], ["sync"]) and "s3://" in words[-1])


def _directory(workflow: Workflow, job: Job, step: Step) -> Text | None:
    if step.working_directory is not None:
        return step.working_directory
    found = (root.map("defaults").map("run").text("working-directory") for root in (job.root, workflow.root))
    return next((one for one in found if one is not None), None)


def _words(script: Script) -> Iterator[str]:
    return (word.text for command in script.commands for word in command.words)


def _parts(path: str) -> list[str]:
    """Return a path and the directories above it, without quotes."""
    clean = path.strip("\"'").removeprefix("./").rstrip("/")
    return ["/".join(clean.split("/")[:end]) for end in range(1, clean.count("/") + 2)]


def _needs(command: Command, tree: Tree) -> str | None:
    if command.conditional:
        return None
    call = cargo_command(command)
    if call is not None:
        elsewhere = any(True for _ in call.given("--manifest-path", "-C"))
        works = (call.builds or call.subcommand in _WORKS) and not elsewhere
        return f"cargo {call.subcommand}" if works and tree.file("Cargo.toml") is not None else None
    asked = _RUNNERS.get(command.program or "")
    if asked is not None and not any(word.text.startswith("-") for word in command.arguments):
        return next((f"`{command.program}`" for name in asked if tree.file(name) is not None), None)
    if command.program == "git" and command.literals[:1] and command.literals[0] in _LOOKS:
        outside = {"--no-index", "--version", "--show-toplevel"} & {word.text for word in command.arguments}
        return None if outside or command.masked else f"git {command.literals[0]}"
    words = command.run
    if words and command.program in _INTERPRETERS:
        words = tuple(word for word in words[1:] if not word.text.startswith("-"))
    first = words[0].literal if words else None
    path = inside(first, "") if first is not None and "/" in first else None
    return path if path and tree.file(path) is not None else None
