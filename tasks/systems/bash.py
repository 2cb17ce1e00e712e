"""bash as a reader of shell: with ``-n`` it parses a text and runs none of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tasks.systems.shell import ProgramFailed, Shell

# Patterns like !(a) are a fault only without extglob, and reading runs no `shopt`: one way has to do.
_READ = """\
look() {
  while IFS= read -r one; do
    posix=; case $one in *.sh) posix=--posix ;; esac
    if bash $posix -n "$one" 2> "$one.said" || bash -O extglob -n "$one" 2> "$one.other"; then
      if test -s "$one.said"; then printf 'read %s\\n' "$one"; fi
    else
      printf 'fault %s\\n' "$one"
    fi
  done
}
for list in "$@"; do look < "$list" & done
wait
"""
AT_ONCE = 2  # texts that are read at a time


class Bash:
    """Reads shell texts in a directory of their own; names that end in ``.sh`` as a POSIX shell does."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def look(self, directory: Path, texts: Mapping[str, str]) -> dict[str, tuple[bool, str]]:
        """Return what it says about texts, by name: whether it could read one, and its own words.

        What it reads without a word is left out. Raises ProgramMissing, ProgramFailed.
        """
        for name, text in texts.items():
            (directory / name).write_bytes(text.encode())
        names = list(texts)
        lists = [f"list-{number}" for number in range(AT_ONCE)]
        for number, name in enumerate(lists):
            (directory / name).write_text("".join(f"{one}\n" for one in names[number::AT_ONCE]))
        # Its words are looked at, so they have to be the untranslated ones.
        ended = self._shell.run(
            "bash",
            "--norc",
            "-c",
            _READ,
            "bash",
            *lists,
            cwd=directory,
            env={"LC_ALL": "C.UTF-8"},
            timeout=300,
        )
        if not ended.ok:
            raise ProgramFailed(ended)
        return dict(_said(directory, ended.out.splitlines()))


def _said(directory: Path, lines: Iterable[str]) -> Iterable[tuple[str, tuple[bool, str]]]:
    for line in lines:
        verdict, _, name = line.partition(" ")
        told = (directory / f"{name}.said").read_text(errors="replace")
        yield name, (verdict == "read", told)
