"""Secrets and variables of a repository and of its environments."""

import re

from deployments.embedded.github.records.repositories import Secret, Variable
from deployments.embedded.github.shapes import Json, moment
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, administer, read, write

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def get_public_key(call: Call) -> Answer:
    """Return the key that secrets are sealed for."""
    _environment(call)
    vault = call.forge.vault
    return Answer(body={"key_id": vault.public_key_id, "key": vault.public_key})


def list_secrets(call: Call) -> Answer:
    """List the names of the secrets; no endpoint returns a value."""
    environment = _environment(call)
    found = call.forge.store.secrets.all(
        lambda item: item.repository_id == call.repository.id and item.environment == environment
    )
    return call.page(sorted(found, key=lambda item: item.name), _secret, key="secrets")


def list_shared_secrets(call: Call) -> Answer:
    """List the names of the secrets that the organisation shares with the repository."""
    owner = -call.repository.owner_id
    found = call.forge.store.secrets.all(lambda item: item.repository_id == owner)
    return call.page(sorted(found, key=lambda item: item.name), _secret, key="secrets")


def list_shared_variables(call: Call) -> Answer:
    """List the variables that the organisation shares with the repository."""
    owner = -call.repository.owner_id
    found = call.forge.store.variables.all(lambda item: item.repository_id == owner)
    return call.page(sorted(found, key=lambda item: item.name), _variable, key="variables")


def get_secret(call: Call) -> Answer:
    """Return a secret's name and times."""
    found = call.forge.store.secrets.get(_key(call))
    if found is None:
        raise not_found()
    return Answer(body=_secret(found))


def put_secret(call: Call) -> Answer:
    """Keep a secret that was sealed for the public key."""
    key = _key(call)
    name = _valid(key[2])
    sealed = call.wanted("encrypted_value", str)
    if call.wanted("key_id", str) != call.forge.vault.public_key_id:
        raise invalid("Bad request - the key_id is not the one of the public key")
    if call.forge.vault.open(sealed) is None:
        raise invalid("Bad request - The secret is not encrypted with the public key")
    now = call.forge.now()
    known = call.forge.store.secrets.get(key)
    call.forge.store.secrets.put(
        Secret(
            repository_id=key[0],
            environment=key[1],
            name=name,
            sealed=sealed,
            created_at=known.created_at if known else now,
            updated_at=now,
        )
    )
    return Answer(status=204) if known else Answer(status=201, body={})


def delete_secret(call: Call) -> Answer:
    """Remove a secret."""
    if call.forge.store.secrets.get(_key(call)) is None:
        raise not_found()
    call.forge.store.secrets.remove(_key(call))
    return Answer(status=204)


def list_variables(call: Call) -> Answer:
    """List the variables."""
    environment = _environment(call)
    found = call.forge.store.variables.all(
        lambda item: item.repository_id == call.repository.id and item.environment == environment
    )
    return call.page(sorted(found, key=lambda item: item.name), _variable, key="variables")


def get_variable(call: Call) -> Answer:
    """Return a variable."""
    found = call.forge.store.variables.get(_key(call))
    if found is None:
        raise not_found()
    return Answer(body=_variable(found))


def create_variable(call: Call) -> Answer:
    """Make a variable."""
    name = _valid(call.wanted("name", str).upper())
    key = (call.repository.id, _environment(call), name)
    if call.forge.store.variables.get(key) is not None:
        raise RefusedError(409, "Already exists - Variable already exists")
    _keep(call, key, call.wanted("value", str))
    return Answer(status=201, body={})


def update_variable(call: Call) -> Answer:
    """Change a variable's value."""
    known = call.forge.store.variables.get(_key(call))
    if known is None:
        raise not_found()
    _keep(call, _key(call), str(call.json().get("value", known.value)))
    return Answer(status=204)


def delete_variable(call: Call) -> Answer:
    """Remove a variable."""
    if call.forge.store.variables.get(_key(call)) is None:
        raise not_found()
    call.forge.store.variables.remove(_key(call))
    return Answer(status=204)


def _keep(call: Call, key: tuple[int, str, str], value: str) -> None:
    now = call.forge.now()
    known = call.forge.store.variables.get(key)
    call.forge.store.variables.put(
        Variable(
            repository_id=key[0],
            environment=key[1],
            name=key[2],
            value=value,
            created_at=known.created_at if known else now,
            updated_at=now,
        )
    )


def _key(call: Call) -> tuple[int, str, str]:
    return call.repository.id, _environment(call), call.values["name"].upper()


def _environment(call: Call) -> str:
    """Return the environment of the path as it was first written; '' for the repository itself."""
    wanted = call.values.get("environment")
    if wanted is None:
        return ""
    for item in call.forge.store.environments.all(lambda item: item.repository_id == call.repository.id):
        if item.name.lower() == wanted.lower():
            return item.name
    raise not_found()


def _valid(name: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith("GITHUB_"):
        raise invalid(
            "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_)."
            " Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_)"
            " and not with GITHUB_."
        )
    return name


def _secret(item: Secret) -> Json:
    return {
        "name": item.name,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
    }


def _variable(item: Variable) -> Json:
    return {
        "name": item.name,
        "value": item.value,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
    }


def _routes(base: str, secrets: str, variables: str) -> tuple[Route, ...]:
    see, change = administer(secrets, "read"), administer(secrets)
    look, edit = read(variables, anonymous=False), write(variables)
    secret, variable = f"{base}/secrets/{{name}}", f"{base}/variables/{{name}}"
    return (
        Route(method="GET", template=f"{base}/secrets/public-key", handler=get_public_key, needs=see),
        Route(method="GET", template=f"{base}/secrets", handler=list_secrets, needs=see),
        Route(method="GET", template=secret, handler=get_secret, needs=see),
        Route(method="PUT", template=secret, handler=put_secret, needs=change),
        Route(method="DELETE", template=secret, handler=delete_secret, needs=change),
        Route(method="GET", template=f"{base}/variables", handler=list_variables, needs=look),
        Route(method="POST", template=f"{base}/variables", handler=create_variable, needs=edit),
        Route(method="GET", template=variable, handler=get_variable, needs=look),
        Route(method="PATCH", template=variable, handler=update_variable, needs=edit),
        Route(method="DELETE", template=variable, handler=delete_variable, needs=edit),
    )


_A = "/repos/{owner}/{repo}/actions"

ROUTES = (
    Route(
        method="GET",
        template=f"{_A}/organization-secrets",
        handler=list_shared_secrets,
        needs=administer("secrets", "read"),
    ),
    Route(
        method="GET",
        template=f"{_A}/organization-variables",
        handler=list_shared_variables,
        needs=read("variables", anonymous=False),
    ),
    *_routes("/repos/{owner}/{repo}/actions", "secrets", "variables"),
    *_routes("/repos/{owner}/{repo}/environments/{environment}", "environments", "environments"),
)
