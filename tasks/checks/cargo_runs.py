"""Whether the committed tree is a workspace that builds, passes its tests and is formatted."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import listed
from tasks.domain.cargo_plan import root_calls
from tasks.domain.cargo_run import (
    CargoBuild,
    CargoFormat,
    CargoMetadata,
    CargoNightly,
    CargoOutcome,
    CargoRun,
    CargoTest,
    CargoWorkTree,
    RefusedManifest,
)
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.crate import Manifests, Toolchain, table, value_place
from tasks.domain.edit_command import path
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.limit import Limit, toolchain
from tasks.domain.linked_library import asks_for, lacking_package, looking_up
from tasks.domain.made_module import MadeModule, made_module
from tasks.domain.phase import Phase
from tasks.domain.rust_syntax import RustSyntax
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.work_tree import WorkTree

SHOWN = 5  # places named in one finding


@check("cargo-metadata", phase=Phase.PREFLIGHT)
def cargo_metadata(run: CargoMetadata, manifests: Manifests | Unseen) -> Iterator[Answer]:
    """Cargo reads the committed workspace."""
    said = "cargo cannot read the workspace"
    refused = run.refused
    if refused is not None:
        said = f"cargo cannot read {refused.file}" + (f": {refused.reason}" if refused.reason else "")
    answer = answer_of(run, "cargo reads the workspace", said, minutes=15, manifests=manifests)
    if answer.verdict is Verdict.BROKEN and refused is not None:
        place = replace(_refused_at(refused, manifests), source="cargo", excerpt=run.last or None)
        answer = replace(answer, evidence=(place,))
    yield answer


def _refused_at(refused: RefusedManifest, manifests: Manifests | Unseen) -> Evidence:
    """Return the line that cargo states, or else that of the key or member which its reason names."""
    known = manifests if isinstance(manifests, Manifests) else Manifests()
    toml = known.tomls.get(refused.file)
    if toml is None:
        for workspace in known.workspaces:
            for member, line in workspace.missing:
                if refused.file == f"{member}/Cargo.toml":
                    return workspace.toml.source.at(line)  # the file is not there: who names it is
    if refused.line is not None or toml is None:
        return Evidence(file=refused.file, line=refused.line)
    if "workspace" in toml.root and refused.reason.startswith("error inheriting"):
        return toml.at("workspace")  # the table makes it its own root, which lacks what the other one has
    about = table(toml.root.get("package"))
    words = re.findall(r"[\w-]+", refused.reason)
    key = next((word for word in words if word in about), None)
    if key is None:
        return toml.at("package") if "package" in words else Evidence(file=refused.file)
    package = known.at(posixpath.dirname(refused.file))
    return (
        value_place(package, key, known.workspace(package.directory)) if package else toml.at("package", key)
    )


@check("cargo-fmt", phase=Phase.FIRST_RUN, weight=Weight.NOTE)
def cargo_fmt(
    run: CargoFormat,
    scripts: Scripts,
    syntax: RustSyntax | Unseen,
    manifests: Manifests | Unseen,
    sources: Sources,
    *,
    work: WorkTree | Unseen,
) -> Iterator[Answer]:
    """Every committed file is formatted as rustfmt does it; where a workflow checks that, it has to be."""
    files = {place.file for place in run.places}
    made = made_module(run, sources) if run.stopped and not files else None
    if made is not None and _made_first(scripts):
        yield _not_made(run, made)
        return
    said = f"{len(files)} files are not formatted" if len(files) > 1 else "not every file is formatted"
    if run.stopped:
        said = f"{said}, and " if files else ""
        said += "rustfmt stops at a file that it cannot read"
    elif not files:
        said = "the formatting could not be checked"
    chosen = next((word for word in run.command.split() if word.startswith("+nightly")), None)
    called = f"cargo {chosen} fmt --all" if chosen is not None else "cargo fmt --all"
    named = [path(one) for one in sorted(filter(None, files))] if len(files) <= _NAMED else ["*.rs"]
    commits = shlex.join(["git", "commit", "--", *named])
    remedy = Remedy(summary="Format and commit", commands=(called, commits), minutes=2)
    asked = _format_checked(scripts)
    answer = answer_of(
        run, "formatted", said, remedy=_MAKE_FIRST if made else remedy if files else None, manifests=manifests
    )
    absent = syntax.absent if isinstance(syntax, RustSyntax) and run.stopped else ()
    lying = tuple(one.lying for one in absent if one.lying is not None)
    if answer.verdict is Verdict.BROKEN and lying and not files and isinstance(work, WorkTree):
        answer = replace(answer, remedy=work.committing(lying[:1]))
    stopping = run.unread or tuple(one.place for one in absent)
    if answer.verdict is Verdict.BROKEN and stopping:
        answer = replace(answer, evidence=(*stopping[:SHOWN], *run.places[:SHOWN]))
    if answer.verdict is Verdict.BROKEN and asked is not None:
        evidence = (*answer.evidence, asked)
        answer = replace(
            answer, weight=Weight.BLOCKER, evidence=evidence, message=f"{said}, and a job fails for it"
        )
    yield answer


_NAMED = 20
"""Files that a command names; of more it takes all of Rust, where nothing else is likely to be under way."""

_MAKE_FIRST = Remedy(
    summary="Let the job build before it formats: the module that rustfmt misses is made then",
    minutes=5,
)


def _not_made(run: CargoFormat, made: MadeModule) -> Answer:
    """Answer where rustfmt needs a file that is no part of the commit: nobody has seen the formatting."""
    by = f"{made.by.path} makes it" if made.by is not None else ".gitignore leaves it to what makes it"
    told = f"rustfmt stops at {made.path}, which is not committed: {by}, so the formatting was not seen"
    evidence = [Evidence(source="cargo", excerpt=run.last or None)]
    summary = "Build first, which makes the file, then format"
    commands: tuple[str, ...] = ("cargo build", run.command)
    if made.by is None:
        summary, commands = "Run what makes the file, then format", (run.command,)
    else:
        evidence.insert(0, made.by.at(made.line))
    remedy = Remedy(summary=summary, commands=commands, minutes=5)
    return unknown("the committed tree", told, *evidence, weight=Weight.NOTE, remedy=remedy)


def _made_first(scripts: Scripts) -> bool:
    """Tell whether every job that checks the formatting may have made files before: something ran in it."""
    for script, call in root_calls(scripts):
        if call.subcommand != "fmt" or script.job is None or script.step is None:
            continue
        earlier = script.job.steps[: script.step.index]
        if not any(True for _ in script.earlier(call.command)) and not any(one.run for one in earlier):
            return False
    return True


@check("cargo-build", phase=Phase.PREFLIGHT)
def cargo_build(
    run: CargoBuild,
    manifests: Manifests | Unseen,
    sources: Sources,
    scripts: Scripts,
    *,
    work: WorkTree | Unseen,
    beside: CargoWorkTree | Unseen,
) -> Iterator[Answer]:
    """In a clean checkout the committed tree builds, with the options that workflows use."""
    first = (run.places[0].excerpt or "").partition("\n")[0] if run.places else ""
    said = f"does not build{': ' if first else ''}{first}"
    answer = _linked(run, _by_call(run, "builds", said, manifests), manifests, sources, scripts)
    if answer.verdict is Verdict.BROKEN and isinstance(work, WorkTree):
        mends = beside.files if isinstance(beside, CargoWorkTree) and beside.mends else ()
        tail = f"fixed in the work tree ({listed(mends, 3)}), not committed"
        if files := run.lying or mends:
            told = f"{answer.message}; {work.told_of(files) if run.lying else tail}"
            answer = replace(answer, message=told, remedy=work.committing(files))
    yield answer


@check("cargo-test", phase=Phase.PREFLIGHT)
def cargo_test(
    run: CargoTest, manifests: Manifests | Unseen, sources: Sources, scripts: Scripts
) -> Iterator[Answer]:
    """Every test of the committed tree passes in a clean checkout."""
    named = ", ".join(run.failures[:SHOWN])
    more = f" and {len(run.failures) - SHOWN} more" if len(run.failures) > SHOWN else ""
    said = f"{len(run.failures)} tests fail: {named}{more}" if run.failures else "the tests do not pass"
    yield _linked(
        run, _by_call(run, f"{run.passed} tests pass", said, manifests), manifests, sources, scripts
    )


def _linked(
    run: CargoRun, answer: Answer, manifests: Manifests | Unseen, sources: Sources, scripts: Scripts
) -> Answer:
    """Show who asks for a library that is not here; what no job installs either is missing there too."""
    if run.library is None or not isinstance(manifests, Manifests):
        return answer
    at = asks_for(run.library, sources)
    evidence = answer.evidence if at is None else (at, *answer.evidence)
    package = lacking_package(run.library, sources, scripts, manifests)
    if package is None:
        command = looking_up(run.library)
        remedy = replace(obtaining(run.lacks, None), commands=(command,))
        return replace(answer, evidence=evidence, remedy=remedy)
    install = f"sudo apt-get update && sudo apt-get install --yes {package}"
    return broken(
        answer.subject,
        f"does not link: there is no library {run.library}; GitHub's images of Ubuntu have none, "
        f"and no job installs {package}",
        *evidence,
        remedy=Remedy(
            summary=f"Install {package} in a step before the build", commands=(install,), minutes=5
        ),
    )


def _by_call(run: CargoBuild | CargoTest, fine: str, bad: str, manifests: Manifests | Unseen) -> Answer:
    """Answer for the first call, or for a further one of a workflow, which is named with its place."""
    if run.untried:
        fine += f"; further calls of workflows that were not tried here: {run.untried}"
    if run.further is None or run.outcome is not CargoOutcome.FAILED:
        return answer_of(run, fine, bad, minutes=30, manifests=manifests)
    answer = answer_of(run, fine, f"`{run.command}`: {bad}", minutes=30, manifests=manifests)
    return replace(answer, evidence=(*answer.evidence, run.further))


@check("cargo-nightly", phase=Phase.PREFLIGHT, weight=Weight.WARNING)
def cargo_nightly(run: CargoNightly) -> Iterator[Answer]:
    """Nightly Rust is on this machine where only it is asked to run something."""
    answer = answer_of(run, "nightly Rust is here", "nightly Rust does not start")
    if answer.verdict is not Verdict.UNKNOWN or run.asked is None:
        yield answer
        return
    told = "nightly Rust is not on this machine: what only it is asked to run has not been tried"
    yield replace(answer, message=told, evidence=(run.asked, *answer.evidence))


def pinned_toolchain(lacks: str, manifests: Manifests | Unseen | None) -> Toolchain | None:
    """Return the toolchain file, when what this machine lacks is the toolchain that it names."""
    file = manifests.toolchain if isinstance(manifests, Manifests) else None
    if file is None or file.channel is None:
        return None
    return file if lacks.startswith(toolchain(file.channel).what) else None


def toolchain_remedy(file: Toolchain, *, crates: bool = False) -> Remedy:
    """Return how a toolchain that a file names comes to this machine, if there is one of that name.

    ``crates``: the call needs those of the lock file too, of which nothing could be asked without it.
    """
    more = ", then get the crates" if crates else ""
    return Remedy(
        summary=f"Install the toolchain that {file.file.path} names, or name another if there is none such"
        + more,
        commands=(f"rustup toolchain install {file.channel}", *(("cargo fetch",) if crates else ())),
        owner="operator",
        minutes=5,
    )


def obtaining(lacks: Limit | None, pinned: Toolchain | None, *, crates: bool = False) -> Remedy:
    """Return how this machine gets what it lacks."""
    if pinned is not None:
        return toolchain_remedy(pinned, crates=crates)
    if lacks is None or lacks.obtain is None:
        return Remedy(
            summary="Install what this machine lacks, if it should be known before the push",
            owner="operator",
            minutes=5,
        )
    return Remedy(
        summary="Get what this machine lacks, if it should be known before the push",
        commands=(lacks.obtain,),
        owner="operator",
        minutes=5,
    )


def _takes_crates(manifests: Manifests | Unseen | None) -> bool:
    """Tell whether the lock file at the root names a crate of a registry or of another repository."""
    lock = manifests.locks.get("Cargo.lock") if isinstance(manifests, Manifests) else None
    return lock is not None and any(one.source is not None for one in lock.packages)


def _format_checked(scripts: Scripts) -> Evidence | None:
    """Return where a job fails when a file is not formatted."""
    for script, call in root_calls(scripts):
        step = script.step
        if call.subcommand != "fmt" or not call.command.fatal or (step is not None and step.may_fail):
            continue
        if call.has("--check") or any(word.text == "--check" for word in call.passed):
            return script.source.at(call.command)
    return None


def answer_of(
    run: CargoRun,
    fine: str,
    bad: str,
    *,
    minutes: int = 15,
    remedy: Remedy | None = None,
    manifests: Manifests | Unseen | None = None,
) -> Answer:
    """Answer for a call of cargo: what it could not do on this machine is unknown and stops nothing.

    Where another toolchain stood in for the one that is named, that one is installed before cargo is called.
    """
    answer = _answer_of(run, fine, bad, minutes=minutes, remedy=remedy, manifests=manifests)
    file = manifests.toolchain if isinstance(manifests, Manifests) else None
    typed = answer.remedy.commands if answer.remedy is not None else ()
    if run.stand_in is None or file is None or not any(one.startswith("cargo ") for one in typed):
        return answer
    first = f"rustup toolchain install {file.channel}"
    assert answer.remedy is not None, "it has commands"
    return replace(answer, remedy=replace(answer.remedy, commands=tuple(dict.fromkeys((first, *typed)))))


def _answer_of(
    run: CargoRun,
    fine: str,
    bad: str,
    *,
    minutes: int,
    remedy: Remedy | None,
    manifests: Manifests | Unseen | None,
) -> Answer:
    subject = "the committed tree"
    if run.outcome is CargoOutcome.PASSED:
        return holds(subject, fine)
    evidence = run.places[:SHOWN] or (Evidence(source="cargo", excerpt=run.last or None),)
    if run.outcome is CargoOutcome.IMPOSSIBLE:
        # Only this machine lacks something: the runs on GitHub will tell, so it does not stop them.
        pinned = pinned_toolchain(str(run.lacks or ""), manifests)
        named = f"; {pinned.file.path} names it" if pinned else ""
        crates = pinned is not None and isinstance(run, (CargoBuild, CargoTest)) and _takes_crates(manifests)
        named += ", and its crates were not looked for" if crates else ""
        return unknown(
            subject,
            f"`{run.command}` could not do its work on this machine"
            + (f": {run.lacks}{named}" if run.lacks else ""),
            *((pinned.file.at(pinned),) if pinned else ()),
            Evidence(source="cargo", excerpt=run.last or None),
            remedy=obtaining(run.lacks, pinned, crates=crates),
            weight=Weight.WARNING,
        )
    if run.unlocked:
        return _unlocked(run, manifests)
    if run.outcome is CargoOutcome.TIMED_OUT:
        bad = f"did not end within {run.seconds / 60:.0f} minutes"
    return broken(
        subject,
        bad,
        *evidence,
        remedy=remedy
        or Remedy(
            summary="Repeat the command, correct the cause, commit",
            commands=(run.command, "git commit --all"),
            minutes=minutes,
        ),
    )


def _unlocked(run: CargoRun, manifests: Manifests | Unseen | None) -> Answer:
    """Answer for a lock file that is not that of the manifests; keys that cargo ignores may be why."""
    tomls = manifests.tomls if isinstance(manifests, Manifests) else {}
    ignored = [
        tomls[one.file].at(*one.key.split(".")) if one.file in tomls else Evidence(file=one.file)
        for one in run.unused[:SHOWN]
    ]
    lock = Evidence(source="cargo", file="Cargo.lock", excerpt=run.last or None)
    told = "the lock file is not that of the manifests, and --locked forbids to change it"
    if run.unused:
        keys = listed([f"`{one.key}` in {one.file}" for one in run.unused])
        told += f"; cargo ignores {keys}, which it does not know"
    summary = "Correct the key" if ignored else "Let cargo write the lock file anew, and commit it"
    return broken(
        "the committed tree",
        told,
        *(ignored or (lock,)),
        remedy=Remedy(summary=summary, commands=(run.command, "git commit --all"), minutes=10)
        if ignored
        else Remedy(
            summary=summary,
            commands=("cargo update --workspace", "git commit -m 'Lock' -- Cargo.lock"),
            minutes=5,
        ),
    )
