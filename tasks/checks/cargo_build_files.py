"""Whether the calls of cargo in recipes, Dockerfiles and scripts are ones that cargo understands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tasks.domain.answers import merged
from tasks.domain.build_shell import BuildShell
from tasks.domain.cargo_command import OWN, CargoCommand, cargo_command
from tasks.domain.cargo_options import OTHERS, refused
from tasks.domain.cargo_selection import NoSuchName, unknown_names
from tasks.domain.causes import together
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, is_copy
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.spelling import fumbled

_NAME = Remedy(summary="Name what the workspace has and what the subcommand takes", minutes=5)
_ELSEWHERE = re.compile(r"\bgit\b[^\n]*\b(?:clone|worktree|checkout|switch|fetch)\b|--manifest-path|\bssh\b")
"""In a script: cargo may be run in another repository, at another commit or on another machine."""


@dataclass(frozen=True, kw_only=True)
class _Called:
    """A call of cargo that no step spells, and the first step that starts it, when one does."""

    script: Script
    call: CargoCommand
    caller: Evidence | None = None

    @property
    def weight(self) -> Weight:
        """A blocker when a step of a workflow starts it and has to succeed."""
        return Weight.WARNING if self.caller is None else Weight.BLOCKER

    @property
    def subject(self) -> str:
        """The file and the subcommand."""
        return f"{self.script.path}: cargo {self.call.subcommand}"

    def places(self, line: int) -> tuple[Evidence, ...]:
        """Return the place of a mistake, then that of the step."""
        place = self.script.source.at(line)
        return (place,) if self.caller is None else (place, self.caller)


def _called(build: BuildShell, scripts: Scripts, manifests: Manifests) -> Iterator[_Called]:
    steps = _told_to_make(scripts)
    for text in build.texts:
        callers = (steps.get((text.program, name)) for name in (text.target or "").split())
        caller = next((one for one in callers if one is not None), None)
        at_root = "/" not in text.script.path
        for call in _certain(text.script):
            yield _Called(script=text.script, call=call, caller=caller if at_root else None)
    for script in scripts:
        if script.job is None and "cargo" in script.text and script.understood:
            for call in _certain(script):
                yield _Called(script=script, call=_placed(call, script, manifests))


def _placed(call: CargoCommand, script: Script, manifests: Manifests) -> CargoCommand:
    """Return a call at the root when a script is there in all likelihood: it builds packages of the root's.

    Scripts go to the root by paths that only a run can tell.
    """
    root = manifests.workspace("")
    names = [word.literal for word in call.packages]
    if call.directory is not None or root is None or not names or _ELSEWHERE.search(script.text):
        return call
    known = all(name is not None and root.package(name) is not None for name in names)
    return replace(call, directory="") if known else call


def _certain(script: Script) -> Iterator[CargoCommand]:
    """Go through the calls of cargo whose failure ends the text; others may be tried."""
    for command in script.running("cargo"):
        call = cargo_command(command)
        # Files are run by their callers' leave: what stands behind `||` or in a condition is a try.
        if call is not None and not (command.masked or command.tested or command.substituted):
            yield call


def _told_to_make(scripts: Scripts) -> dict[tuple[str, str], Evidence]:
    """Return the steps that have make or just, at the root, make a target: by program and target."""
    found: dict[tuple[str, str], Evidence] = {}
    for script, command in scripts.commands("make", "just"):
        if script.job is None or script.step is None or script.never or script.step.may_fail:
            continue
        if command.cwd == "" and command.fatal and not command.conditional and command.option("-C") is None:
            for name in command.literals:
                if name is not None:
                    found.setdefault((str(command.program), name), script.source.at(command))
    return found


@check("cargo-build-file-names", phase=Phase.FIRST_RUN, remedy=_NAME, subject="cargo")
def cargo_build_file_names(build: BuildShell, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every package, target, feature and profile that a recipe or a Dockerfile builds with is there."""
    yield from merged(_names(build, scripts, manifests))


