"""Where a run takes place: the addresses and credentials of one world, and the adapters made of them.

Only this file knows that there are two worlds. Without ``--live`` every address has to be on loopback, and
the adapters are given nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flows.asked import Asked
from tasks.domain.fact import Snapshot
from tasks.domain.mistake import Mistake, Mistaken
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows
from tasks.systems.clock import SystemClock
from tasks.systems.git import Git
from tasks.systems.git_objects import EXPECTED, lacking
from tasks.systems.github import GitHub
from tasks.systems.http import Http
from tasks.systems.shell import ProgramMissing, Shell
from tasks.systems.state import RepositoryState
from tasks.systems.workshop import Workshop

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Programs that a run starts get none of these: credentials are handed to what needs them and nothing else.
NOT_FOR_PROGRAMS = (
    "ACTIVATION_",
    "AWS_",
    "CARGO_REGISTRY",
    "GH_",
    "GITHUB_",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "PREFECT_",
)


# Programs that speak HTTP by themselves are sent to the discard port, where nobody listens.
_NO_WAY_OUT = {
    **{
        name: "http://127.0.0.1:9"
        for way in ("http", "https", "all")
        for name in (f"{way}_proxy", f"{way.upper()}_PROXY")
    },
    **{name: ",".join(LOOPBACK) for name in ("no_proxy", "NO_PROXY")},
}


class LeftLoopback(Exception):  # noqa: N818 - reads as the sentence it is
    """A rehearsal was about to speak to another machine."""


class NoToken(Exception):  # noqa: N818 - reads as the sentence it is
    """No GitHub token was found where tokens usually are."""


@dataclass(frozen=True, kw_only=True)
class AwsKeys:
    """How AWS is reached: without keys by the default chain, without an endpoint the real one."""

    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One world as a run finds it; ``repository`` is the work tree that is looked at and pushed from."""

    kind: WorldKind
    key: str  # names the world among the user's state: main, live, a scenario
    repository: Path
    owner: str | None = None
    name: str | None = None
    branch: str | None = None
    api_url: str | None = None
    git_url: str | None = None
    token: str | None = field(default=None, repr=False)
    aws: AwsKeys | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a rehearsal that could leave this machine."""
        if self.kind is WorldKind.LIVE:
            return
        for url in (self.api_url, self.git_url, self.aws.endpoint_url if self.aws else None):
            if url is not None and urlsplit(url).hostname not in LOOPBACK:
                raise LeftLoopback(f"a rehearsal was about to use {url}; only --live may leave this machine")
        if self.aws is not None and self.aws.endpoint_url is None:
            raise LeftLoopback("a rehearsal was about to use the real AWS; only --live may")


@dataclass(frozen=True, kw_only=True)
class World:
    """The adapters of a run. Nothing above them knows which world they speak to."""

    settings: Settings
    place: Place
    static: Snapshot  # what the repository's own files say
    static_seconds: float  # and how long it took to read them
    shell: Shell
    files: RepositoryState
    workshop: Workshop  # where the run writes what it looks at
    variables: Mapping[str, str] = field(repr=False)  # where ``env:`` secrets come from
    clock: SystemClock = field(default_factory=SystemClock)
    http: Http = field(default_factory=Http)

    @property
    def workflows(self) -> Workflows:
        """The workflows of the commit; none when they could not be read, which the checks then say."""
        seen = self.static.get(Workflows)
        return seen if isinstance(seen, Workflows) else Workflows()

    def static_has(self, path: str) -> bool:
        """Tell whether the repository has a file."""
        tree = self.static.get(Tree)
        return isinstance(tree, Tree) and path in tree.entries

    @cached_property
    def git(self) -> Git:
        """The work tree."""
        return Git(self.shell, self.place.repository)

    @cached_property
    def github(self) -> GitHub:
        """The repository on GitHub; LookupError in a world without one."""
        place, settings = self.place, self.settings
        if place.api_url is None or place.token is None:
            raise LookupError("this run does not ask GitHub")
        return GitHub(
            api_url=place.api_url,
            token=place.token,
            owner=settings.owner,
            name=settings.name,
            git_url=place.git_url,
            http=self.http,
        )

    @cached_property
    def aws(self) -> Aws:
        """The AWS account; LookupError in a world without one."""
        from tasks.systems.aws.account import Aws  # noqa: PLC0415 - boto3 takes half a second to import
        from tasks.systems.aws.clients import AwsAccess  # noqa: PLC0415 - as above

        keys = self.place.aws
        if keys is None:
            raise LookupError("this run does not ask AWS")
        return Aws(
            AwsAccess(
                region=self.settings.aws.region,
                endpoint_url=keys.endpoint_url,
                access_key_id=keys.access_key_id,
                secret_access_key=keys.secret_access_key,
            )
        )


def shell(environment: Mapping[str, str], kind: WorldKind) -> Shell:
    """Return the shell of a run: the person's environment without credentials, offline in a rehearsal."""
    kept = {name: value for name, value in environment.items() if not name.startswith(NOT_FOR_PROGRAMS)}
    if kind is not WorldKind.LIVE:
        kept |= {"CARGO_NET_OFFLINE": "true", **_NO_WAY_OUT}
    if kind is WorldKind.OFFLINE:
        kept["GIT_ALLOW_PROTOCOL"] = "file"  # git would fetch what a partial clone lacks
    return Shell(kept)


