"""Runs from their event to their end: gates, groups, identity, releases, and a restart in between."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from deployments.embedded.github import EmbeddedGitHub
from deployments.embedded.github.records.actions import Job, Run
from deployments.embedded.github.store import Store
from tests.embedded.github.conftest import Client, Hub, opened, until

pytestmark = pytest.mark.processes

FILE = ".github/workflows/{}.yml"


def workflow(on: str, *steps: str, job: str = "", top: str = "") -> str:
    """Return a workflow of one job `a` with `run:` steps."""
    lines = [f"on: {on}", *([top] if top else []), "jobs:", "  a:", "    runs-on: ubuntu-latest"]
    lines += [f"    {job}"] if job else []
    return "\n".join([*lines, "    steps:", *(f"      - run: {step}" for step in steps), ""])


def dispatched(hub: Hub, client: Client, name: str, **inputs: str) -> int:
    """Dispatch a workflow and return its run."""
    body = {"ref": "main", "inputs": inputs, "return_run_details": True}
    answer = client.ok("POST", f"{hub.path}/actions/workflows/{name}.yml/dispatches", body)
    return int(answer["workflow_run_id"])


def jobs(hub: Hub, client: Client, run: int) -> list[dict[str, Any]]:
    """Return the jobs of a run."""
    listed: list[dict[str, Any]] = client.ok("GET", f"{hub.path}/actions/runs/{run}/jobs")["jobs"]
    return listed


def log_of(hub: Hub, run: int) -> str:
    """Return the logs of all jobs of a run."""
    kept = hub.github.forge.store.jobs.all(lambda job: job.run_id == run)
    return "".join(job.record.log.read_text() for job in kept if job.record.log)


def test_an_environment_that_nobody_made_is_made_without_protection(hub: Hub) -> None:
    sha = hub.release({FILE.format("d"): workflow("push", "true", job="environment: fresh")})
    client = hub.engineer()
    assert hub.wait(client, hub.run(client, sha)["id"])["conclusion"] == "success"
    made = client.ok("GET", f"{hub.path}/environments/fresh")
    assert made["protection_rules"] == []


def test_a_rejected_deployment_fails_its_run_and_the_author_cannot_approve_alone(hub: Hub) -> None:
    sha = hub.commit({FILE.format("d"): workflow("push", "true", job="environment: production")})
    client, boss = hub.engineer(), hub.client(hub.token("repo", login="boss"))
    people = [client.ok("GET", f"/users/{login}")["id"] for login in ("dev", "boss")]
    client.ok(
        "PUT",
        f"{hub.path}/environments/production",
        {"reviewers": [{"type": "User", "id": number} for number in people], "prevent_self_review": True},
    )
    hub.push(client.token or "")
    run = hub.wait(client, hub.run(client, sha)["id"], "waiting")["id"]
    assert jobs(hub, client, run)[0]["status"] == "waiting"
    place = f"{hub.path}/actions/runs/{run}/pending_deployments"
    number = client.ok("GET", place)[0]["environment"]["id"]
    review = {"environment_ids": [number], "state": "approved", "comment": ""}
    assert client("POST", place, review).status_code == 422
    boss.ok("POST", place, {**review, "state": "rejected"})
    assert hub.wait(client, run)["conclusion"] == "failure"
    assert client.ok("GET", place) == []
    assert client.ok("GET", f"{hub.path}/actions/runs/{run}/approvals")[0]["state"] == "rejected"


def test_a_branch_that_the_environment_does_not_name_may_not_deploy(hub: Hub) -> None:
    sha = hub.commit({FILE.format("d"): workflow("push", "true", job="environment: production")})
    client = hub.engineer()
    client.ok(
        "PUT",
        f"{hub.path}/environments/production",
        {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}},
    )
    hub.push(client.token or "")
    run = hub.wait(client, hub.run(client, sha)["id"])
    assert run["conclusion"] == "failure"
    check = jobs(hub, client, run["id"])[0]["id"]
    notes = client.ok("GET", f"{hub.path}/check-runs/{check}/annotations")
    assert any('Branch "main" is not allowed to deploy to production' in note["message"] for note in notes)


def test_secrets_and_variables_of_an_environment_lie_over_those_of_the_repository_and_its_owner(
    hub: Hub,
) -> None:
    hub.github.set_secret(hub.repository, "WORD", "repository")
    hub.github.set_secret(hub.repository, "WORD", "environment", environment="staging")
    hub.github.set_variable(hub.repository, "PLACE", "here")
    acme = hub.github.add_user("acme")
    for name in ("PLACE", "COMMON"):
        hub.github.share_variable(acme, name, "organisation")
        hub.github.share_secret(acme, name, "organisation")
    text = workflow(
        "push",
        "test '${{ secrets.WORD }}' = environment",
        "test '${{ vars.PLACE }}' = here",
        "test '${{ vars.COMMON }} ${{ secrets.COMMON }}' = 'organisation organisation'",
        job="environment: staging",
    )
    sha = hub.release({FILE.format("s"): text})
    client = hub.engineer()
    run = hub.wait(client, hub.run(client, sha)["id"])
    assert run["conclusion"] == "success", log_of(hub, run["id"])


def test_a_later_run_of_a_group_replaces_the_one_that_waits(hub: Hub) -> None:
    text = workflow("workflow_dispatch", "while ! test -e GO; do sleep 0.05; done", top="concurrency: ship")
    go = hub.work.parent / "go"
    hub.release({FILE.format("c"): text.replace("GO", go.as_posix())})
    client = hub.engineer()
    first = dispatched(hub, client, "c")
    hub.wait(client, first, "in_progress")
    second = dispatched(hub, client, "c")
    hub.wait(client, second, "pending")
    third = dispatched(hub, client, "c")
    ended = hub.wait(client, second)
    kept = hub.github.forge.store.runs.get(second)
    assert (ended["conclusion"], kept.failure if kept else "") == ("cancelled", None)
    assert hub.wait(client, third, "pending")["status"] == "pending"
    go.touch()
    assert hub.wait(client, first)["conclusion"] == "success"
    assert hub.wait(client, third)["conclusion"] == "success"


def test_a_group_may_cancel_what_is_in_progress(hub: Hub) -> None:
    text = workflow(
        "workflow_dispatch", "sleep 60", top="concurrency: {group: ship, cancel-in-progress: true}"
    )
    hub.release({FILE.format("c"): text})
    client = hub.engineer()
    first = dispatched(hub, client, "c")
    until(
        lambda: jobs(hub, client, first),
        lambda seen: any(step["status"] == "in_progress" for job in seen for step in job["steps"][1:]),
    )
    second = dispatched(hub, client, "c")
    assert hub.wait(client, first)["conclusion"] == "cancelled"
    until(lambda: jobs(hub, client, second), lambda seen: any(len(job["steps"]) > 1 for job in seen))
    client.ok("POST", f"{hub.path}/actions/runs/{second}/cancel")
    hub.wait(client, second)


def test_the_end_of_a_run_starts_what_waits_for_it(hub: Hub) -> None:
    after = workflow("{workflow_run: {workflows: [First], types: [completed]}}", "true")
    sha = hub.release({FILE.format("a"): "name: First\n" + workflow("push", "true"), FILE.format("b"): after})
    client = hub.engineer()
    hub.wait(client, hub.run(client, sha, event="push")["id"])
    listed = until(
        lambda: client.ok("GET", f"{hub.path}/actions/runs", params={"event": "workflow_run"}),
        lambda found: found["total_count"] == 1,
    )
    assert hub.wait(client, listed["workflow_runs"][0]["id"])["path"] == FILE.format("b")


def test_a_switched_off_workflow_does_not_start(hub: Hub) -> None:
    hub.release({FILE.format("a"): workflow("push", "true")})
    client = hub.engineer()
    client.ok("PUT", f"{hub.path}/actions/workflows/a.yml/disable")
    sha = hub.release({"README.md": "moon"})
    assert client.ok("GET", f"{hub.path}/actions/runs", params={"head_sha": sha})["total_count"] == 0


def test_mistakes_in_a_dispatch_are_refused_and_no_run_is_made(hub: Hub) -> None:
    on = "{workflow_dispatch: {inputs: {where: {type: choice, options: [a, b], required: true}}}}"
    hub.release({FILE.format("d"): workflow(on, "true"), FILE.format("p"): workflow("push", "true")})
    client = hub.engineer()
    path = f"{hub.path}/actions/workflows"
    for name, body, words in (
        ("d", {"ref": "main", "inputs": {"where": "moon"}}, "not in the list of allowed values"),
        ("d", {"ref": "main"}, "Required input 'where' not provided"),
        ("d", {"ref": "nowhere"}, "No ref found for: nowhere"),
        ("p", {"ref": "main"}, "Workflow does not have 'workflow_dispatch' trigger"),
    ):
        answer = client("POST", f"{path}/{name}.yml/dispatches", body)
        assert (answer.status_code, words in answer.json()["message"]) == (422, True), answer.text
    listed = client.ok("GET", f"{hub.path}/actions/runs", params={"event": "workflow_dispatch"})
    assert listed["total_count"] == 0
    good = client("POST", f"{path}/d.yml/dispatches", {"ref": "main", "inputs": {"where": "a"}})
    assert (good.status_code, good.content) == (204, b"")


def test_a_file_that_cannot_start_is_a_startup_failure_whose_reason_no_endpoint_tells(hub: Hub) -> None:
    sha = hub.release(
        {FILE.format("x"): "on: push\njobs: {a: {needs: gone, runs-on: x, steps: [{run: y}]}}\n"}
    )
    client = hub.engineer()
    run = hub.wait(client, hub.run(client, sha)["id"])
    assert run["conclusion"] == "startup_failure"
    assert jobs(hub, client, run["id"]) == []
    kept = hub.github.forge.store.runs.get(run["id"])
    assert kept is not None
    assert kept.failure is not None
    assert kept.failure not in str(run)


def test_a_job_can_show_an_identity_token_that_the_keys_confirm(hub: Hub) -> None:
    text = workflow(
        "push",
        'python3 -c "import os,urllib.request as u;'
        "r=u.Request(os.environ['ACTIONS_ID_TOKEN_REQUEST_URL']+'&audience=sts.amazonaws.com',"
        "headers={'Authorization':'Bearer '+os.environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']});"
        "open('TOKEN','wb').write(u.urlopen(r).read())\"".replace("TOKEN','wb'", "PLACE','wb'"),
        job="environment: staging",
        top="permissions: {id-token: write}",
    )
    place = hub.work.parent / "token"
    run_line = text.index("- run: ")
    text = text[:run_line] + "- run: |\n          " + text[run_line + 7 :].replace("PLACE", place.as_posix())
    sha = hub.release({FILE.format("o"): text})
    client = hub.engineer()
    run = hub.wait(client, hub.run(client, sha)["id"])
    assert run["conclusion"] == "success", log_of(hub, run["id"])
    token = json.loads(place.read_text())["value"]
    description = client.ok("GET", "/.well-known/openid-configuration")
    keys = client.ok("GET", description["jwks_uri"])["keys"]
    said = jwt.decode(
        token,
        jwt.PyJWK(keys[0]),
        algorithms=["RS256"],
        audience="sts.amazonaws.com",
        issuer=description["issuer"],
    )
    prefix = client.ok("GET", f"{hub.path}/actions/oidc/customization/sub")["sub_claim_prefix"]
    assert said["sub"] == f"{prefix}:environment:staging"
    assert prefix == f"repo:acme@{hub.repository.owner_id}/moon@{hub.repository.id}"
    assert (said["environment"], said["ref"], said["sha"]) == ("staging", "refs/heads/main", sha)
    assert said["iss"] == "https://token.actions.githubusercontent.com"


def test_an_older_repository_has_names_alone_in_its_subject(hub: Hub) -> None:
    old = datetime(2026, 7, 1, tzinfo=UTC)
    hub.github.add_repository("acme", "old", created_at=old)
    answer = hub.engineer().ok("GET", "/repos/acme/old/actions/oidc/customization/sub")
    assert answer["sub_claim_prefix"] == "repo:acme/old"
    assert answer["use_immutable_subject"] is False


def test_a_published_release_starts_its_workflows_and_an_immutable_one_burns_its_tag(hub: Hub) -> None:
    hub.release({FILE.format("r"): workflow("{release: {types: [published]}}", "true")})
    client = hub.engineer()
    client.ok("PUT", f"{hub.path}/immutable-releases")
    path = f"{hub.path}/releases"
    made = client.ok("POST", path, {"tag_name": "v1", "draft": True})
    listed = f"{hub.path}/actions/runs"
    assert client.ok("GET", listed, params={"event": "release"})["total_count"] == 0
    published = client.ok("PATCH", f"{path}/{made['id']}", {"draft": False})
    assert published["immutable"] is True
    run = client.ok("GET", listed, params={"event": "release"})["workflow_runs"][0]
    assert hub.wait(client, run["id"])["conclusion"] == "success"
    headers = {"Content-Type": "application/octet-stream"}
    late = client("POST", f"{path}/{made['id']}/assets", params={"name": "x"}, data=b"x", headers=headers)
    assert late.status_code == 422
    client.ok("DELETE", f"{path}/{made['id']}")
    again = client("POST", path, {"tag_name": "v1"})
    assert again.status_code == 422


def test_an_asset_name_can_be_used_once(hub: Hub) -> None:
    hub.release({"README.md": "moon"})
    client = hub.engineer()
    upload = client.ok("POST", f"{hub.path}/releases", {"tag_name": "v1", "draft": True})["upload_url"]
    headers = {"Content-Type": "application/octet-stream"}
    place = upload.partition("{")[0]
    client.ok("POST", place, params={"name": "moon"}, data=b"1", headers=headers)
    twice = client("POST", place, params={"name": "moon"}, data=b"2", headers=headers)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "already_exists")


@pytest.fixture
def interrupted(hub: Hub) -> Hub:
    """Return a hub whose process ended during a run and was started again."""
    hub.release({FILE.format("s"): workflow("push", "echo kept"), "README.md": "moon"})
    client = hub.engineer()
    hub.wait(client, hub.github.forge.store.runs.all()[0].id)
    hub.github.set_secret(hub.repository, "WORD", "open-sesame")
    ended = hub.github
    state: Path = ended.forge.store.directory
    run = ended.forge.store.runs.all()[0]
    # A process that was killed leaves its run as it stood then.
    job = ended.forge.store.jobs.all()[0]
    step = replace(job.record.steps[1], status="in_progress", conclusion=None)
    record = replace(job.record, status="in_progress", conclusion=None, steps=(job.record.steps[0], step))
    attempt = replace(run.latest, status="in_progress", conclusion=None)
    ended.stop()
    again = opened_after(state, replace(run, attempts=(attempt,)), replace(job, record=record))
    hub.github = again
    for one in hub.clients:
        one.base = again.api_url
    return hub


def opened_after(state: Path, run: Run, job: Job) -> EmbeddedGitHub:
    """Put records as a killed process would have left them, then start on the directory."""
    store = Store(state)
    store.runs.put(run)
    store.jobs.put(job)
    store.close()
    return opened(state)


def test_after_a_restart_an_interrupted_run_is_cancelled_and_says_why(interrupted: Hub) -> None:
    hub, client = interrupted, interrupted.engineer()
    run = client.ok("GET", f"{hub.path}/actions/runs")["workflow_runs"][0]
    assert (run["status"], run["conclusion"]) == ("completed", "cancelled")
    job = jobs(hub, client, run["id"])[0]
    assert (job["conclusion"], job["steps"][1]["conclusion"]) == ("cancelled", "cancelled")
    notes = client.ok("GET", f"{hub.path}/check-runs/{job['id']}/annotations")
    assert notes[-1]["message"] == (
        "The embedded world ended while this job was in progress: "
        "the hosted runner lost communication with the server."
    )


def test_after_a_restart_everything_else_is_as_it_was(interrupted: Hub) -> None:
    hub = interrupted
    client = hub.clients[0]  # its token was issued before
    assert client.ok("GET", f"{hub.path}/contents/README.md")["type"] == "file"
    assert client.ok("GET", f"{hub.path}/actions/secrets")["secrets"][0]["name"] == "WORD"
    mode = (hub.github.forge.store.directory / "keys" / "sealed-box.key").stat().st_mode
    assert mode & 0o777 == 0o600
    sha = hub.release({"README.md": "sun"})
    assert hub.wait(client, hub.run(client, sha)["id"])["conclusion"] == "success"
