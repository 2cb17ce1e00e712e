"""Whether the files are committed without which the tools that check dependencies refuse to work."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out
from tasks.domain.crate import Manifests, Workspace, table
from tasks.domain.finding import Remedy
from tasks.domain.guarded import is_certain
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.tree import Tree

_MADE_BY_VET = Remedy(
    summary="Initialize cargo-vet and commit its directory", commands=("cargo vet init",), minutes=15
)
_MADE_BY_DENY = Remedy(
    summary="Write `deny.toml` with the licenses that are allowed, or check `advisories` alone",
    commands=("cargo deny init",),
    minutes=20,
)
_TABLES = ("workspace", "package")
_WITHOUT = frozenset({"init", "help", "--help", "-h", "--version", "-V"})
_WITH_VALUES = ("--store-path", "--manifest-path", "--config", "--hide-inclusion-graph", "-c")
_OF_LICENSES = frozenset({"all", "licenses", "license"})
_DENY_FILES = ("deny.toml", ".deny.toml", ".cargo/deny.toml")


@check("cargo-tool-file-there", phase=Phase.FIRST_RUN, subject="cargo")
def cargo_tool_file_there(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Both cargo vet and cargo deny find the committed files without which they fail."""
    yield from merged(_answers(scripts, manifests, tree))


def _answers(scripts: Scripts, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    for name in ("vet", "deny"):
        for script, command in scripts.commands("cargo", spelling=name):
            call = cargo_command(command)
            if call is None or call.subcommand != name or script.job is None or script.step is None:
                continue
            workspace = call.workspace(manifests)
            ends = command.fatal and is_certain(command) and not script.step.may_fail and not script.never
            if workspace is None or not ends or not checked_out(script.job, script.step):
                continue
            lacking = (_of_vet if name == "vet" else _of_deny)(call, workspace, manifests, tree)
            subject = f"cargo {name}"
            if lacking is None or _is_made(script, lacking, name):
                yield holds(subject, "finds what it needs")
                continue
            told, remedy = (
                (f"cargo vet refuses to work: there is no {lacking}", _MADE_BY_VET)
                if name == "vet"
                else (f"there is no {lacking}, and cargo deny rejects every license then", _MADE_BY_DENY)
            )
            yield broken(subject, told, script.source.at(command), remedy=remedy)


def _of_vet(call: CargoCommand, workspace: Workspace, _: Manifests, tree: Tree) -> str | None:
    """Return the store that cargo vet looks for, beside the workspace's manifest or where that says."""
    words = [word.literal for word in call.options]
    if not _WITHOUT.isdisjoint(words) or None in words or any(_takes(word) for word in words):
        return None
    tomls = (workspace.toml, *(one.toml for one in workspace.packages))
    if any("vet" in table(table(one.root.get(key)).get("metadata")) for one in tomls for key in _TABLES):
        return None  # it may say where the store is
    store = posixpath.join(workspace.directory, "supply-chain")
    there = tree.has(f"{store}/config.toml") or tree.unseen(f"{store}/config.toml")
    return None if there else f"{store}/config.toml"


def _of_deny(call: CargoCommand, workspace: Workspace, manifests: Manifests, tree: Tree) -> str | None:
    """Return the file that cargo deny looks for when it checks licenses of packages that others wrote.

    Without one none is allowed (EmbarkStudios/cargo-deny, src/licenses/cfg.rs).
    """
    words = [str(word.literal) for word in call.options]
    what = [one for one in words if not one.startswith("-")]
    if any(word.literal is None or _takes(word.literal) for word in call.options) or what[:1] != ["check"]:
        return None
    if (what[1:] and _OF_LICENSES.isdisjoint(what)) or any(
        one.startswith(("-A", "--allow")) for one in words
    ):
        return None
    lock = manifests.locks.get(posixpath.join(workspace.directory, "Cargo.lock"))
    if lock is None or not any(one.source for one in lock.packages):
        return None
    here = call.directory or ""
    while True:
        if any(tree.has(posixpath.join(here, name)) for name in _DENY_FILES):
            return None
        if not here:
            return "deny.toml"
        here = posixpath.dirname(here)


def _takes(word: str | None) -> bool:
    return word is not None and word.startswith(_WITH_VALUES)


def _is_made(script: Script, path: str, name: str) -> bool:
    """Tell whether a step of the job may make the file: it speaks of it, or initializes the tool."""
    assert script.job is not None, "asked of steps only"
    directory = posixpath.basename(posixpath.dirname(path)) or posixpath.basename(path)
    lines = (
        line
        for one in script.job.steps
        for line in (*str(one.run or "").split("\n"), str(one.inputs.text("path") or ""))
    )
    said = [line for line in lines if not line.lstrip().startswith("#")]
    return any(directory in line or f"{name} init" in line for line in said)
