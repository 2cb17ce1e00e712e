"""Whether the workflows that documents start take what they are given, and cargo knows the names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.checks.documented_commands import told
from tasks.domain.answers import listed, merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.cargo_switched import left_off_anywhere
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package, TargetKind
from tasks.domain.document import Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command
from tasks.domain.told import Told, once
from tasks.domain.tree import Tree
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.workflow import Workflow, Workflows

_CORRECT = Remedy(summary="Correct the document, or add what it names", minutes=10)
_PLACEHOLDER = re.compile(
    r"^[A-Z_<>\[\]]{3,}$|^feature\d*$|(?:^|[_-])(?:your|my|name|some|foo|bar|testfile|testname|benchname|x)(?:$|[_-])"
)


@check(
    "documented-dispatch-works",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Write the call as the workflow takes it", minutes=5),
)
def documented_dispatch_works(documents: Documents, workflows: Workflows, tree: Tree) -> Iterator[Answer]:
    """Every `gh workflow run` of a document starts a workflow that can be dispatched, with inputs it has."""
    yield from merged(_dispatches(documents, workflows, tree))


def _dispatches(documents: Documents, workflows: Workflows, tree: Tree) -> Iterator[Answer]:
    for document, _, command in told(documents, tree, "gh workflow run"):
        words = command.literals
        if command.program != "gh" or words[:2] != ("workflow", "run") or command.has("-R", "--repo"):
            continue
        workflow = _started(command, workflows)
        if workflow is None or command.has("--json") or _refers(command):
            continue
        subject = f"{document.path}: {workflow.file}"
        wrong = _refused(command, workflow)
        if wrong is None:
            yield holds(subject, "is taken")
        else:
            place = workflow.source.at(workflow.root.line_of("on"))
            yield broken(subject, f"GitHub refuses the call: {wrong}", document.source.at(command), place)


def _refers(command: Command) -> bool:
    """Tell whether the call is about another branch, whose file may be another one."""
    return any(word.literal not in ("main", "master") for word in command.options("--ref", "-r"))


def _started(command: Command, workflows: Workflows) -> Workflow | None:
    for word in command.literals[2:3]:
        for one in workflows:
            if word is not None and word in (one.file, one.path, one.name):
                return one
    return None


def _refused(command: Command, workflow: Workflow) -> str | None:
    declared = dispatch_inputs(workflow.triggers)
    if declared is None:
        return f"{workflow.file} has no `workflow_dispatch` trigger"
    known = {one.name.lower(): one for one in declared}
    passed: set[str] = set()
    for word in command.options("-f", "-F", "--field", "--raw-field"):
        name, equals, value = word.beginning.partition("=")
        if not equals or not re.fullmatch(r"[\w-]+", name) or _PLACEHOLDER.search(name):
            passed.update(known)  # which it stands for is not certain
            continue
        one = known.get(name.lower())
        if one is None:
            has = listed([each.name for each in declared])
            return f"{workflow.file} has no input {name!r} (there are: {has})"
        given = None if word.literal is None else value
        choice = one.kind == "choice" and one.options
        if choice and given and re.fullmatch(r"[\w.-]+", given) and given not in one.options:
            return f"{given!r} is no choice of the input {name!r} ({listed(one.options)})"
        passed.add(name.lower())
    lacking = [
        each.name
        for key, each in known.items()
        if each.required and each.default is None and key not in passed
    ]
    if passed and lacking:
        return f"{workflow.file} requires the input {lacking[0]!r}"
    return None


_WITHOUT = "without "


@check(
    "documented-build-works", phase=Phase.RELEASE, weight=Weight.NOTE, subject="documents", remedy=_CORRECT
)
def documented_build_works(documents: Documents, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every feature, test and bench that a document names to cargo is there, and `run` has a program."""
    said = tuple(_builds(documents, manifests, tree))
    yield from once(said, lambda told: f"tells {listed(_mistakes(told), most=4)}")


def _mistakes(told: list[Told]) -> list[str]:
    """Say what is wrong, in one part for all targets that lack the same feature."""
    lacking: dict[str, list[str]] = {}
    for one in told:
        if one.why.startswith(_WITHOUT):
            lacking.setdefault(one.why.removeprefix(_WITHOUT), []).append(one.name)
    said = [one.why for one in told if not one.why.startswith(_WITHOUT)]
    for feature, names in lacking.items():
        whose = "its" if len(names) == 1 else "their"
        said.append(
            f"to build the {listed(names, most=4)} without {whose} feature {feature}: cargo refuses that"
        )
    return said


def _builds(documents: Documents, manifests: Manifests, tree: Tree) -> Iterator[Told]:
    if manifests.broken or not manifests.packages:
        return
    for document, script, command in told(documents, tree, "cargo"):
        call = cargo_command(command)
        if call is None or not call.builds or _has_manifest(command):
            continue
        if any(one.program == "cd" for one in script.commands) and not call.packages:
            continue  # from where it is called is only said in words
        for subject, wrong in _asked(call, manifests):
            name = subject.rpartition(" ")[2]
            if wrong is not None and re.search(rf"{name}\s*=|[\"'`]{name}[\"'`]", document.source.text):
                continue  # the text may tell people to add it
            if wrong is not None:
                place = document.source.at(command)
                yield Told(document=document.path, name=subject, place=place, why=wrong)


def _has_manifest(command: Command) -> bool:
    return any(word.text.startswith("--manifest-path") for word in command.arguments)


def _asked(call: CargoCommand, manifests: Manifests) -> Iterator[tuple[str, str | None]]:
    """Go through what a call names, each with what is wrong with it."""
    names = [word.literal for word in call.packages]
    chosen = [one for one in manifests if one.name in names]
    if names and len(chosen) != len(set(names)):
        return  # a package that is not there is told by another check
    among = tuple(chosen or manifests)
    nobody = f"{listed([one.name for one in chosen])} does not have" if chosen else "no package has"
    for feature, pool in _features(call, among):
        known = any(feature in one.all_features for one in pool)
        told_of = f"to build with the feature {feature!r}, which {nobody}"
        yield f"feature {feature}", None if known else told_of
    for kind in (TargetKind.TEST, TargetKind.BENCH):
        for word in call.given(f"--{kind.value}"):
            name = word.literal or ""
            if re.fullmatch(r"[a-z]\w*", name) and not _PLACEHOLDER.search(name):
                known = any(name in one.named(kind) for one in among)
                told_of = f"to run the {kind.value} {name}, which {nobody}"
                yield f"{kind.value} {name}", None if known else told_of
    for target, _, feature, _ in left_off_anywhere(call, manifests):
        called = f"{target.kind.value} {target.name}"
        yield called, f"{_WITHOUT}{feature!r}"
    if call.subcommand == "run" and len(chosen) == 1 and not call.has("--example", "--bin"):
        able = bool(chosen[0].binaries)
        yield (
            f"run {chosen[0].name}",
            None if able else f"to run {chosen[0].name}, which has no program",
        )


def _features(call: CargoCommand, among: tuple[Package, ...]) -> Iterator[tuple[str, tuple[Package, ...]]]:
    """Go through the features that a call names, with the packages that may have each."""
    for name, _ in call.features:
        package, slash, feature = name.rpartition("/")
        pool = tuple(one for one in among if not slash or one.name == package)
        if pool and re.fullmatch(r"[a-z][\w-]*", feature) and not _PLACEHOLDER.search(feature):
            yield feature, pool
