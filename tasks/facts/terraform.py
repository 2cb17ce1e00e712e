"""Reads the Terraform files of a tree with tree-sitter's grammar of HCL; terraform is not run."""

from __future__ import annotations

import functools
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tasks.domain.located import Problem
from tasks.domain.source import Source
from tasks.domain.terraform import (
    Attribute,
    Block,
    Call,
    Expression,
    Module,
    Reference,
    Terraform,
    Value,
    Variables,
)
from tasks.domain.terraform_values import calls
from tasks.facts.hcl_left_open import left_open

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_ESCAPE = re.compile(r'\\(["\\nrt])')
_ESCAPED = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_ENGINES = ("j2", "jinja", "jinja2", "erb", "tera", "hbs", "mustache", "ejs")
_TEMPLATES = (".tpl.tf", ".tmpl.tf", *(end for one in _ENGINES for end in (f".{one}.tf", f".tf.{one}")))
"""What a program fills in before terraform sees it; ``backend.tf.template`` is for people to copy."""
_NOT_A_ROOT = frozenset({"each", "count", "self", "path", "terraform"})


_LOCKED = "\0GITCRYPT"  # what git-crypt writes before a file that this checkout has no key for
_GENERATES = re.compile(r"^[ \t]*(?:generate|before_hook|after_hook|include)\b", re.MULTILINE)
"""What writes files into modules, or takes it over from a file above."""


def _is_terragrunt(read: Source) -> bool:
    return read.path.endswith("terragrunt.hcl")


def is_terraform(path: str) -> bool:
    """Tell whether terraform reads a file: modules, values and tests' own directories left out."""
    named = path.endswith((".tf", ".tfvars")) and not path.endswith(_TEMPLATES)
    return named and "/.terraform/" not in f"/{path}"


def read_terraform(
    sources: Iterable[Source], paths: Iterable[str] = (), links: Iterable[str] = ()
) -> Terraform:
    """Read the Terraform files among the sources, one module for each directory.

    ``paths`` are those of the whole tree: a directory with templates is no module until they are filled in.
    ``links`` are symbolic ones, which are not followed: a module with one is known in part. Terraform's JSON
    is not read either, and counts as one; where Terragrunt writes files into modules, all are known in part.
    """
    sources = list(sources)
    writers = tuple(one.path for one in sources if _is_terragrunt(one) and _GENERATES.search(one.text))
    elsewhere: dict[str, list[str]] = defaultdict(list)
    for link in links:
        elsewhere[posixpath.dirname(link)].append(link)
    unfinished = {posixpath.dirname(path) for path in paths if path.endswith(_TEMPLATES)}
    by_directory: dict[str, list[Source]] = defaultdict(list)
    for source in sorted(sources, key=lambda one: one.path):
        directory = posixpath.dirname(source.path)
        if is_terraform(source.path) and directory not in unfinished and "{{" not in directory:
            by_directory[directory].append(source)
    return Terraform(
        modules={
            place: _module(place, found, (*elsewhere[place], *writers))
            for place, found in by_directory.items()
        }
    )


def _module(directory: str, sources: list[Source], links: tuple[str, ...]) -> Module:
    blocks: list[Block] = []
    problems: list[tuple[Source, Problem]] = []
    given: list[Variables] = []
    sealed: list[str] = []
    for source in sources:
        if source.text.startswith(_LOCKED):
            sealed.append(source.path)
            continue
        attributes, found, problem = _file(source)
        if source.path.endswith(".tfvars"):
            given.append(Variables(source=source, attributes=attributes, problem=problem))
            continue
        blocks += found
        if problem is not None:
            problems.append((source, problem))
    return Module(
        directory=directory,
        files=tuple(one for one in sources if one.path.endswith(".tf")),
        blocks=tuple(blocks),
        problems=tuple(problems),
        tfvars=tuple(given),
        links=(*links, *sealed),
    )


def _file(source: Source) -> tuple[dict[str, Attribute], list[Block], Problem | None]:
    if not source.readable:
        return {}, [], Problem(message="the file is not UTF-8")
    root = _parser().parse(source.text.replace("\r\n", "\n").encode()).root_node
    problem = None
    if root.has_error:
        broken = next(_errors(root), None)
        line = broken.start_point[0] + 1 if broken else None
        problem = _problem(source.text, line)
    body = next((child for child in root.children if child.type == "body"), None)
    if body is None:
        return {}, [], problem
    try:
        attributes, blocks = _body(body, source)
    except RecursionError:
        return {}, [], Problem(message="nested deeper than can be read", line=1)
    return attributes, blocks, problem


def _problem(text: str, line: int | None) -> Problem:
    """Tell what is left open, when something is: the grammar notices it only where the file ends."""
    opened = left_open(text)
    if opened is None:
        return Problem(message="the syntax is not that of HCL", line=line)
    noticed = f", which is noticed in line {line}" if line is not None and line > opened[0] else ""
    return Problem(message=f"the syntax is not that of HCL: {opened[1]}{noticed}", line=opened[0])


@functools.cache
def _parser() -> Parser:
    """Load the grammar when the first file is read: a repository without Terraform must not pay for it."""
    import tree_sitter_hcl  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_hcl.language()))


