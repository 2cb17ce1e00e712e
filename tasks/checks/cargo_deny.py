"""Whether the cargo-deny that a workflow installs reads the repository's configuration."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.artifact import major
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.workflow import Workflow, Workflows

_REMOVED = {
    "advisories": frozenset({"vulnerability", "notice"}),
    "licenses": frozenset({"unlicensed", "allow-osi-fsf-free", "copyleft", "default", "deny"}),
}
"""Keys that cargo-deny refuses since 0.16 (2024-08-02): its src/{advisories,licenses}/cfg.rs."""
_REFUSES_SINCE = 16
_NAMES = ("deny.toml", ".deny.toml", ".cargo/deny.toml")
_ACTION, _ACTION_REFUSES_SINCE = "embarkstudios/cargo-deny-action", 2
_VERSION = re.compile(r"cargo-deny(?:@|[^\n]*?--vers(?:ion)?[ =])[\"'^=~v]*0\.(\d+)")
_TABLE, _KEY = re.compile(r"\s*\[\[?\s*([\w.-]+)"), re.compile(r"\s*([\w-]+)\s*=")


@check(
    "cargo-deny-reads-config",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Take the keys out: what they asked for is the default or goes into `allow` and `ignore`",
        minutes=10,
    ),
)
def cargo_deny_reads_config(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Every cargo-deny that a workflow runs accepts the keys of its configuration: 0.16 removed some."""
    history = History(workflows, scripts)
    calls: dict[str, list[Evidence]] = defaultdict(list)
    for workflow in workflows:
        for file, call in _calls(history, workflow, sources):
            calls[file.path].append(call)
    for path, places in calls.items():
        yield _judged(sources.files[path], places)


def _calls(history: History, workflow: Workflow, sources: Sources) -> Iterator[tuple[Source, Evidence]]:
    """Go through the calls of a cargo-deny that is new enough, each with the file that it reads."""
    for _, step in workflow.steps():
        if step.action is None or step.action.name != _ACTION or step.may_fail:
            continue
        if any(one in step.inputs for one in ("manifest-path", "arguments", "command-arguments")):
            continue  # they may name another file
        file = _file(sources, "")
        if file is not None and (major(step.action) or 0) >= _ACTION_REFUSES_SINCE:
            yield file, workflow.source.at(step.action)
    for script, command in history.commands(workflow, "cargo"):
        call = cargo_command(command)
        if call is None or call.subcommand != "deny" or script.job is None or script.step is None:
            continue
        if not command.fatal or script.step.may_fail or command.cwd is None:
            continue
        if any(word.text.startswith(("--config", "-c", "--manifest-path")) for word in command.arguments):
            continue
        said = history.before(workflow, script, command)
        versions = [int(found) for found in _VERSION.findall(said.text)]
        if said.opaque or not said.mentions("cargo-deny") or min(versions, default=99) < _REFUSES_SINCE:
            continue  # not installed as far as one can see, or an older one
        file = _file(sources, command.cwd)
        if file is not None:
            yield file, workflow.source.at(command)


def _file(sources: Sources, directory: str) -> Source | None:
    found = (sources.get(posixpath.join(directory, name)) for name in _NAMES)
    return next((one for one in found if one is not None), None)


def _judged(file: Source, calls: list[Evidence]) -> Answer:
    removed = list(_removed(file))
    if not removed:
        return holds(file.path, "is read")
    keys = listed([key for key, _ in removed], 8)
    told = f"cargo-deny 0.16 and newer refuse {file.path}: they removed {keys}"
    places = dict.fromkeys((*(file.at(line) for _, line in removed), *calls))
    return broken(file.path, told, *places)


def _removed(file: Source) -> Iterator[tuple[str, int]]:
    table = ""
    for number, line in enumerate(file.lines, 1):
        if found := _TABLE.match(line):
            table = found[1]
        elif (found := _KEY.match(line)) and found[1] in _REMOVED.get(table, ()):
            yield f"{table}.{found[1]}", number
