"""Whether the directories and files that workflows work in and read are there when they are needed."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import CHECKOUT, checked_out, checked_out_as_given, placed
from tasks.domain.expression import calls
from tasks.domain.expression.tree import Literal
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import Ignored
from tasks.domain.job_order import step_lanes
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.product import writes_at_will
from tasks.domain.script import Command, Script, Scripts, Word, inside
from tasks.domain.source import Sources
from tasks.domain.tree import SYMLINK, Tree
from tasks.domain.use import Use
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_COMMIT_IT = Remedy(summary="Commit it, make it in a step before, or correct the path", minutes=10)


@check("workflow-directory-exists", phase=Phase.FIRST_RUN, remedy=_COMMIT_IT)
def workflow_directory_exists(
    scripts: Scripts, workflows: Workflows, tree: Tree, sources: Sources
) -> Iterator[Answer]:
    """Every directory that a step works in or goes into is in the repository, or made by a step before."""
    yield from merged(_directories(scripts, workflows, tree, Ignored(sources)))


def _directories(scripts: Scripts, workflows: Workflows, tree: Tree, ignored: Ignored) -> Iterator[Answer]:
    for script in scripts:
        job, step = script.job, script.step
        if job is None or step is None or script.never:
            continue
        if not checked_out(job, step):
            yield from _empty_workspace(scripts, script, job, step)
            continue
        for path, where, gone in _gone_into(workflows, script):
            made = before(scripts, script.path, job, step, gone)
            line = 0 if gone is None else gone.line
            left = path in ignored and writes_at_will(scripts, script.path, job, step, line)
            if made.may_hold(path, tree) or placed(job, step, path) or left:
                yield holds(_subject(script, path), "is there")
            else:
                told = f"the directory {path} is not in the repository, and nothing before makes it"
                yield broken(_subject(script, path), told, script.source.at(where))


def _empty_workspace(scripts: Scripts, script: Script, job: Job, step: Step) -> Iterator[Answer]:
    """Judge the directory of a step in a job without a checkout: only what its steps made is there."""
    written = step.working_directory
    values = {lane.text(written) for lane in script.lanes} if written is not None else {None}
    value = values.pop() if len(values) == 1 else None
    path = None if value is None else inside(value, "")
    made = before(scripts, script.path, job, step)
    earlier = job.steps[: step.index]
    if not path or made.opaque or any(_checks_out(one) or one.run is not None for one in earlier):
        return  # what a script makes there is not known
    if any(f"{one}/".startswith(f"{path}/") or f"{path}/".startswith(f"{one}/") for one in made.words):
        yield holds(_subject(script, path), "is made before")
    else:
        told = f"the job checks nothing out, and no step before makes the directory {path}"
        yield broken(_subject(script, path), told, script.source.at(written))


def _checks_out(step: Step) -> bool:
    return step.action is not None and step.action.name == CHECKOUT


def _gone_into(workflows: Workflows, script: Script) -> Iterator[tuple[str, object, Command | None]]:
    """Go through the directories: the path, where it is named, and the command that goes there, if any."""
    written = _working_directory(workflows, script)
    if script.cwd and written is not None:
        yield script.cwd, written, None
    for command in script.running("cd", "pushd"):
        target = next(iter(command.arguments), None)
        value = None if target is None or target.text.startswith("-") else target.literal
        path = None if value is None else command.path(value)
        if path and _is_certain(command):
            yield path, command, command
    for command in script.running("terraform", "tofu"):
        first = next(iter(command.arguments), None)
        option = "" if first is None else first.literal or ""
        path = command.path(option.partition("=")[2]) if option.startswith("-chdir=") else None
        if path and _is_certain(command):
            yield path, command, command


def _working_directory(workflows: Workflows, script: Script) -> Text | None:
    """Return the text that says where a step works: its own, its job's default or its workflow's."""
    if script.step is not None and script.step.working_directory is not None:
        return script.step.working_directory
    workflow = workflows.at(script.path)
    roots = [one.root for one in (script.job, workflow) if one is not None]
    found = (root.map("defaults").map("run").text("working-directory") for root in roots)
    return next((one for one in found if one is not None), None)


@check("workflow-manifest-exists", phase=Phase.FIRST_RUN, remedy=_COMMIT_IT)
def workflow_manifest_exists(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every manifest that a workflow names with `--manifest-path` or `--path` is there or made before."""
    yield from merged(_manifests(scripts, tree))


