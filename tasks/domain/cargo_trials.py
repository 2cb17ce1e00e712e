"""Which calls of workflows are tried beside the first of each kind: other features, flags and directories.

A call is left out when it is not certain here: masked or conditional, of another system, nightly's, in a job
that makes something before, or with a value that only a run can tell.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from tasks.domain.bare_job import is_bare
from tasks.domain.cargo_calls import MOST, built_of, may_need_more
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.cargo_environment import environment_here
from tasks.domain.cargo_kept_options import KEPT_OF, TARGETS, features_of, kept_options
from tasks.domain.cargo_plan import CargoPlan
from tasks.domain.cargo_trial import CargoTrials, Trial
from tasks.domain.crate import Manifests, Package, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.job_toolchain import toolchain_of
from tasks.domain.lane import Lane
from tasks.domain.rust_flags import RUSTDOCFLAGS, RUSTFLAGS, lint_words, warnings_denied
from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import Workflows

_USUAL = frozenset({"--lib", "--bins"})
"""What cargo compiles without an option for it, but for tests and benchmarks."""
_KINDS = frozenset({"build", "check", "clippy", "doc", "test", "bench"})
_LEAVES = frozenset(
    {
        "audit", "bench", "binstall", "build", "check", "clean", "clippy", "deny", "doc", "fetch", "fmt",
        "install", "llvm-cov", "machete", "metadata", "nextest", "test", "tree", "version",
    }
)  # fmt: skip
"""What leaves the committed files as they are."""
_DENIED = ("-D", "warnings")
_RELEASE = re.compile(r"\d+\.\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A trial with what it builds, to be compared with others."""

    trial: Trial
    kind: str
    built: frozenset[tuple[str, frozenset[str]]]
    targets: frozenset[str]
    levels: tuple[str, ...] = ()  # of lints
    flags: tuple[tuple[str, str], ...] = ()  # of the compiler, but for levels
    more: frozenset[str] = frozenset()

    def covers(self, other: _Call) -> bool:
        """Tell whether whatever the other one could find is found here too."""
        mine, its = self.trial, other.trial
        same = (mine.root, self.flags, mine.toolchain, mine.target, self.more) == (
            (its.root, other.flags, its.toolchain, its.target, other.more)
        )
        return same and self.built >= other.built and self._as_strict(other) and self._reaches(other)

    def _as_strict(self, other: _Call) -> bool:
        lets_pass = {"-A", "-W"} & {*self.levels[::2]}
        return self.levels == other.levels or (not other.levels and not lets_pass)

    def _reaches(self, other: _Call) -> bool:
        if self.kind == "test":
            return not self.targets and other.kind in ("test", "test-compiled")
        if self.kind != other.kind:
            return False
        usual = all(one in _USUAL or one.startswith("--bin ") for one in other.targets)
        every = "--all-targets" in self.targets or (usual and not self.targets)
        return self.targets == other.targets or (every and self.kind != "bench")


def cargo_trials(
    scripts: Scripts, manifests: Manifests, workflows: Workflows, plan: CargoPlan, made: tuple[Evidence, ...]
) -> CargoTrials:
    """Return the calls to try; ``made`` are the places of those made with the build and with the tests."""
    calls = [*_calls(scripts, manifests, workflows)] if not manifests.broken else []
    known = [*_first(manifests, plan)]
    known += [one for one in calls if _is_made(one, made)]
    found: list[_Call] = []
    for one in calls:
        if not any(other.covers(one) for other in (*known, *found)):
            found = [other for other in found if not one.covers(other)]
            found.append(one)
    return _at_most([one.trial for one in found])


def _at_most(found: list[Trial]) -> CargoTrials:
    count: Counter[str] = Counter()
    kept: list[Trial] = []
    left: list[Trial] = []
    for one in found:
        count[one.subcommand] += 1
        (kept if count[one.subcommand] <= MOST else left).append(one)
    return CargoTrials(trials=tuple(kept), left=tuple(left))


