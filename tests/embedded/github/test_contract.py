"""Every answer of real use agrees with GitHub's own description of its API, and every route is used."""

import base64
import hashlib
import re
import threading
from typing import Any, NamedTuple

import pytest
import requests
from github import Auth, Github
from nacl.public import PublicKey, SealedBox
from werkzeug import Request, Response

from deployments.embedded.github.records.actions import Cache
from deployments.embedded.github.routes.table import ROUTES
from deployments.embedded.github.web.application import Application
from tests.embedded.github.conftest import Client, Hub, until
from tests.embedded.github.description import faults, find

pytestmark = pytest.mark.processes

# Departures that are GitHub's own, or endpoints that its description has lost.
UNDESCRIBED = {
    r"GET /repos/[^/]+/[^/]+/contents": "the root of a tree, described only with a path",
    r"GET /repos/[^/]+/[^/]+/git/refs(/.+)?": "older than git/ref, still used by clients",
    r"GET /[^/]+/[^/]+/releases/download/.+": "a page, not the API",
    r"GET /": "the index: only a few of its links exist here",
}
ALLOWED = {
    r"state: Input should be 'error'": "a deployment that waits for a review is `waiting`",
}

CI = """\
name: CI
on: {push: {branches: [main]}, workflow_dispatch: {inputs: {flavour: {type: choice, options: [a, b]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo "::warning file=README.md,line=1,title=Look::mind this"
      - uses: actions/cache@v4
        with: {path: stored, key: "cache-${{ github.run_id }}"}
      - run: mkdir -p stored out && echo kept > stored/it && echo made > out/it
      - uses: actions/upload-artifact@v4
        with: {name: made, path: out}
  shaky:
    runs-on: ubuntu-latest
    steps:
      - run: test "$GITHUB_RUN_ATTEMPT" -gt 1
  ship:
    needs: build
    runs-on: ubuntu-latest
    environment: {name: staging, url: "http://127.0.0.1:9/"}
    steps:
      - run: test "$WORD" = open-sesame
        env: {WORD: "${{ secrets.WORD }}"}
"""
SLOW = """\
name: Slow
on: workflow_dispatch
jobs: {s: {runs-on: ubuntu-latest, steps: [{run: sleep 60}]}}
"""


class Entry(NamedTuple):
    """One request and what was answered."""

    method: str
    path: str
    status: int
    body: bytes
    content_type: str


