"""Settings of a repository: what Actions may do, the subject of its identity tokens, rules on refs."""

import platform
from dataclasses import replace
from typing import Any

from deployments.embedded.github.actions.identity import IMMUTABLE_SINCE, subject_prefix
from deployments.embedded.github.git.proc_receive import matches
from deployments.embedded.github.records.repositories import Repository, Ruleset
from deployments.embedded.github.shapes import Json, moment, node_id
from deployments.embedded.github.web.answers import Answer, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, administer, read
from deployments.embedded.runner.labels import ARM


def get_permissions(call: Call) -> Answer:
    """Say whether Actions is on and what it may use."""
    held = call.repository
    body: Json = {"enabled": held.actions_enabled}
    if held.actions_enabled:
        body |= {
            "allowed_actions": held.allowed_actions,
            "sha_pinning_required": held.sha_pinning_required,
        }
        if held.allowed_actions == "selected":
            body["selected_actions_url"] = call.forge.urls.repository(
                held, "actions/permissions/selected-actions"
            )
    return Answer(body=body)


def put_permissions(call: Call) -> Answer:
    """Switch Actions on or off."""
    body = call.json()
    enabled = call.wanted("enabled", bool)
    if body.get("allowed_actions", "all") not in ("all", "local_only", "selected"):
        raise invalid("allowed_actions must be all, local_only or selected")
    _change(
        call,
        actions_enabled=enabled,
        allowed_actions=body.get("allowed_actions", call.repository.allowed_actions),
        sha_pinning_required=bool(body.get("sha_pinning_required", call.repository.sha_pinning_required)),
    )
    return Answer(status=204)


def get_workflow_permissions(call: Call) -> Answer:
    """Return what a workflow's token may do unless the workflow says."""
    return Answer(
        body={
            "default_workflow_permissions": call.repository.workflow_permissions,
            "can_approve_pull_request_reviews": call.repository.can_approve_pull_requests,
        }
    )


def put_workflow_permissions(call: Call) -> Answer:
    """Change what a workflow's token may do unless the workflow says."""
    body, held = call.json(), call.repository
    level = body.get("default_workflow_permissions", held.workflow_permissions)
    if level not in ("read", "write"):
        raise invalid("default_workflow_permissions must be read or write")
    _change(
        call,
        workflow_permissions=level,
        can_approve_pull_requests=bool(
            body.get("can_approve_pull_request_reviews", held.can_approve_pull_requests)
        ),
    )
    return Answer(status=204)


def get_subject(call: Call) -> Answer:
    """Say how the subject of identity tokens is made."""
    held = call.repository
    body: Json = {
        "use_default": held.subject_use_default,
        "use_immutable_subject": held.created_at > IMMUTABLE_SINCE,
        "sub_claim_prefix": subject_prefix(held),
    }
    if not held.subject_use_default:
        body["include_claim_keys"] = list(held.subject_claims)
    return Answer(body=body)


def put_subject(call: Call) -> Answer:
    """Change how the subject of identity tokens is made."""
    default = call.wanted("use_default", bool)
    claims = tuple(str(name) for name in call.json().get("include_claim_keys") or ())
    _change(call, subject_use_default=default, subject_claims=() if default else claims)
    return Answer(status=201, body={})


def get_immutable_releases(call: Call) -> Answer:
    """Say whether new releases are immutable; 404 when they are not, as on GitHub."""
    if not call.repository.immutable_releases:
        raise not_found()
    return Answer(body={"enabled": True, "enforced_by_owner": False})


def enable_immutable_releases(call: Call) -> Answer:
    """Make new releases immutable."""
    _change(call, immutable_releases=True)
    return Answer(status=204)


def disable_immutable_releases(call: Call) -> Answer:
    """Make new releases mutable."""
    _change(call, immutable_releases=False)
    return Answer(status=204)


def list_rulesets(call: Call) -> Answer:
    """List the rulesets, without their rules."""
    found = call.forge.store.rulesets.all(lambda item: item.repository_id == call.repository.id)
    return call.page(found, lambda item: _ruleset(call, item))


def get_ruleset(call: Call) -> Answer:
    """Return a ruleset with its rules."""
    return Answer(body=_whole(call, _found(call)))


def create_ruleset(call: Call) -> Answer:
    """Put rules on refs."""
    body, now = call.json(), call.forge.now()
    made = call.forge.store.rulesets.put(
        Ruleset(
            id=call.forge.store.next_id(),
            repository_id=call.repository.id,
            name=call.wanted("name", str),
            target=body.get("target", "branch"),
            enforcement=body.get("enforcement", "active"),
            conditions=body.get("conditions") or {},
            rules=tuple(body.get("rules") or ()),
            created_at=now,
            updated_at=now,
        )
    )
    return Answer(status=201, body=_whole(call, made))