def _is_made(one: _Call, made: tuple[Evidence, ...]) -> bool:
    return one.trial.place in made and not one.trial.denied


def _first(manifests: Manifests, plan: CargoPlan) -> Iterator[_Call]:
    """Go through the first call of each kind; what the compiler warns of in two of them is told already."""
    workspace = manifests.workspace("")
    if workspace is None or workspace.directory != "":
        return
    firsts: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
    firsts += [("check", plan.build, one) for one in ((), _DENIED)]
    firsts += [("test", plan.test, one) for one in ((), _DENIED)]
    if plan.clippy is not None:
        cut = plan.clippy.index("--") if "--" in plan.clippy else len(plan.clippy)
        firsts.append(("clippy", plan.clippy[:cut], lint_words(shlex.join(plan.clippy[cut + 1 :]))))
    if plan.doc is not None:
        firsts.append(("doc", plan.doc, lint_words(plan.rustdoc)))
    for kind, options, levels in firsts:
        members = workspace.packages
        if not {"--workspace", "--all"} & {*options}:
            members = tuple(one for one in members if one.directory in workspace.default_members)
        yield _Call(
            trial=Trial(subcommand=kind, options=options, place=Evidence(), of=""),
            kind=kind,
            built=built_of(members, frozenset(features_of(options))),
            targets=frozenset({*options} & TARGETS),
            levels=levels,
            more=frozenset({*options} & KEPT_OF.get(kind, frozenset())),
        )


def _calls(scripts: Scripts, manifests: Manifests, workflows: Workflows) -> Iterator[_Call]:
    for script, command in scripts.commands("cargo"):
        if script.job is None or script.step is None or script.never or script.step.may_fail:
            continue
        if script.job.root.get("continue-on-error", False) is not False:
            continue
        call = cargo_command(command)
        if call is None or call.subcommand not in _KINDS or call.directory is None:
            continue
        if not command.fatal or command.conditional or command.function:
            continue
        workspace = call.workspace(manifests)
        if workspace is None:
            continue
        tests = _kind(call) == "test"
        if tests and workspace.directory == "" and not call.has("--doc"):
            continue  # those are made with the tests
        made = next(_in_lanes(script, call, scripts, manifests), None)
        if made is None or _changes_files(script, scripts):
            continue
        if is_bare(script, workflows, scripts, compiles=not tests):
            yield made


def _changes_files(script: Script, scripts: Scripts) -> bool:
    """Tell whether a call of cargo up to the step may leave other files or another lock than the commit's."""
    job, last = script.job, script.step
    for step in job.steps[: last.index + 1] if job is not None and last is not None else ():
        run = script if step is last else scripts.of(script.path, job, step) if job is not None else None
        calls = [cargo_command(one) for one in run.running("cargo")] if run is not None else []
        if any(one is not None and (one.subcommand not in _LEAVES or one.has("--fix")) for one in calls):
            return True
    return False


def _kind(call: CargoCommand) -> str:
    if call.subcommand == "bench":
        return "bench"
    if call.subcommand == "test":
        return "test-compiled" if call.has("--no-run") else "test"
    return "check" if call.subcommand == "build" else call.subcommand


def _in_lanes(script: Script, call: CargoCommand, scripts: Scripts, manifests: Manifests) -> Iterator[_Call]:
    """Go through the lanes in which the call is certain, those with the usual Rust first."""
    pinned = manifests.toolchain is not None and call.toolchain is None
    found: list[tuple[bool, _Call]] = []
    for lane in script.lanes:
        if lane.system not in ("Linux", None) or _appends(script) or not _runs(script, lane):
            continue
        chosen = toolchain_of(script, call, scripts, lane)
        if pinned and "RUSTUP_TOOLCHAIN" not in lane.env and not (chosen or "").startswith("nightly"):
            chosen = None
        toolchain = None if chosen in (None, "stable") else chosen
        if toolchain is not None and not _RELEASE.fullmatch(toolchain):
            continue
        made = _in_lane(script, call, lane, scripts, manifests)
        if made is not None:
            trial = replace(made.trial, toolchain=toolchain)
            found.append((toolchain is not None, replace(made, trial=trial)))
    yield from (one for _, one in sorted(found, key=lambda pair: pair[0]))


