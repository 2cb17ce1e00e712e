"""What a job hands on, to other jobs or into a release: files that a step before must have made."""

from __future__ import annotations

import difflib
import posixpath
import re
from dataclasses import dataclass, field

from tasks.domain.answers import listed
from tasks.domain.built import calls_before, program
from tasks.domain.called import started_file
from tasks.domain.checkout import checked_out
from tasks.domain.crate import Manifests
from tasks.domain.ignored import Ignored
from tasks.domain.lane import Lane
from tasks.domain.produced import BUILD_DIRECTORY, Produced, before
from tasks.domain.script import Command, Scripts, inside
from tasks.domain.sealed import can_be, written_names
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow

_BUILT = re.compile(r"target/(?:[^/]+/)?(?:release|debug)/(?P<name>[A-Za-z0-9_-]+)(?:\.exe)?")
_DIRECTORY = re.compile(r"(?<![\w./$-])(?:\./)?([A-Za-z][\w-]*)/|\bmkdir (?:-p )?([A-Za-z][\w-]*)")
_PROFILES = frozenset({"release", "debug"})
_OF_CARGO = frozenset({"build", "incremental", "bundle", "deps", "examples"})
_KNOWN_OUTPUT = frozenset(
    {"build", "b", "check", "c", "clippy", "fmt", "fetch", "metadata", "update", "tree", "install", "clean"}
)
"""Subcommands of cargo that write into the target directory only; a test may write anywhere."""
_NOBODY_BUILDS = "no package builds a program"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The step that hands something on, and everything that tells what can be there by then."""

    workflow: Workflow = field(repr=False)
    job: Job
    step: Step
    lanes: tuple[Lane, ...]
    command: Command | None = field(default=None, repr=False)  # of the step, where it is one of a script's
    scripts: Scripts = field(repr=False)
    tree: Tree = field(repr=False)
    manifests: Manifests = field(repr=False)
    sources: Sources = field(default_factory=Sources, repr=False)


def why_missing(written: str, place: Place) -> str | None:
    """Return why a path or pattern cannot be there when a step runs; None when it can, or nobody can tell."""
    values = {lane.text(written) for lane in place.lanes}
    if len(values) > 1:
        return _in_no_lane(values, place)
    value = values.pop() if len(values) == 1 else None
    path = None if value is None else inside(value, "")
    if not path or "\\" in path or ":" in path:
        return None  # outside, not certain, or written as Windows does
    made = before(place.scripts, place.workflow.path, place.job, place.step, place.command)
    built = _BUILT.fullmatch(path)
    if built is not None:
        own = checked_out(place.job, place.step) and path not in made.words
        if own and _asked_for(built["name"], place):
            return None  # cargo itself ends there: ``workflow-target-exists`` tells of it
        return _not_built(built["name"], place.manifests) or _not_here(path, place) if own else None
    other = _other_name(path, place)
    if other is not None:
        return other
    fixed = path
    while any(mark in fixed for mark in "*?[{"):
        fixed = posixpath.dirname(fixed)
    meant = _meant(fixed, made, place) if fixed else None
    if meant is not None:
        return f"{fixed} is nowhere made; is {meant} meant?"
    line = 0 if place.command is None else place.command.line
    if not fixed or writes_at_will(place.scripts, place.workflow.path, place.job, place.step, line):
        return None
    if made.may_hold(fixed, place.tree) or _by_a_build_script(fixed, place):
        return None
    if made.opaque and fixed in Ignored(place.sources):
        return None  # git is told of what some program leaves there
    return f"{fixed} is not in the repository, and no step before makes it"


def _in_no_lane(values: set[str | None], place: Place) -> str | None:
    """Return why a program is there in no lane, each of which takes it from another directory of target/."""
    if not all(value is not None and _BUILT.fullmatch(inside(value, "") or "") for value in values):
        return None
    told = {None if value is None else why_missing(value, place) for value in values}
    why = told.pop() if len(told) == 1 else None
    return why if why is not None and why.startswith(_NOBODY_BUILDS) else None


def _other_name(path: str, place: Place) -> str | None:
    """Return what is packed instead of a path; None unless every name that was written is known."""
    if BUILD_DIRECTORY in path.split("/"):
        return None
    written = written_names(
        place.scripts,
        place.workflow.path,
        place.job,
        place.step,
        until=place.command,
        manifests=place.manifests,
        tree=place.tree,
    )
    if not written:
        return None
    if can_be(path, written, place.tree):
        into = posixpath.dirname(path)
        there = not into or "*" in into or place.tree.has(into) or place.tree.unseen(into)
        made = there or any("mkdir" in (one.run or "") for one in place.job.steps[: place.step.index + 1])
        return None if made else f"{into}/ is nowhere made, and writing into it fails"
    return f"nothing that is made or in the repository is named {path}: the job writes {listed(written)}"


def _by_a_build_script(path: str, place: Place) -> bool:
    """Tell whether a build script spells a file, such as a header, and something was built before."""
    name = posixpath.basename(path)
    scripts = (one for one in place.sources if posixpath.basename(one.path) == "build.rs")
    calls = calls_before(place.scripts, place.workflow.path, place.job, place.step, place.command)
    return (calls is None or any(calls)) and any(name in one.text for one in scripts)


def _meant(path: str, made: Produced, place: Place) -> str | None:
    """Return the directory or file that was meant: a slip of a name that the job, its scripts or git spell.

    None also for a name that is spelled once more: then somebody means it.
    """
    first, _, rest = path.partition("/")
    named = {one.partition("/")[0] for one in made.words}
    if first in named:
        return None
    if place.tree.has(first) or place.tree.unseen(first):
        # Below target/ the directories of profiles are certain, elsewhere what is tracked.
        second = rest.partition("/")[0]
        return None if first != BUILD_DIRECTORY else _slip(second, _PROFILES, place, made)
    if first == BUILD_DIRECTORY:
        return _slip(rest.partition("/")[0], _PROFILES, place, made)
    named |= {one for text in _texts(place) for found in _DIRECTORY.findall(text) for one in found if one}
    return _slip(first, place.tree.top | named, place, made)


def _slip(name: str, known: frozenset[str], place: Place, made: Produced) -> str | None:
    meant = fumbled(name, known) if len(name) > 2 else None
    if meant is None or any(re.search(rf"\b{re.escape(name)}\b", text) for text in _texts(place)):
        return None
    return None if name in {part for word in made.words for part in word.split("/")} else meant


def _texts(place: Place) -> list[str]:
    """Return the texts that run before the step: of its job, and of the files they call."""
    found: list[str] = []
    for one in place.job.steps[: place.step.index + (place.command is not None)]:
        script = place.scripts.of(place.workflow.path, place.job, one)
        if one is place.step and script is not None and place.command is not None:
            lines = script.text.splitlines()[: max(0, place.command.line - script.line)]
            found.append("\n".join(lines))
            continue
        if one.action is not None:
            found.append(str(one.inputs))
        if script is not None:
            found.append(script.text)
            started = (place.scripts.file(path) for one in script.commands if (path := started_file(one)))
            found += [file.text for file in started if file is not None]
    return found


def _asked_for(name: str, place: Place) -> bool:
    """Tell whether a call of cargo before names a program, or a package of its name, that is not there."""
    calls = calls_before(place.scripts, place.workflow.path, place.job, place.step, place.command)
    given = (word for call in calls or () for word in call.given("--bin", "-p", "--package"))
    return _not_built(name, place.manifests) is not None and any(name in (one.values or ()) for one in given)


def _not_built(name: str, manifests: Manifests) -> str | None:
    if manifests.broken or not manifests.packages:
        return None
    built = {target.name for package in manifests for target in package.targets}
    if name in built or name in _OF_CARGO:
        return None
    there = {binary for package in manifests for binary in package.binaries}
    nearest = sorted(there, key=lambda one: (-difflib.SequenceMatcher(None, name, one).ratio(), one))
    return f"{_NOBODY_BUILDS} {name!r} (there are: {listed(nearest)})"


def _not_here(path: str, place: Place) -> str | None:
    """Return why the steps before leave no program of the workspace at a path; None when they may."""
    wanted = program(path)
    made = before(place.scripts, place.workflow.path, place.job, place.step, place.command)
    calls = calls_before(place.scripts, place.workflow.path, place.job, place.step, place.command)
    known = {binary for package in place.manifests for binary in package.binaries}
    if wanted is None or wanted.name not in known or made.opaque or calls is None:
        return None
    if any(word.split("/")[0] == "target" for word in made.words) or _is_configured(place.manifests):
        return None
    if any(wanted.made_by(call, place.manifests) for call in calls):
        return None
    return f"no cargo command of a step before leaves a program at {path}"


def _is_configured(manifests: Manifests) -> bool:
    return any("build" in one.root for one in manifests.configs)


_RECIPES = ("make", "gmake", "just", "task")
"""Programs whose files say what they write, and in which directory."""
_WRAPPERS = ("bazel", "devbox", "devenv", "direnv", "earthly", "mise", "nix", "nix-shell", "pixi")
"""Programs that run others in an environment of their own, in any directory."""


def writes_at_will(scripts: Scripts, path: str, job: Job, step: Step, line: int = 0) -> bool:
    """Tell whether what writes files that nobody spelled ran before a step or a line of it.

    That is cargo, make, a wrapper around other programs, or a script of the repository that runs one of them.
    """
    for one in job.steps[: step.index + 1]:
        script = scripts.of(path, job, one)
        for command in script.commands if script is not None else ():
            if one.index == step.index and command.line >= line:
                continue
            started = started_file(command)
            file = scripts.file(started) if started is not None else None
            run = (command, *(file.commands if file is not None else ()))
            if any(_may_write(each) and not scripts.is_tame(each) for each in run):
                return True
    return False


def _may_write(command: Command) -> bool:
    """Tell whether a command may write files that it does not spell, in any directory."""
    first = next((w.text for w in command.arguments if not w.text.startswith(("-", "+"))), "")
    if command.program in ("cargo", "cross"):
        return first not in _KNOWN_OUTPUT
    if command.program in ("docker", "podman"):
        return first in ("run", "exec", "compose")
    return command.program in _RECIPES or command.program in _WRAPPERS
