"""GitHub: one repository seen with one token, by nouns.

`GitHub.runs`, `.repository`, `.rules`, `.environments`, `.secrets`, `.caches`, `.releases`, `.deployments`,
`.runners` and `.used_actions` take and give plain frozen values of `tasks.domain`; every failure is a
`GithubFailure` that says whether trying again may help.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tasks.systems.clock import SystemClock
from tasks.systems.github.api import Api, Sleep, near
from tasks.systems.github.caches import Caches
from tasks.systems.github.environments import Environments, Secrets
from tasks.systems.github.errors import (
    Denied,
    GithubFailure,
    NotFound,
    Rejected,
    SignInFirst,
    Throttled,
    Unreachable,
)
from tasks.systems.github.releases import Deployments, Releases
from tasks.systems.github.repository import Repositories, token_kind
from tasks.systems.github.rules import Rules
from tasks.systems.github.runners import Runners
from tasks.systems.github.runs import Runs
from tasks.systems.github.used_actions import UsedActions
from tasks.systems.http import Http

__all__ = [
    "Denied",
    "GitHub",
    "GithubFailure",
    "NotFound",
    "Rejected",
    "SignInFirst",
    "Throttled",
    "Unreachable",
]


class GitHub:
    """One repository on one GitHub, with one token that is never shown."""

    def __init__(
        self,
        *,
        api_url: str,
        token: str,
        owner: str,
        name: str,
        git_url: str | None = None,
        sleep: Sleep | None = None,
        http: Http | None = None,
    ) -> None:
        self._token = token
        # Seconds between two looks at something that is waited for: github.com counts requests.
        self.poll_limit = 1.0 if near(api_url) else 15.0
        self.owner, self.name, self.full_name = owner, name, f"{owner}/{name}"
        self.git_url = git_url or clone_url(api_url, owner, name)
        path = f"/repos/{owner}/{name}"
        api = Api(base_url=api_url, token=token, sleep=sleep or SystemClock().sleep, http=http or Http())
        self.caches = Caches(api, path)
        self.rules = Rules(api, path)
        self.runners = Runners(api, path, owner)
        self.used_actions = UsedActions(api)
        self.repository = Repositories(api, path, token_kind(token))
        self.runs = Runs(api, path)
        self.environments = Environments(api, path)
        self.secrets = Secrets(api, path)
        self.releases = Releases(api, path)
        self.deployments = Deployments(api, path)

    def __repr__(self) -> str:
        """Name the repository and never the token."""
        return f"GitHub({self.full_name} at {self.git_url})"

    @property
    def git_token(self) -> str:
        """The token for git over HTTP; hand it to `Git` and nothing else."""
        return self._token


def clone_url(api_url: str, owner: str, name: str) -> str:
    """Return where git finds a repository, given the address of the API."""
    parts = urlsplit(api_url)
    host = "github.com" if parts.netloc == "api.github.com" else parts.netloc
    return f"{parts.scheme}://{host}/{owner}/{name}.git"
