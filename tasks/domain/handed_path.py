"""The paths that a command cannot do without, and what each of them is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.script import Command

VALUES = "values file"  # people may keep it to themselves: only a slip in the name of one is certain
VALUES_PLACE = "directory of values"  # in which terraform looks for one
READ = "file that is read"  # a program may have made it just before
PATTERN = re.compile(r"[.-](?:example|sample|template|dist)\b|\bexample[.-]")
"""The names of files that are there to be copied."""
_BELOW = re.compile(r"(?:\./)?[\w-]+(?:/[\w-]+)*/")


def handed_paths(command: Command) -> Iterator[tuple[str, str]]:
    """Go through the paths that a command cannot do without, with what each is."""
    words = command.literals
    match command.program:
        case "cd" if len(words) == 1 and words[0]:
            yield words[0], "directory"
        case "terraform" | "tofu":
            for word in command.arguments:
                if word.text.startswith("-chdir=") and word.literal is not None:
                    yield word.literal.removeprefix("-chdir=").strip("'\""), "directory"
            yield from _given_to_terraform(command)
        case "cp" | "source" | "." | "cat" | "psql":
            yield from _read(command)
        case "cargo" if words[:1] == ("install",):
            path = command.option("--path")
            if path is not None and path.literal is not None and "/" in path.literal.strip("./"):
                yield path.literal, "directory"
        case "docker" | "docker-compose" | "kubectl":
            yield from _given_to_docker(command)


def _read(command: Command) -> Iterator[tuple[str, str]]:
    """Go through the files that are copied, shown or read as commands."""
    words = command.literals
    if command.program == "psql":
        for word in command.options("-f", "--file"):
            if word.literal is not None:
                yield word.literal, READ
        return
    first = words[0] if len(words) == (2 if command.program == "cp" else 1) else None
    if first:
        copied = command.program != "cat" and PATTERN.search(first)
        yield first, "file" if copied else READ


def _given_to_docker(command: Command) -> Iterator[tuple[str, str]]:
    """Go through what docker builds from, what compose starts, and what kubectl applies."""
    words = command.literals
    if words[:1] in (("run",), ("exec",), ("logs",)):
        return
    for word in command.options("-f", "--file", "--filename"):
        if word.literal is not None and re.search(r"\.\w+$|Dockerfile", word.literal):
            yield word.literal, "file"
        elif command.program == "kubectl" and _BELOW.fullmatch(word.literal or ""):
            yield str(word.literal), "directory"


def _given_to_terraform(command: Command) -> Iterator[tuple[str, str]]:
    """Go through the files of `-var-file` and `-backend-config`, which terraform reads from its directory."""
    below = next((one for one in command.literals if one is not None and one.startswith("-chdir=")), None)
    for word in command.arguments:
        option, _, path = (word.literal or "").partition("=")
        if option not in ("-var-file", "-backend-config") or not re.fullmatch(
            r"[\w./-]+\.(?:tfvars|hcl)", path
        ):
            continue
        if below is not None:
            yield posixpath.join(str(below).removeprefix("-chdir="), path), VALUES
        elif "/" in path.removeprefix("./"):
            yield posixpath.dirname(path), VALUES_PLACE
