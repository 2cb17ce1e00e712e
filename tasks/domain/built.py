"""Which programs the cargo commands of a job leave in its target directory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.crate import Manifests
from tasks.domain.script import Command, Scripts
from tasks.domain.workflow import Job, Step

_PATH = re.compile(
    r"target/(?:(?P<triple>[a-z0-9_]+-[a-z0-9_-]+)/)?(?P<profile>release|debug)/(?P<name>[A-Za-z0-9_-]+)(?:\.exe)?"
)
_LEAVES_PROGRAMS = frozenset({"build", "test", "run", "rustc", "bench", "nextest"})
_ELSEWHERE = ("CARGO_BUILD_TARGET", "CARGO_TARGET_DIR", "target-dir", "CARGO_BUILD_TARGET_DIR")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program in the target directory, by its path: its name, profile's directory and target."""

    name: str
    profile: str
    triple: str | None = None

    def made_by(self, call: CargoCommand, manifests: Manifests) -> bool:
        """Tell whether a call of cargo may leave the program there."""
        targets = [value for word in call.given("--target") for value in word.values or (None,)]
        if None not in targets and (self.triple not in targets if self.triple else bool(targets)):
            return False
        if not _may_be(self.profile, call):
            return False
        names = [value for word in call.given("--bin") for value in word.values or (None,)]
        if names and None not in names:
            return self.name in names
        if call.has("--lib") and not call.has("--bins", "--all-targets"):
            return False
        chosen = call.chosen(manifests)
        return chosen is None or any(self.name in one.binaries for one in chosen)


def program(path: str) -> Program | None:
    """Read a path as that of a program that cargo builds."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    return Program(name=found["name"], profile=found["profile"], triple=found["triple"])


def calls_before(
    scripts: Scripts, path: str, job: Job, step: Step, until: Command | None = None
) -> Iterator[CargoCommand] | None:
    """Return the calls of cargo before a step, or before a command of it, that leave programs.

    None when they may go elsewhere.
    """
    found: list[CargoCommand] = []
    if any(name in str(job.root.get("env")) for name in _ELSEWHERE):
        return None
    for one in job.steps[: step.index + (until is not None)]:
        script = scripts.of(path, job, one)
        if script is None:
            continue
        ahead = None if until is None or one.index < step.index else list(script.earlier(until))
        if not script.understood or any(name in f"{script.text} {one.env}" for name in _ELSEWHERE):
            return None
        for command in script.running("cargo", "cross"):
            if ahead is not None and not any(one is command for one in ahead):
                continue
            call = cargo_command(command)
            if call is None:
                return None
            if call.subcommand in _LEAVES_PROGRAMS:
                found.append(call)
    return iter(found)


def _may_be(profile: str, call: CargoCommand) -> bool:
    """Tell whether a call may use the profile whose directory is asked for."""
    if call.has("--release", "-r") or call.subcommand == "bench":
        return profile == "release"
    named = [value for word in call.given("--profile") for value in word.values or (None,)]
    if not named:
        return profile == "debug"
    directories = {"dev": "debug", "test": "debug", "bench": "release"}
    return any(value is None or directories.get(value, value) == profile for value in named)
