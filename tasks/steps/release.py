"""The published release of the tag, with every asset downloaded and its sum verified."""

from __future__ import annotations

import fnmatch
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.change import Change
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.forge import ForgeRelease, ReleaseAsset
from tasks.domain.phase import Phase
from tasks.domain.report import Asset, Release
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.domain.workflow import Workflow, Workflows
from tasks.steps.step import Clock, Step
from tasks.steps.watched_runs import WatchedRun, Watcher, findings, latest
from tasks.steps.workflow_file import workflow_file
from tasks.systems.github import GitHub
from tasks.systems.github.releases import sha256

NAME = "release"
CHECK = "release-complete"
APPEAR_SECONDS = 60.0
PATIENCE = 3600.0
_SUM = re.compile(r"^(?P<sum>[0-9a-f]{64}) [ *](?P<name>.+)$")
_TARGET = re.compile(
    r"(?:x86_64|aarch64|armv7|i686|riscv64gc|powerpc64le|s390x)-"
    r"(?:unknown-linux-(?:gnu|musl)(?:eabihf)?|apple-darwin|pc-windows-(?:msvc|gnu)|unknown-freebsd)"
)


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """An asset as it was downloaded; ``stated`` is its sum by a SHA256SUMS file of the release, if listed."""

    asset: ReleaseAsset
    sha256: str
    size: int
    stated: str | None = None

    @property
    def problem(self) -> str | None:
        """Say how the bytes differ from what is stated about them, None when nothing does."""
        digest = (self.asset.digest or "").removeprefix("sha256:")
        if self.size != self.asset.size:
            return f"{self.size} bytes were downloaded, GitHub states {self.asset.size}"
        if digest and digest != self.sha256:
            return f"its SHA-256 is {self.sha256}, GitHub states {digest}"
        if self.stated and self.stated != self.sha256:
            return f"its SHA-256 is {self.sha256}, the release's sums state {self.stated}"
        return None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The tag's run and releases, and the assets of the published one."""

    tag: str | None
    tagged: bool
    repository: str
    workflow: str | None
    run: WatchedRun | None
    releases: tuple[ForgeRelease, ...] = ()
    expected: tuple[str, ...] = ()
    downloads: tuple[Downloaded, ...] = ()
    overdue: bool = False

    @property
    def published(self) -> ForgeRelease | None:
        """The release everybody sees, None while there is none."""
        return next((release for release in self.releases if not release.draft), None)

    @property
    def settled(self) -> bool:
        """Tell whether waiting changes nothing any more."""
        if self.workflow is None or not self.tagged:
            return True
        if self.run is None:
            return self.published is not None or self.overdue
        return self.run.run.completed or self.run.run.status == "waiting"

    def __str__(self) -> str:
        """Say how far it is."""
        if self.published is not None and (self.run is None or self.run.run.completed):
            return f"{self.tag} is published with {len(self.published.assets)} verified assets"
        if self.run is not None:
            return self.run.view.progress
        return f"no run for {self.tag} yet"


class Downloads:
    """Downloads each asset once per run of the program, and knows its sum."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._lock = threading.Lock()
        self._sums: dict[int, tuple[str, int]] = {}
        self._texts: dict[int, str] = {}

    def of(self, release: ForgeRelease) -> tuple[Downloaded, ...]:
        """Download what is not yet known of a release's assets."""
        with self._lock:
            for asset in release.assets:
                if asset.id not in self._sums:
                    content = self._github.releases.download(asset)
                    self._sums[asset.id] = (sha256(content), len(content))
                    if is_sums(asset.name):
                        self._texts[asset.id] = content.decode(errors="replace")
            stated = {name: total for asset in release.assets for name, total in self._stated(asset).items()}
            return tuple(
                Downloaded(
                    asset=asset,
                    sha256=self._sums[asset.id][0],
                    size=self._sums[asset.id][1],
                    stated=stated.get(asset.name),
                )
                for asset in release.assets
            )

    def _stated(self, asset: ReleaseAsset) -> Mapping[str, str]:
        return sums(self._texts.get(asset.id, ""), asset.name)


def is_sums(name: str) -> bool:
    """Tell whether an asset lists SHA-256 sums: SHA256SUMS, checksums.txt, or NAME.sha256."""
    lowered = name.lower()
    # Only by its ending: SHA256SUMS.asc and SHA256SUMS.hmac sign a list and are none.
    endings = (".sha256", "sha256sum", "sha256sums", "sha256sum.txt", "sha256sums.txt", "checksums.txt")
    return lowered.endswith(endings)


def sums(text: str, name: str) -> Mapping[str, str]:
    """Read file name -> SHA-256 from a list of sums; a lone sum in ``NAME.sha256`` is NAME's."""
    found = {
        match["name"].strip().rpartition("/")[2]: match["sum"]
        for line in text.splitlines()
        if (match := _SUM.match(line))
    }
    lone = text.strip()
    if not found and re.fullmatch(r"[0-9a-f]{64}", lone):
        return {re.sub(r"\.sha256(sum)?$", "", name): lone}
    return found


def decide(seen: Seen) -> Decision:
    """Say whether the release is complete; a run that met a failing network is started once more."""
    if seen.tag is None or seen.workflow is None:
        return Decision(skipped=True, why="no workflow makes a release from a tag")
    if not seen.tagged:
        return Decision(waiting=f"the tag {seen.tag}")
    if seen.published is not None and (seen.run is None or seen.run.run.completed):
        judged = _judge(seen, seen.published)
        if judged.blocked and seen.run is not None and seen.run.cut_off:
            return Decision(changes=(seen.run.again,))
        return judged
    if seen.run is None:
        return Decision(blocked=(_finding(seen, f"no run of {_file(seen)} was started for {seen.tag}"),))
    if seen.run.may_pass:
        return Decision(changes=(seen.run.again,))
    if red := findings(seen.run, seen.repository, Phase.RELEASE):
        return Decision(blocked=red)
    if seen.run.run.status == "waiting":
        return Decision(waiting=f"{seen.run.run.name} waits for a reviewer: {seen.run.run.url}")
    if seen.releases:
        return Decision(waiting=f"somebody to publish the draft of {seen.tag}: {seen.releases[0].url}")
    return Decision(
        blocked=(_finding(seen, f"{_file(seen)} is green and has made no release of {seen.tag}"),)
    )


