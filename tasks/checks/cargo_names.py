"""Whether the packages, programs and features that workflows name are ones the workspace has."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Collection, Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.cargo_selection import has_target, is_package, some_packages
from tasks.domain.cargo_switched import left_off, required
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, TargetKind, Workspace
from tasks.domain.edit_command import respelled
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.guarded import is_certain, waits_for_missing
from tasks.domain.left_programs import DIRECTORIES, may_be_brought, programs, taken_paths
from tasks.domain.located import scalars
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

_BUILT = re.compile(r"(?:^|/)target/(?:[^/]+/)?(?:release|debug)/(?P<name>[A-Za-z0-9_.-]+)$")
_MOVES = ("mv", "cp", "ln", "install")
_PACKING = ("tar", "zip", "cp", "mv", "install", "strip")
_TAKE_NOTHING = frozenset({"mkdir", "rm", "rmdir", "touch", "echo", "printf"})
_RENAME = Remedy(summary="Name what the workspace has, or add it to the workspace", minutes=5)

_SWITCH = Remedy(
    summary="Add `--features` with what the target requires, or take it from its `required-features`",
    minutes=5,
)
_OWN_PACKAGES = frozenset({"publish", "package"})
"""Subcommands that take packages of the workspace only."""

_FEATURES = ("--features ", "--features=", "-F ")


@check("workflow-package-exists", phase=Phase.FIRST_RUN, remedy=_RENAME)
def workflow_package_exists(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every package that a workflow names with `-p` is the workspace's, or a dependency that is built."""
    yield from merged(_package_answers(scripts, manifests, tree))