def _body(body: Node, source: Source, *, variable: bool = False) -> tuple[dict[str, Attribute], list[Block]]:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for child in body.named_children:
        if child.type == "attribute":
            made = _attribute(child, variable=variable)
            attributes[made.name] = made
        elif child.type == "block":
            blocks.append(_block(child, source))
    return attributes, blocks


def _block(node: Node, source: Source) -> Block:
    names: list[str] = []
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for child in node.named_children:
        if child.type == "identifier":
            names.append(_text(child))
        elif child.type == "string_lit":
            names.append(_string(child))
        elif child.type == "body":
            attributes, blocks = _body(child, source, variable=names[:1] == ["variable"])
    return Block(
        source=source,
        type=names[0] if names else "",
        line=_line(node),
        labels=tuple(names[1:]),
        attributes=attributes,
        blocks=tuple(blocks),
    )


def _attribute(node: Node, *, variable: bool) -> Attribute:
    name = _text(node.named_children[0])
    value = node.named_children[-1]
    # The type of a variable is written in names that refer to nothing: string, list(number).
    references = () if variable and name == "type" else tuple(_references(value, frozenset()))
    return Attribute(name=name, line=_line(node), value=_value(value), references=references)


def _value(node: Node) -> Value:
    """Return a literal, or an Expression for what terraform has to compute."""
    kind = node.type
    inner = node.named_children
    if kind in ("expression", "literal_value", "collection_value") and len(inner) == 1:
        return _value(inner[0])
    match kind:
        case "string_lit":
            return _string(node)
        case "numeric_lit":
            text = _text(node)
            return int(text) if text.isdigit() else float(text)
        case "bool_lit":
            return _text(node) == "true"
        case "null_lit":
            return None
        case "tuple":
            return tuple(_value(child) for child in inner if child.type == "expression")
        case "object":
            return dict(_elements(node))
        case "template_expr":
            return _template(node)
    return Expression(text=_text(node), line=_line(node), calls=tuple(_calls(node)))


def _calls(node: Node) -> Iterator[Call]:
    if node.type == "function_call":
        given = next((child for child in node.named_children if child.type == "function_arguments"), None)
        written = given.named_children if given is not None else []
        arguments = tuple(_value(one) for one in written if one.type == "expression")
        yield Call(function=_text(node.named_children[0]), arguments=arguments, line=_line(node))
        # The arguments know theirs: to walk through them again would double the work at each depth.
        for argument in arguments:
            yield from calls(argument)
        return
    for child in node.named_children:
        yield from _calls(child)


def _elements(node: Node) -> Iterator[tuple[str, Value]]:
    for element in node.named_children:
        if element.type != "object_elem":
            continue
        key, value = element.child_by_field_name("key"), element.child_by_field_name("val")
        if key is None or value is None:
            continue
        name = _value(key)
        yield name if isinstance(name, str) else _text(key), _value(value)


def _template(node: Node) -> Value:
    """Return a quoted text or heredoc; one with interpolations is an Expression with its literal pieces."""
    parts: list[str | None] = []
    for child in node.named_children[0].named_children if node.named_children else ():
        if child.type == "template_literal":
            parts.append(_unescaped(_text(child)))
        elif child.type in ("template_interpolation", "template_directive"):
            parts.append(None)
    if None not in parts:
        return "".join(part for part in parts if part is not None)
    calls = tuple(_calls(node))
    return Expression(text=_text(node), line=_line(node), parts=tuple(parts), calls=calls)


def _references(node: Node, bound: frozenset[str]) -> Iterator[Reference]:
    """Go through what an expression refers to; names that ``for`` binds are its own."""
    if node.type == "for_expr" or node.type.startswith("for_"):
        names = {_text(child) for child in _descend(node, "for_intro") if child.type == "identifier"}
        bound |= names
    children = node.children
    skip = 0
    for place, child in enumerate(children):
        if place < skip:
            continue
        if child.type == "variable_expr":
            path = [_text(child)]
            skip = place + 1
            while skip < len(children) and children[skip].type in ("get_attr", "index", "splat"):
                follower = children[skip]
                if follower.type == "get_attr":
                    path.append(_text(follower.named_children[-1]))
                yield from _references(follower, bound) if follower.type == "index" else ()
                skip += 1
            if path[0] not in bound and path[0] not in _NOT_A_ROOT and not _is_key(node, child):
                yield Reference(path=tuple(path), line=_line(child))
        else:
            yield from _references(child, bound)


def _is_key(node: Node, variable: Node) -> bool:
    """Tell whether a bare name is the key of an object: ``{ Name = ... }`` refers to nothing."""
    element = node.parent
    if element is None or element.type != "object_elem":
        return False
    key = element.child_by_field_name("key")
    return key is not None and key.id == node.id and len(node.named_children) == 1 and variable is not None


def _descend(node: Node, kind: str) -> Iterator[Node]:
    for child in node.named_children:
        if child.type == kind:
            yield from child.named_children
        elif child.type.startswith("for_"):
            yield from _descend(child, kind)


def _errors(node: Node) -> Iterator[Node]:
    if node.type == "ERROR" or node.is_missing:
        yield node
        return
    for child in node.children:
        if child.has_error:
            yield from _errors(child)


def _string(node: Node) -> str:
    return _unescaped(
        "".join(_text(child) for child in node.named_children if child.type == "template_literal")
    )


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED[found[1]], text) if "\\" in text else text


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _line(node: Node) -> int:
    return node.start_point[0] + 1
