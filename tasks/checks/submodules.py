"""Whether the submodules that cargo needs are there when a job calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check
from tasks.domain.checkout import CHECKOUT
from tasks.domain.crate import Manifests, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.tree import SUBMODULE, Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_READS_ALL_MANIFESTS = frozenset(
    {
        "build", "b", "check", "c", "test", "t", "run", "r", "bench", "clippy", "doc", "d", "update", "fetch",
        "metadata", "tree", "nextest", "llvm-cov", "tarpaulin", "package", "publish", "hack",
    }
)  # fmt: skip
_FETCHES = re.compile(r"submodule\s+(?:update|init|foreach)|--recurse-submodules|submodules:")


@check(
    "submodule-checked-out",
    phase=Phase.FIRST_RUN,
    subject="git",
    remedy=Remedy(summary="Let the checkout fetch submodules: `with: {submodules: recursive}`", minutes=3),
)
def submodule_checked_out(
    tree: Tree, manifests: Manifests, workflows: Workflows, scripts: Scripts, sources: Sources
) -> Iterator[Answer]:
    """Every job that builds fetches the submodules that cargo needs."""
    submodules = [entry.path for entry in tree if entry.mode == SUBMODULE]
    if not submodules or _fetched_by_recipes(sources):
        return
    for workflow in workflows:
        for job in workflow.jobs.values():
            found = _called_without(workflow, job, scripts, manifests)
            if found is None:
                continue
            checkout, workspace = found
            needed = _needed(workspace, manifests, submodules)
            if needed:
                told = f"the job {job.id} builds without {listed(list(needed))}, which cargo needs"
                place = workflow.source.at(checkout.line)
                yield broken(f"{workflow.file}: {job.id}", told, place, *needed.values())


def _fetched_by_recipes(sources: Sources) -> bool:
    """Tell whether a recipe, script or action of the repository fetches submodules: any job may call it."""
    own = (one for one in sources if not one.path.startswith(".github/workflows/"))
    return any(_FETCHES.search(one.text) for one in own if not one.path.endswith(".md"))


def _called_without(
    workflow: Workflow, job: Job, scripts: Scripts, manifests: Manifests
) -> tuple[Step, Workspace] | None:
    """Return the checkout that left submodules out, and the workspace that cargo works in after it."""
    checkout: Step | None = None
    for step in job.steps:
        if step.action is not None and step.action.name == CHECKOUT:
            whole = {"repository", "submodules", "path"} & {str(key) for key in step.inputs}
            checkout = None if whole else step
        script = scripts.of(workflow.path, job, step)
        if script is None or checkout is None:
            continue
        if "submodule" in script.text or not script.understood:
            return None
        for command in script.running("cargo", "cross"):
            call = cargo_command(command)
            if call is None or call.subcommand not in _READS_ALL_MANIFESTS or not command.fatal:
                continue
            workspace = call.workspace(manifests)
            if workspace is not None:
                return checkout, workspace
    return None


def _needed(workspace: Workspace, manifests: Manifests, submodules: list[str]) -> dict[str, Evidence]:
    """Return the submodules that packages of a workspace, or those that they depend on, lie in."""
    packages = {one.directory: one for one in manifests}
    left, seen = list(workspace.packages), set()
    needed: dict[str, Evidence] = {}
    while left:
        package = left.pop(0)
        if package.directory in seen:
            continue
        seen.add(package.directory)
        for one in package.dependencies:
            if one.path is None:
                continue
            inside = next((path for path in submodules if f"{one.path}/".startswith(f"{path}/")), None)
            if inside is not None:
                needed.setdefault(inside, package.toml.source.at(one.line))
            elif one.path in packages:
                left.append(packages[one.path])
    return needed
