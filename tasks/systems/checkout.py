"""A clean checkout that stays between runs, so that what was built of it does not have to be built again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from tasks.systems.git_objects import DamagedClone, checked
from tasks.systems.shell import Shell

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_LOOKED_AT = (
    *(".png", ".gif", ".jpg", ".jpeg", ".webp", ".avif", ".mp4", ".mov", ".webm", ".mp3", ".wav"),
    *(".pdf", ".docx", ".pptx", ".xlsx", "/lcov.info"),
)
"""How the names of files end that people look at, and no tool of Rust or Terraform unless it is told to."""
_PROGRAMS = ("*.rs", "*Cargo.toml", "*.tf", "*tauri*.json")
_READ_BY_TESTS = ("/src/", "/test", "/fixture", "/bench", "/example", "/icons/")
_TAKE_DIRECTORIES = ("include_dir", "rust_embed", "RustEmbed", "rust-embed", "fileset(")


def clean_checkout(shell: Shell, repository: Path, commit: str, directory: Path) -> Path:
    """Bring a directory to exactly the files of a commit; files that do not change keep their times.

    It is a clone that borrows the repository's objects: the repository itself learns nothing of it.
    Of a repository that lacks only pictures and the like, which no program of it names, the rest is
    checked out. Raises DamagedClone when it lacks anything else of the commit, ProgramFailed.
    """

    def git(*arguments: str) -> str:
        command = ("git", "-c", "advice.detachedHead=false", *arguments)
        return checked(shell.run(*command, cwd=directory, env=_QUIET)).out

    borrowed = directory / ".git" / "objects" / "info" / "alternates"
    source = (repository / ".git" / "objects").resolve()
    if not borrowed.is_file() or borrowed.read_text().strip() != str(source):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        git("clone", "--quiet", "--shared", "--no-checkout", "--no-tags", str(repository), ".")
    left_out = directory / ".git" / "info" / "sparse-checkout"
    if left_out.exists():
        left_out.unlink()
        (directory / ".git" / "index").unlink(missing_ok=True)
    try:
        git("checkout", "--quiet", "--force", "--detach", commit)
    except DamagedClone:
        lacking = _lacked(git("ls-tree", "-r", "-z", "--long", "--full-tree", commit))
        if not lacking or any(_matters(one) for one in lacking) or _named(shell, directory, commit, lacking):
            raise
        left_out.parent.mkdir(exist_ok=True)
        left_out.write_text("/*\n" + "".join(f"!/{_escaped(one)}\n" for one in lacking))
        (directory / ".git" / "index").unlink(missing_ok=True)
        sparse = ("-c", "core.sparseCheckout=true", "-c", "core.sparseCheckoutCone=false")
        git(*sparse, "checkout", "--quiet", "--force", "--detach", commit)
    git("clean", "--quiet", "-ffdx")
    return directory


def put_over(directory: Path, source: Path, paths: Iterable[str]) -> None:
    """Bring files of a checkout to what they are in another directory: there, changed or gone.

    Their times are new, so that cargo looks at them again. Links are copied as links. Raises OSError.
    """
    for path in paths:
        new, here = source / path, directory / path
        if here.is_symlink() or here.is_file():
            here.unlink()
        if new.is_symlink():
            here.parent.mkdir(parents=True, exist_ok=True)
            here.symlink_to(new.readlink())
        elif new.is_file():
            here.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(new, here)
            shutil.copymode(new, here)


def _lacked(listing: str) -> list[str]:
    """Return the files of a commit whose content is not there: git calls their size BAD."""
    rows = (row.partition("\t") for row in listing.split("\0"))
    return [path for about, _, path in rows if about.split()[-1:] == ["BAD"]]


def _matters(path: str) -> bool:
    """Tell whether cargo, rustfmt or terraform may read a file that nothing names."""
    name = f"/{path}".lower()
    return not name.endswith(_LOOKED_AT) or any(one in name for one in _READ_BY_TESTS) or "\n" in name


def _named(shell: Shell, directory: Path, commit: str, paths: list[str]) -> bool:
    """Tell whether a program may take one of the files in, by its name or with its directory."""
    names = [word for path in paths for word in ("-e", path.rpartition("/")[2])]
    words = [word for one in _TAKE_DIRECTORIES for word in ("-e", one)]
    asked = ("git", "grep", "--quiet", "-F", *names, *words, commit, "--", *_PROGRAMS)
    return shell.run(*asked, cwd=directory, env=_QUIET).exit != 1


def _escaped(path: str) -> str:
    return re.sub(r"([\\*?\[\]# !])", r"\\\1", path)
