"""A clean checkout that stays between runs, so that what was built of it does not have to be built again."""

from __future__ import annotations

import shutil
from pathlib import Path

from tasks.systems.git_objects import checked
from tasks.systems.shell import Shell

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def clean_checkout(shell: Shell, repository: Path, commit: str, directory: Path) -> Path:
    """Bring a directory to exactly the files of a commit; files that do not change keep their times.

    It is a clone that borrows the repository's objects: the repository itself learns nothing of it.
    Raises DamagedClone when the repository does not have all of the commit, ProgramFailed.
    """

    def git(*arguments: str) -> None:
        command = ("git", "-c", "advice.detachedHead=false", *arguments)
        checked(shell.run(*command, cwd=directory, env=_QUIET))

    borrowed = directory / ".git" / "objects" / "info" / "alternates"
    source = (repository / ".git" / "objects").resolve()
    if not borrowed.is_file() or borrowed.read_text().strip() != str(source):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        git("clone", "--quiet", "--shared", "--no-checkout", "--no-tags", str(repository), ".")
    git("checkout", "--quiet", "--force", "--detach", commit)
    git("clean", "--quiet", "-ffdx")
    return directory
