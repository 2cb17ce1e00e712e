"""Runs cargo on a clean checkout and returns what it said, as facts."""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from tasks.domain.cargo_calls import FurtherCall, FurtherCalls
from tasks.domain.cargo_run import (
    CargoBuild,
    CargoClippy,
    CargoDoc,
    CargoFormat,
    CargoMetadata,
    CargoNightly,
    CargoOutcome,
    CargoRun,
    CargoTest,
    CargoWorkTree,
    PackageTests,
    Warned,
)
from tasks.domain.evidence import Evidence
from tasks.domain.limit import Limit, limit_of, toolchain
from tasks.domain.rust_flags import RUSTDOCFLAGS
from tasks.domain.tree import Tree
from tasks.facts.cargo_refusals import lock_would_change, refused_manifest, unused_keys
from tasks.systems.cargo import Cargo, CargoEnded, Diagnostic
from tasks.systems.rust_parser import unread
from tasks.systems.shell import ProgramFailed

FURTHER = 300.0  # seconds for all further calls of one kind, which mostly find their crates compiled
WORTH = 1.0  # seconds that must be left of it for another call to begin
KEPT = 12  # lines of the output's end
PLACES = 20  # errors kept of one call
# Words for "this machine does not have it" (a crate, a toolchain, a library, nightly Rust): they say nothing
# about the repository on the machine of a run.
_NOT_HERE = re.compile(
    r"--offline|offline mode|failed to download|failed to get `|unable to update registry|"
    r"Could not resolve host|toolchain '[^']+' is not installed|is not installed for the toolchain|"
    r"no such command|linker `[^`]+` not found|error: could not download|"
    r"may not be used on the stable release channel|the option `Z` is only accepted on the nightly|"
    r"[Tt]he system library `[^`]+` required by|pkg-config (?:command )?(?:could not|exited|has not)|"
    r"Could not find `protoc`|Unable to find libclang|(?:cannot find|unable to find library) -l|"
    r"is `cmake` not installed|"
    r"rustc \S+ is not supported by the following packages?|requires rustc \S+ or newer|"
    r"No space left on device",
    re.IGNORECASE,
)
_LIBRARY = re.compile(r"(?:cannot find|unable to find library) -l:?(?P<name>[\w.+-]*[\w+])")
_SYSTEM = re.compile(r"[Tt]he system library `(?P<name>[^`]+)` required by")
_OF_LINKER = re.compile(
    r"\berror:|cannot find|unable to find|undefined (?:reference|symbol)|duplicate symbol"
)
_NOTE = re.compile(r"^\s*= note:")
_MISSED = re.compile(r"couldn't read `([^`]+)`: No such file or directory")
_CREATE = re.compile(r"(?:create file|or) \"([^\"]+\.rs)\"")
_COLOUR = re.compile(r"\x1b(?:\[[0-9;]*m|\(B)")
_UNFORMATTED = re.compile(r"^Diff in (?P<file>\S+?)(?::(?P<line>\d+):?| at line (?P<old>\d+):)")
_NIGHTLY_STYLE = re.compile(r"can't set `.*`, unstable features are only available in nightly channel")
_NO_MODULE = re.compile(r"^Error writing files: failed to resolve mod", re.MULTILINE)
_UNREAD_MANIFEST = re.compile(
    r"failed to read `(?P<directory>(?:/|\.\./)[^`]+)/Cargo\.toml`\s+"
    r"(?:Caused by:\s+)?No such file or directory"
)
_OWN_PLACE = re.compile(
    r"(?:referenced by workspace at `(?P<workspace>/[^`]+)/Cargo\.toml`|"
    r"of package `\S+ v\S+ \((?P<package>/[^)]+)\)`)"
)
_COUNTS = ("passed", "failed", "ignored", "filtered")
_RESULT = re.compile(
    r"^test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed(?:; (?P<ignored>\d+) ignored)?"
    r"(?:; \d+ measured)?(?:; (?P<filtered>\d+) filtered out)?"
)
_RUNNING = re.compile(r"^ +(?:Running \S.* \((?P<program>[^()]+)\)|Doc-tests (?P<crate>\w+))$")
_FAILED_TEST = re.compile(r"^test (?P<name>.+?) \.\.\. FAILED$")
_PANIC = re.compile(r"panicked at (?:'.*', )?(?P<file>[^\s:'][^:']*\.rs):(?P<line>\d+):\d+")

