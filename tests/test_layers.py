"""The floors of the house, held by a test rather than by memory."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What talks to the outside: only the adapters and the embedded world may hold it.
WORLD = frozenset(
    {
        "aiohttp",
        "boto3",
        "botocore",
        "github",
        "http.client",
        "http.server",
        "httpx",
        "moto",
        "pty",
        "requests",
    }
    | {"sh", "socket", "socketserver", "subprocess", "urllib.request", "urllib3", "werkzeug"}
)
# What a pure room has no business with either: it is given texts and values.
MACHINE = frozenset({"glob", "multiprocessing", "os", "platform", "psutil", "shutil", "sqlite3", "tempfile"})
# Rooms a room may import, besides itself.
MAY_USE: dict[str, frozenset[str]] = {
    "tasks.domain": frozenset(),
    "tasks.checks": frozenset({"tasks.domain"}),
    "tasks.diagnosis": frozenset({"tasks.domain"}),
    "tasks.reports": frozenset({"tasks.domain"}),
    "tasks.systems": frozenset({"tasks.domain"}),
    "tasks.facts": frozenset({"tasks.domain", "tasks.checks", "tasks.diagnosis", "tasks.systems"}),
    "tasks.steps": frozenset({"tasks.domain", "tasks.checks", "tasks.diagnosis", "tasks.systems"}),
    "flows": frozenset({"tasks", "deployments.embedded"}),
    "deployments.embedded": frozenset({"tasks.domain"}),
    "deployments": frozenset({"tasks", "flows"}),
}
PURE = ("tasks.domain", "tasks.checks", "tasks.diagnosis", "tasks.reports")
HOLDS_THE_WORLD = ("tasks.systems", "deployments.embedded")
READ_ONLY = ("preflight", "diagnose", "cost", "journal")


def within(module: str, rooms: frozenset[str] | tuple[str, ...]) -> bool:
    """Tell whether a module is one of the rooms or stands in one of them."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str | None:
    """Return the innermost room that a module stands in."""
    rooms = [room for room in MAY_USE if within(module, (room,))]
    return max(rooms, key=len, default=None)


def imports(source: str, module: str, *, package: bool = False) -> Iterator[tuple[int, str]]:
    """Yield line and full name of everything a module's source imports, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            above = parts[: len(parts) - node.level + package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def trespasses(source: str, module: str, *, package: bool = False) -> Iterator[str]:
    """Yield a sentence for each import that the module's room does not allow."""
    room = room_of(module)
    for line, name in imports(source, module, package=package):
        own = name.split(".")[0] in {"tasks", "flows", "deployments", "tests"}
        if own and (room is None or not within(name, MAY_USE[room] | {room})):
            yield f"{module}:{line} imports {name}, which {room or 'tasks'} must not know"
        elif within(name, WORLD) and not within(module, HOLDS_THE_WORLD):
            yield f"{module}:{line} imports {name}; only {' and '.join(HOLDS_THE_WORLD)} talk to the outside"
        elif within(name, MACHINE) and within(module, PURE):
            yield f"{module}:{line} imports {name}; {room} is pure and is given what it needs"
        elif room == "tasks.domain" and not own and name.split(".")[0] not in sys.stdlib_module_names:
            yield f"{module}:{line} imports {name}; the domain knows the standard library only"


def modules() -> list[tuple[str, Path]]:
    """List every module of the product by name."""
    return [
        (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path)
        for top in ("tasks", "flows", "deployments")
        for path in sorted((ROOT / top).rglob("*.py"))
        if "sample" not in path.relative_to(ROOT).parts
    ]


def test_no_room_imports_what_it_must_not() -> None:
    bad = [
        sentence
        for module, path in modules()
        for sentence in trespasses(path.read_text(), module, package=path.name == "__init__.py")
    ]
    assert not bad, "\n".join(bad)


def test_prefect_stays_with_the_flows() -> None:
    users = {
        module
        for module, path in modules()
        if module.startswith("tasks.")
        and any(within(name, ("prefect",)) for _, name in imports(path.read_text(), module))
    }
    assert len(users) <= 1, f"more than one module under tasks knows Prefect: {sorted(users)}"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tasks.domain.x", "import yaml"),
        ("tasks.domain.x", "import subprocess"),
        ("tasks.domain.x", "from tasks.checks import secrets"),
        ("tasks.checks.x", "import os"),
        ("tasks.checks.x", "from tasks.diagnosis import rules"),
        ("tasks.checks.x", "def f():\n    from tasks.systems import aws"),
        ("tasks.checks.x", "from ..systems import aws"),
        ("tasks.steps.x", "import boto3"),
        ("tasks.steps.x", "from github.GithubException import GithubException"),
        ("tasks.steps.x", "from tasks.facts import cloud"),
        ("tasks.systems.x", "from flows import activation"),
        ("flows.x", "import subprocess"),
        ("flows.x", "from deployments import serve"),
        ("deployments.embedded.x", "from tasks.steps import step"),
    ],
)
def test_a_trespass_is_seen(module: str, source: str) -> None:
    assert list(trespasses(source, module))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tasks.domain.x", "import json\nfrom tasks.domain.phase import Phase"),
        ("tasks.checks.x", "from tasks.domain.check import check"),
        ("tasks.systems.x", "import boto3, subprocess"),
        ("tasks.steps.x", "from tasks.systems import aws"),
        ("flows.x", "import prefect\nfrom tasks.steps import step\nfrom deployments.embedded import client"),
        ("deployments.embedded.x", "import subprocess\nfrom tasks.domain import trigger"),
        ("deployments.serve", "from flows.activation import activation"),
    ],
)
def test_an_ordinary_import_is_not(module: str, source: str) -> None:
    assert not list(trespasses(source, module))


def commands() -> list[str]:
    """List the command modules of flows: those that can be run with ``-m``."""
    return [
        f"flows.{path.stem}"
        for path in sorted((ROOT / "flows").glob("*.py"))
        if '__name__ == "__main__"' in path.read_text()
    ]


WHAT_IS_LOADED = """
import runpy, sys
module, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = module
try:
    runpy.run_module(module, run_name="__main__" if sys.argv[1:] else module)
except SystemExit as end:
    assert not end.code, end.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded_by(module: str, *arguments: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", WHAT_IS_LOADED, module, *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stderr.rpartition("loaded:")[2].split())


@pytest.mark.processes
@pytest.mark.parametrize("module", commands())
def test_help_starts_at_once(module: str) -> None:
    assert not loaded_by(module, "--help") & {"prefect", "boto3", "github", "rich", "jinja2", "moto"}


@pytest.mark.processes
def test_a_preflight_begins_without_what_only_some_repositories_or_worlds_need() -> None:
    heavy = {"boto3", "filelock", "github", "jinja2", "prefect", "psutil", "rich", "tree_sitter", "urllib3"}
    assert not loaded_by("flows.preflighting") & heavy


@pytest.mark.processes
@pytest.mark.parametrize("module", [name for name in commands() if name.removeprefix("flows.") in READ_ONLY])
def test_a_read_only_command_does_not_import_prefect(module: str) -> None:
    assert "prefect" not in loaded_by(module)
