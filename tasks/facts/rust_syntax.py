"""Looks for Rust files that the compiler's parser cannot read, once formatting says that there is one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tasks.domain.cargo_run import CargoFormat, CargoOutcome
from tasks.domain.crate import Package, TargetKind
from tasks.domain.evidence import Evidence
from tasks.domain.git_state import GitState
from tasks.domain.root_build import RootBuild
from tasks.domain.rust_syntax import Reach, RustSyntax, SyntaxFault
from tasks.domain.tree import SUBMODULE, SYMLINK, Tree
from tasks.systems.cargo import Diagnostic
from tasks.systems.rust_parser import RustParser

_MODULE = re.compile(r"file not found for module `(?:r#)?(\w+)`")
_SOONEST = (Reach.BUILD, Reach.TEST, Reach.BENCH, Reach.NEVER)


def rust_syntax(parser: RustParser, formatted: CargoFormat, tree: Tree, build: RootBuild) -> RustSyntax:
    """Return every file of the root workspace that cannot be read; rustfmt has told whether there is one."""
    if formatted.outcome is CargoOutcome.IMPOSSIBLE:
        why = str(formatted.lacks or formatted.last or "rustfmt is not on this machine")
        return RustSyntax(unseen=why, lacks=formatted.lacks)
    if not formatted.stopped:
        return RustSyntax()
    owners = _owners((entry.path for entry in tree if entry.mode not in (SUBMODULE, SYMLINK)), build)
    parser.copy(owners)
    found, complete = _unread(parser, owners)
    parser.mark(found)
    packages = {owners[path].directory: owners[path] for path in found}
    # No file is unreadable, and yet rustfmt stopped: then a module has no file, in whichever package.
    asked = packages or {one.directory: one for one in build.workspace.packages}
    reached: dict[str, Reach] = {}
    absent: dict[str, SyntaxFault] = {}
    for package in asked.values():
        for crate in build.crates(package):
            on = sorted(build.features(package))
            seen = parser.follow(crate.target.path, package.edition, on, test=crate.test)
            for path in seen.marked:
                reached[path] = min(reached.get(path, Reach.NEVER), crate.reach, key=_SOONEST.index)
            for one in () if _generates(package) else seen.absent:
                if str(one.file) not in found:
                    absent.setdefault(f"{one.file}:{one.message}", _fault(one, crate.reach, package))
    named = {str(one.file) for one in formatted.unread}
    return RustSyntax(
        faults=tuple(
            _fault(one, reached.get(path, Reach.NEVER), owners[path])
            for path, one in sorted(found.items())
            if path in reached or path in named
        ),
        absent=tuple(absent[key] for key in sorted(absent)),
        complete=complete,
    )


def beside(
    parser: RustParser, directory: Path, state: GitState, committed: RustSyntax, build: RootBuild
) -> RustSyntax:
    """Add what lies in a person's directory: faults that are not committed, corrections that are not."""
    if committed.unseen:
        return committed
    if committed.absent:
        absent = tuple(replace(one, lying=_there(directory, one)) for one in committed.absent)
        committed = replace(committed, absent=absent)
    changed = {*state.staged, *state.unstaged, *state.conflicted}
    owners = _owners((path for path in sorted(changed) if (directory / path).is_file()), build)
    if not owners:
        return committed
    parser.copy(owners)
    lying, _ = _unread(parser, owners)
    known = {one.path for one in committed.faults}
    return replace(
        committed,
        faults=tuple(
            replace(one, corrected=one.path in owners and one.path not in lying) for one in committed.faults
        ),
        uncommitted=tuple(
            _lying(_fault(one, Reach.NEVER, owners[path]))
            for path, one in sorted(lying.items())
            if path not in known
        ),
    )


def _there(directory: Path, fault: SyntaxFault) -> str | None:
    """Return the file of a module that lies in the directory, at either of the places where it may."""
    module = _MODULE.search(fault.message)
    if module is None:
        return None
    path = PurePosixPath(fault.path)
    inner = path.parent if path.stem in ("lib", "main", "mod") else path.parent / path.stem
    places = (inner / f"{module[1]}.rs", inner / module[1] / "mod.rs")
    return next((str(one) for one in places if (directory / one).is_file()), None)


def _lying(fault: SyntaxFault) -> SyntaxFault:
    return replace(fault, place=replace(fault.place, committed=False))


def _owners(paths: Iterable[str], build: RootBuild) -> dict[str, Package]:
    """Return the Rust files among paths that lie in a package of the workspace, with it."""
    return {
        path: owner for path in paths if path.endswith(".rs") and (owner := build.owner(path)) is not None
    }


def _unread(parser: RustParser, owners: dict[str, Package]) -> tuple[dict[str, Diagnostic], bool]:
    by_edition: dict[str, list[str]] = defaultdict(list)
    for path, owner in owners.items():
        by_edition[owner.edition].append(path)
    looks = [parser.unread(paths, edition) for edition, paths in sorted(by_edition.items())]
    return {str(one.file): one for look in looks for one in look.faults}, all(one.complete for one in looks)


def _generates(package: Package) -> bool:
    """Tell whether a package runs what may write a module before it is compiled."""
    return any(target.kind is TargetKind.BUILD for target in package.targets)


def _fault(one: Diagnostic, reach: Reach, package: Package) -> SyntaxFault:
    said = one.rendered.strip().partition("\n")[0] or one.message
    place = Evidence(source="rustc", file=one.file, line=one.line, excerpt=said)
    return SyntaxFault(place=place, message=one.message, reach=reach, package=package.name)
