"""Whether the scripts that workflows call build the programs that they then take."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Workflow, Workflows

_ASSIGNED = re.compile(
    r"^\s*(?:(?:export|local|readonly)\s+)?(\w+)=(\(?)\s*[\"']?([^\"'\n()#]*)[\"']?\s*\)?\s*$"
)
_ELEMENT = re.compile(r"^\s*[\"']([^\"'\n]+)[\"']\s*$")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_BUILT = re.compile(r"(?:^|/)target/(?:[\w-]+/)?(?:release|debug)/([A-Za-z0-9_-]+)$")
_TRIED = re.compile(r"(?<!! )-[efsx]\s+[\"']?([^\"'\s]+)")
_BUILDS = re.compile(
    r"^\s*(?:\w+=\S+\s+|\w+=\"[^\"]*\"\s+)*(?:if\s+!?\s*)?(?:cargo|cross)\s+build\b", re.MULTILINE
)
_HERE = re.compile(r"\$\(pwd\)|\$\{?PWD\}?")
_ELSEWHERE = re.compile(r"git clone|target-dir|CARGO_TARGET_DIR|CARGO_BUILD_TARGET")


@check(
    "called-script-binary-exists",
    phase=Phase.FIRST_RUN,
    subject="cargo-names",
    remedy=Remedy(
        summary="Name what the workspace builds in the script, or add it to the workspace", minutes=10
    ),
)
def called_script_binary_exists(
    workflows: Workflows, scripts: Scripts, manifests: Manifests
) -> Iterator[Answer]:
    """Every program that a called script builds and packs from `target/` is one that a package builds."""
    history = History(workflows, scripts)
    built = {name for one in manifests for name in one.binaries}
    others = {f"lib{one.name.replace('-', '_')}" for one in manifests}
    others |= {target.name for one in manifests for target in one.targets}
    if manifests.broken or not manifests.packages:
        return
    for workflow in workflows:
        yield from merged(_calls(history, workflow, built, others))


def _calls(history: History, workflow: Workflow, built: set[str], others: set[str]) -> Iterator[Answer]:
    for script in history.scripts(workflow):
        job, step = script.job, script.step
        if job is None or step is None or step.may_fail:
            continue
        if any(one.action is not None and "download" in one.action.name for one in job.steps[: step.index]):
            continue  # the program may come from another job
        for command in script.commands:
            called = _called(history, command)
            if called is None or not command.fatal or _ELSEWHERE.search(called.text):
                continue
            for name, line in _taken(called) if _BUILDS.search(called.text) else ():
                subject = f"{workflow.file}: {called.path}: {name}"
                if name in built or name in others:
                    yield holds(subject, "is built")
                    continue
                there = ", ".join(sorted(built)) or "none"
                told = f"{called.path} takes a program {name!r}, which no package builds (there are: {there})"
                yield broken(subject, told, called.source.at(line), workflow.source.at(command))


def _called(history: History, command: Command) -> Script | None:
    for word in command.run[:2]:
        path = command.path(word.literal) if word.literal is not None else None
        if path in history.files:
            return history.files[path or ""]
    return None


def _taken(script: Script) -> Iterator[tuple[str, int]]:
    """Go through the programs that variables and lists of a script name; what it only tries is not one."""
    text = _HERE.sub(".", script.text)
    values = _values(text)
    tried = {_filled(path, values) for path in _TRIED.findall(text)}
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        assigned, element = _ASSIGNED.match(line), _ELEMENT.match(line)
        inside = bool(re.match(r"\s*\w+\+?=\(\s*$", line)) or (inside and not line.strip().startswith(")"))
        written = assigned[3] if assigned else element[1] if element and inside else None
        path = None if written is None else _filled(written, values)
        found = None if path is None or path in tried else _BUILT.search(path)
        if found is not None:
            yield found[1], number + script.line - 1


def _values(text: str) -> dict[str, str]:
    """Return the variables that are given one value, once."""
    found = [match for line in text.split("\n") if (match := _ASSIGNED.match(line)) and not match[2]]
    times = Counter(match[1] for match in found)
    return {match[1]: match[3] for match in found if times[match[1]] == 1}


def _filled(written: str, values: dict[str, str]) -> str:
    """Fill in the variables whose value is certain, also ones that are made of others."""
    for _ in range(3):
        written = _VARIABLE.sub(lambda found: values.get(found[1], found[0]), written)
    return written
