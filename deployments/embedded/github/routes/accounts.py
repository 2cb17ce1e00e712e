"""Users and the rate limit."""

from deployments.embedded.github.shapes.users import organization, private_user, public_user
from deployments.embedded.github.web.access import not_accessible
from deployments.embedded.github.web.answers import Answer, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.limits import Budget
from deployments.embedded.github.web.router import Needs, Route


def root(call: Call) -> Answer:
    """Say what is where."""
    api = call.forge.urls.api
    return Answer(
        body={
            "current_user_url": f"{api}/user",
            "rate_limit_url": f"{api}/rate_limit",
            "repository_url": f"{api}/repos/{{owner}}/{{repo}}",
            "user_url": f"{api}/users/{{user}}",
        }
    )


def get_authenticated_user(call: Call) -> Answer:
    """Say who asks; a workflow's token and an App's are nobody, and only some tokens see what is private."""
    user, token = call.user, call.caller.token
    if token is not None and token.kind in ("actions", "app"):
        raise not_accessible(token)
    private = token is not None and ("user" in token.scopes or token.permissions.get("plan") == "read")
    return Answer(body=(private_user if private else public_user)(call.forge, user))


def get_organization(call: Call) -> Answer:
    """Return an organisation; a token needs `admin:org` to be told what only owners are."""
    found, token = call.forge.store.users.get(call.values["org"]), call.caller.token
    if found is None or found.type != "Organization":
        raise not_found()
    owner = token is not None and (
        "admin:org" in token.scopes or token.permissions.get("organization_administration") is not None
    )
    return Answer(body=organization(call.forge, found, owner=owner))


def get_user(call: Call) -> Answer:
    """Return a user by login."""
    found = call.forge.store.users.get(call.values["login"])
    if found is None:
        raise not_found()
    return Answer(body=public_user(call.forge, found))


def get_rate_limit(call: Call) -> Answer:
    """Say what is left; asking costs nothing."""
    core = _budget(call.forge.limits.of(call.caller.token))
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"]}
    return Answer(body={"resources": {"core": core, "search": search}, "rate": core})


def _budget(budget: Budget) -> dict[str, int]:
    return {
        "limit": budget.limit,
        "used": budget.used,
        "remaining": budget.remaining,
        "reset": budget.reset,
    }


_SELF = Needs(permission="metadata", scopes=())
_ANYBODY = Needs(permission="metadata", scopes=(), anonymous=True)

ROUTES = (
    Route(method="GET", template="/", handler=root, needs=_ANYBODY),
    Route(method="GET", template="/user", handler=get_authenticated_user, needs=_SELF),
    Route(method="GET", template="/users/{login}", handler=get_user, needs=_ANYBODY),
    Route(method="GET", template="/orgs/{org}", handler=get_organization, needs=_ANYBODY),
    Route(method="GET", template="/rate_limit", handler=get_rate_limit, needs=_ANYBODY),
)
