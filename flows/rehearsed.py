"""Remedies as they can be typed where a run takes place: in a rehearsal they act on the embedded world.

Checks and steps name the commands of the real world, since they do not know in which one they are. Here, at
the border of the flows, the commands of a rehearsal are put in their place, and what the same would be live
is kept as one line. Everywhere, what shows the trouble comes before what commits the cure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tasks.domain.edit_command import opened
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy
from tasks.domain.settings import WorldKind
from tasks.domain.step import PhaseResult
from tasks.domain.typed import by, inside

WORLD = "python -m deployments.embedded"
LOOPBACK = ("127.0.0.1", "localhost")
UNSEEN = "run-seen"
REAL = ("gh ", "aws ")  # these speak to the real GitHub and AWS
ACTIVATES = "python -m flows.activate"
COMMITS = re.compile(r"^git (?:commit|push)\b")
# What names one run, job or repository of the embedded GitHub means nothing on the real one.
_OWN = re.compile(r" --(?:repo|job) \S+|(?<=run rerun) \d+|(?<=run view) \d+")

_LOOKS = re.compile(r"cargo metadata\b|gh api (?!.*(?:-X|--method|-F|-f)\b)")
"""Commands that show the trouble and put nothing right."""
_ENVIRONMENT = re.compile(r"repos/.+/environments/(?P<name>[^/]+)")
_SHOWING = ("aws iam ", "aws sts ")  # what these print is typed into the secret that is set after them
_OPENED = 3  # files: more would bury the screen
_WORLDS = {WorldKind.LIVE: ["--live"], WorldKind.OFFLINE: ["--offline"]}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where and as what a person types: ``directory`` is the repository their own commands work in."""

    world: WorldKind
    python: str
    cwd: Path
    directory: Path
    repository: str
    named: Path | None = None  # the repository as it was named on the command line
    scenario: str | None = None
    commits: bool = False  # the scenario's remedy is a commit
    checks: frozenset[str] = frozenset()  # the checks that can be asked alone


def shown(findings: Iterable[Finding], desk: Desk) -> tuple[Finding, ...]:
    """Return findings whose remedies can be typed at this desk."""
    return tuple(one if one.remedy is None else replace(one, remedy=remedy_at(desk, one)) for one in findings)


def phase_shown(phase: PhaseResult, desk: Desk) -> PhaseResult:
    """Return a phase whose steps' remedies can be typed at this desk."""
    steps = tuple(replace(step, findings=shown(step.findings, desk)) for step in phase.steps)
    return replace(phase, steps=steps)


def remedy_at(desk: Desk, finding: Finding) -> Remedy:
    """Return a finding's remedy as it can be typed at this desk."""
    remedy = finding.remedy
    assert remedy is not None
    urls = [command for command in remedy.commands if "://" in command.split(maxsplit=1)[0]]
    written = [_activating(command, desk) for command in remedy.commands if command not in urls]
    ordered = sorted(written, key=lambda command: COMMITS.match(command) is not None)
    url = remedy.url or next(iter(urls), None)
    live = remedy.live
    if desk.world is WorldKind.EMBEDDED:
        commands = [told for command in ordered for told in _embedded(command, desk, finding)]
        moved = [_OWN.sub("", command) for command in ordered if command.startswith(REAL)]
        live = live or "; ".join(dict.fromkeys(moved)) or None
        if finding.check == UNSEEN and (seen := _first_run_live(desk)) is not None:
            commands, live = (commands, seen) if commands else ([seen], live)
        if url is not None and urlsplit(url).hostname not in LOOPBACK:
            url = None
    else:
        commands = list(ordered)
    typed = tuple(by(inside(command, desk.directory, desk.cwd), desk.python) for command in commands)
    looks = all(_LOOKS.match(command) for command in commands)
    opening = _openings(desk, finding) if looks and not (url or live) else ()
    return replace(
        remedy,
        commands=tuple(dict.fromkeys((*opening, *typed))),
        url=url,
        live=None if live is None else by(live, desk.python),
        in_place=remedy.in_place or bool(opening),
        again=_again(desk, finding),
    )


