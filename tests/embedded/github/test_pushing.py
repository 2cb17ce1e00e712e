"""Git over HTTP: who may push what, in which words a push is refused, and what it starts."""

import random
from dataclasses import replace

import pytest

from tests.embedded.github.conftest import Hub

pytestmark = pytest.mark.processes

CI = "name: CI\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n"
FILE = ".github/workflows/ci.yml"


def test_a_workflow_file_is_refused_without_the_scope_in_githubs_words(hub: Hub) -> None:
    hub.commit({FILE: CI})
    done = hub.push(hub.token("repo"))
    assert done.returncode == 1
    assert (
        " ! [remote rejected] main -> main (refusing to allow a Personal Access Token to create or update"
        f" workflow `{FILE}` without `workflow` scope)"
    ) in done.stderr


@pytest.mark.parametrize(
    ("kind", "permissions", "words"),
    [
        ("oauth", {}, "refusing to allow an OAuth App to create or update workflow"),
        ("app", {"contents": "write"}, "refusing to allow a GitHub App to create or update workflow"),
        ("fine-grained", {"contents": "write"}, "refusing to allow a Personal Access Token"),
    ],
)
def test_each_kind_of_token_is_refused_by_its_name(
    hub: Hub, kind: str, permissions: dict[str, str], words: str
) -> None:
    hub.commit({FILE: CI})
    token = hub.github.add_token(kind=kind, login="dev", scopes=["repo"], permissions=permissions)  # type: ignore[arg-type]
    assert words in hub.push(token).stderr


def test_a_refused_ref_does_not_take_the_others_with_it(hub: Hub) -> None:
    hub.commit({"README.md": "moon"})
    hub.git("branch", "plain")
    hub.commit({FILE: CI})
    done = hub.push(hub.token("repo"), "main", "plain")
    assert "plain -> plain" in done.stderr
    assert "remote rejected" in done.stderr
    assert list(hub.github.forge.git(hub.repository).refs()) == ["refs/heads/plain"]


def test_a_known_workflow_file_may_travel_without_the_scope(hub: Hub) -> None:
    hub.release({FILE: CI})
    hub.git("checkout", "--quiet", "-b", "feature")
    hub.commit({"README.md": "moon"})
    assert hub.push(hub.token("repo"), "feature").returncode == 0


def test_the_right_permission_lets_workflow_files_in_and_the_run_is_there_at_once(hub: Hub) -> None:
    sha = hub.commit({FILE: CI})
    token = hub.github.add_token(
        kind="fine-grained", login="dev", permissions={"contents": "write", "workflows": "write"}
    )
    assert hub.push(token).returncode == 0
    client = hub.engineer()
    listed = client.ok("GET", f"{hub.path}/actions/runs", params={"head_sha": sha})
    assert [run["path"] for run in listed["workflow_runs"]] == [FILE]
    assert hub.wait(client, listed["workflow_runs"][0]["id"])["conclusion"] == "success"


def test_a_push_without_write_access_is_denied_by_name(hub: Hub) -> None:
    hub.github.change_repository(hub.repository, roles={"guest": "read"})
    hub.commit({"README.md": "moon"})
    done = hub.push(hub.token("repo", login="guest"))
    assert "Permission to acme/moon.git denied to guest" in done.stderr


def test_a_token_that_does_not_see_a_repository_learns_nothing(hub: Hub) -> None:
    hub.commit({"README.md": "moon"})
    assert "Repository not found" in hub.push(hub.token("read:org")).stderr


def test_a_ruleset_refuses_a_push_with_its_reason(hub: Hub) -> None:
    hub.release({"README.md": "moon"})
    hub.github.add_ruleset(hub.repository, "reviewed", rules=[{"type": "pull_request"}])
    hub.commit({"README.md": "sun"})
    said = hub.push(hub.token("repo")).stderr
    assert "GH013: Repository rule violations found for refs/heads/main" in said
    assert "Changes must be made through a pull request." in said
    assert "(push declined due to repository rule violations)" in said


