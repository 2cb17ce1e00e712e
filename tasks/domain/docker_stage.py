"""What lies around cargo when an image is built: the stages of a Dockerfile, where their text is certain."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.docker_ignore import DockerIgnore
from tasks.domain.source import Source
from tasks.domain.tree import Tree

MANIFEST = "Cargo.toml"
# What writes manifests or sources inside the image, or brings them from elsewhere: nothing is certain then.
_WRITES = re.compile(
    r"Cargo\.(?:toml|\*)|cargo[ \t]+(?:new|init|chef[ \t]+cook|add|generate|xtask|workspaces)|\.rs\b"
    r"|\b(?:touch|tar|unzip|cp|mv|rsync)\b|\bgit\b[^\n]*\b(?:clone|checkout|submodule)|--mount=type=bind"
)
_STUBS = re.compile(r"""\btouch(?:[ \t]+[\w./-]+\.rs\b)+|>[ \t]*["']?[\w./${}-]+\.rs\b["']?""")
"""Sources that stand in for those of members: they make no manifest."""
_MOVES = re.compile(r"\bcd\b|--manifest-path|\|\||\bif\b")
_LOADS = re.compile(
    r"\bcargo(?:[ \t]+\+\S+)?[ \t]+(?:--\S+[ \t]+)*"
    r"(?P<name>build|b|check|test|run|fetch|clippy|doc|rustc|bench|metadata|tree|"
    r"install[ \t][^\n&;|]*--path)\b"
)


@dataclass(frozen=True, kw_only=True)
class CargoInImage:
    """A RUN that has cargo load the copied workspace; ``manifest`` is the line that copies its root."""

    line: int
    name: str
    manifest: int
    root: str
    taken: tuple[tuple[str, str], ...]  # (path in the repository, place in the image)
    stubs: str = ""  # what is run above it to write sources

    def has(self, directory: str, tree: Tree, ignore: DockerIgnore | None = None) -> bool:
        """Tell whether a directory of the repository may have its manifest at its own place in the image."""
        return self.brings(posixpath.join(directory, MANIFEST), tree, ignore)

    def brings(self, file: str, tree: Tree, ignore: DockerIgnore | None = None) -> bool:
        """Tell whether a file of the repository may come to its own place in the image.

        What ``ignore`` leaves out of the context does not come there.
        """
        wanted = posixpath.join(self.root, file)
        if ignore is not None and ignore.leaves_out(file, tree) is not None:
            return False
        for path, place in self.taken:
            if wanted == place:
                return True
            if place == "/" or wanted.startswith(f"{place}/"):
                inner = posixpath.join(path, wanted.removeprefix("/" if place == "/" else f"{place}/"))
                if tree.file(inner) is not None or tree.unseen(inner):
                    return True
        return False


@dataclass(kw_only=True)
class _Stage:
    place: str = "/"
    root: str | None = None
    line: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)
    open: bool = False  # something in it is not certain

    def copied(self) -> _Stage:
        return _Stage(place=self.place, root=self.root, line=self.line, taken=[*self.taken], open=self.open)

    def copy(self, words: list[str], line: int, tree: Tree) -> None:
        """Take files of the context; ``words`` are those behind COPY."""
        paths = [word for word in words if not word.startswith("--")]
        flags = [word.partition("=")[0] for word in words if word.startswith("--")]
        if len(paths) < 2 or not {"--chown", "--chmod", "--link"}.issuperset(flags):
            self.open = True
            return
        if any(re.search(r"[$\[\"'{<]|://|\.\.", word) for word in paths):
            self.open = True
            return
        to = posixpath.normpath(posixpath.join(self.place, paths[-1]))
        into = paths[-1].endswith(("/", ".")) or len(paths) > 2
        for written in paths[:-1]:
            path = posixpath.normpath(written.lstrip("/")) if written.strip("/") else "."
            if written in ("Cargo.*", "./Cargo.*", "Cargo.t*", "*.toml", "Cargo*", "Cargo.toml*"):
                path, into = MANIFEST, True
            elif "*" in path or "?" in path:
                self.open = True
                continue
            if path == ".":
                self._root_at(to, line)
                self.taken.append(("", to))
            elif tree.file(path) is None:
                self.taken.append((path, to))
            else:
                place = posixpath.join(to, posixpath.basename(path)) if into or path == MANIFEST else to
                if path == MANIFEST:
                    place = to if posixpath.basename(to) == MANIFEST else posixpath.join(to, MANIFEST)
                    self._root_at(posixpath.dirname(place), line)
                self.taken.append((path, place))

    def _root_at(self, place: str, line: int) -> None:
        self.open = self.open or self.root not in (None, place)
        self.root, self.line = place, self.line or line


def cargo_in_image(source: Source, tree: Tree) -> Iterator[CargoInImage]:
    """Go through what loads the workspace of the context's root; none where something is not certain.

    The context of a Dockerfile further down is taken for the root only when it copies what lies just there.
    """
    found = [(line, *_split(text)) for line, text in _instructions(source)]
    written, stubs = False, ""
    stages: dict[str, _Stage] = {}
    now = _Stage()
    for line, verb, rest in found:
        words = rest.split()
        if verb == "FROM" and words:
            plain = [word for word in words if not word.startswith("--")]
            now = stages[plain[0].lower()].copied() if plain[0].lower() in stages else _Stage()
            if len(plain) > 2:
                stages[plain[2].lower()] = now
        elif verb == "WORKDIR" and words:
            now.open = now.open or "$" in rest
            now.place = posixpath.normpath(posixpath.join(now.place, words[0].strip("\"'")))
        elif verb in ("COPY", "ADD"):
            now.copy(words, line, tree)
        elif verb == "RUN":
            loads = _LOADS.search(rest)
            stubs += rest if _STUBS.search(rest) else ""
            makes = _STUBS.sub("", rest) if loads is None else rest
            written = written or _WRITES.search(makes[: loads.start()] if loads else makes) is not None
            certain = (
                not written and not now.open and now.root == now.place and _is_of_root(source, now, tree)
            )
            if loads is None or not certain or _MOVES.search(rest):
                written = written or _WRITES.search(makes) is not None
                continue
            inner = rest[: loads.start()].count("\n")
            yield CargoInImage(
                line=line + inner,
                name=loads["name"].split()[0],
                manifest=now.line,
                root=str(now.root),
                taken=tuple(now.taken),
                stubs=stubs,
            )
            written = _WRITES.search(rest) is not None


def _is_of_root(source: Source, stage: _Stage, tree: Tree) -> bool:
    directory = posixpath.dirname(source.path)
    if not directory:
        return True
    paths = [path for path, _ in stage.taken if path not in ("", MANIFEST, "Cargo.lock")]
    return any(tree.has(one) and not tree.has(posixpath.join(directory, one)) for one in paths)


def _split(text: str) -> tuple[str, str]:
    verb, _, rest = text.lstrip().partition(" ")
    return verb.upper(), rest if verb.upper() == "RUN" else rest.replace("\\\n", " ")


def _instructions(source: Source) -> Iterator[tuple[int, str]]:
    """Go through the instructions with the line they begin on; comments between their lines stay lines."""
    begin, kept = 0, ""
    for number, text in enumerate(source.lines, 1):
        plain = text.strip()
        if not plain or plain.startswith("#"):
            kept += "\n" if kept else ""
            continue
        begin = begin or number
        kept += f"{text}\n" if plain.endswith("\\") else text
        if not plain.endswith("\\"):
            yield begin, kept
            begin, kept = 0, ""