def release_of(seen: Seen) -> Release | None:
    """Return the verified release for the report, None unless it is published."""
    if seen.published is None:
        return None
    return Release(
        tag=seen.published.tag,
        url=seen.published.url,
        assets=tuple(
            Asset(name=one.asset.name, sha256=one.sha256, target=target_of(one.asset.name), size=one.size)
            for one in seen.downloads
        ),
    )


def target_of(name: str) -> str | None:
    """Return the Rust target triple that a file's name states, None when it states none."""
    match = _TARGET.search(name)
    return match[0] if match else None


@dataclass(frozen=True, kw_only=True)
class ReleaseLook:
    """How the release is looked at: by the step, and again for the report."""

    settings: Settings
    workflow: Workflow | None
    github: GitHub
    watcher: Watcher
    downloads: Downloads
    clock: Clock
    started: list[float] = field(default_factory=list)

    def __call__(self) -> Seen:
        """Look once."""
        settings, github = self.settings, self.github
        expected = expected_names(settings)
        blank = Seen(
            tag=settings.tag,
            tagged=False,
            repository=settings.full_name,
            workflow=None,
            run=None,
            expected=expected,
        )
        if settings.tag is None or self.workflow is None:
            return blank
        commit = github.repository.tag_commit(settings.tag)
        if commit is None:
            return Seen(**{**blank.__dict__, "workflow": self.workflow.path})
        if not self.started:
            self.started.append(self.clock.monotonic())
        runs = latest(github.runs.of_commit(commit), event="push", ref=settings.tag)
        run = runs.get(self.workflow.path)
        watched = self.watcher.watch(run) if run else None
        over = watched is None or watched.run.completed
        releases = github.releases.of_tag(settings.tag) if over else ()
        published = next((release for release in releases if not release.draft), None)
        return Seen(
            tag=settings.tag,
            tagged=True,
            repository=settings.full_name,
            workflow=self.workflow.path,
            run=watched,
            releases=releases,
            expected=expected,
            downloads=self.downloads.of(published) if published else (),
            overdue=self.clock.monotonic() - self.started[0] >= APPEAR_SECONDS,
        )


def expected_names(settings: Settings) -> tuple[str, ...]:
    """Return the asset names (patterns with ``*``) of the settings, ``{tag}`` and ``{version}`` filled in."""
    tag = settings.tag or ""
    return tuple(
        name.replace("{tag}", tag).replace("{version}", tag.removeprefix("v")) for name in settings.assets
    )


def looking(
    settings: Settings, workflows: Workflows, *, github: GitHub, clock: Clock, watcher: Watcher | None = None
) -> ReleaseLook:
    """Bind the look to a repository."""
    return ReleaseLook(
        settings=settings,
        workflow=workflow_file(workflows, settings.release_workflow),
        github=github,
        watcher=watcher or Watcher(github, workflows),
        downloads=Downloads(github),
        clock=clock,
    )


def step(look: ReleaseLook) -> Step[Seen]:
    """Bind the step to a look; ``release_of(look())`` gives the report's release afterwards."""

    def act(change: Change, _: Seen) -> None:
        look.github.runs.rerun_failed(int(change.detail["run"]))

    return Step(
        name=NAME,
        phase=Phase.RELEASE,
        title=f"Release {look.settings.tag or ''}".rstrip(),
        look=look,
        decide=decide,
        act=act,
        settled=lambda seen: seen.settled,
        after=("tag",),
        patience=PATIENCE,
        poll_limit=look.github.poll_limit,
        timeout=PATIENCE + 60,
    )


def _judge(seen: Seen, release: ForgeRelease) -> Decision:
    names = [asset.name for asset in release.assets]
    missing = [want for want in seen.expected if not fnmatch.filter(names, want)]
    unfinished = [asset.name for asset in release.assets if asset.state != "uploaded"]
    problems = [
        *(f"{name} is missing" for name in missing),
        *(f"{name} was never uploaded to its end" for name in unfinished),
        *(f"{one.asset.name}: {one.problem}" for one in seen.downloads if one.problem),
    ]
    if not release.assets:
        problems.append("it has no asset at all")
    if not problems:
        return Decision(why=str(seen))
    return Decision(
        blocked=(_finding(seen, f"release {seen.tag} is not complete: {'; '.join(problems)}", names),)
    )


def _file(seen: Seen) -> str:
    return (seen.workflow or "").rpartition("/")[2]


def _finding(seen: Seen, message: str, names: list[str] | None = None) -> Finding:
    url = seen.published.url if seen.published else seen.run.run.url if seen.run else None
    return Finding(
        check=CHECK,
        phase=Phase.RELEASE,
        subject=seen.tag or "",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=message,
        evidence=(
            Evidence(
                source="github",
                file=seen.workflow,
                excerpt=None if names is None else f"assets: {', '.join(names) or 'none'}",
                url=url,
            ),
        ),
        remedy=Remedy(
            summary="Correct the release workflow (or the assets that activation.toml expects), "
            "raise the version, commit, and run this again",
            commands=(f"gh release view {seen.tag} --repo {seen.repository}", "git commit --all"),
            url=url,
            minutes=30,
        ),
    )
