"""Whether filters by paths let in all crates that their workflow builds."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from tasks.domain.answers import counted, listed, merged
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package
from tasks.domain.finding import Remedy, Weight
from tasks.domain.glob import GlobError, selected
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.tree import Tree
from tasks.domain.ubuntu_build import compiled
from tasks.domain.workflow import Workflow, Workflows

_EVENTS = ("push", "pull_request")
_ANY = (*_EVENTS, "pull_request_target", "merge_group", "workflow_run")
_TOOL = re.compile(r"maturin|napi|wasm-pack|tauri|cross |\bmake |\bjust |docker|bazel|nix |\./|cargo (?!fmt)")
"""What may build a crate in ways that are not followed here."""
_MOST_FORGOTTEN = 2
_PROVES = frozenset({"build", "check", "clippy", "test", "t", "b", "c", "nextest"})


@check(
    "trigger-paths-cover-crates",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Add the directories of these crates to `paths:`", minutes=5),
)
def trigger_paths_cover_crates(
    workflows: Workflows, scripts: Scripts, manifests: Manifests, tree: Tree
) -> Iterator[Answer]:
    """Every filter that names the crates its workflow builds names all: a change of others is not tried."""
    filtered = [one for one in workflows if _filters(one)]
    if manifests.broken or not filtered:
        return
    built = _built(filtered, scripts, manifests)
    directories = sorted(f"{one.directory}/" for one in manifests)
    files = {name: _files(one, directories, tree) for own in built.values() for name, one in own.items()}
    yield from merged(_answers(workflows, built, files))


def _answers(
    workflows: Workflows, built: Mapping[str, Mapping[str, Package]], files: Mapping[str, list[str]]
) -> Iterator[Answer]:
    let_in: dict[tuple[tuple[str, ...], str], bool] = {}  # many workflows have the same filter
    for workflow in (one for one in workflows if one.path in built):
        own = [name for name in built[workflow.path] if files[name]]
        for event, patterns in _filters(workflow).items():
            try:
                of_crates = tuple(one for one in patterns if not one.lstrip("!").startswith(".github/"))
                for name in own:
                    if (of_crates, name) not in let_in:
                        let_in[of_crates, name] = any(selected(patterns, path) for path in files[name])
                left = [name for name in own if not let_in[of_crates, name]]
                mine = len(own) - len(left)
                few = len(left) <= _MOST_FORGOTTEN and len(left) < mine
                forgotten = [name for name in left if few and not _is_left_out(patterns, files[name])]
                alone = [
                    name
                    for name in forgotten
                    if not any(_may_build(one, name, built, files[name]) for one in workflows)
                ]
            except GlobError:
                continue
            subject = f"{workflow.file}: paths"
            if not alone:
                if own:
                    yield holds(subject, "lets in what is built, or names a few crates on purpose")
                continue
            told = f"{workflow.file} builds {listed(alone)} as well, and its paths name only"
            told += f" {counted(mine, 'other crate')} of it: a change there alone starts no build"
            root = workflow.event(event)
            yield broken(subject, told, workflow.source.at(root.line_of("paths") if root else workflow.root))


def _filters(workflow: Workflow) -> dict[str, list[str]]:
    """Return the paths of each event whose runs a filter by paths chooses."""
    found: dict[str, list[str]] = {}
    for event in _EVENTS:
        filters = workflow.event(event)
        patterns = [*map(str, filters.texts("paths"))] if filters is not None else []
        if patterns and filters is not None and "tags" not in filters:
            found[event] = patterns
    return found


def _built(
    filtered: Sequence[Workflow], scripts: Scripts, manifests: Manifests
) -> dict[str, dict[str, Package]]:
    """Return the packages that the calls of each workflow compile for certain, by name."""
    found: dict[str, dict[str, Package]] = {one.path: {} for one in filtered}
    for script, command in scripts.commands("cargo"):
        if script.path not in found or script.never:
            continue
        call = cargo_command(command)
        workspace = call.workspace(manifests) if call is not None and call.subcommand in _PROVES else None
        if call is not None and workspace is not None:
            found[script.path] |= {one.name: one for one in compiled(call, workspace, manifests)}
    return found


def _files(package: Package, directories: Sequence[str], tree: Tree) -> list[str]:
    """Return the sources of a package, without those of packages inside its directory; all are in order."""
    start = f"{package.directory}/src/".lstrip("/")
    behind = directories[bisect.bisect_left(directories, start) :]
    inner = tuple(itertools.takewhile(lambda one: one.startswith(start), behind))
    return [path for path in tree.starting(start) if path.endswith(".rs") and not path.startswith(inner)]


def _is_left_out(patterns: list[str], files: list[str]) -> bool:
    taken = [one[1:] for one in patterns if one.startswith("!")]
    return any(selected(taken, path) for path in files)


def _may_build(
    workflow: Workflow, name: str, built: Mapping[str, Mapping[str, Package]], files: list[str]
) -> bool:
    """Tell whether a change of one of a package's files may start a build of it, by whatever tool."""
    if name not in built.get(workflow.path, {}) and _TOOL.search(workflow.source.text) is None:
        return False
    return any(_lets_in(workflow, event, files) for event in _ANY)


def _lets_in(workflow: Workflow, event: str, files: list[str]) -> bool:
    """Tell whether a change of one of these files starts a workflow, as far as its paths decide it."""
    filters = workflow.event(event)
    if filters is None:
        return False
    paths, ignored = filters.texts("paths"), filters.texts("paths-ignore")
    if paths:
        return any(selected([*map(str, paths)], path) for path in files)
    if "tags" in filters and "branches" not in filters:
        return False
    return not ignored or any(not selected([*map(str, ignored)], path) for path in files)
