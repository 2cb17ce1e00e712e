"""What turns a compiler's warnings into errors where a workflow calls cargo, and which lints it lets pass.

Cargo takes one source only: the variable, else `.cargo/config.toml`; what an action exports is a variable
(cargo's reference on `build.rustflags`). actions-rust-lang/setup-rust-toolchain exports
`RUSTFLAGS="-D warnings"` up to v1 and `CARGO_BUILD_WARNINGS=deny` from v2, which cargo 1.97 and newer
read; neither where the variable is set already (its action.yml; its issues 54, 98 and 106).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tasks.domain.artifact import major
from tasks.domain.cargo_command import CargoCommand
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.inner_step import inner_steps
from tasks.domain.job_toolchain import toolchain_of
from tasks.domain.lane import Lane
from tasks.domain.rust_version import RustVersion
from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import Step

RUSTFLAGS, RUSTDOCFLAGS, BUILD_WARNINGS = "RUSTFLAGS", "RUSTDOCFLAGS", "CARGO_BUILD_WARNINGS"
_ACTION = "actions-rust-lang/setup-rust-toolchain"
_READS_BUILD_WARNINGS = RustVersion(1, 97)
_LEVEL = re.compile(r"^(?:-(?P<short>[DFAW])|--(?P<long>deny|forbid|allow|warn))(?:=)?(?P<lint>.*)$")
_LONG = {"deny": "D", "forbid": "F", "allow": "A", "warn": "W"}


@dataclass(frozen=True, kw_only=True)
class Denied:
    """Warnings are errors here: where that is written, and the lints that are let pass all the same."""

    place: Evidence
    words: tuple[str, ...]  # the lint levels as rustc takes them
    allowed: frozenset[str] = field(default_factory=frozenset)
    of_call: bool = False  # written behind ``--`` of the call itself


def lint_words(flags: str) -> tuple[str, ...]:
    """Return the lint levels among a compiler's flags, each as two words: ``-D``, ``warnings``."""
    try:
        words = shlex.split(flags)
    except ValueError:
        return ()
    found: list[str] = []
    while words:
        level = _LEVEL.match(words.pop(0))
        lint = (level["lint"] or (words.pop(0) if words else "")) if level else ""
        if level and lint:
            found += [f"-{level['short'] or _LONG[level['long']]}", lint]
    return tuple(found)


def without_levels(flags: str) -> str | None:
    """Return a compiler's flags without the lint levels among them; None for what no shell could read."""
    try:
        words = shlex.split(flags)
    except ValueError:
        return None
    kept: list[str] = []
    while words:
        word = words.pop(0)
        level = _LEVEL.match(word)
        if level is None:
            kept.append(word)
        elif not level["lint"] and words:
            words.pop(0)
    return " ".join(kept)


def denied(place: Evidence, words: tuple[str, ...]) -> Denied | None:
    """Read lint levels, as ``lint_words`` gives them; None when they deny no warning in general."""
    levels = list(zip(words[::2], words[1::2], strict=True))
    if not any(level in ("-D", "-F") and lint == "warnings" for level, lint in levels):
        return None
    return Denied(
        place=place,
        words=words,
        allowed=frozenset(lint.replace("-", "_") for level, lint in levels if level == "-A"),
    )


def warnings_denied(
    script: Script, call: CargoCommand, lane: Lane, scripts: Scripts, manifests: Manifests
) -> Denied | None:
    """Return what makes errors of warnings for a call in a lane; None when nothing certain does."""
    own = call.passed if call.subcommand == "clippy" else ()
    texts = [word.literal for word in own]
    if own and None not in texts:
        given = denied(script.source.at(own[0]), lint_words(shlex.join(str(text) for text in texts)))
        if given is not None:
            return replace(given, of_call=True)
    variable = _variable(script, call, lane, RUSTFLAGS)
    if variable is not None:
        return denied(variable[1], lint_words(variable[0] or ""))
    exported = _exported(script, lane, scripts)
    if exported is not None and exported[0] == RUSTFLAGS:
        return denied(exported[1], lint_words(exported[2]))
    if not _reads_build_warnings(script, call, lane, scripts, manifests):
        return None
    setting = _variable(script, call, lane, BUILD_WARNINGS)
    if setting is None and exported is not None and exported[0] == BUILD_WARNINGS:
        setting = (exported[2], exported[1])
    if setting is None:
        setting = next(_configured(manifests), None)
    if setting is None or setting[0] != "deny":
        return None
    return Denied(place=setting[1], words=("-D", "warnings"))


