"""Whether a change of the toolchain file alone is tried by some workflow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.domain.answers import MOST_PLACES
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.glob import GlobError, selected
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.workflow import Step, Workflow, Workflows

_PROVES = frozenset({"build", "check", "clippy", "test", "t", "b", "c", "nextest"})
_EVENTS = ("push", "pull_request", "pull_request_target", "merge_group", "workflow_run", "workflow_call")
_FILTER = "dorny/paths-filter"
_PATTERN = re.compile(
    r"^\s*-\s+(?:\w+(?:\|\w+)*:\s*)?(?P<quote>[\"']?)(?P<text>[^\"'#\s]+)(?P=quote)\s*(?:#.*)?$"
)
_BY_OTHERS = re.compile(
    r"maturin|napi|wasm-pack|tauri|cross |\bmake |\bjust |docker|bazel|nix |\./|uses:.*\.yml"
)
"""What may build the packages in ways that are not followed here."""


@check(
    "trigger-paths-cover-toolchain",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Add the toolchain file to the paths", minutes=2),
)
def trigger_paths_cover_toolchain(
    workflows: Workflows, scripts: Scripts, manifests: Manifests
) -> Iterator[Answer]:
    """Where a change of the lock file starts a build, one of the toolchain file does as well."""
    pinned = manifests.toolchain
    if pinned is None or pinned.channel is None or "/" in pinned.file.path:
        return
    if not any("paths" in one.source.text for one in workflows):
        return
    name = pinned.file.path
    proving = {
        script.path
        for script, command in scripts.commands("cargo")
        if script.job is not None
        and not script.never
        and (call := cargo_command(command)) is not None
        and call.subcommand in _PROVES
    }
    left: list[Evidence] = []
    for workflow in workflows:
        proves = workflow.path in proving
        if not proves and not _BY_OTHERS.search(workflow.source.text):
            continue
        try:
            starts, place = _starts(workflow, name)
        except GlobError:
            return
        if starts:
            yield holds(name, "is among the paths, or there are none")
            return
        if proves and place is not None:
            left.append(place)
    if left:
        told = (
            f"a change of {name} alone starts no build, and one of Cargo.lock does: the paths leave out the "
        )
        told += f"file that says by which Rust ({pinned.channel}) everything is built"
        yield broken(name, told, *left[:MOST_PLACES], pinned.file.at(pinned))


def _starts(workflow: Workflow, name: str) -> tuple[bool, Evidence | None]:
    """Tell whether a change of a file may start a workflow's work, else what lets in the lock file only."""
    place: Evidence | None = None
    for event in _EVENTS:
        filters = workflow.event(event)
        if filters is None or ("tags" in filters and "branches" not in filters):
            continue
        if not _lets_in(filters, name):
            if _lets_in(filters, "Cargo.lock") and _lets_in(filters, "src/lib.rs"):
                place = workflow.source.at(filters.line_of("paths"))
            continue
        steps = [step for _, step in workflow.steps() if step.action and step.action.name == _FILTER]
        lists = [_patterns(step) for step in steps]
        if not lists or any(not one or selected(one, name) for one in lists):
            return True, None
        for step, patterns in zip(steps, lists, strict=True):
            if selected(patterns, "Cargo.lock") and selected(patterns, "src/lib.rs"):
                place = workflow.source.at(step.line)
    return False, place


def _lets_in(filters: Map, name: str) -> bool:
    paths, ignored = filters.texts("paths"), filters.texts("paths-ignore")
    if paths:
        return selected([*map(str, paths)], name)
    return not ignored or not selected([*map(str, ignored)], name)


def _patterns(step: Step) -> Sequence[str]:
    """Return the patterns of all lists of a filter; none where they are not written there."""
    written = step.inputs.text("filters")
    if written is None or "${{" in written:
        return ()
    return [found["text"] for line in written.split("\n") if (found := _PATTERN.match(line)) is not None]
