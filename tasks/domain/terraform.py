"""What the Terraform files of a repository declare and refer to, without running terraform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.cached import cached
from tasks.domain.evidence import Evidence
from tasks.domain.located import Problem
from tasks.domain.script import inside
from tasks.domain.source import Source


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of one of terraform's functions anywhere in an expression: ``file("x")``, ``merge(a, b)``."""

    function: str
    arguments: tuple[Value, ...]
    line: int


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A value that only terraform can compute; ``parts`` are its literal pieces when it is a template.

    ``calls`` are the functions called in it, outer ones first.
    """

    text: str
    line: int
    parts: tuple[str | None, ...] = ()
    calls: tuple[Call, ...] = ()


Value = str | int | float | bool | None | tuple["Value", ...] | Mapping[str, "Value"] | Expression


@dataclass(frozen=True, kw_only=True)
class Reference:
    """``var.x``, ``local.y``, ``aws_instance.z.id``: the names in order; indices are left out."""

    path: tuple[str, ...]
    line: int

    @property
    def root(self) -> str:
        """The first name: ``var``, ``local``, ``module``, ``data`` or a resource's type."""
        return self.path[0]


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """``name = value`` with everything its value refers to."""

    name: str
    line: int
    value: Value
    references: tuple[Reference, ...] = ()

    @property
    def literal(self) -> str | None:
        """The value when it is a literal text."""
        return self.value if isinstance(self.value, str) else None


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block with its labels: ``resource "aws_instance" "node" { ... }``."""

    source: Source = field(repr=False)
    type: str
    line: int
    labels: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    @property
    def name(self) -> str:
        """The last label."""
        return self.labels[-1] if self.labels else ""

    @property
    def address(self) -> str:
        """How terraform calls it: ``aws_instance.node``, ``var.region``, ``module.network``."""
        begin = {"variable": ("var",), "resource": (), "locals": ("local",)}.get(self.type, (self.type,))
        return ".".join((*begin, *self.labels))

    def at(self, *attribute: str) -> Evidence:
        """Return evidence for an attribute, or for the block without one."""
        found = self.attributes.get(attribute[0]) if attribute else None
        return self.source.at(found.line if found else self.line)

    def get(self, attribute: str) -> Value:
        """Return an attribute's value, None without one."""
        found = self.attributes.get(attribute)
        return None if found is None else found.value

    def inner(self, type_: str) -> tuple[Block, ...]:
        """Return the blocks of a type directly inside; a ``dynamic`` one counts by its label."""
        return tuple(
            one
            for one in self.blocks
            if one.type == type_ or (one.type == "dynamic" and one.labels == (type_,))
        )

    def references(self) -> Iterator[tuple[Attribute, Reference]]:
        """Go through everything it refers to, at any depth."""
        for attribute in self.attributes.values():
            for reference in attribute.references:
                yield attribute, reference
        for block in self.blocks:
            yield from block.references()


@dataclass(frozen=True, kw_only=True)
class Variables:
    """A ``*.tfvars`` file."""

    source: Source
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Module:
    """One directory of ``*.tf`` files; ``problems`` are what could not be read, by file.

    ``links`` are those of its files that lie elsewhere or are encrypted: what they say is not in here.
    """

    directory: str
    files: tuple[Source, ...] = field(default=(), repr=False)
    blocks: tuple[Block, ...] = ()
    problems: tuple[tuple[Source, Problem], ...] = ()
    tfvars: tuple[Variables, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def in_part(self) -> bool:
        """Tell whether there is more of it than could be read: what is not here may still be declared."""
        return bool(self.problems or self.links)

    def of(self, type_: str, *labels: str) -> tuple[Block, ...]:
        """Return the blocks of a type whose labels begin with these."""
        return tuple(b for b in self.blocks if b.type == type_ and b.labels[: len(labels)] == labels)

    @cached
    def variables(self) -> Mapping[str, Block]:
        """The declared variables by name."""
        return {one.name: one for one in self.of("variable")}

    @cached
    def outputs(self) -> Mapping[str, Block]:
        """The declared outputs by name."""
        return {one.name: one for one in self.of("output")}

    @cached
    def locals(self) -> Mapping[str, Attribute]:
        """The local values by name."""
        return {name: one for block in self.of("locals") for name, one in block.attributes.items()}

    @property
    def required(self) -> tuple[Block, ...]:
        """The variables without a default: somebody must give them a value."""
        return tuple(one for one in self.variables.values() if "default" not in one.attributes)

    @property
    def backend(self) -> Block | None:
        """The ``backend`` block, or ``cloud``."""
        found = [b for t in self.of("terraform") for b in (*t.inner("backend"), *t.inner("cloud"))]
        return found[0] if found else None

    @property
    def required_version(self) -> Attribute | None:
        """The ``required_version`` of terraform itself."""
        found = [
            t.attributes["required_version"]
            for t in self.of("terraform")
            if "required_version" in t.attributes
        ]
        return found[0] if found else None

    @property
    def is_root(self) -> bool:
        """Tell whether it configures a backend or a provider: what terraform is run in."""
        return self.backend is not None or bool(self.of("provider"))

    def references(self) -> Iterator[tuple[Block, Attribute, Reference]]:
        """Go through everything that any block refers to."""
        for block in self.blocks:
            for attribute, reference in block.references():
                yield block, attribute, reference

    def source_of(self, path: str) -> Source | None:
        """Return a file of the module."""
        return next((one for one in self.files if one.path == path), None)


@dataclass(frozen=True, kw_only=True)
class Terraform:
    """All modules of a tree by directory; empty for a repository without Terraform."""

    modules: Mapping[str, Module] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules.values())

    @property
    def roots(self) -> tuple[Module, ...]:
        """The modules that terraform is run in: those no other one calls."""
        called = {place for module in self for place in self.calls(module)}
        return tuple(one for one in self if one.directory not in called or one.is_root)

    def calls(self, module: Module) -> dict[str, Block]:
        """Return the local modules that a module calls: directory -> the calling block."""
        found: dict[str, Block] = {}
        for block in module.of("module"):
            written = block.get("source")
            if isinstance(written, str) and written.startswith((".", "..")):
                place = inside(written, module.directory)
                if place is not None:
                    found[place] = block
        return found
