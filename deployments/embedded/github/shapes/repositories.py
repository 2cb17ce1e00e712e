"""Repositories as JSON."""

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.shapes import Json, moment, node_id
from deployments.embedded.github.shapes.users import simple_user

# Suffixes of the URLs that every form of a repository carries.
_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_RIGHTS = ("admin", "maintain", "push", "triage", "pull")
_FROM = {"admin": 0, "maintain": 1, "write": 2, "triage": 3, "read": 4}


def minimal_repository(forge: Forge, repository: Repository) -> Json:
    """Return the form in which runs and check suites name their repository."""
    url = forge.urls.repository(repository)
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": simple_user(forge, repository.owner),
        "html_url": forge.urls.page(repository),
        "description": repository.description,
        "fork": False,
        "url": url,
        **{name: url + suffix for name, suffix in _URLS.items()},
    }


def full_repository(forge: Forge, repository: Repository, role: str) -> Json:
    """Return everything about a repository, for somebody with this role in it."""
    page = forge.urls.page(repository)
    protection = "enabled" if repository.push_protection else "disabled"
    told: Json = {"security_and_analysis": {"secret_scanning_push_protection": {"status": protection}}}
    host = forge.urls.api.removeprefix("http://")
    return {
        **minimal_repository(forge, repository),
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"git@{host.partition(':')[0]}:{repository.full_name}.git",
        "clone_url": forge.urls.clone(repository),
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "forks_count": 0,
        "forks": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "subscribers_count": 0,
        "network_count": 0,
        "size": 0,
        "default_branch": repository.default_branch,
        "open_issues_count": 0,
        "open_issues": 0,
        "topics": [],
        "has_issues": True,
        "has_projects": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "has_downloads": True,
        "archived": False,
        "disabled": False,
        "visibility": "private" if repository.private else "public",
        "is_template": False,
        "web_commit_signoff_required": False,
        "pushed_at": moment(repository.pushed_at),
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.updated_at),
        "permissions": {right: place >= _FROM.get(role, 5) for place, right in enumerate(_RIGHTS)},
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        **(told if role == "admin" else {}),
    }
