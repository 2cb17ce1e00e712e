"""Reads what the Python programs that workflows run ask AWS for: through the AWS CLI, or through boto3.

They are parsed and not run. A call counts when service and operation are written as literals: in a list that
begins with ``"aws"``, as the first arguments of a function of the program that puts ``"aws"`` before them, or
as a method of ``boto3.client("SERVICE")``.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

from tasks.domain.aws_action import needed
from tasks.domain.aws_call import AwsCall, AwsPrograms, changes_identity
from tasks.domain.python_program import program_path
from tasks.domain.script import Scripts
from tasks.domain.source import Source, source
from tasks.facts.tree import Files

LARGEST = 512 * 1024
_NO_REQUEST = frozenset(
    {
        "can_paginate", "close", "exceptions", "generate_presigned_post", "generate_presigned_url",
        "get_paginator", "get_waiter", "meta",
    }
)  # fmt: skip
_FILES: Mapping[str, tuple[str, ...]] = {
    "upload_file": ("s3:PutObject",),
    "upload_fileobj": ("s3:PutObject",),
    "download_file": ("s3:GetObject",),
    "download_fileobj": ("s3:GetObject",),
}
"""Methods of boto3's S3 client that are no operations."""


def read_aws_programs(files: Files, scripts: Scripts) -> AwsPrograms:
    """Read the Python files that steps of workflows run and that speak of AWS."""
    wanted = {
        path
        for script in scripts
        if script.job is not None
        for command in script.commands
        if (path := program_path(command)) is not None
    }
    entries = [entry for path in sorted(wanted) if (entry := files.tree.file(path)) is not None]
    small = [entry.path for entry in entries if (entry.size or 0) <= LARGEST]
    found = {}
    for path, content in files.read(small).items():
        if b"aws" in content or b"boto3" in content:
            found[path] = tuple(_calls(source(path, content)))
    return AwsPrograms(calls={path: calls for path, calls in found.items() if calls})


def _calls(read: Source) -> Iterator[AwsCall]:
    if not read.readable or changes_identity(read.text) or "assume_role" in read.text:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # theirs, not ours
            tree = ast.parse(read.text)
    except (SyntaxError, ValueError, RecursionError):
        return
    runners = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and _runs_aws(one)}
    clients = dict(_clients(tree))
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.List) and node.elts and _text(node.elts[0]) == "aws":
            given = node.elts[1:]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in runners:
            given = node.args
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _method(node, node.func, clients, read)
        words = _texts(given)
        if words and not words[0].startswith("-") and not _elsewhere(words):
            options = frozenset(word.partition("=")[0] for word in words[2:])
            actions = needed(words[0], words[1], options)
            line = given[1].lineno
            yield AwsCall(service=words[0], operation=words[1], actions=actions, source=read, line=line)


def _runs_aws(function: ast.FunctionDef) -> bool:
    """Tell whether a function runs ``["aws", *arguments]`` with the arguments that it was given."""
    given = function.args.vararg
    return given is not None and any(
        isinstance(node, ast.List)
        and len(node.elts) > 1
        and _text(node.elts[0]) == "aws"
        and isinstance(node.elts[1], ast.Starred)
        and isinstance(node.elts[1].value, ast.Name)
        and node.elts[1].value.id == given.arg
        for node in ast.walk(function)
    )


def _clients(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Go through the names that are given a client of boto3, with its service."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            service = _client(node.value)
            if service is not None:
                yield node.targets[0].id, service


def _client(node: ast.expr) -> str | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    plain = isinstance(node.func.value, ast.Name) and node.func.value.id == "boto3"
    known = all(one.arg in ("service_name", "region_name", "config") for one in node.keywords)
    return _text(node.args[0]) if plain and known and node.func.attr == "client" and node.args else None


def _method(
    node: ast.Call, method: ast.Attribute, clients: Mapping[str, str], read: Source
) -> Iterator[AwsCall]:
    held = clients.get(method.value.id) if isinstance(method.value, ast.Name) else _client(method.value)
    if held is None or method.attr.startswith("_"):
        return
    name = method.attr
    if name == "get_paginator" and node.args:
        name = _text(node.args[0]) or name
    if name in _NO_REQUEST:
        return
    service = {"s3": "s3api"}.get(held, held)
    operation = name.replace("_", "-")
    actions = _FILES.get(name) if held == "s3" else None
    yield AwsCall(
        service=service,
        operation=operation,
        actions=actions or needed(service, operation),
        source=read,
        line=node.lineno,
    )


def _elsewhere(words: list[str]) -> bool:
    return any(word.startswith(("--endpoint-url", "--no-sign-request", "--profile")) for word in words)


def _texts(nodes: list[ast.expr]) -> list[str]:
    """Return the literals, up to the first of two that is none: service and operation have to be certain."""
    texts = [_text(node) for node in nodes]
    if len(texts) < 2 or texts[0] is None or texts[1] is None:
        return []
    return [text or "" for text in texts]


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
