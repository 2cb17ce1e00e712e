"""What a repository says about itself, for whatever its ``activation.toml`` leaves out.

Nothing here is a guess: where two answers are possible, none is given and the setting stays unset.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping

from tasks.domain.git_state import GitState, remote_name
from tasks.domain.glob import GlobError, selected
from tasks.domain.settings import Origin
from tasks.domain.source import Source
from tasks.domain.trigger import DispatchInput, dispatch_inputs
from tasks.domain.workflow import Workflow, Workflows
from tasks.facts.configuration import Configured
from tasks.facts.toml_text import loads

RELEASE_ACTIONS = frozenset(
    {
        "actions/create-release",
        "marvinpinto/action-automatic-releases",
        "ncipollo/release-action",
        "softprops/action-gh-release",
        "svenstaro/upload-release-action",
        "taiki-e/create-gh-release-action",
        "taiki-e/upload-rust-binary-action",
    }
)
_BEFORE_VERSION = re.compile(r".*?(?=\d+\.\d+\.\d+)")
_LITERAL = re.compile(r"[^*?+!\[\\]*(?![?+])")  # both act on the character before them
_MAKES_RELEASE = re.compile(r"\bgh\s+release\s+create\b|/releases(?:[\"'\s?]|$)", re.MULTILINE)


def discover(git: GitState, workflows: Workflows, manifest: Source | None) -> Configured:
    """Return what ``origin``, the workflow files and the workspace manifest say, as a layer."""
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}

    def found(key: str, value: object, file: str | None = None, line: int | None = None) -> None:
        if value is not None:
            values[key] = value
            origins[key] = Origin(source="discovered", file=file, line=line)

    remote = remote_name(git.origin)
    found("repository.owner", remote and remote.owner)
    found("repository.name", remote and remote.name)
    found("repository.branch", git.default_branch or git.branch)
    version = workspace_version(manifest) if manifest else None
    release = release_workflow(workflows)
    if manifest and version:
        line = manifest.line_of("version")
        found("release.tag", planned_tag(version, release, git.tags), manifest.path, line)
    if release:
        found("release.workflow", release.file, release.path)
    if deploy := deploy_workflow(workflows):
        found("deployment.workflow", deploy.file, deploy.path)
        for index, name in enumerate(deploy_environments(deploy)):
            found(f"deployment.environments.{index}.name", name, deploy.path)
            found(f"deployment.environments.{index}.approval", _is_production(name), deploy.path)
    return Configured(values=values, origins=origins)


def workspace_version(manifest: Source) -> str | None:
    """Return the version that the root manifest gives the workspace or its package, if it gives one."""
    try:
        content = loads(manifest.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None  # the checks say so with its line; here it only means that no version is known
    workspace = _table(content, "workspace", "package")
    version = _table(content, "package").get("version", workspace.get("version"))
    if isinstance(version, dict):  # ``version.workspace = true``
        version = workspace.get("version")
    return version if isinstance(version, str) else None


def planned_tag(version: str, release: Workflow | None, tags: Iterable[str] = ()) -> str | None:
    """Return the tag of a version, as the release's workflow waits for it; None where that is not plain.

    Of several ways to write it the usual ones come first, then the ways of the repository's own tags and the
    beginnings that the workflow's patterns spell.
    """
    usual = f"v{version}"
    push = release.event("push") if release is not None else None
    patterns = push.texts("tags") if push is not None else ()
    if not patterns:
        return usual
    own = (before[0] for before in map(_BEFORE_VERSION.match, tags) if before is not None)
    spelled = (_LITERAL.match(one) for one in patterns if not one.startswith("!"))
    beginnings = dict.fromkeys(("v", "", *own, *(one[0] for one in spelled if one is not None)))
    try:
        return next((f"{one}{version}" for one in beginnings if selected(patterns, f"{one}{version}")), None)
    except GlobError:
        return usual


def release_workflow(workflows: Workflows) -> Workflow | None:
    """Return the one workflow that a tag starts and that makes a release, None for none or several."""
    started = [one for one in workflows if _started_by_tag(one) and _makes_release(one)]
    return _one(started, "release")


def deploy_workflow(workflows: Workflows) -> Workflow | None:
    """Return the one workflow that is dispatched with an ``environment``, None for none or several."""
    dispatched = [one for one in workflows if _environment_input(one) is not None]
    return _one(dispatched, "deploy")


def deploy_environments(workflow: Workflow) -> tuple[str, ...]:
    """Return the environments a deploy workflow offers, production last; none for a free text."""
    asked = _environment_input(workflow)
    options = tuple(str(option) for option in asked.options) if asked else ()
    return tuple(sorted(options, key=_is_production))


def _is_production(name: str) -> bool:
    return name.lower().startswith(("prod", "live"))


def _environment_input(workflow: Workflow) -> DispatchInput | None:
    declared = dispatch_inputs(workflow.triggers) or ()
    return next((one for one in declared if one.name == "environment"), None)


def _started_by_tag(workflow: Workflow) -> bool:
    push = workflow.event("push")
    return push is not None and bool(push.texts("tags"))


def _makes_release(workflow: Workflow) -> bool:
    return any(
        (step.action is not None and step.action.name in RELEASE_ACTIONS)
        or (step.run is not None and _MAKES_RELEASE.search(step.run) is not None)
        for _, step in workflow.steps()
    )


def _one(candidates: Iterable[Workflow], stem: str) -> Workflow | None:
    found = list(candidates)
    named = [one for one in found if one.file.rpartition(".")[0] == stem]
    return found[0] if len(found) == 1 else named[0] if len(named) == 1 else None


def _table(content: Mapping[str, object], *path: str) -> Mapping[str, object]:
    table: object = content
    for key in path:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}