def test_who_is_on_the_bypass_list_pushes_past_a_ruleset_and_is_told_so(hub: Hub) -> None:
    hub.release({"README.md": "moon"})
    expected = [{"type": "required_status_checks", "parameters": {"required_status_checks": []}}]
    number = hub.github.add_ruleset(hub.repository, "checked", rules=expected, bypass=["boss"]).id
    hub.commit({"README.md": "sun"})
    path = f"{hub.path}/rulesets/{number}"
    assert "Required status checks are expected." in hub.push(hub.token("repo")).stderr
    assert hub.engineer().ok("GET", path)["current_user_can_bypass"] == "never"
    boss = hub.token("repo", login="boss")
    assert hub.client(boss).ok("GET", path)["current_user_can_bypass"] == "always"
    assert hub.push(boss).returncode == 0


def test_a_ruleset_about_files_refuses_what_a_push_brings_and_not_what_is_there(hub: Hub) -> None:
    hub.release({FILE: CI, "README.md": "moon"})
    paths = {"restricted_file_paths": [".github/**/*"]}
    rules = [{"type": "file_path_restriction", "parameters": paths}]
    hub.github.add_ruleset(hub.repository, "files", target="push", include=[], rules=rules)
    hub.release({"README.md": "sun"})
    hub.commit({FILE: CI + "\n"})
    assert f"File {FILE} is restricted" in hub.push(hub.token("repo", "workflow")).stderr


def test_a_file_that_is_too_large_is_refused_also_when_a_later_commit_deletes_it(hub: Hub) -> None:
    hub.commit({"README.md": "moon"})
    hub.commit({"data.bin": "0" * (100 * 2**20 + 1)})
    (hub.work / "data.bin").unlink()
    hub.commit({})
    said = hub.push(hub.token("repo")).stderr
    assert "File data.bin is 100.00 MB; this exceeds GitHub's file size limit of 100.00 MB" in said
    assert "(pre-receive hook declined)" in said


def test_a_ruleset_names_its_refs_by_patterns_and_exceptions(hub: Hub) -> None:
    hub.release({"README.md": "moon"})
    kept = hub.github.add_ruleset(
        hub.repository, "kept", include=["refs/heads/*"], rules=[{"type": "update"}]
    )
    client = hub.engineer()
    assert [one["type"] for one in client.ok("GET", f"{hub.path}/rules/branches/side")] == ["update"]
    names = {"include": ["refs/heads/*"], "exclude": ["refs/heads/side"]}
    hub.github.forge.store.rulesets.put(replace(kept, conditions={"ref_name": names}))
    assert client.ok("GET", f"{hub.path}/rules/branches/side") == []


def test_a_tag_pushed_with_a_workflows_own_token_starts_nothing(hub: Hub) -> None:
    sha = hub.release({FILE: CI.replace("on: push", "on: {push: {tags: ['v*']}}")})
    own = hub.github.add_token(kind="actions", login="dev", permissions={"contents": "write"})
    hub.git("tag", "v1")
    assert hub.push(own, "v1").returncode == 0
    client = hub.engineer()
    runs = f"{hub.path}/actions/runs"
    assert client.ok("GET", runs, params={"head_sha": sha})["total_count"] == 0
    hub.git("tag", "v2")
    assert hub.push(hub.token("repo"), "v2").returncode == 0
    assert client.ok("GET", runs, params={"head_sha": sha})["total_count"] == 1


def test_a_large_push_arrives_in_chunks(hub: Hub) -> None:
    # Git switches to chunked transfer above http.postBuffer, 1 MiB.
    noise = random.Random(7).randbytes(1 << 20)
    (hub.work / "noise").write_bytes(noise)
    hub.commit({"README.md": "moon"})
    hub.git("config", "http.postBuffer", "65536")
    done = hub.push(hub.token("repo"))
    assert done.returncode == 0, done.stderr
    git = hub.github.forge.git(hub.repository)
    assert git.blob("main:noise") == noise
