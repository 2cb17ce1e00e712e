"""The flows on a real Prefect server of the tests' own."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.prefect_client import ROOT, begin
from tasks.systems import prefect_server
from tasks.systems.prefect_server import PrefectServer, Starting

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]
FAKES = Path(__file__).with_name("activation_of_fakes.py")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("state") / "prefect"
    try:
        Starting(directory, ROOT, ("--idle", "600")).ready(300)
        yield directory
    finally:
        assert prefect_server.stop(directory)
        assert prefect_server.processes(directory) == []


@pytest.fixture
def server(place: Path) -> PrefectServer:
    found = prefect_server.find(place)
    assert found is not None
    return found


def ask(server: PrefectServer, path: str, body: Any, *, auth: bool = True) -> Any:
    request = urllib.request.Request(f"{server.api_url}{path}", json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if auth:
        request.add_header("Authorization", "Basic " + base64.b64encode(str(server.auth).encode()).decode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def python(*arguments: str, home: Path) -> str:
    environment = {**os.environ, "PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_nobody_gets_in_without_the_password_and_the_password_is_private(
    place: Path, server: PrefectServer
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(server, "/flows/filter", {}, auth=False)
    assert refused.value.code == 401
    refused.value.close()
    for name in ("server.json", "password", "encryption.key"):
        assert stat.S_IMODE((place / name).stat().st_mode) == 0o600
    assert str(server.auth) not in repr(server)


def test_a_second_command_finds_the_server_that_is_there(place: Path, server: PrefectServer) -> None:
    assert begin(place.parent, {}, live=False).server == server
    assert Starting(place, ROOT).ready() == server


def test_a_rehearsal_does_not_report_to_another_machine(place: Path, server: PrefectServer) -> None:
    reporting = begin(place.parent, {"PREFECT_API_URL": "https://prefect.example/api"}, live=False)
    assert reporting.server == server
    assert "not on this machine" in reporting.notes[0]


def test_the_flow_shows_the_runbook_and_stores_no_credential(
    place: Path, server: PrefectServer, tmp_path: Path
) -> None:
    said = json.loads(python(str(FAKES), str(tmp_path), str(place), home=tmp_path))
    assert said["phases"] == {
        "preflight": "done",
        "provisioning": "failed",
        "first-run": "blocked",
        "release": "skipped",
    }
    assert said["notes"] == []
    assert said["attempts"] == {
        "fine": 1,
        "flaky": 2,
        "denied": 1,
    }  # what may pass is tried again, a denial is not
    assert said["steps"]["flaky"] == ["done", "seen at attempt 2"]
    assert said["steps"]["later"] == ["blocked", "comes after denied, which has failed"]
    flows = {run["name"]: run["state"]["name"] for run in ask(server, "/flow_runs/filter", {})}
    assert flows["activate the sample"] == "Failed"
    assert flows["preflight acme/moon"] == "Done"
    assert flows["first-run acme/moon"] == "Blocked"
    stored = b"".join(file.read_bytes() for file in (place / "home").glob("prefect.db*"))
    assert b"activate the sample" in stored
    assert b"a-token-that-must-not-be-stored" not in stored


@pytest.mark.parametrize(
    ("stopped", "why"), [("blocked", "denied: KEY is not set"), ("waiting", "denied: an approval is missing")]
)
def test_what_is_blocked_or_waits_is_not_shown_as_completed(
    server: PrefectServer, tmp_path: Path, place: Path, stopped: str, why: str
) -> None:
    python(str(FAKES), str(tmp_path), str(place), stopped, home=tmp_path)
    runs = {run["name"]: run for run in ask(server, "/flow_runs/filter", {})}
    whole, provisioning = runs[f"activate the sample ({stopped})"], runs[f"provisioning acme/{stopped}"]
    assert whole["parameters"]["scenario"] == stopped
    for run in (whole, provisioning):
        assert run["state"]["name"] == stopped.capitalize()
        assert run["state"]["type"] == "FAILED"
    assert whole["state"]["message"].endswith(f"provisioning {stopped}, first-run {stopped}, release skipped")
    assert provisioning["state"]["message"].startswith(why)  # not with what was skipped
    of_phase = {"flow_runs": {"id": {"any_": [provisioning["id"]]}}}
    found = ask(server, "/task_runs/filter", of_phase)
    tasks = {run["name"].split()[1]: run for run in found}
    assert tasks["denied"]["name"] == "The denied {step}"
    # Each tag of a task costs two questions to the server, for a limit that nobody sets.
    assert not any(run["tags"] for run in found)
    assert tasks["denied"]["state"]["name"] == stopped.capitalize()
    assert tasks["unneeded"]["state"]["type"] == "COMPLETED"
    assert [one["id"] for one in tasks["unneeded"]["task_inputs"]["wait_for"]] == [tasks["flaky"]["id"]]
    assert "next" not in tasks


@pytest.mark.end_to_end
def test_a_server_that_goes_away_in_the_middle_stops_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "prefect"
    try:
        Starting(directory, ROOT).ready(300)
        started = time.monotonic()
        said = json.loads(python(str(FAKES), str(tmp_path), str(directory), "provisioning", home=tmp_path))
        assert time.monotonic() - started < 120
        assert said["phases"] == {
            "preflight": "done",
            "provisioning": "failed",
            "first-run": "blocked",
            "release": "skipped",
        }
        assert said["steps"]["flaky"] == ["done", "seen at attempt 2"]
        assert "the Prefect server went away in the middle" in said["notes"][0]
    finally:
        prefect_server.stop(directory)


def test_what_is_deployed_can_be_loaded(tmp_path: Path) -> None:
    load = (
        "from prefect.flows import load_flow_from_entrypoint as load\n"
        "print(load('flows/activation.py:activation', use_placeholder_flow=False).name)"
    )
    assert python("-c", load, home=tmp_path).strip() == "activation"
