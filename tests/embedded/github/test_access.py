"""What each kind of token is told and allowed."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.embedded.github.conftest import Hub

pytestmark = pytest.mark.processes


def test_only_classic_and_oauth_tokens_tell_their_scopes(hub: Hub) -> None:
    classic = hub.client(hub.token("repo", "workflow"))("GET", hub.path)
    assert classic.headers["X-OAuth-Scopes"] == "repo, workflow"
    assert classic.headers["X-Accepted-OAuth-Scopes"] == "repo"
    fine = hub.github.add_token(kind="fine-grained", login="dev", permissions={"contents": "read"})
    answer = hub.client(fine)("GET", f"{hub.path}/branches")
    assert "X-OAuth-Scopes" not in answer.headers
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "contents=read"


def test_an_unknown_token_has_bad_credentials_and_none_at_all_sees_no_private_repository(hub: Hub) -> None:
    assert hub.client("ghp_unknown")("GET", hub.path).json()["message"] == "Bad credentials"
    assert hub.client(None)("GET", hub.path).status_code == 404
    assert hub.client(None)("GET", "/user").status_code == 401


def test_an_organisation_with_single_sign_on_shows_classic_tokens_where_to_sign_in(hub: Hub) -> None:
    hub.github.add_user("guarded", kind="Organization", saml=True)
    path = f"/repos/{hub.github.add_repository('guarded', 'walled').full_name}"
    refused = hub.client(hub.token("repo"))("GET", path)
    assert refused.status_code == 403
    assert refused.headers["X-GitHub-SSO"].startswith(f"required; url={hub.github.api_url}/orgs/guarded/sso")
    assert "SAML enforcement" in refused.json()["message"]
    inside = hub.github.add_token(kind="classic", login="dev", scopes=["repo"], sso=["guarded"])
    fine = hub.github.add_token(kind="fine-grained", login="dev", permissions={"metadata": "read"})
    assert [hub.client(token)("GET", path).status_code for token in (inside, fine)] == [200, 200]


def test_without_the_repo_scope_a_private_repository_does_not_exist(hub: Hub) -> None:
    assert hub.client(hub.token("read:org"))("GET", hub.path).status_code == 404


def test_a_missing_permission_is_named_as_not_accessible(hub: Hub) -> None:
    fine = hub.github.add_token(kind="fine-grained", login="dev", permissions={"contents": "read"})
    answer = hub.client(fine)("GET", f"{hub.path}/actions/runs")
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "Resource not accessible by personal access token",
    )
    app = hub.github.add_token(kind="app", login="dev", permissions={"actions": "read"})
    answer = hub.client(app)("POST", f"{hub.path}/actions/workflows/ci.yml/dispatches", {"ref": "main"})
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")


def test_a_token_for_other_repositories_does_not_see_this_one(hub: Hub) -> None:
    fine = hub.github.add_token(
        kind="fine-grained", login="dev", permissions={"contents": "read"}, repositories=["acme/sun"]
    )
    assert hub.client(fine)("GET", hub.path).status_code == 404


def test_a_token_ends_when_it_said_it_would(hub: Hub) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    live = hub.github.add_token(kind="classic", login="dev", scopes=["repo"], expires=soon)
    answer = hub.client(live)("GET", hub.path)
    assert answer.headers["github-authentication-token-expiration"] == soon.strftime("%Y-%m-%d %H:%M:%S UTC")
    past = datetime.now(UTC) - timedelta(seconds=1)
    ended = hub.github.add_token(kind="classic", login="dev", scopes=["repo"], expires=past)
    assert hub.client(ended)("GET", hub.path).status_code == 401


def test_workflow_files_cannot_be_written_through_the_api_without_the_right(hub: Hub) -> None:
    body = {"message": "m", "content": "bmFtZTogeAo="}
    place = f"{hub.path}/contents/.github/workflows/ci.yml"
    assert hub.client(hub.token("repo"))("PUT", place, body).status_code == 404
    fine = hub.github.add_token(kind="fine-grained", login="dev", permissions={"contents": "write"})
    assert hub.client(fine)("PUT", place, body).status_code == 403
    assert hub.client(hub.token("repo", "workflow"))("PUT", place, body).status_code == 201


def test_settings_are_for_administrators(hub: Hub) -> None:
    hub.github.change_repository(hub.repository, roles={"dev": "write"})
    answer = hub.client(hub.token("repo"))("GET", f"{hub.path}/actions/secrets")
    assert (answer.status_code, answer.json()["message"]) == (403, "Must have admin rights to Repository.")


def test_an_unchanged_answer_costs_nothing(hub: Hub) -> None:
    client = hub.client(hub.token("repo"))
    first = client("GET", hub.path)
    again = client("GET", hub.path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Used"] == first.headers["X-RateLimit-Used"] == "1"
    client("PATCH", hub.path, {"description": "changed"})
    assert client("GET", hub.path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_used_up_limit_refuses_until_its_hour_ends(hub: Hub) -> None:
    client = hub.client(hub.token("repo"))
    hub.github.forge.limits.spend(next(iter(hub.github.forge.store.tokens.all())), 5000)
    answer = client("GET", hub.path)
    assert answer.status_code == 403
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert client.ok("GET", "/rate_limit")["rate"]["limit"] == 5000


def test_lists_are_paged_with_links(hub: Hub) -> None:
    client = hub.engineer()
    for number in range(5):
        client.ok("POST", f"{hub.path}/actions/variables", {"name": f"V{number}", "value": "x"})
    first = client("GET", f"{hub.path}/actions/variables", params={"per_page": "2"})
    assert first.json()["total_count"] == 5
    assert [item["name"] for item in first.json()["variables"]] == ["V0", "V1"]
    assert set(first.links) == {"next", "last"}
    last = client("GET", first.links["last"]["url"])
    assert [item["name"] for item in last.json()["variables"]] == ["V4"]
    assert set(last.links) == {"first", "prev"}


def test_a_secret_must_be_sealed_for_the_key_and_is_kept_sealed(hub: Hub) -> None:
    client = hub.engineer()
    key = client.ok("GET", f"{hub.path}/actions/secrets/public-key")
    body = {"key_id": key["key_id"], "encrypted_value": "bm90IHNlYWxlZA=="}
    assert client("PUT", f"{hub.path}/actions/secrets/WORD", body).status_code == 422
    hub.github.set_secret(hub.repository, "WORD", "open-sesame")
    kept = b"".join(path.read_bytes() for path in hub.github.forge.store.directory.glob("github.sqlite*"))
    assert b"WORD" in kept
    assert b"open-sesame" not in kept
