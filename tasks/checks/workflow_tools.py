"""Whether the programs that steps use are on the runner when they use them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import OWN, cargo_command
from tasks.domain.cargo_tools import may_bring
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy
from tasks.domain.installed import History, Said
from tasks.domain.phase import Phase
from tasks.domain.runner_image import ABSENT, ABSENT_ANYWHERE, CARGO_TOOLS, image
from tasks.domain.script import Scripts
from tasks.domain.spelling import fumbled
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflow, Workflows

_CRATE = re.compile(r"\bcargo-(?P<crate>[a-z][a-z0-9-]*-[a-z0-9-]+)\b")
_UNPACKED = re.compile(r"\b(?:curl|wget)\b(?:[^\n\\]|\\\n)*(?:/bin\b|GITHUB_PATH)")
"""What is downloaded straight to where programs are looked for; its address need not spell its name."""


@check(
    "cargo-subcommand-installed",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Install the subcommand in a step before, for instance with taiki-e/install-action", minutes=5
    ),
)
def cargo_subcommand_installed(
    workflows: Workflows, scripts: Scripts, manifests: Manifests, tree: Tree
) -> Iterator[Answer]:
    """Every cargo subcommand that does not come with the toolchain is installed before it is used."""
    aliases = {name for one in manifests.configs for name in one.root.get("alias", {})}
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from merged(_subcommands(history, workflow, aliases, tree))


def _subcommands(history: History, workflow: Workflow, aliases: set[str], tree: Tree) -> Iterator[Answer]:
    for script, command in history.commands(workflow, "cargo"):
        call = cargo_command(command)
        name = call.subcommand if call is not None else None
        if name is None or name in OWN or name in aliases or command.tested or script.job is None:
            continue
        if command.cwd and not tree.directory(command.cwd):
            continue  # what is made or downloaded there may have aliases of its own
        if fumbled(name, OWN) is not None:
            continue  # a slip of the fingers is for ``cargo-subcommand-spelled``
        version = image(workflow, script.job)
        if version is None or name in CARGO_TOOLS[version]:
            continue
        subject = f"{workflow.file}: cargo {name}"
        said = history.before(workflow, script, command)
        if said.opaque or _mentions_tool(said, name):
            yield holds(subject, "may be installed")
        else:
            told = f"no step before installs cargo-{name}, and ubuntu-{version} does not have it"
            yield broken(subject, told, workflow.source.at(command))


def _mentions_tool(said: Said, name: str) -> bool:
    """Tell whether a tool is named other than by using it."""
    unused = Said(text=said.text.replace(f"cargo {name}", ""))
    named = unused.mentions(name, f"cargo-{name}", f"{name}-cli", f"{name}_cli")
    named = named or any(_is_family(name, crate) for crate in _CRATE.findall(unused.text))
    unpacked = ".cargo/bin" in said.text or _UNPACKED.search(said.text) is not None
    return named or unpacked or may_bring(said.text, name)


def _is_family(name: str, crate: str) -> bool:
    """Tell whether a crate may bring a subcommand, as `cargo-all-features` brings `check-all-features`."""
    return f"-{name}-".endswith(f"-{crate}-") or f"-{crate}-".startswith(f"-{name}-")


@check(
    "tool-installed",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Install the program in a step before it is used", minutes=5),
)
def tool_installed(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every program that GitHub's Ubuntu images are known to lack is installed before it is used."""
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from merged(_tools(history, workflow))


def _tools(history: History, workflow: Workflow) -> Iterator[Answer]:
    for script, command in history.commands(workflow):
        first = command.run[0].literal if command.run else None
        if first not in ABSENT_ANYWHERE or command.conditional or command.tested or command.function:
            continue
        version = image(workflow, script.job) if script.job is not None else None
        if first is None or version is None or first not in ABSENT[version]:
            continue
        subject = f"{workflow.file}: {first}"
        said = history.before(workflow, script, command)
        if said.opaque or said.mentions(first) or f"setup-{first}" in said.text or f"/{first}" in said.text:
            yield holds(subject, "may be installed")
        else:
            told = f"no step before installs {first}, and ubuntu-{version} does not have it"
            yield broken(subject, told, workflow.source.at(command))
