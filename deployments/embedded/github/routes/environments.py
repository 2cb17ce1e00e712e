"""Environments and their protection."""

from dataclasses import replace
from typing import Any, Literal

from deployments.embedded.github.records.deployments import BranchPolicy, Environment
from deployments.embedded.github.shapes.deployments import branch_policy, environment
from deployments.embedded.github.web.answers import Answer, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, administer, read

_LONGEST_WAIT = 43_200
_MOST_REVIEWERS = 6


def list_environments(call: Call) -> Answer:
    """List the environments."""
    found = call.forge.store.environments.all(lambda item: item.repository_id == call.repository.id)
    return call.page(found, lambda item: environment(call.forge, call.repository, item), key="environments")


def get_environment(call: Call) -> Answer:
    """Return an environment."""
    return Answer(body=environment(call.forge, call.repository, _environment(call)))


def put_environment(call: Call) -> Answer:
    """Make an environment, or replace its protection: what the body leaves out is taken away."""
    body = call.json()
    wait = body.get("wait_timer") or 0
    if not isinstance(wait, int) or not 0 <= wait <= _LONGEST_WAIT:
        raise invalid("Wait timer must be between 0 and 43,200 minutes")
    _affordable(call, body)
    reviewers = _reviewers(call, body.get("reviewers") or [])
    policy = _policy(body.get("deployment_branch_policy"))
    known = call.engine.gates.environment(call.repository, call.values["environment"])
    kept = call.forge.store.environments.change(
        known.id,
        lambda item: replace(
            item,
            wait_minutes=wait,
            reviewers=reviewers,
            prevent_self_review=bool(body.get("prevent_self_review")),
            branch_policy=policy,
            policies=item.policies if policy == "custom" else (),
            updated_at=call.forge.now(),
        ),
    )
    return Answer(body=environment(call.forge, call.repository, kept))


def delete_environment(call: Call) -> Answer:
    """Remove an environment with its secrets and variables."""
    found, store = _environment(call), call.forge.store
    for secret in store.secrets.all(
        lambda item: (item.repository_id, item.environment) == (found.repository_id, found.name)
    ):
        store.secrets.remove((secret.repository_id, secret.environment, secret.name))
    for variable in store.variables.all(
        lambda item: (item.repository_id, item.environment) == (found.repository_id, found.name)
    ):
        store.variables.remove((variable.repository_id, variable.environment, variable.name))
    store.environments.remove(found.id)
    return Answer(status=204)


def list_branch_policies(call: Call) -> Answer:
    """List the name patterns that may deploy."""
    return call.page(_environment(call).policies, branch_policy, key="branch_policies")


def create_branch_policy(call: Call) -> Answer:
    """Let branches or tags of a pattern deploy."""
    found = _environment(call)
    if found.branch_policy != "custom":
        raise not_found()
    made = BranchPolicy(
        id=call.forge.store.next_id(),
        name=call.wanted("name", str),
        type="tag" if call.json().get("type") == "tag" else "branch",
    )
    call.forge.store.environments.change(
        found.id, lambda item: replace(item, policies=(*item.policies, made))
    )
    return Answer(body=branch_policy(made))


def delete_branch_policy(call: Call) -> Answer:
    """Take a pattern away."""
    found, number = _environment(call), call.number("policy")
    if number not in {item.id for item in found.policies}:
        raise not_found()
    call.forge.store.environments.change(
        found.id,
        lambda item: replace(item, policies=tuple(policy for policy in item.policies if policy.id != number)),
    )
    return Answer(status=204)


def _environment(call: Call) -> Environment:
    wanted = call.values["environment"].lower()
    for item in call.forge.store.environments.all(lambda item: item.repository_id == call.repository.id):
        if item.name.lower() == wanted:
            return item
    raise not_found()


def _affordable(call: Call, body: dict[str, Any]) -> None:
    """Refuse what the owner's plan lacks: a private repository gets reviewers with Enterprise only."""
    owner = call.forge.store.users.get(call.repository.owner)
    if not call.repository.private or owner is None or owner.plan == "enterprise":
        return
    gated = {"reviewers": "required reviewers", "prevent_self_review": "required reviewers"}
    for name, rule in {"wait_timer": "wait timer", **gated}.items():
        if name in body:
            raise invalid(
                "Failed to create the environment protection rule."
                f" Please ensure the billing plan supports the {rule} protection rule."
            )


def _reviewers(call: Call, given: list[Any]) -> tuple[str, ...]:
    if len(given) > _MOST_REVIEWERS:
        raise invalid("Environments can have at most 6 reviewers")
    by_id = {user.id: user.login for user in call.forge.store.users.all()}
    logins = []
    for reviewer in given:
        if reviewer.get("type") != "User" or reviewer.get("id") not in by_id:
            raise invalid(f"Reviewer {reviewer.get('type')} {reviewer.get('id')} was not found")
        logins.append(by_id[reviewer["id"]])
    return tuple(logins)


def _policy(given: Any) -> Literal["protected", "custom"] | None:
    if given is None:
        return None
    protected, custom = bool(given.get("protected_branches")), bool(given.get("custom_branch_policies"))
    if protected == custom:
        raise invalid("protected_branches and custom_branch_policies cannot have the same value")
    return "protected" if protected else "custom"


_E = "/repos/{owner}/{repo}/environments"
_POLICIES = f"{_E}/{{environment}}/deployment-branch-policies"
_READ = read("actions")
_WRITE = administer()

ROUTES = (
    Route(method="GET", template=_E, handler=list_environments, needs=_READ),
    Route(method="GET", template=f"{_E}/{{environment}}", handler=get_environment, needs=_READ),
    Route(method="PUT", template=f"{_E}/{{environment}}", handler=put_environment, needs=_WRITE),
    Route(method="DELETE", template=f"{_E}/{{environment}}", handler=delete_environment, needs=_WRITE),
    Route(method="GET", template=_POLICIES, handler=list_branch_policies, needs=_READ),
    Route(method="POST", template=_POLICIES, handler=create_branch_policy, needs=_WRITE),
    Route(method="DELETE", template=f"{_POLICIES}/{{policy}}", handler=delete_branch_policy, needs=_WRITE),
)
