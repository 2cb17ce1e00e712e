"""Whether the Helm of GitHub's machines takes the plugins that steps install."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.finding import Remedy, Weight
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.runner_image import HELM, image
from tasks.domain.script import Command, Scripts
from tasks.domain.workflow import Workflow, Workflows

_OTHER_HELM = re.compile(r"setup-helm|get-helm|get\.helm\.sh|(?:install|add)[^\n]*\bhelm\b|/helm\b")
_REPOSITORY = re.compile(r"https?://\S+(?<!\.tgz)")


@check(
    "helm-plugin-installs",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Add `--verify=false` to the command, or install a Helm 3 before with azure/setup-helm",
        minutes=5,
    ),
)
def helm_plugin_installs(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every plugin that a step installs from a repository is one that the machine's Helm need not verify."""
    named = [one for one in workflows if "helm plugin" in one.source.text]
    if named:
        history = History(workflows, scripts)
        for workflow in named:
            yield from merged(_plugins(history, workflow))


def _plugins(history: History, workflow: Workflow) -> Iterator[Answer]:
    for script, command in history.commands(workflow, "helm"):
        version = image(workflow, script.job) if script.job is not None else None
        if version is None or HELM[version] < 4 or not _is_refused(command):
            continue
        said = history.before(workflow, script, command)
        if said.opaque or _OTHER_HELM.search(said.text):
            continue
        told = (
            f"Helm {HELM[version]} of ubuntu-{version} verifies what it installs, which it cannot do for a "
            "repository: `plugin source does not support verification`"
        )
        assert script.job is not None
        yield broken(f"{workflow.file}: {script.job.id}", told, script.source.at(command))


def _is_refused(command: Command) -> bool:
    words = command.literals
    given = any(one.text.startswith("--verify") for one in command.arguments)
    source = words[2] if len(words) > 2 else None
    installs = words[:2] in (("plugin", "install"), ("plugin", "add"))
    return installs and not given and command.fatal and bool(source and _REPOSITORY.fullmatch(source))