def _manifests(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for script, command in scripts.commands("cargo", "cross"):
        call = cargo_command(command)
        if call is None or script.job is None or script.step is None or script.never:
            continue
        for path, word in _named(call):
            if not path or not _is_known(script) or command.conditional:
                continue
            made = before(scripts, script.path, script.job, script.step, command)
            if made.may_hold(path, tree) or placed(script.job, script.step, path):
                yield holds(_subject(script, path), "is there")
            else:
                told = f"{path} is not in the repository, and nothing before makes it"
                yield broken(_subject(script, path), told, script.source.at(word))


def _named(call: CargoCommand) -> Iterator[tuple[str | None, Word]]:
    """Go through the manifests that a call names, by themselves or for `cargo install` by their directory."""
    for word in call.given("--manifest-path"):
        yield None if word.literal is None else call.command.path(word.literal), word
    for word in call.given("--path") if call.subcommand == "install" and _is_certain(call.command) else ():
        directory = None if word.literal is None else call.command.path(word.literal)
        yield None if directory is None else posixpath.join(directory, "Cargo.toml"), word


@check(
    "workflow-script-executable",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Make the script executable in git, or run it with its interpreter", minutes=2),
)
def workflow_script_executable(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every script that a workflow runs by its path may be executed: git has stored its mode."""
    yield from merged(_executables(scripts, tree))


def _executables(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for script in scripts:
        if script.job is None or script.step is None or script.never:
            continue
        known = _is_known(script)
        if not known and not checked_out_as_given(script.job, script.step):
            continue
        if any(lane.system not in ("Linux", "macOS") for lane in script.lanes):
            continue  # Windows has no such mode
        for command in script.commands:
            first = command.run[0].literal if command.run else None
            path = command.path(first) if first is not None and "/" in first else None
            entry = tree.file(path) if path else None
            if path is None or entry is None or entry.mode == SYMLINK or not _is_certain(command):
                continue
            subject = _subject(script, path)
            if entry.executable or _made_executable(scripts, script, command, path):
                yield holds(subject, "may be executed")
            else:
                remedy = Remedy(
                    summary="Make the script executable in git, or run it with its interpreter",
                    commands=(_executable_in_git(shlex.quote(path)),),
                    minutes=2,
                )
                told = f"{path} is stored with mode {entry.mode}: the shell answers `Permission denied`"
                weight = None if known else Weight.WARNING  # the commit that is asked for may differ
                yield broken(subject, told, script.source.at(command), remedy=remedy, weight=weight)


def _executable_in_git(path: str) -> str:
    """Return what commits the mode: the file's own too, or the next `git commit --all` would take it back.

    A commit of a path takes the file's own mode only where `core.fileMode` lets git look at it.
    """
    commit = f"git -c core.fileMode=true commit -m 'Make it executable' -- {path}"
    return f"chmod +x {path} && git update-index --chmod=+x {path} && {commit}"


def _made_executable(scripts: Scripts, script: Script, command: Command, path: str) -> bool:
    """Tell whether a chmod, or a program that writes at will, may have changed the mode before."""
    job, step = script.job, script.step
    for one in job.steps if job is not None and step is not None else ():
        earlier = scripts.of(script.path, job, one) if job is not None else None
        if earlier is None or step is None or one.index > step.index:
            continue
        for other in earlier.running("chmod", "git", "install", "cp", "mv", "find"):
            if one.index == step.index and other.line > command.line:
                continue
            if other.program == "chmod" or posixpath.basename(path) in " ".join(w.text for w in other.words):
                return True
    return False


@check(
    "hash-files-match",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name files that are there when the expression is computed", minutes=5),
)
def hash_files_match(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every `hashFiles()` finds a file: without one it is empty, and a cache's key never changes."""
    # What no file has been named for is one cause in however many workflows.
    yield from of_one_cause(
        answer for workflow in workflows for answer in merged(_hashes(workflow, scripts, tree))
    )


def _hashes(workflow: Workflow, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for use in workflow.uses:
        job = workflow.jobs.get(use.job or "")
        step = None if job is None or use.step is None else job.steps[use.step]
        if job is None or step is None:
            continue
        if use.condition:
            yield from _from_the_root(workflow, scripts, tree, use)
            continue
        for patterns in _patterns(use):
            subject = f"{workflow.file}: hashFiles({', '.join(patterns)})"
            if any(_matches(tree, one) for one in patterns) and checked_out(job, step):
                yield holds(subject, "finds a file")
            elif not _may_match(scripts, workflow, job, step, patterns):
                there = any(_matches(tree, one) for one in patterns)
                why = "nothing is checked out before" if there else "no file of the repository has that name"
                told = f"hashFiles({', '.join(patterns)}) is empty: {why}"
                if step.action is not None and step.action.name == _HASHES_ITSELF:
                    told += f"; {step.action.name} hashes manifests and lock files itself"
                    yield broken(subject, told, workflow.source.at(use), weight=Weight.NOTE)
                else:
                    yield broken(subject, told, workflow.source.at(use))


_LACKING = re.compile(r"hashFiles\('([\w.-]+)'\)\s*(==|!=)\s*''", re.IGNORECASE)


def _from_the_root(workflow: Workflow, scripts: Scripts, tree: Tree, use: Use) -> Iterator[Answer]:
    """Tell of a step that asks for a file where it works itself: hashFiles looks from the root alone."""
    asked = _LACKING.fullmatch(use.source)
    job = workflow.jobs.get(use.job or "")
    if asked is None or job is None or use.step is None or _matches(tree, asked[1]):
        return
    step = job.steps[use.step]
    script = scripts.of(workflow.path, job, step) if step.run is not None else None
    if script is None or not script.cwd or not checked_out(job, step):
        return
    there = posixpath.join(script.cwd, asked[1])
    named = {posixpath.basename(word) for word in before(scripts, workflow.path, job, step).words}
    if tree.file(there) is None or asked[1] in named or tree.file("Cargo.toml") is not None:
        return  # something may make it at the root
    ends = "always" if asked[2] == "==" else "never"
    told = f"hashFiles('{asked[1]}') looks in the root of the repository, and the file is {there}: "
    told += f"the step {ends} runs"
    remedy = Remedy(summary=f"Write hashFiles('{there}')", minutes=2)
    yield broken(f"{workflow.file}: hashFiles({asked[1]})", told, workflow.source.at(use), remedy=remedy)


_HASHES_ITSELF = "swatinem/rust-cache"


def _patterns(use: Use) -> Iterator[tuple[str, ...]]:
    """Go through the literal calls; exclusions and computed patterns are not judged."""
    for call in calls(use.node) if use.node is not None else ():
        given = [one.value for one in call.arguments if isinstance(one, Literal)]
        texts = tuple(one for one in given if isinstance(one, str))
        if call.name == "hashfiles" and len(texts) == len(call.arguments):
            yield texts


def _matches(tree: Tree, pattern: str) -> bool:
    clean = pattern.strip().removeprefix("./").rstrip("/")
    if not clean or clean.startswith(("!", "/", "~")):
        return True  # excluded, or outside of the repository
    return bool(tree.matching(clean) or tree.matching(f"{clean}/**"))


def _may_match(scripts: Scripts, workflow: Workflow, job: Job, step: Step, patterns: tuple[str, ...]) -> bool:
    """Tell whether files that earlier steps make may be found."""
    made = before(scripts, workflow.path, job, step)
    names = {posixpath.basename(word) for word in made.words}
    if made.opaque or any(posixpath.basename(one) in names for one in patterns):
        return True
    if any(
        one.action is not None and one.action.name == "actions/checkout" for one in job.steps[: step.index]
    ):
        if not checked_out(job, step) or any("path" in one.inputs for one in job.steps[: step.index]):
            return True  # another repository or another directory
        ran = (scripts.of(workflow.path, job, one) for one in job.steps[: step.index])
        locks = any(one.endswith("Cargo.lock") for one in patterns)
        return locks and any(True for one in ran if one is not None for _ in one.running("cargo"))
    return False


@check("docker-file-exists", phase=Phase.FIRST_RUN, remedy=_COMMIT_IT)
def docker_file_exists(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every Dockerfile and context that a workflow builds from is in the repository or made before."""
    for workflow in workflows:
        yield from merged(_docker(workflow, scripts, tree))


def _docker(workflow: Workflow, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if not checked_out(job, step):
            continue
        by_action = ((path, line, None) for path, line in _built_by_action(workflow, job, step))
        for path, line, command in (*by_action, *_built_by_command(workflow, scripts, job, step)):
            subject = f"{workflow.file}: {path}"
            made = before(scripts, workflow.path, job, step, command)
            if made.may_hold(path, tree) or placed(job, step, path):
                yield holds(subject, "is there")
            else:
                told = f"{path} is not in the repository, and nothing before makes it"
                yield broken(subject, told, workflow.source.at(line))


_BUILDS = ("docker/build-push-action", "useblacksmith/build-push-action", "depot/build-push-action")
"""The later ones take the inputs of the first."""


def _built_by_action(workflow: Workflow, job: Job, step: Step) -> Iterator[tuple[str, int]]:
    if step.action is None or step.action.name not in _BUILDS:
        return
    file, context = step.inputs.text("file"), step.inputs.text("context")
    for lane in step_lanes(workflow, job, step):
        place = "." if context is None else lane.text(context)
        directory = None if place is None or "{{" in place or ":" in place else inside(place, "")
        if context is not None and directory:
            yield directory, context.line
        name = lane.text(file) if file is not None else None
        path = None if name is None or "{{" in name else inside(name, "")
        if file is not None and path:
            yield path, file.line
        elif file is None and directory is not None:
            yield posixpath.join(directory, "Dockerfile"), context.line if context is not None else step.line


def _built_by_command(
    workflow: Workflow, scripts: Scripts, job: Job, step: Step
) -> Iterator[tuple[str, int, Command]]:
    script = scripts.of(workflow.path, job, step)
    for command in script.running("docker", "podman") if script is not None else ():
        words = [word for word in command.arguments if word.text not in ("buildx", "image")]
        if not words or words[0].text != "build" or not _is_certain(command):
            continue
        file = command.option("-f", "--file")
        context = _context(command, words[1:])
        if file is not None:
            path = None if file.literal in (None, "-") else command.path(str(file.literal))
            if path:
                yield path, file.line, command
        elif context is not None:
            yield posixpath.join(context, "Dockerfile"), command.line, command


def _context(command: Command, words: list[Word]) -> str | None:
    """Return the directory that `docker build` is given; None when it is none of the repository's."""
    free = [
        word
        for before_it, word in zip([None, *words], words, strict=False)
        if not word.text.startswith("-")
        and (before_it is None or not before_it.text.startswith("-") or _is_whole(before_it.text))
    ]
    value = free[0].literal if len(free) == 1 else None
    return None if value is None or ":" in value else command.path(value)


def _is_whole(option: str) -> bool:
    """Tell whether an option of `docker build` takes no value from the next word."""
    return "=" in option or option in ("--push", "--load", "--no-cache", "--pull", "-q", "--quiet", "--rm")


def _is_known(script: Script) -> bool:
    """Tell whether the repository's own files lie where the script works."""
    return script.job is not None and script.step is not None and checked_out(script.job, script.step)


def _is_certain(command: Command) -> bool:
    """Tell whether a command runs each time and its failure ends the step."""
    return not (command.conditional or command.loop or command.function) and command.fatal


def _subject(script: Script, name: str) -> str:
    return f"{script.path.rpartition('/')[2]}: {name}"
