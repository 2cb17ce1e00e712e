"""Which features of a package a call of cargo switches on, and which of a target's own it leaves off.

cargo refuses a target that is asked for by name while a feature of its ``required-features`` is off, with
exit code 101; one that nobody names it leaves out in silence (the Cargo book, "The required-features field").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tasks.domain.cargo_command import WITH_VALUE, CargoCommand
from tasks.domain.crate import Manifests, Package, Target, TargetKind, Workspace, table
from tasks.domain.evidence import Evidence

_NAMED = (TargetKind.BIN, TargetKind.EXAMPLE, TargetKind.TEST, TargetKind.BENCH)
_OTHERS = frozenset({"doc", "rustdoc", "tarpaulin"})  # whose own reading of a target's name is not known here
_OLD = "1"  # the resolver that gives `--features` to the package of the current directory alone


def left_off(call: CargoCommand, manifests: Manifests) -> Iterator[tuple[Target, Package, str, int]]:
    """Go through the targets that a call names and cargo refuses: target, package, feature and line."""
    if not call.builds or call.subcommand in _OTHERS or manifests.broken:
        return
    workspace = call.workspace(manifests)
    packages = call.chosen(manifests)
    if packages and workspace is not None:
        yield from _left_off(call, packages, workspace)


def left_off_anywhere(call: CargoCommand, manifests: Manifests) -> Iterator[tuple[Target, Package, str, int]]:
    """Go through the same for a call in a document, which people run where its target is."""
    if not call.builds or call.subcommand in _OTHERS or manifests.broken:
        return
    kinds = [(kind, word.literal) for kind in _NAMED for word in call.given(f"--{kind.value}")]
    for kind, name in kinds if len(kinds) == 1 else ():
        owners = [one for one in manifests if name in one.named(kind)]
        workspaces = [one for one in manifests.own if owners and owners[0] in one.packages]
        if len(owners) == 1 and len(workspaces) == 1:
            placed = replace(call, directory=owners[0].directory)
            chosen = placed.chosen(manifests) if call.packages else workspaces[0].packages
            yield from _left_off(placed, chosen or (), workspaces[0])


def _left_off(
    call: CargoCommand, packages: Sequence[Package], workspace: Workspace
) -> Iterator[tuple[Target, Package, str, int]]:
    named = [(kind, word) for kind in _NAMED for word in call.given(f"--{kind.value}")]
    for kind, word in named if not workspace.missing and named and _is_certain(call) else ():
        for name in word.values or ():
            owners = [one for one in packages if name in one.named(kind)]
            target = owners[0].named(kind)[name] if len(owners) == 1 else None
            if target is None or not target.required_features:
                continue
            on = switched_on(call, owners[0], workspace, packages)
            for feature in target.required_features if on is not None else ():
                if on is not None and "/" not in feature and feature not in on:
                    yield target, owners[0], feature, word.line
                    break


def required(package: Package, target: Target) -> Evidence:
    """Return the line of a manifest that has a target require features."""
    written = package.toml.root.get(target.kind.value, ())
    at = next((n for n, one in enumerate(written) if table(one).get("name") == target.name), 0)
    return package.toml.at(target.kind.value, at, "required-features")


def switched_on(
    call: CargoCommand, package: Package, workspace: Workspace, chosen: Iterable[Package]
) -> frozenset[str] | None:
    """Return the features of a package that are on, one too many rather than one too few; None if unsure."""
    if call.has("--all-features"):
        return package.all_features
    if _resolver(workspace) == _OLD and not workspace.virtual and call.directory != package.directory:
        return None
    asked = [] if call.has("--no-default-features") else ["default"]
    for feature, _ in call.features:
        owner, slash, inner = feature.rpartition("/")
        asked += [inner] if not slash or owner.rstrip("?") == package.name else [feature]
    asked += _asked_by(package, _below(chosen, workspace))
    return _closed(package, asked)


def _closed(package: Package, asked: list[str]) -> frozenset[str]:
    found: set[str] = set()
    left = [*asked]
    while left:
        name = left.pop().removeprefix("dep:")
        owner, slash, inner = name.partition("/")
        if slash:
            # Its own name is what a test's dependency on its own package asks for.
            left += [owner] if not owner.endswith("?") else []
            left += [inner] if owner.rstrip("?") == package.name else []
        elif name not in found:
            found.add(name)
            left += package.features.get(name, ())
    return frozenset(found)


def _asked_by(package: Package, others: Iterable[Package]) -> Iterator[str]:
    """Go through the features that dependencies on a package ask for."""
    for other in others:
        for one in other.dependencies:
            if one.path == package.directory:
                yield from one.features
                if one.default_features:
                    yield "default"
        for values in other.features.values():
            for value in values:
                name, slash, inner = value.partition("/")
                key = name.rstrip("?")
                if slash and any(d.key == key and d.path == package.directory for d in other.dependencies):
                    yield inner


def _below(chosen: Iterable[Package], workspace: Workspace) -> list[Package]:
    """Return packages and all of the workspace that they may depend on."""
    by_directory = {one.directory: one for one in workspace.packages}
    left, found = [*chosen], list[Package]()
    while left:
        one = left.pop()
        if one not in found:
            found.append(one)
            paths = (need.path for need in one.dependencies if need.path is not None)
            left += [by_directory[path] for path in paths if path in by_directory]
    return found


def _resolver(workspace: Workspace) -> str:
    """Return the version of the feature resolver, which the edition of a root package decides as well."""
    root = workspace.toml.root
    about = table(root.get("package"))
    given = table(root.get("workspace")).get("resolver") or about.get("resolver")
    if given is not None:
        return str(given)
    edition = next(
        (one.edition for one in workspace.packages if one.directory == workspace.directory), "2015"
    )
    return _OLD if edition in ("2015", "2018") else "2"


def _is_certain(call: CargoCommand) -> bool:
    """Tell whether every word of a call that may be an option is known, and every feature that it names."""
    if any(word.literal is None for word in call.given("-F", "--features")):
        return False
    value = False
    for word in call.options:
        if value:
            value = False
        elif word.text in WITH_VALUE:
            value = True
        elif word.literal is None and not (word.beginning.startswith("--") and "=" in word.beginning):
            return False
    return True
