"""Whether the profiles that workflows build with are ones that cargo has."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Workspace
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts

_BUILT_IN = frozenset({"dev", "release", "test", "bench"})
_OWN_PROFILES = frozenset({"nextest", "llvm-cov", "tarpaulin"})
"""Subcommands whose ``--profile`` names something else than one of cargo's profiles."""


@check(
    "workflow-profile-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Name a profile of cargo, or write it as [profile.NAME] in Cargo.toml", minutes=5),
)
def workflow_profile_exists(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every profile that a workflow builds with is cargo's own or written in the workspace's manifest."""
    yield from merged(_profiles(scripts, manifests))


def _profiles(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    for script, command in scripts.commands("cargo", "cross"):
        call = cargo_command(command)
        if call is None or not call.builds or call.subcommand in _OWN_PROFILES or script.workflow is None:
            continue
        workspace = call.workspace(manifests)
        if workspace is None or workspace.toml.problem is not None or script.never:
            continue
        known = _known(workspace, manifests)
        for word in call.given("--profile"):
            for name in word.values or ():
                subject = f"{script.workflow.rpartition('/')[2]}: {name}"
                if name in known:
                    yield holds(subject, "is a profile")
                else:
                    there = ", ".join(sorted(known))
                    told = f"cargo has no profile {name!r} (there are: {there})"
                    yield broken(subject, told, script.source.at(word))


def _known(workspace: Workspace, manifests: Manifests) -> frozenset[str]:
    tables = [one.root.get("profile") for one in (workspace.toml, *manifests.configs)]
    return _BUILT_IN.union(*(table for table in tables if isinstance(table, dict)))
