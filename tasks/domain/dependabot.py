"""The updates that ``.github/dependabot.yml`` asks for, read from its lines.

Only the plain way to write the file is read; whatever else is in it makes the whole file unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.source import Source

PATHS = (".github/dependabot.yml", ".github/dependabot.yaml")
_ITEM = re.compile(r"(?P<indent> *)- +(?=\S)")
_KEY = re.compile(r"(?P<indent> *)(?P<key>[\w-]+): *(?P<value>.*)$")
_STRANGE = re.compile(r"^\s*(?:- *)?[\w-]+: *[&*{|>]|^\s*<<:|^ *- *[&*{]|\t")

_ALL = re.compile(r"dependency-name: *['\"]?\*['\"]?$", re.MULTILINE)


@dataclass(kw_only=True)
class Update:
    """One entry: where it begins, the ecosystem, and the directories with the lines that name them.

    ``limit`` is how many pull requests may be open: with none Dependabot looks for no new versions.
    ``ignored`` holds the lines under ``ignore``.
    """

    line: int
    ecosystem: str | None = None
    branch: str | None = None
    limit: str | None = None
    ignored: list[str] = field(default_factory=list)
    directories: list[tuple[str, int]] = field(default_factory=list)

    @property
    def wanted(self) -> bool:
        """Tell whether any new version is to be proposed."""
        said = "\n".join(self.ignored)
        all_ignored = _ALL.search(said) is not None and "versions" not in said and "update-types" not in said
        return self.limit != "0" and not all_ignored


def updates(source: Source) -> tuple[Update, ...]:
    """Return the entries; none at all when the file is written in a way that is not read here."""
    lines = [_without_comment(line) for line in source.lines]
    if any(_STRANGE.search(line) for line in lines):
        return ()
    found = list(_entries(lines))
    return tuple(found) if all(one.ecosystem and one.directories for one in found) else ()


def _entries(lines: list[str]) -> Iterator[Update]:
    current: Update | None = None
    within = False  # the list of updates
    depth = own = -1  # the columns of the entries' dashes, and of their keys
    listing = False  # the list of an entry's directories
    ignoring = False  # what an entry leaves alone
    for number, text in enumerate(lines, 1):
        line = text
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        item = _ITEM.match(line)
        if indent == 0 and item is None:
            within = line.strip() == "updates:"
            continue
        if not within:
            continue
        if item is not None and depth in (-1, indent):
            depth, own = indent, item.end()
            if current is not None:
                yield current
            current, listing, ignoring = Update(line=number), False, False
            line = " " * own + line[own:]
            item, indent = None, own
        if current is None:
            continue
        if item is not None and listing and indent >= own:
            current.directories.append((_text(line[item.end() :]), number))
            continue
        key = _KEY.match(line)
        if key is None or indent != own:
            listing = listing and indent > own
            if ignoring:
                current.ignored.append(line)
            continue
        ignoring = key["key"] == "ignore"
        listing = key["key"] == "directories" and not key["value"]
        _put(current, key["key"], key["value"], number)
    if current is not None:
        yield current


def _put(update: Update, key: str, value: str, line: int) -> None:
    if key == "package-ecosystem":
        update.ecosystem = _text(value)
    elif key == "target-branch":
        update.branch = _text(value)
    elif key == "open-pull-requests-limit":
        update.limit = _text(value)
    elif key == "directory":
        update.directories.append((_text(value), line))
    elif key == "directories" and value.startswith("["):
        update.directories += [(_text(one), line) for one in value.strip("[] ").split(",") if one.strip()]


def _text(value: str) -> str:
    return value.strip().strip("'\"")


def _without_comment(line: str) -> str:
    return re.sub(r"(?:^|\s+)#.*$", "", line).rstrip()