def _activating(command: str, desk: Desk) -> str:
    """Return a command of the activation with the repository, scenario and world of this desk."""
    if not command.startswith(ACTIVATES):
        return command
    words = [ACTIVATES, *([shlex.quote(str(desk.named))] if desk.named else [])]
    words += ["--scenario", shlex.quote(desk.scenario)] if desk.scenario else []
    words += ["--live"] if desk.world is WorldKind.LIVE else []
    return " ".join(words) + command.removeprefix(ACTIVATES)


def _openings(desk: Desk, finding: Finding) -> tuple[str, ...]:
    """Return what opens the first place of each file, for a remedy that only a person can write."""
    first: dict[str, Evidence] = {}
    for place in finding.evidence:
        if place.file is not None and (place.file not in first or first[place.file].line is None):
            first[place.file] = place
    directory = "" if desk.directory == desk.cwd else str(desk.named or desk.directory)
    made = (opened(place, directory) for place in list(first.values())[:_OPENED])
    return tuple(command for command in made if command is not None)


def _again(desk: Desk, finding: Finding) -> str | None:
    """Return what asks only the finding's check again; None for what a step says."""
    if finding.check not in desk.checks:
        return None
    words = ["python -m flows.preflight", *([shlex.quote(str(desk.named))] if desk.named else [])]
    words += ["--scenario", shlex.quote(desk.scenario)] if desk.scenario else []
    words += _WORLDS.get(desk.world, [])
    return by(" ".join([*words, "--only", finding.check]), desk.python)


def _embedded(command: str, desk: Desk, finding: Finding) -> Iterator[str]:
    """Yield the command of the embedded world that does the same; nothing when there is none."""
    if desk.commits and finding.blocks and COMMITS.match(command):
        yield f"{WORLD} remedy {desk.scenario}"
        return
    if not command.startswith(REAL):
        yield command
        return
    world = f" --scenario {desk.scenario}" if desk.scenario else ""
    if command.startswith("aws "):
        if not command.startswith("aws sso "):
            yield f"{WORLD} aws{world} {command.removeprefix('aws ')}"
        return
    words = shlex.split(command)
    match words[1:3]:
        case ["secret", "set"]:
            of = _option(words, "--env")
            where = f" --repository {desk.repository}" + (f" --environment {of}" if of else "")
            shown = finding.remedy is not None and any(
                one.startswith(_SHOWING) for one in finding.remedy.commands
            )
            value = "" if shown else " --random"  # what a command before it shows is typed
            yield f"{WORLD} secret {words[3]}{value}{where}{world}"
        case ["variable", "set"]:
            of = _option(words, "--env")
            where = f" --repository {desk.repository}" + (f" --environment {of}" if of else "")
            yield f"{WORLD} variable {words[3]}{where}{world}"
        case ["api", "--method"] if (made := _ENVIRONMENT.fullmatch(words[-1])) and words[3] == "PUT":
            name = shlex.quote(unquote(made["name"]))
            yield f"{WORLD} environment {name} --repository {desk.repository}{world}"
        case ["auth", "refresh" | "login"]:
            asked = [*(_option(words, "--scopes") or "").split(","), "repo", "workflow", "read:org"]
            yield f"{WORLD} token {','.join(dict.fromkeys(scope for scope in asked if scope))}{world}"
        case ["run", "view"] if job := _option(words, "--job"):
            yield f"{WORLD} log {job}{world}"
        case ["run", "rerun"]:
            yield f"{WORLD} rerun {words[3]} --repository {desk.repository}{world}"


def _option(words: list[str], name: str) -> str | None:
    return words[words.index(name) + 1] if name in words[:-1] else None


def _first_run_live(desk: Desk) -> str | None:
    """Return what has the real GitHub run it; None for the sample, which is in no real place."""
    if desk.named is None:
        return None
    return f"python -m flows.activate {shlex.quote(str(desk.named))} --live --until first-run"