def delete_ruleset(call: Call) -> Answer:
    """Take rules away."""
    call.forge.store.rulesets.remove(_found(call).id)
    return Answer(status=204)


def list_branch_rules(call: Call) -> Answer:
    """List the active rules on a branch."""
    branch, default = f"refs/heads/{call.values['branch']}", call.repository.default_branch
    rules: list[Json] = []
    for item in call.forge.store.rulesets.all(
        lambda item: item.repository_id == call.repository.id and item.enforcement == "active"
    ):
        names = item.conditions.get("ref_name") or {}
        included = matches(branch, names.get("include") or [], default)
        if item.target == "branch" and included and not matches(branch, names.get("exclude") or [], default):
            rules += [
                {
                    **rule,
                    "ruleset_source_type": "Repository",
                    "ruleset_source": call.repository.full_name,
                    "ruleset_id": item.id,
                }
                for rule in item.rules
            ]
    return Answer(body=rules)


def list_runners(call: Call) -> Answer:
    """List the self-hosted runners: the one that runs jobs here has the labels that it takes."""
    of_all = ("self-hosted", "Linux", "ARM64" if platform.machine().lower() in ARM else "X64")
    here = {
        "id": 1,
        "name": "embedded",
        "os": "linux",
        "status": "online",
        "busy": False,
        "ephemeral": False,
        "labels": [{"id": n, "name": name, "type": "read-only"} for n, name in enumerate(of_all, start=1)],
    }
    return call.page([here], lambda item: item, key="runners")


def _change(call: Call, **changes: Any) -> Repository:
    return call.forge.store.repositories.change(call.repository.id, lambda item: replace(item, **changes))


def _found(call: Call) -> Ruleset:
    found = call.forge.store.rulesets.get(call.number("ruleset"))
    if found is None or found.repository_id != call.repository.id:
        raise not_found()
    return found


def _whole(call: Call, item: Ruleset) -> Json:
    bypass = "always" if call.user.login in item.bypass else "never"
    return {
        **_ruleset(call, item),
        "conditions": item.conditions,
        "rules": list(item.rules),
        "current_user_can_bypass": bypass,
    }


def _ruleset(call: Call, item: Ruleset) -> Json:
    url = call.forge.urls.repository(call.repository, "rulesets", item.id)
    return {
        "id": item.id,
        "name": item.name,
        "target": item.target,
        "source_type": "Repository",
        "source": call.repository.full_name,
        "enforcement": item.enforcement,
        "node_id": node_id("RRS", item.id),
        "_links": {
            "self": {"href": url},
            "html": {"href": call.forge.urls.page(call.repository, "rules", item.id)},
        },
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
    }


_R = "/repos/{owner}/{repo}"
_P = f"{_R}/actions/permissions"
_SUB = f"{_R}/actions/oidc/customization/sub"
_SEE, _SET = administer(level="read"), administer()

ROUTES = (
    Route(method="GET", template=_P, handler=get_permissions, needs=_SEE),
    Route(method="PUT", template=_P, handler=put_permissions, needs=_SET),
    Route(method="GET", template=f"{_P}/workflow", handler=get_workflow_permissions, needs=_SEE),
    Route(method="PUT", template=f"{_P}/workflow", handler=put_workflow_permissions, needs=_SET),
    Route(method="GET", template=_SUB, handler=get_subject, needs=read("actions", anonymous=False)),
    Route(method="PUT", template=_SUB, handler=put_subject, needs=_SET),
    Route(method="GET", template=f"{_R}/actions/runners", handler=list_runners, needs=_SEE),
    Route(method="GET", template=f"{_R}/immutable-releases", handler=get_immutable_releases, needs=_SEE),
    Route(method="PUT", template=f"{_R}/immutable-releases", handler=enable_immutable_releases, needs=_SET),
    Route(
        method="DELETE", template=f"{_R}/immutable-releases", handler=disable_immutable_releases, needs=_SET
    ),
    Route(method="GET", template=f"{_R}/rulesets", handler=list_rulesets, needs=read("metadata"), paid=True),
    Route(method="POST", template=f"{_R}/rulesets", handler=create_ruleset, needs=_SET, paid=True),
    Route(
        method="GET",
        template=f"{_R}/rulesets/{{ruleset}}",
        handler=get_ruleset,
        needs=read("metadata"),
        paid=True,
    ),
    Route(
        method="DELETE", template=f"{_R}/rulesets/{{ruleset}}", handler=delete_ruleset, needs=_SET, paid=True
    ),
    Route(
        method="GET",
        template=f"{_R}/rules/branches/{{branch+}}",
        handler=list_branch_rules,
        needs=read("metadata"),
        paid=True,
    ),
)