def given_flags(
    script: Script, call: CargoCommand, lane: Lane, name: str
) -> tuple[str | None, Evidence] | None:
    """Return the flags of a variable and where it is set; the text is None when only a run can tell."""
    return _variable(script, call, lane, name)


def doc_warnings_denied(script: Script, call: CargoCommand, lane: Lane) -> Denied | None:
    """Return what makes errors of the warnings of rustdoc in a lane."""
    variable = _variable(script, call, lane, RUSTDOCFLAGS)
    return None if variable is None else denied(variable[1], lint_words(variable[0] or ""))


def _variable(
    script: Script, call: CargoCommand, lane: Lane, name: str
) -> tuple[str | None, Evidence] | None:
    """Return a variable's value, None when only a run can tell, and where it is set; None when it is not."""
    for command in reversed(script.commands):
        if command.line > call.command.line:
            continue
        for one in command.assignments:
            if one.name == name and (command is call.command or one.exported or not command.words):
                value = one.value.literal if one.value is not None else None
                return value, script.source.at(one.line)
    if name not in lane.env:
        return None
    return lane.env[name], _place(script, name)


def _place(script: Script, name: str) -> Evidence:
    """Return where an environment sets a variable, as near to the step as it is written."""
    for env in (script.step.env if script.step else None, script.job.env if script.job else None):
        if env is not None and name in env:
            return script.source.at(env.line_of(name))
    written = re.compile(rf"(?:^|[\s{{,\"']){name}\s*[:=]")
    lines = [number for number, line in enumerate(script.source.lines, 1) if written.search(line)]
    return script.source.at(lines[0] if lines else None)


def _exported(script: Script, lane: Lane, scripts: Scripts) -> tuple[str, Evidence, str] | None:
    """Return what the toolchain's action exports before a step: the variable, its place, its value."""
    found: tuple[str, Evidence, str] | None = None
    for step in script.job.steps if script.job is not None else ():
        if script.step is None or step.index >= script.step.index:
            break
        for one in inner_steps(step, lane, script.source, scripts.actions):
            if one.step.action is None or one.step.action.name != _ACTION or one.runs is not True:
                continue
            made = _by_action(one.step, one.lane)
            found = found or (None if made is None else (made[0], one.source.at(one.step.line), made[1]))
    return found


def _by_action(step: Step, lane: Lane) -> tuple[str, str] | None:
    """Return the variable and value that a use of the action exports; None when not certain."""
    version = major(step.action)
    flags = _input(step, lane, "rustflags")
    if version == 1:
        flags = "-D warnings" if "rustflags" not in step.inputs else flags
        return (RUSTFLAGS, flags) if flags else None
    if version is None and {"rustflags", "build-warnings"} & {*step.inputs}:
        return None  # a commit or a branch: only an input of the one version is known of it
    if flags:
        return RUSTFLAGS, flags
    warnings = _input(step, lane, "build-warnings") if "build-warnings" in step.inputs else "deny"
    return (BUILD_WARNINGS, warnings) if warnings else None


def _input(step: Step, lane: Lane, name: str) -> str | None:
    written = step.inputs.text(name)
    return None if written is None else lane.text(written)


def _reads_build_warnings(
    script: Script, call: CargoCommand, lane: Lane, scripts: Scripts, manifests: Manifests
) -> bool:
    """Tell whether the cargo of a call is new enough; the usual one of a runner is."""
    pinned = manifests.toolchain.channel if manifests.toolchain is not None else None
    chosen = toolchain_of(script, call, scripts, lane) or pinned
    version = RustVersion.read(chosen or "")
    return version is None or version >= _READS_BUILD_WARNINGS


def _configured(manifests: Manifests) -> Iterator[tuple[str, Evidence]]:
    for config in manifests.configs:
        build = config.root.get("build")
        value = build.get("warnings") if isinstance(build, dict) else None
        if isinstance(value, str) and config.path.startswith(".cargo/"):
            yield value, config.at("build", "warnings")
