"""The history of the bundled sample: written, not live.

The files beside this module in `sample/` become a handful of commits with fixed authors and dates, so that
every rehearsal anywhere begins with the same commits. The embedded GitHub is given only the first ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deployments.embedded.scenarios import Scenario
from deployments.embedded.working_copy import WorkingCopy

SAMPLE = Path(__file__).parent / "sample"
OWNER, NAME, BRANCH = "acme", "moonphase", "main"
NOT_SAMPLE = frozenset({"target", "dist", "__pycache__", ".terraform", ".git", ".ruff_cache", ".mypy_cache"})


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One commit of the sample's history and the paths that appear with it."""

    message: str
    when: str
    paths: tuple[str, ...]


CHAPTERS = (
    Chapter(
        message="Tell the phase of the moon on a day",
        when="2026-10-05T09:12:00+00:00",
        paths=(".gitignore", "LICENSE", "Cargo.toml", "crates/moonphase"),
    ),
    Chapter(
        message="Ask for the phase on the command line",
        when="2026-10-06T15:40:00+00:00",
        paths=("crates/moon",),
    ),
    Chapter(
        message="Answer the phase over HTTP",
        when="2026-10-12T10:05:00+00:00",
        paths=("crates/moond", "Cargo.lock"),
    ),
    Chapter(
        message="Package and install a release",
        when="2026-10-19T13:30:00+00:00",
        paths=("deploy",),
    ),
    Chapter(
        message="Build, lint and test every push",
        when="2026-10-20T08:50:00+00:00",
        paths=(
            ".github/workflows/build.yml",
            ".github/workflows/tests.yml",
            ".github/workflows/integration.yml",
        ),
    ),
    Chapter(
        message="Release from tags, deploy by dispatch",
        when="2026-10-26T11:20:00+00:00",
        paths=(".github",),
    ),
    Chapter(
        message="Keep the nodes' logs and say what a node may do",
        when="2026-10-28T16:00:00+00:00",
        paths=("infra",),
    ),
    Chapter(
        message="Say how it goes live",
        when="2026-11-02T09:00:00+00:00",
        paths=("",),
    ),
)
ON_THE_REMOTE = 3  # chapters
SCENARIO_WHEN = "2026-11-03T09:00:00+00:00"


def sample_files(root: Path = SAMPLE) -> Iterator[PurePosixPath]:
    """Yield the paths of the sample's files: not what cargo, Terraform or Python left beside them."""
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if file.is_file() and not NOT_SAMPLE.intersection(path.parts):
            yield PurePosixPath(*path.parts)


def chapter_of(path: PurePosixPath) -> int:
    """Return the number of the first chapter that a file belongs to; the last one takes what is left."""
    for number, chapter in enumerate(CHAPTERS):
        if any(PurePosixPath(start) in (path, *path.parents) for start in chapter.paths if start):
            return number
    return len(CHAPTERS) - 1


@dataclass(frozen=True, kw_only=True)
class History:
    """The commits that matter: the newest on the remote, and the newest written."""

    live: str
    written: str


def write_history(copy: WorkingCopy, scenario: Scenario | None) -> History:
    """Make the sample's commits in an empty working copy, and the scenario's last one on top of them."""
    copy.create(BRANCH)
    files = list(sample_files())
    live = written = ""
    for number, chapter in enumerate(CHAPTERS):
        for path in (path for path in files if chapter_of(path) == number):
            target = copy.path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SAMPLE / path, target)
        written = copy.commit_all(chapter.message, when=chapter.when)
        if number < ON_THE_REMOTE:
            live = written
    if scenario is not None and scenario.commit is not None:
        written = copy.apply(scenario.commit, when=SCENARIO_WHEN) or written
    return History(live=live, written=written)