def rehearsal(asked: Asked, state: Path) -> Place:
    """Return the embedded world, started if need be, with a private clone of what is rehearsed."""
    from deployments.embedded import client  # noqa: PLC0415 - only a rehearsal needs it

    connection = client.connect(state, scenario=asked.scenario)
    if asked.repository is None:
        clone = client.rehearse_sample(connection)
    else:
        try:
            clone = client.rehearse(connection, asked.repository)
        except client.Refused as refusal:
            raise _not_rehearsed(asked.repository, str(refusal)) from refusal
    return Place(
        kind=WorldKind.EMBEDDED,
        key=asked.scenario or client.MAIN,
        repository=clone.path,
        owner=clone.owner,
        name=clone.name,
        branch=clone.branch,
        api_url=connection.github_api_url,
        git_url=clone.remote_url,
        token=connection.github_token,
        aws=AwsKeys(
            endpoint_url=connection.aws_endpoint,
            access_key_id=connection.aws_access_key_id,
            secret_access_key=connection.aws_secret_access_key,
        ),
        notes=clone.notes,
    )


def _not_rehearsed(repository: Path, said: str) -> Mistaken:
    """Return what is wrong with a repository that could not be copied: in our words, where they are git's."""
    lack = lacking(said)
    if lack is None:
        return Mistaken([Mistake(place=str(repository), message=said)])
    expected = f"{EXPECTED}; --offline looks at the files that lie there"
    return Mistaken([Mistake(place=str(repository), message=lack, expected=expected)])


def live(repository: Path, environment: Mapping[str, str]) -> Place:
    """Return the real world, with the credentials the person already has; raises NoToken."""
    return Place(
        kind=WorldKind.LIVE,
        key="live",
        repository=repository,
        api_url=environment.get("GITHUB_API_URL", "https://api.github.com"),
        token=_token(repository, environment),
        aws=AwsKeys(),
    )


def offline(repository: Path) -> Place:
    """Return a world of the work tree alone."""
    return Place(kind=WorldKind.OFFLINE, key="offline", repository=repository)


def _token(repository: Path, environment: Mapping[str, str]) -> str:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        if token := environment.get(name):
            return token
    try:
        said = shell(environment, WorldKind.LIVE).run("gh", "auth", "token", cwd=repository, timeout=20)
    except ProgramMissing:
        said = None
    if said is not None and said.ok and said.out.strip():
        return said.out.strip()
    raise NoToken("no GitHub token was found")
