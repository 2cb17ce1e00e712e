"""Whether Terraform's modules fit together: blocks declared once, references, sources, inputs, files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import respelled
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import Ignored
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts, inside
from tasks.domain.source import Sources
from tasks.domain.terraform import Attribute, Block, Module, Reference, Terraform
from tasks.domain.terraform_reach import reached
from tasks.domain.terraform_values import calls, module_path, nested, shown
from tasks.domain.tree import Tree

_ONCE = ("resource", "data", "variable", "output", "module")
_HISTORY = ("moved", "removed", "import")  # they name what is no longer, or not yet, declared
_META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_WRITERS = re.compile(r'"(?:archive_file|local_file|local_sensitive_file|null_resource|terraform_data)"')
_FOR_TESTS = re.compile(r"/(?:tests?|testdata|test[-_]data|fixtures?|snapshots?)/")
"""Where files lie that nobody runs terraform on: they may be broken on purpose."""
_READS = frozenset({"file", "filebase64", "filemd5", "filesha256", "filebase64sha256", "templatefile"})


@check(
    "terraform-parses",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Correct the syntax; `terraform fmt` names the place", minutes=5),
)
def terraform_parses(terraform: Terraform) -> Iterator[Answer]:
    """Every Terraform file has the syntax of HCL."""
    for module in terraform:
        for source, problem in module.problems:
            weight = Weight.NOTE if _FOR_TESTS.search(f"/{source.path}") else None
            told = f"{source.path}: {problem.message}"
            yield broken(source.path, told, source.at(problem.line), weight=weight)
        for values in module.tfvars:
            if values.problem is not None:
                told = f"{values.source.path}: {values.problem.message}"
                yield broken(values.source.path, told, values.source.at(values.problem.line))
        bad = {source.path for source, _ in module.problems}
        yield from (holds(one.path, "is HCL") for one in module.files if one.path not in bad)


@check(
    "terraform-declared-once",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Remove or rename one of the two", minutes=10),
)
def terraform_declared_once(terraform: Terraform) -> Iterator[Answer]:
    """Every resource, variable, output and local value is declared once in its module."""
    for module in terraform:
        if any(_overrides(one.path) for one in module.files):
            continue  # an override file declares again on purpose
        found: dict[str, list[tuple[Block, Attribute | None]]] = defaultdict(list)
        for block in module.blocks:
            if block.type in _ONCE and block.labels:
                found[block.address].append((block, None))
            elif block.type == "locals":
                for name, attribute in block.attributes.items():
                    found[f"local.{name}"].append((block, attribute))
        for address, declared in found.items():
            if len(declared) > 1:
                places = [block.source.at(attribute or block) for block, attribute in declared]
                told = f"{address} is declared {len(declared)} times: {' and '.join(map(str, places[:3]))}"
                yield broken(f"{shown(module.directory)}: {address}", told, *places[1:], places[0])


def _overrides(path: str) -> bool:
    return path.endswith("_override.tf") or path.rpartition("/")[2] == "override.tf"


@check(
    "terraform-resource-declared",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Declare it in the module, or correct the name", minutes=10),
)
def terraform_resource_declared(terraform: Terraform) -> Iterator[Answer]:
    """Every resource, data source and module that an expression refers to is declared in its module."""
    yield from merged(answer for module in terraform if not module.in_part for answer in _resources(module))


def _resources(module: Module) -> Iterator[Answer]:
    declared = {(*b.labels,) for b in module.of("resource")}
    data = {("data", *b.labels) for b in module.of("data")}
    data |= {("data", *b.labels) for outer in module.of("check") for b in outer.inner("data")}
    modules = {("module", *b.labels) for b in module.of("module")}
    bound = {label for block in module.blocks for label in _iterators(block)}
    for block, attribute, reference in module.references():
        if block.type in _HISTORY or attribute.name == "ignore_changes" or reference.root in bound:
            continue
        named = _named(reference)
        if named is None:
            continue
        address = ".".join(named)
        subject = f"{shown(module.directory)}: {address}"
        known = {"data": data, "module": modules}.get(named[0], declared)
        if named in known:
            yield holds(subject, "is declared")
        else:
            told = f"{block.address} refers to {address}, which its module does not declare"
            yield broken(subject, told, block.source.at(reference))


def _iterators(block: Block) -> Iterator[str]:
    for one in nested(block):
        if one.type == "dynamic":
            renamed = one.attributes.get("iterator")
            yield one.name
            yield from (reference.root for reference in (renamed.references if renamed else ()))


def _named(reference: Reference) -> tuple[str, ...] | None:
    path = reference.path
    if path[0] == "data":
        return path[:3] if len(path) >= 3 else None
    if path[0] == "module" or ("_" in path[0] and path[0] not in ("each_key", "each_value")):
        return path[:2] if len(path) >= 2 else None
    return None


@check(
    "terraform-module-exists",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Correct the path: it is relative to the file that calls the module", minutes=5),
)
def terraform_module_exists(terraform: Terraform, tree: Tree, scripts: Scripts) -> Iterator[Answer]:
    """Every local `source` of a module is a directory with Terraform files."""
    run = reached(scripts, terraform)
    for module in terraform:
        missing: list[tuple[Block, str]] = []
        for block in module.of("module"):
            written = block.get("source")
            if not isinstance(written, str) or not written.startswith((".", "..")):
                continue
            place = inside(written, module.directory)
            if place is None or tree.unseen(place):
                continue
            # Terraform in JSON, or templates of what is to be there.
            if place in terraform.modules or any(".tf." in f".{e.path}" for e in tree.below(place)):
                yield holds(f"{shown(module.directory)}: {block.address}", "is there")
            else:
                missing.append((block, place))
        if missing:
            yield _nowhere(terraform, module, missing, here=run is not None and module.directory in run)


def _nowhere(terraform: Terraform, module: Module, missing: list[tuple[Block, str]], *, here: bool) -> Answer:
    """Tell once of all the calls of a module that lead nowhere: they mostly share one mistake in the path.

    ``here``: a workflow runs terraform on it. Who else does so may have a disk that minds no letter case.
    """
    cased = {one.lower(): one for one in terraform.modules}
    same = [cased.get(place.lower()) for _, place in missing]
    wrong = []
    for block, place in missing:
        there = sorted(one for one in terraform.modules if one.endswith("/" + place.rpartition("/")[2]))
        other = cased.get(place.lower())
        hint = f" (there is {there[0]})" if there else ""
        hint = f" (there is {other}: Linux minds the letter case)" if other is not None else hint
        wrong.append(f"{block.address} in {block.get('source')!r}{hint}")
    told = f"no Terraform files are where {shown(module.directory)} looks for {listed(wrong)}"
    weight = Weight.WARNING if all(same) and not here else None
    places = (block.at("source") for block, _ in missing)
    return broken(f"{shown(module.directory)}: sources", told, *places, weight=weight)


@check(
    "terraform-module-inputs",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Pass what the module declares, and nothing else", minutes=10),
)
def terraform_module_inputs(terraform: Terraform) -> Iterator[Answer]:
    """Every call of a local module passes its required variables and only ones that it declares."""
    for module, block, called in _called(terraform):
        subject = f"{shown(module.directory)}: {block.address}"
        lacking = [one.name for one in called.required if one.name not in block.attributes]
        unknown = [n for n in block.attributes if n not in called.variables and n not in _META]
        if lacking:
            names = ", ".join(lacking)
            told = f"{block.address} does not pass {names}, which {shown(called.directory)} requires"
            yield broken(subject, told, block.at(), *(called.variables[name].at() for name in lacking[:3]))
        for name in unknown:
            told = f"{block.address} passes {name}, which {shown(called.directory)} does not declare"
            place = block.at(name)
            edits = respelled(name, called.variables.keys() - block.attributes.keys(), place)
            yield broken(f"{subject}.{name}", told, place, edits=edits)
        if not lacking and not unknown:
            yield holds(subject, "passes what it declares")


@check(
    "terraform-module-outputs",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Read an output that the module has, or add it there", minutes=5),
)
def terraform_module_outputs(terraform: Terraform) -> Iterator[Answer]:
    """Every `module.x.y` is an output of the local module that is called."""
    yield from merged(_outputs(terraform))


def _outputs(terraform: Terraform) -> Iterator[Answer]:
    called = {(module.directory, block.name): one for module, block, one in _called(terraform)}
    calling: dict[tuple[str, str], set[str]] = defaultdict(set)
    for module, block, _ in _called(terraform):
        calling[module.directory, block.name] |= block.attributes.keys()
    for module in terraform:
        for block, _, reference in module.references():
            if reference.root != "module" or len(reference.path) < 3 or block.type in _HISTORY:
                continue
            one = called.get((module.directory, reference.path[1]))
            if one is None:
                continue
            address = ".".join(reference.path[:3])
            subject = f"{shown(module.directory)}: {address}"
            if reference.path[2] in one.outputs:
                yield holds(subject, "is an output")
            else:
                told = f"{block.address} reads {address}, which {shown(one.directory)} does not output"
                # A call that is counted is looked into only where an expression really reads it.
                counted = {"count", "for_each"} & calling[module.directory, reference.path[1]]
                weight = Weight.WARNING if counted else None
                place = block.source.at(reference)
                edits = respelled(reference.path[2], one.outputs, place)
                yield broken(subject, told, place, weight=weight, edits=edits)


def _called(terraform: Terraform) -> Iterator[tuple[Module, Block, Module]]:
    for module in terraform:
        for block in module.of("module"):
            written = block.get("source")
            place = inside(written, module.directory) if isinstance(written, str) else None
            called = terraform.modules.get(place) if place is not None and str(written)[:1] == "." else None
            if called is not None and not called.in_part:
                yield module, block, called


@check(
    "terraform-file-exists",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Add the file, or correct the path", minutes=5),
)
def terraform_file_exists(terraform: Terraform, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every file that `file()` or `templatefile()` reads from the repository is in it."""
    ignored = Ignored(sources) if terraform.modules else Ignored(())
    yield from merged(answer for module in terraform for answer in _files(module, tree, sources, ignored))


def _files(module: Module, tree: Tree, sources: Sources, ignored: Ignored) -> Iterator[Answer]:
    for block in module.blocks:
        for inner in nested(block):
            for attribute in inner.attributes.values():
                for call in calls(attribute.value):
                    if call.function not in _READS or not call.arguments:
                        continue
                    path = module_path(call.arguments[0], module)
                    if path is None or tree.unseen(path) or path in ignored:
                        continue  # what git ignores is made on the machine that plans
                    subject = f"{shown(module.directory)}: {path}"
                    if tree.file(path) is not None:
                        yield holds(subject, "is there")
                    elif not _made(path, sources):
                        told = f"{block.address} reads {path}, which is not in the repository"
                        yield broken(subject, told, block.source.at(call.line))


def _made(path: str, sources: Sources) -> bool:
    """Tell whether something of the repository may write the file first: whatever else spells its name."""
    name = path.rpartition("/")[2]
    spelled = [one for one in sources.saying(name, told=False) if not _is_told(one.path)]
    return any(not one.path.endswith(".tf") or _WRITERS.search(one.text) for one in spelled)


def _is_told(path: str) -> bool:
    """Tell whether a file is for people to read."""
    return path.endswith((".md", ".txt", ".rst", ".adoc"))