_BACKTRACE = re.compile(r"^(?i:stack backtrace):?$", re.MULTILINE)  # of rustup itself, behind what it says
_NIGHTLY_ONLY = "E0554"

Tell = Callable[[str], None]
Run = TypeVar("Run", bound=CargoRun)


def not_run(kind: type[Run], command: Iterable[str], lacks: Limit) -> Run:
    """Return a call that was not made, since this machine lacks what it would have been made on."""
    return kind(
        command=shlex.join(command),
        outcome=CargoOutcome.IMPOSSIBLE,
        seconds=0.0,
        last=lacks.what,
        lacks=lacks,
    )


def metadata(cargo: Cargo) -> CargoMetadata:
    """Ask whether the workspace is one."""
    try:
        cargo.metadata()
    except ProgramFailed as failure:
        ended = failure.ended
        return CargoMetadata(
            command=shlex.join(ended.argv),
            outcome=_outcome(passed=False, timed_out=ended.timed_out, output=ended.err),
            seconds=ended.seconds,
            last=_last(ended.err),
            lacks=_lacking(ended.err),
            refused=refused_manifest(ended.err),
            unused=unused_keys(ended.err),
        )
    return CargoMetadata(command="cargo metadata --no-deps", outcome=CargoOutcome.PASSED, seconds=0.0)


def formatted(cargo: Cargo, checkout: Path, style: str | None = None) -> CargoFormat:
    """Ask whether every file is formatted as rustfmt does it; each other one is told once.

    ``style``: the nightly that the workflows format with. Another rustfmt would tell of other files.
    """
    ended, lacks = _in_its_style(cargo, style)
    if lacks is not None:
        run = _run(ended, ()) | {"outcome": CargoOutcome.IMPOSSIBLE, "lacks": toolchain(lacks)}
        return CargoFormat(**run | {"command": f"cargo +{lacks} fmt --all --check"})
    first = {place.file: place for place in reversed([*_unformatted(ended.output, checkout)])}
    faults = [
        Evidence(source="rustc", file=_inside(one.file, checkout), line=one.line, excerpt=one.rendered)
        for one in unread(ended.output)
    ]
    return CargoFormat(
        **_run(ended, tuple(reversed(first.values()))),
        stopped=bool(faults) or _NO_MODULE.search(ended.output) is not None,
        unread=tuple(faults),
    )


def _in_its_style(cargo: Cargo, style: str | None) -> tuple[CargoEnded, str | None]:
    """Check the formatting with a rustfmt that knows the style's options, or name the one that is not here.

    A stable rustfmt leaves out what only nightly has, warns, and then calls other files unformatted.
    """
    if style is not None:
        chosen = cargo.using(style)
        here = chosen.installed()
        return (chosen.formatted(), None) if here.ok else (here, style)
    ended = cargo.formatted()
    if ended.ok or not _NIGHTLY_STYLE.search(ended.output):
        return ended, None
    nightly_one = cargo.using("nightly")
    return (nightly_one.formatted(), None) if nightly_one.installed().ok else (ended, "nightly")


def built(cargo: Cargo, options: tuple[str, ...], *, locked: bool, asked_locked: bool) -> CargoBuild:
    """Build what the options name.

    ``locked``: there is a lock file to hold to. Where no workflow holds to it (``asked_locked`` is False),
    cargo may write it anew, as it does there.
    """
    ended = _new_enough(cargo, lambda one: one.build(*options, *_locked(locked)))
    if not asked_locked and lock_would_change(ended.output):
        ended = _new_enough(cargo, lambda one: one.build(*options))
    return CargoBuild(**_run(ended, _faults(ended)), warnings=warned(ended))


def checked(cargo: Cargo, options: tuple[str, ...], files: tuple[str, ...], *, locked: bool) -> CargoWorkTree:
    """Compile what the options name without making programs; ``files`` are those that differ."""
    ended = _new_enough(cargo, lambda one: one.check(*options, *_locked(locked), timeout=_BESIDE))
    return CargoWorkTree(**_run(ended, _faults(ended)), files=files)