class Journal(list[Entry]):
    """All REST requests of a test, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def note(self, request: Request, response: Response) -> None:
        redirects = response.status_code // 100 == 3
        body = b"" if redirects or response.direct_passthrough else response.get_data()
        with self.lock:
            kind = response.content_type or ""
            self.append(Entry(request.method, request.path, response.status_code, body, kind))


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Journal:
    made = Journal()
    real = Application._rest

    def noting(self: Application, request: Request) -> Response:
        response = real(self, request)
        made.note(request, response)
        return response

    monkeypatch.setattr(Application, "_rest", noting)
    return made


def test_every_answer_is_as_described_and_every_route_is_used(hub: Hub, journal: Journal) -> None:
    client = hub.engineer()
    use_repository(hub, client)
    use_settings(hub, client)
    use_runs(hub, client)
    use_releases(hub, client)
    use_deployments(hub, client)
    use_refusals(hub, client)
    use_pygithub(hub, client)

    wrong: dict[str, list[str]] = {}
    needed: set[str] = set()
    for entry in journal:
        if 300 <= entry.status < 400 or not entry.content_type.startswith("application/json"):
            continue
        name = f"{entry.method} {entry.path}"
        if any(re.fullmatch(pattern, name) for pattern in UNDESCRIBED):
            continue
        endpoint = find(entry.method, entry.path)
        if endpoint is None:
            wrong[name] = ["not described"]
            continue
        found = []
        for one in faults(endpoint, entry.body, entry.status):
            allowed = {rule for rule in ALLOWED if re.search(rule, one)}
            needed |= allowed
            found += [] if allowed else [one]
        if found:
            wrong[f"{name} {entry.status} {endpoint.model}"] = found[:6]
    assert wrong == {}
    assert needed == set(ALLOWED)

    used = {
        (route.method, route.template)
        for route in ROUTES
        for entry in journal
        if entry.method == route.method and entry.status < 400 and route.pattern().fullmatch(entry.path)
    }
    unused = sorted({(route.method, route.template) for route in ROUTES} - used)
    # 501, and says so: its names differ from the jobs' anyway.
    assert unused == [("GET", "/repos/{owner}/{repo}/actions/runs/{run}/logs")]


def use_repository(hub: Hub, client: Client) -> None:
    hub.release({"README.md": "moon\n", ".github/workflows/slow.yml": SLOW}, "First")
    path = hub.path
    for place in ("/", "/user", "/users/dev", "/rate_limit", "/user/repos", "/users/acme/repos"):
        client.ok("GET", place)
    client.ok("GET", "/orgs/acme/repos")
    client.ok("GET", path)
    client.ok("PATCH", path, {"description": "Phases"})
    made = client.ok(
        "PUT", f"{path}/contents/docs/a.md", {"message": "Doc", "content": base64.b64encode(b"a").decode()}
    )
    for place in ("contents", "contents/docs", "contents/docs/a.md", "readme", "branches", "commits", "tags"):
        client.ok("GET", f"{path}/{place}")
    for place in ("branches/main", "commits/main", "compare/main~1...main", "languages"):
        client.ok("GET", f"{path}/{place}")
    blob = made["content"]["sha"]
    client.ok("DELETE", f"{path}/contents/docs/a.md", {"message": "Gone", "sha": blob})
    head = client.ok("GET", f"{path}/git/ref/heads/main")["object"]["sha"]
    tree = client.ok("GET", f"{path}/git/commits/{head}")["tree"]["sha"]
    client.ok("GET", f"{path}/git/trees/{tree}", params={"recursive": "1"})
    fresh = client.ok("POST", f"{path}/git/blobs", {"content": "text", "encoding": "utf-8"})["sha"]
    client.ok("GET", f"{path}/git/blobs/{fresh}")
    entry = {"path": "b.txt", "mode": "100644", "type": "blob", "sha": fresh}
    grown = client.ok("POST", f"{path}/git/trees", {"base_tree": tree, "tree": [entry]})["sha"]
    commit = client.ok("POST", f"{path}/git/commits", {"message": "Grown", "tree": grown, "parents": [head]})[
        "sha"
    ]
    client.ok("POST", f"{path}/git/refs", {"ref": "refs/heads/grown", "sha": head})
    client.ok("PATCH", f"{path}/git/refs/heads/grown", {"sha": commit})
    client.ok("GET", f"{path}/git/refs")
    client.ok("GET", f"{path}/git/refs/heads/grown")
    client.ok("GET", f"{path}/git/matching-refs/heads/g")
    client.ok("DELETE", f"{path}/git/refs/heads/grown")
    tag = client.ok(
        "POST", f"{path}/git/tags", {"tag": "old", "object": head, "type": "commit", "message": "Old"}
    )["sha"]
    client.ok("POST", f"{path}/git/refs", {"ref": "refs/tags/old", "sha": tag})
    client.ok("GET", f"{path}/git/tags/{tag}")
    client.ok("GET", f"{path}/tags")


def use_settings(hub: Hub, client: Client) -> None:
    path, actions = hub.path, f"{hub.path}/actions"
    assert "plan" not in client.ok("GET", "/user")
    assert "plan" not in client.ok("GET", "/orgs/acme")
    knowing = hub.client(hub.token("repo", "user", "admin:org"))
    assert knowing.ok("GET", "/user")["plan"]["name"] == "free"
    assert knowing.ok("GET", "/orgs/acme")["plan"]["name"] == "enterprise"
    hub.github.share_secret(hub.github.add_user("acme"), "SHARED", "x")
    hub.github.share_variable(hub.github.add_user("acme"), "PLACE", "x")
    assert client.ok("GET", f"{actions}/organization-secrets")["total_count"] == 1
    assert client.ok("GET", f"{actions}/organization-variables")["total_count"] == 1
    for base in (actions, f"{path}/environments/staging"):
        reviewer = client.ok("GET", "/user")["id"]
        client.ok(
            "PUT",
            f"{path}/environments/staging",
            {
                "wait_timer": 0,
                "reviewers": [{"type": "User", "id": reviewer}],
                "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
            },
        )
        key = client.ok("GET", f"{base}/secrets/public-key")
        sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"open-sesame")
        body = {"key_id": key["key_id"], "encrypted_value": base64.b64encode(sealed).decode()}
        for name in ("WORD", "OTHER"):
            client.ok("PUT", f"{base}/secrets/{name}", body)
        client.ok("GET", f"{base}/secrets/WORD")
        client.ok("DELETE", f"{base}/secrets/OTHER")
        assert [item["name"] for item in client.ok("GET", f"{base}/secrets")["secrets"]] == ["WORD"]
        client.ok("POST", f"{base}/variables", {"name": "PLACE", "value": "here"})
        client.ok("PATCH", f"{base}/variables/PLACE", {"value": "there"})
        client.ok("GET", f"{base}/variables/PLACE")
        client.ok("GET", f"{base}/variables")
        client.ok("DELETE", f"{base}/variables/PLACE")
    client.ok("PUT", f"{path}/environments/spare", {})
    client.ok("GET", f"{path}/environments")
    client.ok("GET", f"{path}/environments/staging")
    client.ok("DELETE", f"{path}/environments/spare")
    policies = f"{path}/environments/staging/deployment-branch-policies"
    spare = client.ok("POST", policies, {"name": "spare/*"})["id"]
    client.ok("POST", policies, {"name": "main"})
    client.ok("DELETE", f"{policies}/{spare}")
    client.ok("GET", policies)
    client.ok("PUT", f"{actions}/permissions", {"enabled": True, "allowed_actions": "all"})
    client.ok("GET", f"{actions}/permissions")
    client.ok("PUT", f"{actions}/permissions/workflow", {"default_workflow_permissions": "read"})
    client.ok("GET", f"{actions}/permissions/workflow")
    client.ok("PUT", f"{actions}/oidc/customization/sub", {"use_default": True})
    client.ok("GET", f"{actions}/oidc/customization/sub")
    client.ok("GET", f"{actions}/runners")
    client.ok("PUT", f"{path}/immutable-releases")
    client.ok("GET", f"{path}/immutable-releases")
    client.ok("DELETE", f"{path}/immutable-releases")
    rules = {
        "name": "kept",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/kept"], "exclude": []}},
        "rules": [{"type": "deletion"}],
    }
    number = client.ok("POST", f"{path}/rulesets", rules)["id"]
    client.ok("GET", f"{path}/rulesets")
    client.ok("GET", f"{path}/rulesets/{number}")
    client.ok("GET", f"{path}/rules/branches/kept")
    client.ok("DELETE", f"{path}/rulesets/{number}")
    client.ok("PUT", f"{path}/branches/main/protection", PROTECTION)
    client.ok("GET", f"{path}/branches/main/protection")
    client.ok("DELETE", f"{path}/branches/main/protection")


PROTECTION = {
    "required_status_checks": None,
    "enforce_admins": False,
    "required_pull_request_reviews": {"required_approving_review_count": 1},
    "restrictions": None,
}


def use_runs(hub: Hub, client: Client) -> None:
    hub.git("pull", "--quiet", hub.github.git_directory(hub.repository).as_posix(), "main")
    sha = hub.release({".github/workflows/ci.yml": CI}, "Build")
    path, actions = hub.path, f"{hub.path}/actions"
    run = hub.run(client, sha, event="push", branch="main", actor="dev", created=">=2020-01-01")
    one = f"{actions}/runs/{run['id']}"
    client.ok("GET", f"{one}/jobs")
    hub.wait(client, run["id"], "waiting")
    client.ok("GET", f"{one}/jobs")
    pending = client.ok("GET", f"{one}/pending_deployments")
    assert [(item["environment"]["name"], item["current_user_can_approve"]) for item in pending] == [
        ("staging", True)
    ]
    deployed = client.ok("GET", f"{path}/deployments", params={"environment": "staging"})[0]
    client.ok("GET", f"{path}/deployments/{deployed['id']}/statuses")
    review = {"environment_ids": [pending[0]["environment"]["id"]], "state": "approved", "comment": "go"}
    client.ok("POST", f"{one}/pending_deployments", review)
    assert hub.wait(client, run["id"])["conclusion"] == "failure"
    client.ok("GET", f"{one}/approvals")
    client.ok("GET", f"{one}/timing")
    jobs = {job["name"]: job for job in client.ok("GET", f"{one}/jobs")["jobs"]}
    assert {name: job["conclusion"] for name, job in jobs.items()} == {
        "build": "success",
        "shaky": "failure",
        "ship": "success",
    }
    statuses = client.ok("GET", f"{path}/deployments/{deployed['id']}/statuses")
    assert [item["state"] for item in statuses] == ["success", "in_progress", "waiting"]
    assert statuses[0]["environment_url"] == "http://127.0.0.1:9/"
    client.ok("GET", f"{path}/deployments/{deployed['id']}/statuses/{statuses[0]['id']}")
    job = jobs["build"]["id"]
    client.ok("GET", f"{actions}/jobs/{job}")
    log = client("GET", f"{actions}/jobs/{job}/logs")
    assert log.status_code == 302
    assert "mind this" in requests.get(log.headers["Location"], timeout=10).text
    notes = client.ok("GET", f"{path}/check-runs/{job}/annotations")
    assert ("Look", "mind this", "warning") in [
        (note["title"], note["message"], note["annotation_level"]) for note in notes
    ]
    client.ok("GET", f"{path}/check-runs/{job}")
    client.ok("GET", f"{path}/commits/main/check-runs")
    suites = client.ok("GET", f"{path}/commits/{sha}/check-suites")["check_suites"]
    client.ok("GET", f"{path}/check-suites/{suites[0]['id']}")
    client.ok("GET", f"{path}/check-suites/{suites[0]['id']}/check-runs")
    client.ok("GET", f"{path}/commits/main/status")
    use_storage(hub, client, one)
    client.ok("POST", f"{one}/rerun-failed-jobs")
    assert hub.wait(client, run["id"])["conclusion"] == "success"
    again = {item["name"]: item for item in client.ok("GET", f"{one}/attempts/2/jobs")["jobs"]}
    assert again["build"]["started_at"] == jobs["build"]["started_at"]
    assert client.ok("GET", f"{one}/attempts/1")["conclusion"] == "failure"
    client.ok("POST", f"{actions}/jobs/{again['shaky']['id']}/rerun")
    hub.wait(client, run["id"])
    flow = client.ok("GET", f"{actions}/workflows/ci.yml")
    client.ok("GET", f"{actions}/workflows")
    client.ok("GET", f"{actions}/workflows/{flow['id']}/runs")
    client.ok("PUT", f"{actions}/workflows/{flow['id']}/disable")
    client.ok("PUT", f"{actions}/workflows/{flow['id']}/enable")
    for force in ("cancel", "force-cancel"):
        body = {"ref": "main", "return_run_details": True}
        slow = client.ok("POST", f"{actions}/workflows/slow.yml/dispatches", body)["workflow_run_id"]
        sleeping(hub, client, slow)
        client.ok("POST", f"{actions}/runs/{slow}/{force}")
        assert hub.wait(client, slow)["conclusion"] == "cancelled"
    client.ok("POST", f"{actions}/runs/{slow}/rerun")
    sleeping(hub, client, slow)
    client.ok("POST", f"{actions}/runs/{slow}/cancel")
    hub.wait(client, slow)
    client.ok("DELETE", f"{actions}/runs/{slow}")


def sleeping(hub: Hub, client: Client, run: int) -> None:
    """Wait until the sleep of the slow workflow has begun."""
    until(
        lambda: client.ok("GET", f"{hub.path}/actions/runs/{run}/jobs")["jobs"],
        lambda jobs: any(
            step["name"].startswith("Run") and step["status"] == "in_progress"
            for job in jobs
            for step in job["steps"]
        ),
    )


def use_storage(hub: Hub, client: Client, one: str) -> None:
    actions = f"{hub.path}/actions"
    client.ok("GET", f"{actions}/artifacts")
    artifact = client.ok("GET", f"{one}/artifacts")["artifacts"][0]["id"]
    client.ok("GET", f"{actions}/artifacts/{artifact}")
    place = client("GET", f"{actions}/artifacts/{artifact}/zip").headers["Location"]
    assert requests.get(place, timeout=10).content.startswith(b"PK")
    client.ok("DELETE", f"{actions}/artifacts/{artifact}")
    caches = client.ok("GET", f"{actions}/caches")["actions_caches"]
    client.ok("GET", f"{actions}/cache/usage")
    client.ok("GET", f"{actions}/caches", params={"sort": "size_in_bytes", "direction": "desc"})
    client.ok("PUT", f"{actions}/cache/storage-limit", {"max_cache_size_gb": 12})
    assert client.ok("GET", f"{actions}/cache/storage-limit") == {"max_cache_size_gb": 12}
    client.ok("DELETE", f"{actions}/caches", params={"key": caches[0]["key"]})
    hub.github.forge.store.caches.put(
        Cache(
            id=1,
            repository_id=hub.repository.id,
            ref="refs/heads/main",
            key="spare",
            version="v",
            size=0,
            created_at=hub.github.forge.now(),
            last_accessed_at=hub.github.forge.now(),
        )
    )
    client.ok("DELETE", f"{actions}/caches/1")


def use_releases(hub: Hub, client: Client) -> None:
    path = f"{hub.path}/releases"
    draft = client.ok("POST", path, {"tag_name": "v1", "name": "One", "body": "b", "draft": True})
    assert client("GET", f"{path}/tags/v1").status_code == 404
    upload = draft["upload_url"].partition("{")[0]
    headers = {"Content-Type": "application/octet-stream"}
    for name in ("moon", "spare"):
        client.ok("POST", upload, params={"name": name, "label": "l"}, data=b"bytes", headers=headers)
    assets = {item["name"]: item["id"] for item in client.ok("GET", f"{path}/{draft['id']}/assets")}
    client.ok("PATCH", f"{path}/assets/{assets['moon']}", {"name": "moon", "label": "the moon"})
    client.ok("DELETE", f"{path}/assets/{assets['spare']}")
    client.ok("PATCH", f"{path}/{draft['id']}", {"draft": False})
    for place in ("", "/latest", "/tags/v1", f"/{draft['id']}", f"/assets/{assets['moon']}"):
        client.ok("GET", path + place)
    link = client("GET", f"/{hub.repository.full_name}/releases/download/v1/moon")
    assert requests.get(link.headers["Location"], timeout=10).content == b"bytes"
    client.ok("POST", f"{path}/generate-notes", {"tag_name": "v1"})
    client.ok("DELETE", f"{path}/{draft['id']}")


def use_deployments(hub: Hub, client: Client) -> None:
    path = f"{hub.path}/deployments"
    made = client.ok("POST", path, {"ref": "main", "environment": "staging", "description": "by hand"})
    one = f"{path}/{made['id']}"
    client.ok("GET", one)
    client.ok("POST", f"{one}/statuses", {"state": "in_progress"})
    client.ok("GET", path)
    client.ok("DELETE", one)


def use_refusals(hub: Hub, client: Client) -> None:
    """Ask for what is refused; the wording and form of each refusal is GitHub's."""
    path, flow = hub.path, f"{hub.path}/actions/workflows/ci.yml/dispatches"
    hub.github.add_user("free-plan")
    plain = hub.github.add_repository("free-plan", "closed", private=True)
    hub.github.add_user("guarded", kind="Organization", saml=True)
    walled = hub.github.add_repository("guarded", "walled")
    weak = hub.client(
        hub.github.add_token(kind="fine-grained", login="dev", permissions={"metadata": "read"})
    )
    head = client.ok("GET", f"{path}/branches/main")["commit"]["sha"]
    refused = [
        (hub.client("ghp_unknown"), "GET", path, None, 401),
        (client, "GET", "/repos/dev/nowhere", None, 404),
        (client, "GET", "/orgs/nowhere", None, 404),
        (client, "GET", f"/repos/{plain.full_name}/rules/branches/main", None, 403),
        (client, "GET", f"/repos/{plain.full_name}/branches/main/protection", None, 403),
        (client, "GET", f"/repos/{walled.full_name}", None, 403),
        (client, "PUT", f"/repos/{plain.full_name}/environments/live", {"wait_timer": 5}, 422),
        (client, "GET", f"{path}/actions/caches?sort=colour", None, 422),
        (client, "GET", f"{path}/contents/nowhere.txt", None, 404),
        (client, "GET", f"{path}/actions/runs/1", None, 404),
        (client, "GET", f"{path}/releases/1", None, 404),
        (client, "GET", f"{path}/environments/nowhere", None, 404),
        (client, "POST", f"{path}/git/refs", {"ref": "refs/heads/main", "sha": head}, 422),
        (client, "PUT", f"{path}/contents/README.md", {"message": "m", "content": "eA=="}, 422),
        (client, "POST", flow, {"ref": "nowhere"}, 422),
        (client, "POST", flow, {"ref": "main", "inputs": {"flavour": "c"}}, 422),
        (client, "POST", flow, {"ref": "main", "inputs": {"unheard": "c"}}, 422),
        (weak, "PUT", f"{path}/actions/secrets/WORD", {"encrypted_value": "eA==", "key_id": "1"}, 403),
        (weak, "POST", f"{path}/releases", {"tag_name": "v9"}, 403),
        (weak, "PUT", f"{path}/environments/other", {}, 403),
    ]
    seen = [(method, place, who(method, place, body).status_code) for who, method, place, body, _ in refused]
    assert seen == [(method, place, status) for _, method, place, _, status in refused]


def use_pygithub(hub: Hub, client: Client) -> None:
    api = Github(base_url=hub.github.api_url, auth=Auth.Token(client.token or ""), retry=0)
    try:
        repo = api.get_repo(hub.repository.full_name)
        assert api.oauth_scopes == ["repo", "workflow"]
        repo.create_secret("LATER", "value")
        run = repo.get_workflow_runs(event="push")[0]
        assert [job.name for job in run.jobs()]
        flow = repo.get_workflow("ci.yml")
        made: Any = flow.create_dispatch("main", {"flavour": "a"}, throw=True, return_run_details=True)
        repo.get_workflow_run(made.id).cancel()
        until(lambda: repo.get_workflow_run(made.id).status, lambda status: status == "completed")
        release = repo.create_git_release("v2", "Two", "", draft=False)
        place = hub.work / "asset.bin"
        place.write_bytes(b"asset")
        asset = release.upload_asset(str(place), name="asset.bin")
        assert asset.digest == "sha256:" + hashlib.sha256(b"asset").hexdigest()
        repo.create_environment("another")
        assert [item.name for item in repo.get_environments()] == ["staging", "another"]
    finally:
        api.close()
