"""RustSec's database of advisories, where cargo-audit or cargo-deny left a copy; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from tasks.systems.shell import Shell


def places(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where cargo-audit keeps its copy, then where cargo-deny keeps those of every address."""
    own = environment.get("CARGO_HOME") or str(Path(environment.get("HOME", "/")) / ".cargo")
    home = Path(own)
    many = home / "advisory-dbs"
    return home / "advisory-db", *(sorted(many.iterdir()) if many.is_dir() else (many,))


class AdvisoryDatabase:
    """One copy: a directory ``crates`` with a directory for each crate."""

    def __init__(self, shell: Shell, directory: Path) -> None:
        self._shell, self.directory = shell, directory

    @classmethod
    def found(cls, shell: Shell) -> AdvisoryDatabase | None:
        """Return the copy with the newest commit; None when this machine has none."""
        copies = [cls(shell, one) for one in places(shell.environment) if (one / "crates").is_dir()]
        return max(copies, key=lambda one: one.dated() or date.min, default=None)

    def dated(self) -> date | None:
        """Return the day of the newest commit; None for a copy without history."""
        if not (self.directory / ".git").exists():
            return None
        env = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        ended = self._shell.run("git", "log", "-1", "--format=%cI", cwd=self.directory, env=env, timeout=30)
        return datetime.fromisoformat(ended.out.strip()).date() if ended.ok and ended.out.strip() else None

    def about(self, crate: str) -> Iterator[str]:
        """Go through the texts of the advisories about a crate."""
        here = self.directory / "crates" / crate
        for path in sorted(here.glob("RUSTSEC-*.md")) if here.is_dir() else ():
            yield path.read_text(errors="replace")
