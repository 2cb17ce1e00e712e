"""Where the embedded GitHub can be reached; ports may change from start to start, so URLs are made late."""

from dataclasses import dataclass
from urllib.parse import quote

from deployments.embedded.github.records.repositories import Repository


@dataclass(frozen=True, kw_only=True)
class Urls:
    """The two origins: API, pages and git on one, logs and blobs on the other."""

    api: str
    blob: str

    def repository(self, repository: Repository, *rest: object) -> str:
        """Return the API's URL of something in a repository."""
        return "/".join([f"{self.api}/repos/{repository.full_name}", *(quote(str(part)) for part in rest)])

    def page(self, repository: Repository, *rest: object) -> str:
        """Return the URL that a person would open."""
        return "/".join([f"{self.api}/{repository.full_name}", *(quote(str(part)) for part in rest)])

    def clone(self, repository: Repository) -> str:
        """Return what `git clone` takes."""
        return f"{self.api}/{repository.full_name}.git"
