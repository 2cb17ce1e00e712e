"""Files as nobody meant them: a repository's own ones with a part of the wrong kind in some place."""

from __future__ import annotations

import functools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml

_INSTEAD: tuple[Any, ...] = (
    None, True, 0, -1, 3.5, 10**30, "", "x", "\n", "on", "a: b", "../..", "/", "A" * 3000,
    "${{ }}", "${{ a.b", "${{ secrets.X }}", "${{ matrix.x }}", "*", "!", "[", "[]", "[z-a]", "?a", "a++",
    [], {}, [None], [[]], ["a", None, {}], {"a": None}, {"a": [{"b": 1}]}, {"1": 2}, {"${{ x }}": 1},
    {"include": [1]}, {"exclude": "x"},
)  # fmt: skip
_KEYS = ("on", "jobs", "steps", "uses", "run", "with", "strategy", "matrix", "env", "needs", "outputs", "x")
_MARKS = "{}[]\"'$=:#\\|<>()*&!%@`,\t\0-\u6708"
_VALUES = ("1", "[]", "{}", "true", '""', "[1]", "{a=1}", "[[1]]", '"${"', '"${a["b"]}"', "1979-05-27", "inf")
_STRUCTURED = (".yml", ".yaml", ".json")
SPOILABLE = (*_STRUCTURED, ".toml", ".lock", ".tf", ".tfvars", ".sh", ".md")


def spoiled(files: Mapping[str, str], seed: int) -> tuple[str, str]:
    """Return the path of one file and a text for it; one seed gives one text."""
    chance = random.Random(seed)
    paths = sorted(path for path in files if path.endswith(SPOILABLE) and files[path].strip())
    workflows = [path for path in paths if path.startswith(".github/")]
    path = chance.choice(workflows if workflows and chance.random() < 0.6 else paths)
    text = files[path]
    if path.endswith(_STRUCTURED) and chance.random() < 0.8:
        made = _structure(chance, yaml.load(text, Loader=yaml.BaseLoader))
        return path, json.dumps(made) if chance.random() < 0.5 else yaml.safe_dump(made)
    return path, _lines(chance, text)


def _structure(chance: random.Random, content: Any) -> Any:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        way = chance.choice(list(_ways(content)))
        other = _another if chance.random() < 0.6 else _rearranged
        content = _changed(content, way, functools.partial(other, chance))
    return content


def _ways(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from _ways(value, (*way, key))


def _changed(part: Any, way: Sequence[Any], change: Callable[[Any], Any]) -> Any:
    if not way:
        return change(part)
    made = part.copy()
    made[way[0]] = _changed(part[way[0]], way[1:], change)
    return made


def _another(chance: random.Random, _part: Any) -> Any:
    return chance.choice(_INSTEAD)


def _rearranged(chance: random.Random, part: Any) -> Any:
    if not isinstance(part, dict) or not part:
        return chance.choice(_INSTEAD)
    made = dict(part)
    key = chance.choice(list(made))
    match chance.randrange(4):
        case 0:
            del made[key]
        case 1:
            made[chance.choice(_KEYS)] = made[key]
        case 2:
            made[key] = [made[key], made[key]]
        case _:
            made["x"] = chance.choice(_INSTEAD)
    return made


def _lines(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(lines))
        line = lines[at]
        match chance.randrange(8):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines[at] = line[: chance.randrange(len(line) + 1)]
            case 3:
                lines[at] = " " * chance.randrange(9) + line.strip()
            case 4:
                cut = chance.randrange(len(line) + 1)
                lines[at] = line[:cut] + chance.choice(_MARKS) + line[cut:]
            case 5:
                lines[at] = re.sub(r"([\"']).*?\1", lambda _: chance.choice(_VALUES), line, count=1)
            case 6:
                lines[at] = f"{line.partition('=')[0]}= {chance.choice(_VALUES)}"
            case _:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], line
    return "\n".join(lines)
