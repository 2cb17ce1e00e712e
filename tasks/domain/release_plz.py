"""The tags and releases that release-plz makes in a run of ``release-plz release``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.domain.checkout import CHECKOUT
from tasks.domain.crate import Manifests
from tasks.domain.source import Sources
from tasks.domain.token_made import Made, is_own
from tasks.domain.workflow import Job, Step, Workflow

ACTIONS = frozenset({"release-plz/action", "marcoieni/release-plz-action"})
_SETTINGS = ("release-plz.toml", ".release-plz.toml")


def made_by_release_plz(
    workflow: Workflow, job: Job, manifests: Manifests, sources: Sources
) -> Iterator[Made]:
    """Go through the tags and releases that its action makes with the job's own token.

    It reads the token from GITHUB_TOKEN; a checkout with another one may push the tags in its stead.
    """
    for step in job.steps:
        if step.action is None or step.action.name not in ACTIONS or not _releases(step):
            continue
        envs = (step.env, job.env, workflow.env)
        token = next((one.text("GITHUB_TOKEN") for one in envs if "GITHUB_TOKEN" in one), None)
        others = (one.inputs.text("token") for one in job.steps if one.action and one.action.name == CHECKOUT)
        settings = _settings(sources)
        if token is None or not is_own(token) or not all(map(is_own, others)) or settings is None:
            continue
        names = tuple(_tags(manifests, settings))
        if names:
            yield Made(kind="tag", line=step.action.line, by=str(step.action.name), names=names)
        whole = settings.get("workspace", {})
        said = [one for one in (whole, *settings.get("package", ())) if isinstance(one, Mapping)]
        if names and not any(
            one.get("git_release_enable") is False or one.get("git_release_draft") for one in said
        ):
            yield Made(kind="release", line=step.action.line, by=str(step.action.name), prerelease=None)


def _releases(step: Step) -> bool:
    plain = not {"config", "manifest_path", "project_manifest", "dry_run", "forge", "backend"} & {
        *step.inputs
    }
    return plain and step.inputs.text("command") in (None, "release")


def _settings(sources: Sources) -> Mapping[str, Any] | None:
    """Return its settings, empty without a file of them; None for one that cannot be read."""
    source = next((one for path in _SETTINGS if (one := sources.get(path)) is not None), None)
    try:
        return tomllib.loads(source.text.replace("\r\n", "\n")) if source is not None else {}
    except tomllib.TOMLDecodeError:
        return None


def _tags(manifests: Manifests, settings: Mapping[str, Any]) -> Iterator[str]:
    """Go through the tags of the packages that it publishes, as if each were released in its version now."""
    workspace = manifests.workspace("")
    packages = workspace.packages if workspace is not None else ()
    public = [one for one in packages if one.toml.root.get("package", {}).get("publish") is not False]
    shared = settings.get("workspace", {})
    own = {one.get("name"): one for one in settings.get("package", ()) if isinstance(one, Mapping)}
    for one in public:
        said = {**shared, **own.get(one.name, {})}
        if said.get("release") is False or said.get("git_tag_enable") is False or one.version is None:
            continue
        alone = "v{{ version }}" if len(public) == 1 else "{{ package }}-v{{ version }}"
        name = str(said.get("git_tag_name", alone))
        for field, value in (("package", one.name), ("version", one.version)):
            name = re.sub(rf"\{{\{{\s*{field}\s*\}}\}}", value, name)
        if "{" not in name:
            yield name