def _names(build: BuildShell, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    elsewhere: dict[str, bool] = {}  # a file has many calls, and is searched once
    lacking: list[tuple[_Called, NoSuchName]] = []
    for one in _called(build, scripts, manifests):
        source = one.script.source
        if source.path not in elsewhere:
            elsewhere[source.path] = _from_elsewhere(source)
        unknown = () if elsewhere[source.path] else unknown_names(one.call, manifests)
        # A text that names the file of a target asks for it, makes it or says that it is to be made.
        wrong = [name for name in unknown if f"{name.name}.rs" not in source.text]
        lacking += [(one, name) for name in wrong]
        if not wrong:
            yield holds(one.subject, "names what is there")
    # What one script asks for in several calls is written or left out in all of them.
    for group in together(
        lacking, lambda each: id(each[0]), lambda each: (each[0].script.path, each[1].told)
    ):
        yield _lacking(group, manifests)


def _lacking(found: list[tuple[_Called, NoSuchName]], manifests: Manifests) -> Answer:
    first = found[0][0]
    workspace = first.call.workspace(manifests)
    where = first.script.path if workspace is None else workspace.toml.path
    names = ", ".join(dict.fromkeys(name.name for _, name in found))
    told = "; ".join(dict.fromkeys(name.told for _, name in found))
    spelled = [one.script.source.at(name.line) for one, name in found]
    callers = [one.caller for one, _ in found if one.caller is not None]
    weight = Weight.BLOCKER if callers else first.weight
    subject = f"{where}: cargo {first.call.subcommand}: {names}"
    return broken(subject, told, *dict.fromkeys((*spelled, *callers)), weight=weight)


def _from_elsewhere(source: Source) -> bool:
    """Tell whether a file is of others, or a Makefile read with ``make -f``, which may run anywhere."""
    if is_copy(posixpath.dirname(source.path)):
        return True
    name = posixpath.basename(source.path)
    called = rf"\bmake\s+(?:\S+\s+)*?(?:-f|--file)[ =]?\s*\S*/{re.escape(name)}"
    return f"/{name}" in source.text and re.search(called, source.text) is not None


@check("cargo-build-file-options", phase=Phase.FIRST_RUN, remedy=_NAME, subject="cargo")
def cargo_build_file_options(build: BuildShell, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every option that a recipe, a Dockerfile or a script gives to cargo is one it knows."""
    yield from merged(_options(build, scripts, manifests))


def _options(build: BuildShell, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    aliases = _aliases(manifests)
    for one in _called(build, scripts, manifests):
        name = one.call.subcommand
        if name in aliases or name in OTHERS or one.call.toolchain is not None:
            continue
        if next(one.call.given("-Z"), None) is not None:
            continue  # nightly Rust, of a day that had other options
        wrong = list(refused(one.call))
        for word in wrong:
            option = word.text.partition("=")[0]
            told = f"cargo {name} does not know {option!r}"
            yield broken(f"{one.subject} {option}", told, *one.places(word.line), weight=one.weight)
        if not wrong:
            yield holds(one.subject, "every option is known")


@check(
    "cargo-subcommand-spelled",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write the subcommand as cargo knows it: `cargo --list` shows all", minutes=2),
    subject="cargo",
)
def cargo_subcommand_spelled(
    build: BuildShell, scripts: Scripts, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """No subcommand of cargo has a slip of the fingers in it, wherever it is called."""
    yield from merged(_subcommands(build, scripts, manifests, sources))


def _subcommands(
    build: BuildShell, scripts: Scripts, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    aliases = _aliases(manifests)
    for made in (*_of_steps(scripts), *_called(build, scripts, manifests)):
        name = made.call.subcommand
        meant = None if name in OWN or name in aliases else fumbled(name, OWN)
        if meant is None:
            yield holds(made.subject, "is no slip")
        elif not any(sources.saying(f"cargo-{name}", f"install {name}")):
            told = f"cargo has no subcommand {name!r} (is {meant} meant?)"
            places = made.places(made.call.command.line)
            edits = corrected(name, meant, places[0], after=("cargo ",))
            yield broken(made.subject, told, *places, weight=made.weight, edits=edits)


def _of_steps(scripts: Scripts) -> Iterator[_Called]:
    for script, command in scripts.commands("cargo", "cross"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or command.tested or command.masked:
            continue
        ends = command.fatal and not (script.step is not None and script.step.may_fail)
        place = script.source.at(command)
        yield _Called(script=script, call=call, caller=place if ends else None)


def _aliases(manifests: Manifests) -> set[str]:
    return {name for one in manifests.configs for name in one.root.get("alias", {})}
