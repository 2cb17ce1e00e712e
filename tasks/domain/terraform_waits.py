"""In which order Terraform makes what a module declares: what a block waits for by naming it."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.terraform import Attribute, Block, Module, Reference


def waits_for(module: Module, block: Block) -> frozenset[str]:
    """Return the addresses of all that is made before a block: what it names, and what that names.

    A module's call counts as itself (``module.x``): what is made in it is not looked at.
    """
    by_address = {one.address: one for one in module.blocks if one.type in ("resource", "data")}
    found: set[str] = set()
    waiting = [one.references for one in _attributes(block)]
    while waiting:
        for reference in waiting.pop():
            address = named(reference)
            if address is None or address in found:
                continue
            found.add(address)
            if address.startswith("local."):
                local = module.locals.get(address.removeprefix("local."))
                waiting += [] if local is None else [local.references]
            elif address in by_address:
                waiting += [one.references for one in _attributes(by_address[address])]
    return frozenset(found)


def named(reference: Reference) -> str | None:
    """Return the address of what a reference names: a resource, a lookup, a local value or a module."""
    path = reference.path
    if reference.root == "data":
        return ".".join(path[:3]) if len(path) > 2 else None
    if reference.root in ("var", "path", "terraform", "each", "count", "self"):
        return None
    return ".".join(path[:2]) if len(path) > 1 else None


def _attributes(block: Block) -> Iterator[Attribute]:
    yield from block.attributes.values()
    for inner in block.blocks:
        yield from _attributes(inner)
