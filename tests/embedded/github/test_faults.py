"""Faults that are switched on, and off again."""

import pytest
import requests

from tests.embedded.github.conftest import Hub, until

pytestmark = pytest.mark.processes

CI = "on: {push: , workflow_dispatch: }\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo hi}]}}\n"
FILE = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("details", "status", "retry_after"),
    [
        ({"code": 403}, 403, None),
        ({"code": 429}, 429, None),
        ({"code": 429, "retry_after": 7}, 429, "7"),
        ({"code": 502}, 502, None),
    ],
)
def test_a_status_fault_is_met_as_often_as_it_says(
    hub: Hub, details: dict[str, int], status: int, retry_after: str | None
) -> None:
    hub.github.faults.add("status", method="GET", path=hub.path, count=2, **details)
    client = hub.engineer()
    answers = [client("GET", hub.path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("Retry-After") == retry_after


def test_a_lost_answer_has_acted(hub: Hub) -> None:
    client = hub.engineer()
    path = f"{hub.path}/actions/variables"
    hub.github.faults.add("lost-answer", method="POST", path=path, count=1)
    with pytest.raises(requests.ConnectionError):
        client("POST", path, {"name": "PLACE", "value": "here"})
    assert client("POST", path, {"name": "PLACE", "value": "here"}).status_code == 409


def test_a_late_run_is_not_seen_at_first(hub: Hub) -> None:
    hub.github.faults.add("late-runs", seconds=2)
    sha = hub.release({FILE: CI})
    client = hub.engineer()
    look = {"head_sha": sha}
    assert client.ok("GET", f"{hub.path}/actions/runs", params=look)["total_count"] == 0
    run = hub.github.forge.store.runs.all()[0]
    assert client("GET", f"{hub.path}/actions/runs/{run.id}").status_code == 404
    hub.github.faults.clear()
    until(
        lambda: client.ok("GET", f"{hub.path}/actions/runs", params=look)["total_count"],
        lambda count: count == 1,
    )
    assert hub.wait(client, run.id)["conclusion"] == "success"


def test_a_log_link_is_good_without_the_token_and_not_for_ever(hub: Hub) -> None:
    sha = hub.release({FILE: CI})
    client = hub.engineer()
    run = hub.wait(client, hub.run(client, sha)["id"])
    job = client.ok("GET", f"{hub.path}/actions/runs/{run['id']}/jobs")["jobs"][0]
    link = client("GET", f"{hub.path}/actions/jobs/{job['id']}/logs").headers["Location"]
    assert link.startswith(hub.github.blob_url)
    assert not link.startswith(hub.github.api_url)
    assert "hi" in requests.get(link, timeout=10).text
    refused = requests.get(link, headers={"Authorization": "Bearer x"}, timeout=10)
    assert refused.status_code == 401
    assert requests.get(link[:-1] + ("0" if link[-1] != "0" else "1"), timeout=10).status_code == 403
    hub.github.faults.add("expired-log-links", count=1)
    expired = client("GET", f"{hub.path}/actions/jobs/{job['id']}/logs").headers["Location"]
    assert requests.get(expired, timeout=10).status_code == 403
    assert (
        b"hi"
        in requests.get(
            client("GET", f"{hub.path}/actions/jobs/{job['id']}/logs").headers["Location"], timeout=10
        ).content
    )


def test_faults_are_switched_through_the_control_endpoint_with_its_token(hub: Hub) -> None:
    stranger = hub.engineer()
    assert stranger("GET", "/_embedded/faults").status_code == 401
    control = hub.client(hub.github.control_token)
    made = control.ok("POST", "/_embedded/faults", {"kind": "status", "code": 502, "path": "/user"})
    assert made["code"] == 502
    assert stranger("GET", "/user").status_code == 502
    control.ok("DELETE", "/_embedded/faults")
    assert stranger("GET", "/user").status_code == 200
    assert control("POST", "/_embedded/faults", {"kind": "status", "what": 1}).status_code == 400


def test_other_controls_can_be_registered(hub: Hub) -> None:
    hub.github.register_control("/_embedded/status", lambda request: {"asked": request.args.get("q")})
    assert hub.client(hub.github.control_token).ok("GET", "/_embedded/status?q=now") == {"asked": "now"}
