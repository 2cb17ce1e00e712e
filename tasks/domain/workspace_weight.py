"""How heavily a fault in a workspace weighs: cargo loads the one at the root, others only where asked to."""

from __future__ import annotations

import posixpath
import re
import shlex

from tasks.domain.check import Answer, broken
from tasks.domain.crate import Manifests, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.source import Source, Sources

_RUN_FOLDERS = (".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", "ci/", ".ci/")
_RUN_NAMES = frozenset(
    {
        "Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile", "Makefile.toml",
        "Taskfile.yml", "Taskfile.yaml", ".gitlab-ci.yml", ".travis.yml", "package.json", "action.yml",
        "action.yaml",
    }
)  # fmt: skip
_ASIDE = frozenset(
    {
        "test",
        "tests",
        "testing",
        "testdata",
        "fixture",
        "fixtures",
        "example",
        "examples",
        "sample",
        "samples",
    }
    | {"demo", "demos", "mock", "mocks", "dummy", "doc", "docs"}
)
_RUN_ENDINGS = (".sh", ".bash", ".just", ".mk")


def workspace_weight(workspace: Workspace, manifests: Manifests, sources: Sources) -> Weight:
    """Weigh a fault in a manifest of a workspace.

    At the root it stops every call of cargo. Further down it hurts who works there: when a workflow, a
    recipe, a script or a dependency by path leads there it is a warning, and else, or among examples, a note.
    """
    if workspace.directory == "":
        return Weight.BLOCKER
    words = re.findall(r"[a-z0-9]+", workspace.directory.lower())
    if not _ASIDE.isdisjoint(words) or not is_used(workspace, manifests, sources):
        return Weight.NOTE
    return Weight.WARNING


def is_used(workspace: Workspace, manifests: Manifests, sources: Sources) -> bool:
    """Tell whether something of the repository runs in a workspace, or in one that depends on it by path."""
    reached, left = {workspace.directory}, [workspace]
    while left:
        one = left.pop()
        if one.directory == "" or _is_run(one.directory, sources):
            return True
        own = {package.directory for package in one.packages}
        for other in manifests.workspaces:
            needs = (need.path for package in other.packages for need in package.dependencies)
            if other.directory not in reached and any(path in own for path in needs if path is not None):
                reached.add(other.directory)
                left.append(other)
    return False


def _is_run(directory: str, sources: Sources) -> bool:
    asked = _named(directory)
    return any(_runs(one) for one in sources if one.path.startswith(f"{directory}/")) or any(
        _runs(one) and asked.search(one.text) for one in sources.saying(directory, told=False)
    )


def manifest_remedy(workspace: Workspace) -> Remedy:
    """Return how to see that cargo reads a workspace again, which it is told by the root's manifest."""
    manifest = "" if workspace.directory == "" else f" --manifest-path {shlex.quote(workspace.toml.path)}"
    return Remedy(
        summary="Correct the manifest at the line named, then let cargo read it",
        commands=(f"cargo metadata --no-deps --format-version 1{manifest}",),
        minutes=5,
    )


def refused(
    subject: str, told: str, *places: Evidence, of: Workspace, manifests: Manifests, sources: Sources
) -> Answer:
    """Answer that cargo refuses a workspace, with the weight and the remedy that this has there."""
    weight = workspace_weight(of, manifests, sources)
    return broken(subject, told, *places, weight=weight, remedy=manifest_remedy(of))


def _named(directory: str) -> re.Pattern[str]:
    """Compile what a text says that works in a directory; a single word is one only where a path stands."""
    written = re.escape(directory)
    if "/" in directory:
        return re.compile(rf"(?<![\w/-])(?:\./)?{written}(?![\w-]|/\*)")
    leads = r"(?:\bcd|working-directory:|-C|--path|--manifest-path)[ =]+[\"']?(?:\./)?"
    return re.compile(rf"(?<![\w/.-])(?:\./)?{written}/(?!\*)|{leads}{written}(?![\w-])")


def _runs(source: Source) -> bool:
    name = posixpath.basename(source.path)
    return (
        source.path.startswith(_RUN_FOLDERS)
        or name in _RUN_NAMES
        or name.endswith(_RUN_ENDINGS)
        or "Dockerfile" in name
    )
