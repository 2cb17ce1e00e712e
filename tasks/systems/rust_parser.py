"""The compiler's own parser on single files: rustfmt reads a file whole, rustc follows the modules.

Neither needs a dependency, runs a build script or expands a macro of another crate. Measured with 1.95:
rustfmt ends a root at its first unreadable module, so every file is given as a root of its own; an
unterminated string ends rustfmt as a whole with exit code 101. rustc expands `compile_error!` in every
module that its `cfg` switches on, though crates are missing: that tells which files a build reads.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.systems.cargo import Diagnostic, diagnostic
from tasks.systems.rustup import CHOOSES
from tasks.systems.shell import Ended, Shell

GIVE_UP = 101  # rustfmt's exit code when the lexer cannot go on: other files were not looked at
ROUNDS = 12  # of rustfmt, each without the files that ended the round before
_MARK = "this file is read by the build"
_ERROR = re.compile(
    r"^error(?:\[(?P<code>E\d+)\])?: (?P<said>.+)\n\s*--> (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)$",
    re.MULTILINE,
)
_MODULE = re.compile(
    r"^[ \t]*(?:#\[[^\n]*\][ \t]*\n[ \t]*)*(?:pub(?:\([^)\n]*\))?\s+)?mod\s+\w+\s*;", re.MULTILINE
)
_NO_FILE = "E0583"


@dataclass(frozen=True, kw_only=True)
class Unread:
    """The first fault of each unreadable file; ``complete`` is False when rustfmt never got to the end."""

    faults: tuple[Diagnostic, ...] = ()
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What one crate reads of the marked files, and where it names a module that has no file."""

    marked: frozenset[str] = frozenset()
    absent: tuple[Diagnostic, ...] = ()


def unread(output: str) -> Iterator[Diagnostic]:
    """Go through the files that rustfmt says it cannot read, each with its first fault."""
    seen: set[str] = set()
    for found in _ERROR.finditer(output):
        if found["file"].endswith(".rs") and found["file"] not in seen:
            seen.add(found["file"])
            yield Diagnostic(
                level="error",
                message=found["said"],
                code=found["code"],
                file=found["file"],
                line=int(found["line"]),
                column=int(found["column"]),
                rendered=found[0].partition("\n")[0],
            )


class RustParser:
    """Reads the Rust files of one checkout, in a copy of them that it makes in ``scratch``.

    ``toolchain`` is one of rustup's, in place of that which the checkout names.
    """

    def __init__(self, shell: Shell, checkout: Path, scratch: Path, toolchain: str | None = None) -> None:
        self._shell, self._checkout, self._scratch = shell, checkout, scratch
        self._env = {"CARGO_TERM_COLOR": "never", "RUSTUP_AUTO_INSTALL": "0"}
        if toolchain is not None:
            self._env[CHOOSES] = toolchain

    def copy(self, paths: Iterable[str]) -> None:
        """Copy files, given relative to the checkout; rustfmt's configuration stays behind."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        for path in paths:
            copy = self._scratch / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._checkout / path, copy)

    def unread(self, paths: Sequence[str], edition: str) -> Unread:
        """Return which of the copied files cannot be read in an edition."""
        found: dict[str, Diagnostic] = {}
        whole = False
        for _ in range(ROUNDS):
            roots = [str(self._scratch / path) for path in paths if path not in found]
            if not roots:
                return Unread(faults=tuple(found.values()))
            ended = self._run("rustfmt", "--check", "-l", "--color", "never", "--edition", edition, *roots)
            new = {path: one for path, one in self._own(unread(ended.err)) if path not in found}
            found |= new
            whole = ended.exit in (0, 1) and not ended.timed_out
            if ended.exit != GIVE_UP or not new:
                break
            self.mark(new)
        return Unread(faults=tuple(found.values()), complete=whole)

    def mark(self, paths: Iterable[str]) -> None:
        """Let the copies of files be compile errors that keep nothing but the modules they name."""
        for path in paths:
            text = (self._checkout / path).read_text(errors="replace")
            modules = "\n".join(found[0] for found in _MODULE.finditer(text))
            (self._scratch / path).write_text(f'compile_error!("{_MARK}");\n{modules}\n')

    def follow(self, root: str, edition: str, features: Iterable[str], *, test: bool) -> Followed:
        """Return what the crate of a root reads of the marked files, with these features switched on."""
        switched = [word for one in features for word in ("--cfg", f'feature="{one}"')]
        kind = ["--test"] if test else ["--crate-type", "lib"]
        ended = self._run(
            "rustc", "--edition", edition, "--crate-name", "looked_at", *kind, *switched,
            "--cap-lints", "allow", "--error-format", "json",
            f"--emit=dep-info={self._scratch / 'looked_at.d'}", str(self._scratch / root),
        )  # fmt: skip
        said = [diagnostic(json.loads(line)) for line in ended.err.splitlines() if line.startswith("{")]
        placed = list(self._own(one for one in said if one.file))
        return Followed(
            marked=frozenset(path for path, one in placed if one.message == _MARK),
            absent=tuple(one for _, one in placed if one.code == _NO_FILE),
        )

    def _run(self, *argv: str) -> Ended:
        return self._shell.run(*argv, cwd=self._checkout, env=self._env, timeout=120)

    def _own(self, found: Iterable[Diagnostic]) -> Iterator[tuple[str, Diagnostic]]:
        """Go through messages with the file that each is about, relative to the checkout."""
        for one in found:
            path = Path(str(one.file))
            for base in (self._scratch, self._scratch.resolve()):
                if path.is_relative_to(base):
                    own = str(path.relative_to(base))
                    yield own, replace(one, file=own)
                    break
