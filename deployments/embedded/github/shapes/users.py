"""Accounts as JSON."""

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.accounts import User
from deployments.embedded.github.shapes import Json, moment, node_id


def simple_user(forge: Forge, login: str) -> Json:
    """Return the short form that everything names its people in."""
    return _simple(forge, forge.user(login))


def public_user(forge: Forge, user: User) -> Json:
    """Return what anybody is told of a user."""
    owned = forge.store.repositories.all(lambda item: item.owner == user.login and not item.private)
    return {
        **_simple(forge, user),
        "name": user.login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": len(owned),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": moment(user.created_at),
        "updated_at": moment(user.created_at),
    }


def private_user(forge: Forge, user: User) -> Json:
    """Return what users are told of themselves."""
    hidden = len(forge.store.repositories.all(lambda item: item.owner == user.login and item.private))
    return {
        **public_user(forge, user),
        "private_gists": 0,
        "total_private_repos": hidden,
        "owned_private_repos": hidden,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
        "plan": {"name": user.plan, "space": 976562499, "collaborators": 0, "private_repos": 10000},
    }


def organization(forge: Forge, user: User, *, owner: bool) -> Json:
    """Return an organisation; its plan is for its owners alone."""
    public = public_user(forge, user)
    same = ("login", "id", "node_id", "avatar_url", "followers", "following", "public_gists", "public_repos")
    url = f"{forge.urls.api}/orgs/{user.login}"
    shown = {
        **{name: public[name] for name in same},
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "description": None,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "html_url": public["html_url"],
        "type": "Organization",
        "created_at": moment(user.created_at),
        "updated_at": moment(user.created_at),
        "archived_at": None,
    }
    if owner:
        shown["plan"] = {"name": user.plan, "space": 976562499, "private_repos": 999999, "seats": 5}
    return shown


def _simple(forge: Forge, user: User) -> Json:
    url = f"{forge.urls.api}/users/{user.login}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": node_id("U", user.id),
        "avatar_url": f"{forge.urls.api}/avatars/{user.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{forge.urls.api}/{user.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": user.type,
        "user_view_type": "public",
        "site_admin": False,
    }