def read_by_cargo(path: str) -> bool:
    """Tell whether cargo or the compiler reads a file by its name alone, before anything names it."""
    name = path.rpartition("/")[2]
    return path.endswith((".rs", ".cargo/config.toml", ".cargo/config")) or name in _READ


def linted(cargo: Cargo, options: tuple[str, ...]) -> CargoClippy:
    """Run clippy with the options of a workflow."""
    ended = _new_enough(cargo, lambda one: one.clippy(*options))
    return CargoClippy(**_run(ended, _faults(ended)))


def documented(cargo: Cargo, options: tuple[str, ...], flags: str = "") -> CargoDoc:
    """Write the documentation with the options of a workflow, and its flags for rustdoc."""
    ended = _new_enough(cargo, lambda one: one.doc(*options, flags=flags))
    run = _run(ended, _faults(ended))
    if flags:
        run["command"] = f"{RUSTDOCFLAGS}={shlex.quote(flags)} {run['command']}"
    return CargoDoc(**run)


def tested(cargo: Cargo, options: tuple[str, ...], *, locked: bool, asked_locked: bool) -> CargoTest:
    """Run every test of what the options name, also after one has failed; locked as a build is."""
    every = (*options, "--no-fail-fast")
    ended = _new_enough(cargo, lambda one: one.test(*every, *_locked(locked)))
    if not asked_locked and lock_would_change(ended.output):
        ended = _new_enough(cargo, lambda one: one.test(*every))
    lines = ended.output.splitlines()
    results = [_counted(match) for line in lines if (match := _RESULT.match(line))]
    run = _run(ended, (*_faults(ended), *_panics(lines))[:PLACES])
    failures = tuple(match["name"] for line in lines if (match := _FAILED_TEST.match(line)))
    if failures and run["outcome"] is CargoOutcome.IMPOSSIBLE:
        run |= {"outcome": CargoOutcome.FAILED, "lacks": None}  # a test may speak of anything
    packages = tuple(_by_package(ended, lines, results))
    return CargoTest(
        **run,
        passed=_sum(results, "passed"),
        failed=_sum(results, "failed"),
        ignored=_sum(results, "ignored"),
        filtered=_sum(results, "filtered"),
        failures=failures,
        packages=packages,
        warnings=warned(ended),
    )


def with_further(cargo: Cargo, first: Run, calls: FurtherCalls, *, locked: bool) -> Run:
    """Make the further calls after a first one that passed, until one fails.

    What the first one counted stays; of the one that failed the result has its command and its places.
    """
    if first.outcome is not CargoOutcome.PASSED:
        return first
    seconds, untried = first.seconds, calls.untried
    for call in calls.made:
        left = FURTHER - (seconds - first.seconds)
        if left < WORTH:
            untried += 1
            continue
        ended = _called(cargo, call, _locked(locked), left)
        seconds += ended.seconds
        run, failures = run_of(ended)
        if run.outcome is CargoOutcome.FAILED or (failures and not ended.timed_out):
            told = replace(
                first,
                command=run.command,
                outcome=CargoOutcome.FAILED,
                seconds=seconds,
                places=run.places,
                last=run.last,
                unlocked=run.unlocked,
                further=call.place,
            )
            return replace(told, failures=failures) if isinstance(told, CargoTest) else told
        untried += run.outcome is not CargoOutcome.PASSED
    return replace(first, seconds=seconds, untried=untried)


def run_of(ended: CargoEnded) -> tuple[CargoRun, tuple[str, ...]]:
    """Return how a call that compiles or tests ended, and which tests failed."""
    lines = ended.output.splitlines()
    failures = tuple(match["name"] for line in lines if (match := _FAILED_TEST.match(line)))
    return CargoRun(**_run(ended, (*_faults(ended), *_panics(lines))[:PLACES])), failures


def _called(cargo: Cargo, call: FurtherCall, locked: tuple[str, ...], timeout: float) -> CargoEnded:
    if call.subcommand == "test":
        return cargo.test(*call.options, "--no-fail-fast", *locked, timeout=timeout)
    made = cargo.check if call.subcommand == "check" else cargo.build
    return made(*call.options, *locked, timeout=timeout)


def _sum(results: list[dict[str, int]], key: str) -> int | None:
    return sum(one[key] for one in results) if results else None