def _runs(script: Script, lane: Lane) -> bool:
    """Tell whether nothing says that the step is left out in a lane."""
    conditions = [one.root.get("if") for one in (script.job, script.step) if one is not None]
    return all(lane.condition(one) is not False for one in conditions)


def _appends(script: Script) -> bool:
    """Tell whether a step up to the script's sets variables that its environment does not show."""
    steps = script.job.steps[: script.step.index + 1] if script.job and script.step else ()
    return any("GITHUB_ENV" in (one.run or "") for one in steps)


def _in_lane(
    script: Script, call: CargoCommand, lane: Lane, scripts: Scripts, manifests: Manifests
) -> _Call | None:
    kind, workspace = _kind(call), call.workspace(manifests)
    read = kept_options(call, lane)
    env = environment_here(script, call, lane, tests=kind == "test")
    if (
        workspace is None
        or read is None
        or env is None
        or (read.target and kind in ("test", "bench", "test-compiled"))
    ):
        return None
    packages = _packages(call, manifests, workspace, read.options)
    features = frozenset(features_of(read.options))
    if not packages or (kind == "test" and may_need_more(features)):
        return None
    passed = [word.literal for word in call.passed] if kind == "clippy" else []
    if None in passed or (call.passed and kind == "test"):
        return None
    behind = tuple(str(word) for word in passed)
    strict = warnings_denied(script, call, lane, scripts, manifests) if kind != "doc" else None
    denied = strict.words if strict is not None and not strict.of_call else ()
    if kind == "clippy" and denied:
        behind, denied = (*denied, *behind), ()
    options = (*read.options, *_target_options(kind, read.targets), *(("--", *behind) if behind else ()))
    levels = denied or (lint_words(shlex.join(behind)) if behind else ())
    of_docs = dict(env).get(RUSTDOCFLAGS, "") if kind == "doc" else ""
    if of_docs and len(lint_words(of_docs)) == len(shlex.split(of_docs)):
        levels = lint_words(of_docs)
    trial = Trial(
        subcommand="check" if kind in ("bench", "test-compiled") else kind,
        options=options,
        place=script.source.at(call.command),
        of=f"{script.source.path.rpartition('/')[2]}: {script.job.id if script.job else ''}",
        cwd=call.command.cwd or "",
        directory=call.directory or "",
        root=workspace.directory,
        env=env,
        target=read.target,
        denied=denied,
        allowed=strict.allowed if strict is not None else frozenset(),
    )
    return _Call(
        trial=trial,
        kind=kind,
        built=built_of(packages, features),
        targets=read.targets,
        levels=levels,
        flags=tuple(one for one in env if one[0] == RUSTFLAGS or (one[0] == RUSTDOCFLAGS and not levels)),
        more=frozenset({*read.options} & KEPT_OF.get(kind, frozenset())),
    )


def _target_options(kind: str, targets: frozenset[str]) -> tuple[str, ...]:
    """Return the targets that a check compiles for what a call of another kind compiles."""
    if kind == "bench":
        return () if targets else ("--benches",)
    if kind == "test-compiled":
        return () if targets else ("--tests", "--examples")
    return ("--no-deps",) if kind == "doc" else ()


def _packages(
    call: CargoCommand, manifests: Manifests, workspace: Workspace, options: tuple[str, ...]
) -> tuple[Package, ...]:
    """Return what is built; nothing when that is not certain."""
    pairs = list(pairwise((*options, "")))
    without = {value for name, value in pairs if name == "--exclude"}
    if {"--workspace", "--all"} & {*options}:
        return tuple(one for one in workspace.packages if one.name not in without)
    named = [value for name, value in pairs if name in ("-p", "--package")]
    if named:
        found = [workspace.package(name) for name in named]
        return () if None in found else tuple(one for one in found if one is not None)
    return () if without else (call.chosen(manifests) or ())
