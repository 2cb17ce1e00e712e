"""How a `run:` becomes a command line."""

import shlex
from dataclasses import dataclass
from pathlib import Path

_TEMPLATES = {
    "": ("bash -e {0}", ".sh"),
    "bash": ("bash --noprofile --norc -eo pipefail {0}", ".sh"),
    "sh": ("sh -e {0}", ".sh"),
    "python": ("python3 {0}", ".py"),
    "pwsh": ("pwsh -command . '{0}'", ".ps1"),
}


class ShellError(Exception):
    """A `shell:` that cannot be used here."""


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A shell's command line with `{0}` where the script's path goes, and the script's suffix."""

    template: str
    suffix: str

    def argv(self, script: Path) -> list[str]:
        """Give the command line for a script."""
        return [part.replace("{0}", str(script)) for part in shlex.split(self.template)]


def shell(word: str) -> Shell:
    """Find the shell for a `shell:` word.

    Raises ShellError when GitHub's Linux runners do not have it either.
    """
    if word in _TEMPLATES:
        template, suffix = _TEMPLATES[word]
        return Shell(template=template, suffix=suffix)
    if word in ("cmd", "powershell"):
        raise ShellError(f"shell '{word}' exists only on Windows")
    if "{0}" not in word:
        raise ShellError(
            f"Invalid shell option. Shell must be a valid built-in or a format string with '{{0}}': {word}"
        )
    return Shell(template=word, suffix="")