def _counted(match: re.Match[str]) -> dict[str, int]:
    return {key: int(match[key] or 0) for key in _COUNTS}


def _by_package(ended: CargoEnded, lines: list[str], results: list[dict[str, int]]) -> Iterator[PackageTests]:
    """Put results to packages by the order of the programs; none when one of them gave no result."""
    programs = {Path(one.program).name: one.package for one in ended.artifacts if one.program is not None}
    libraries = {one.target: one.package for one in ended.artifacts if one.library}
    found = [
        libraries.get(match["crate"]) if match["crate"] else programs.get(Path(match["program"]).name)
        for line in lines
        if (match := _RUNNING.match(line))
    ]
    owners = [one for one in found if one is not None]
    if not len(found) == len(owners) == len(results):
        return
    for package in dict.fromkeys(owners):
        own = [one for owner, one in zip(owners, results, strict=True) if owner == package]
        yield PackageTests(package=package, **{key: sum(one[key] for one in own) for key in _COUNTS})


def warned(ended: CargoEnded) -> tuple[Warned, ...]:
    """Return every warning once: a library is compiled for itself and for its tests."""
    found = {(one.file, one.line, one.message): one for one in ended.warnings}.values()
    return tuple(
        Warned(place=place, lint=one.code)
        for one, place in zip(found, _places(tuple(found), most=None), strict=True)
    )


def nightly(cargo: Cargo, asked: Evidence) -> CargoNightly:
    """Ask whether nightly Rust is on this machine."""
    return CargoNightly(**_run(cargo.using("nightly").installed(), ()), asked=asked)


_BESIDE = 300.0  # seconds that a look at uncommitted files may take, beside the half hour of the build
_READ = ("Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml")


def _new_enough(cargo: Cargo, call: Callable[[Cargo], CargoEnded]) -> CargoEnded:
    """Make a call; when a newer release of Rust is asked for that is here too, with that one."""
    ended = call(cargo)
    lacking = None if ended.ok else limit_of(ended.output.splitlines())
    if lacking is None or lacking.rust is None:
        return ended
    newer = cargo.using(lacking.rust)
    return call(newer) if newer.installed().ok else ended


def _places(found: tuple[Diagnostic, ...], most: int | None = PLACES) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(source="cargo", file=one.file, line=one.line, excerpt=one.rendered.strip() or one.message)
        for one in found[:most]
    )


def _faults(ended: CargoEnded) -> tuple[Evidence, ...]:
    """Return the places of the compiler's errors, or else what the linker says, which names none."""
    if ended.errors or ended.ok:
        return _places(ended.errors)
    said = [_unlinked(one) for one in ended.diagnostics if one.level == "error" and "link" in one.message]
    return tuple(Evidence(source="cargo", excerpt=one) for one in dict.fromkeys(said))


def lying(run: CargoBuild, tree: Tree, directory: Path) -> CargoBuild:
    """Add the files that the compiler missed and that lie in a person's directory, not committed."""
    said = [place.excerpt or "" for place in run.places]
    named = [
        posixpath.normpath(path) for text in said for path in (*_MISSED.findall(text), *_CREATE.findall(text))
    ]
    inside = [
        one for one in dict.fromkeys(named) if not one.startswith(("/", "..")) and tree.file(one) is None
    ]
    return replace(run, lying=tuple(one for one in inside if (directory / one).is_file()))


def _unlinked(one: Diagnostic) -> str:
    """Return what a linker says, without the command that it was called with."""
    lines = [_NOTE.sub("", line).strip() for line in one.rendered.splitlines()]
    own = [line for line in lines if _OF_LINKER.search(line) and not line.startswith(("error: linking", '"'))]
    return "\n".join([*dict.fromkeys(own)][:KEPT] or [one.message])


def _locked(locked: bool) -> tuple[str, ...]:
    return ("--locked",) if locked else ()