def _package_answers(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    for script, call, workspace in _calls(scripts, manifests, tree, more=_OWN_PACKAGES):
        own = {one.name for one in workspace.packages} if call.subcommand in _OWN_PACKAGES else None
        if workspace.missing:
            continue  # a member that a program makes: its name is not known
        for word in call.packages:
            for name in word.values or ():
                known = is_package(name, workspace, manifests)
                if known and (own is None or not own or _is_own(name, own)):
                    yield holds(_subject(script, name), "is a package")
                else:
                    told = f"no package {name!r} in {workspace.toml.path} (has {some_packages(workspace)})"
                    places = _places(script, word, name)
                    names = {one.name for one in workspace.packages}
                    edits = respelled(name, names, places[0], after=("-p ", "--package ", "--package="))
                    yield broken(_subject(script, name), told, *places, weight=_weight(call), edits=edits)


@check("workflow-target-exists", phase=Phase.FIRST_RUN, remedy=_RENAME)
def workflow_target_exists(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every `--bin`, `--example`, `--test`, `--bench` of a workflow is a target of what it builds.

    What the target's `required-features` name is on.
    """
    yield from merged((*_target_answers(scripts, manifests, tree), *_refused(scripts, manifests, tree)))


def _target_answers(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    for script, call, workspace in _calls(scripts, manifests, tree):
        packages = call.chosen(manifests)
        for kind in (TargetKind.BIN, TargetKind.EXAMPLE, TargetKind.TEST, TargetKind.BENCH):
            for word in call.given(f"--{kind}"):
                for name in word.values or ():
                    there = [
                        one for one in packages or workspace.packages if has_target(one.named(kind), name)
                    ]
                    if there:
                        yield holds(_subject(script, name), f"is a {kind} of {there[0].name}")
                        continue
                    owners = ", ".join(one.name for one in workspace.owners(kind, name))
                    hint = f"; it is one of {owners}" if owners else ""
                    told = f"the packages built here have no {kind} {name!r}{hint}"
                    places = _places(script, word, name)
                    known = {each for one in packages or workspace.packages for each in one.named(kind)}
                    edits = respelled(name, known, places[0], after=(f"--{kind} ", f"--{kind}="))
                    yield broken(_subject(script, name), told, *places, weight=_weight(call), edits=edits)


def _refused(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    if not any(one.required_features for package in manifests for one in package.targets):
        return
    for script, call, _ in _calls(scripts, manifests, tree):
        for target, package, feature, line in left_off(call, manifests):
            named = f"the {target.kind.value} {target.name} of {package.name}"
            told = f"cargo refuses {named}: it requires the feature {feature!r}, which the call leaves off"
            places = script.source.at(line), required(package, target)
            subject = f"{_subject(script, target.name)}: {feature}"
            yield broken(subject, told, *places, weight=_weight(call), remedy=_SWITCH)


@check("workflow-feature-exists", phase=Phase.FIRST_RUN, remedy=_RENAME)
def workflow_feature_exists(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every feature that a workflow switches on is declared by one of the packages it builds."""
    yield from merged(_feature_answers(scripts, manifests, tree))


def _feature_answers(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    for script, call, workspace in _calls(scripts, manifests, tree):
        packages = call.chosen(manifests)
        for feature, line in call.features if packages else ():
            name, slash, inner = feature.partition("/")
            owner = workspace.package(name) if slash else None
            if slash and owner is None:
                continue  # a dependency's feature: only cargo knows those
            known = owner.all_features if owner else {f for one in packages or () for f in one.all_features}
            if (inner if slash else name) in known:
                yield holds(_subject(script, feature), "is declared")
            else:
                told = f"no package built here declares the feature {feature!r}"
                place = script.source.at(line)
                edits = respelled(inner if slash else name, known, place, after=_FEATURES)
                yield broken(_subject(script, feature), told, place, weight=_weight(call), edits=edits)


@check("workflow-binary-exists", phase=Phase.RELEASE, remedy=_RENAME)
def workflow_binary_exists(
    scripts: Scripts, workflows: Workflows, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """Every program that a workflow takes from `target/` is one that a package of the repository builds."""
    packed = _packed_answers(scripts, workflows, manifests, sources) if not manifests.broken else ()
    yield from merged(itertools.chain(_binary_answers(scripts, workflows, manifests), packed))


def _packed_answers(
    scripts: Scripts, workflows: Workflows, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """Ask the same of what is taken where a step, or ``tar -C``, has moved to."""
    known = programs(manifests)
    for script, command in scripts.commands(*_PACKING):
        if script.job is None or "target/" not in script.text or not manifests.packages:
            continue
        spelled = {value for word in command.arguments for value in word.values or ()}
        if not (command.fatal and is_certain(command) and _from_here(script)):
            continue
        for path, line in (taken for each in _where_it_runs(script, command) for taken in taken_paths(each)):
            name = _BUILT.fullmatch(path) and known.unbuilt(path)
            if not name or path in {posixpath.normpath(one) for one in spelled}:
                continue  # `_binary_answers` tells of a whole path
            if (
                any(re.search(rf"\b{re.escape(name)}\b", text) for text in _earlier(scripts, script, command))
                or _is_brought(scripts, workflows, script, command, name)
                or any(name in one.text for one in sources if one.path.endswith("build.rs"))
            ):
                yield holds(_subject(script, name), "may be made")
            else:
                there = ", ".join(sorted(known.names)) or "none"
                told = f"no package builds a program {name!r} (there are: {there})"
                yield broken(_subject(script, name), told, script.source.at(line))


def _where_it_runs(script: Script, command: Command) -> Iterator[Command]:
    """Go through a command as it runs in each directory into which the one `cd` before it can have gone."""
    if command.cwd is not None or "cd " not in script.text:
        yield command
        return
    moves = [one for one in script.earlier(command) if one.program in ("cd", "pushd", "popd")]
    sure = len(moves) == 1 and moves[0].program == "cd" and is_certain(moves[0]) and not moves[0].loop
    if sure and len(moves[0].arguments) == 1:
        places = (moves[0].path(value) for value in moves[0].arguments[0].values or ())
        yield from (command._replace(cwd=place) for place in places if place is not None)


def _earlier(scripts: Scripts, script: Script, command: Command) -> Iterator[str]:
    """Go through the words of what the job runs before a command."""
    assert script.job is not None, "said by `_packed_answers`"
    assert script.step is not None, "a job's script is that of a step"
    for step in script.job.steps[: script.step.index + 1]:
        run = scripts.of(script.path, script.job, step)
        before = () if run is None else script.earlier(command) if step is script.step else run.commands
        for one in before:
            words = (*one.words, *(each.target for each in one.redirects if each.target is not None))
            yield from (value for word in words for value in word.values or (word.text,))


def _binary_answers(scripts: Scripts, workflows: Workflows, manifests: Manifests) -> Iterator[Answer]:
    built = {name for one in manifests for name in one.binaries}
    others = {_library(one.name) for one in manifests} | {t.name for one in manifests for t in one.targets}
    for script in scripts:
        if script.job is None or not manifests.packages:
            continue
        for command in script.commands:
            for word in command.run if command.program not in _TAKE_NOTHING else ():
                for value in () if word.glob else word.values or ():
                    found = _BUILT.search(value)
                    if found is None or command.cwd is None or not _from_here(script):
                        continue
                    name = found["name"].removesuffix(".exe")
                    if (
                        name in built
                        or name in others
                        or name in DIRECTORIES
                        or "." in name
                        or _is_made(scripts, script, command, value)
                        or _is_brought(scripts, workflows, script, command, name)
                    ):
                        yield holds(_subject(script, name), "is built")
                    else:
                        there = ", ".join(sorted(built)) or "none"
                        told = f"no package builds a program {name!r} (there are: {there})"
                        place = script.source.at(word)
                        edits = respelled(name, built, place, after=("release/", "debug/"))
                        yield broken(_subject(script, name), told, place, edits=edits)


def _places(script: Script, word: Word, name: str) -> tuple[Evidence, ...]:
    """Return the entry of the matrix that gives a name, where only one does, and then where it is used."""
    use = script.source.at(word)
    given: list[int] = []
    if script.job is not None and name not in word.text and "matrix." in word.text:
        given = [one.text.line for one in scalars(script.job.matrix) if one.text == name]
    return (script.source.at(given[0]), use) if len(given) == 1 else (use,)


def _is_own(name: str, own: Collection[str]) -> bool:
    return bool(set(name) & set("*?[@:#/")) or name in own


def _calls(
    scripts: Scripts, manifests: Manifests, tree: Tree, *, more: Collection[str] = ()
) -> Iterator[tuple[Script, CargoCommand, Workspace]]:
    """Go through the builds of workflows whose workspace is certain and could be read whole.

    Those that are certain to run come first: they decide how much a finding about several of them matters.
    """
    if manifests.broken:
        return
    for script, command in sorted(
        scripts.commands("cargo", "cross"), key=lambda given: not is_certain(given[1])
    ):
        if waits_for_missing(script, command, tree):
            continue
        call = cargo_command(command) if script.job is not None else None
        if call is None or not (call.builds or call.subcommand in more):
            continue
        workspace = call.workspace(manifests)
        if workspace is not None:
            yield script, call, workspace


def _weight(call: CargoCommand) -> Weight | None:
    """Return how much it matters: what hangs on a condition does not stop each run."""
    return None if is_certain(call.command) else Weight.WARNING


def _is_made(scripts: Scripts, script: Script, command: Command, value: str) -> bool:
    """Tell whether the command writes the path, or one before has spelled it in order to, as `mv` does."""
    if command.program in _MOVES and command.arguments and value in (command.arguments[-1].values or ()):
        return True
    assert script.job is not None, "said by `_binary_answers`"
    assert script.step is not None, "a job's script is that of a step"
    path = posixpath.normpath(value)
    # The text is compared: what another commit's checkout left is there as well.
    for step in script.job.steps[: script.step.index + 1]:
        earlier = scripts.of(script.path, script.job, step)
        for one in earlier.running(*_MOVES, "mkdir") if earlier is not None else ():
            words = one.arguments if one.program == "mkdir" else (one.arguments or one.words)[-1:]
            written = [posixpath.normpath(value) for word in words for value in word.values or ()]
            if one.line < command.line and path in written:
                return True
    return False


def _is_brought(scripts: Scripts, workflows: Workflows, script: Script, command: Command, name: str) -> bool:
    workflow = workflows.at(script.path)
    if workflow is None or script.job is None or script.step is None:
        return True
    return may_be_brought(workflows, workflow, scripts, (script.job, script.step, command), name)


def _library(name: str) -> str:
    return f"lib{name.replace('-', '_')}"


def _from_here(script: Script) -> bool:
    """Tell whether the script works in the repository itself and not in a clone of another one."""
    return not any(one.program in ("git", "gh") and "clone" in one.literals for one in script.commands)


def _subject(script: Script, name: str) -> str:
    return f"{script.path.rpartition('/')[2]}: {name}"