def _run(ended: CargoEnded, places: tuple[Evidence, ...]) -> dict[str, Any]:
    unlinked = [one.excerpt or "" for one in places if one.file is None]
    output = "\n".join([ended.output, *unlinked])
    outcome = _outcome(passed=ended.ok, timed_out=ended.timed_out, output=output)
    library = _LIBRARY.search(output) if unlinked else None
    if outcome is CargoOutcome.IMPOSSIBLE and any(
        error.code not in (None, _NIGHTLY_ONLY) for error in ended.errors
    ):
        outcome = CargoOutcome.FAILED  # the compiler found a fault, whatever else was missing
    run = CargoRun(
        # The messages' format is for this program; a person repeats the command without it.
        command=shlex.join(word for word in ended.command if word != "--message-format=json"),
        outcome=outcome,
        seconds=ended.seconds,
        places=places,
        last="" if ended.ok else unlinked[0] if unlinked else _last(ended.output),
        lacks=_lacking(output) if outcome is CargoOutcome.IMPOSSIBLE else None,
        library=library["name"] if library is not None and outcome is CargoOutcome.IMPOSSIBLE else None,
        refused=None if ended.ok else refused_manifest(ended.output),
        unlocked=not ended.ok and lock_would_change(ended.output),
        unused=unused_keys(ended.output),
    )
    return dict(run.__dict__)


def _outcome(*, passed: bool, timed_out: bool, output: str) -> CargoOutcome:
    if passed:
        return CargoOutcome.PASSED
    if timed_out:
        return CargoOutcome.TIMED_OUT
    if lock_would_change(output):
        return CargoOutcome.FAILED  # cargo's own hint names --offline, though nothing is missing here
    if _NOT_HERE.search(output) or _not_beside(output) is not None:
        return CargoOutcome.IMPOSSIBLE
    return CargoOutcome.FAILED


def _lacking(output: str) -> Limit | None:
    return limit_of(output.splitlines()) or _not_beside(output) or _no_library(output)


def _no_library(output: str) -> Limit | None:
    if found := _LIBRARY.search(output):
        name = found["name"]
        return Limit(what=f"the linker finds no library {name} (-l{name})")
    if found := _SYSTEM.search(output):
        return Limit(what=f"the system library {found['name']} is not on this machine")
    return None


def _not_beside(output: str) -> Limit | None:
    """Return the lack of a package that the manifests look for outside of the repository."""
    unread = _UNREAD_MANIFEST.search(output)
    if unread is not None and unread["directory"].startswith("../"):
        return _beside(unread["directory"])
    roots = [one["workspace"] or one["package"] for one in _OWN_PLACE.finditer(output)]
    if unread is None or not roots:
        return None
    root = min(roots, key=len)  # a member's directory lies below the workspace's
    if Path(unread["directory"]).is_relative_to(root):
        return None
    return _beside(os.path.relpath(unread["directory"], root))


def _beside(directory: str) -> Limit:
    return Limit(
        what=f"{directory}, which a manifest looks for beside the repository, is not on this machine"
    )


def _last(output: str) -> str:
    said = _BACKTRACE.split(output, maxsplit=1)[0]
    return "\n".join([line for line in said.splitlines() if line.strip()][-KEPT:])


def _unformatted(output: str, checkout: Path) -> Iterator[Evidence]:
    """Go through the places that rustfmt would write otherwise, each at the first line that it changes."""
    # The end of a colour may stand before it, even where rustfmt writes to no terminal.
    lines = [_COLOUR.sub("", line) for line in output.splitlines()]
    for number, line in enumerate(lines, 1):
        if match := _UNFORMATTED.match(line):
            kept = sum(1 for _ in takewhile(lambda one: one.startswith(" "), lines[number:]))
            ends = number + kept == len(lines) or _UNFORMATTED.match(lines[number + kept])
            yield Evidence(
                source="cargo",
                file=_inside(match["file"], checkout),
                line=int(match["line"] or match["old"]) + (0 if ends else kept),
                excerpt="not as rustfmt writes it",
            )


def _inside(file: str | None, checkout: Path) -> str:
    path = Path(str(file))
    return str(path.relative_to(checkout)) if path.is_relative_to(checkout) else str(file)


def _panics(lines: list[str]) -> Iterator[Evidence]:
    for index, line in enumerate(lines):
        if match := _PANIC.search(line):
            said = "\n".join([line.strip(), *(text.strip() for text in lines[index + 1 : index + 4])])
            yield Evidence(source="cargo", file=match["file"], line=int(match["line"]), excerpt=said)
