"""What the executor finds at its host: caches by ref, artifacts by name, tokens that end with their job."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.embedded.github.actions.concurrency import Concurrency
from deployments.embedded.github.actions.host import RunHost
from deployments.embedded.github.records.actions import Attempt, Run
from deployments.embedded.runner.interface import ArtifactExistsError, JobRecord
from tests.embedded.github.conftest import Hub

pytestmark = pytest.mark.processes


def host(hub: Hub, ref: str = "refs/heads/main", number: int = 1) -> RunHost:
    forge = hub.github.forge
    now = forge.now()
    attempt = Attempt(
        number=1, status="in_progress", conclusion=None, started_at=now, updated_at=now, actor="dev"
    )
    run = Run(
        id=number,
        repository_id=hub.repository.id,
        workflow_id=1,
        workflow_name="CI",
        path=".github/workflows/ci.yml",
        event="push",
        ref=ref,
        sha="0" * 40,
        actor="dev",
        payload={},
        inputs={},
        number=1,
        title="CI",
        created_at=now,
        visible_at=now,
        attempts=(attempt,),
        suite_id=2,
    )
    return RunHost(
        forge=forge,
        gates=hub.github.engine.gates,
        concurrency=Concurrency(),
        repository=hub.repository,
        run=run,
        cancel=threading.Event(),
        changed=lambda _: None,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(b"bytes")
    return path


def test_a_cache_of_a_branch_is_its_own_and_the_default_branchs_is_everybodys(
    hub: Hub, archive: Path
) -> None:
    assert host(hub, "refs/heads/feature").save_cache("cargo-1", "v", archive)
    assert host(hub).find_cache(["cargo-1"], "v") is None
    assert host(hub).save_cache("cargo-1", "v", archive)
    found = host(hub, "refs/heads/other").find_cache(["cargo-2", "cargo-"], "v")
    assert found is not None
    assert (found.key, found.archive.read_bytes()) == ("cargo-1", b"bytes")


def test_a_cache_key_is_taken_once_and_a_version_is_part_of_it(hub: Hub, archive: Path) -> None:
    assert host(hub).save_cache("cargo-1", "v", archive)
    assert not host(hub).save_cache("cargo-1", "v", archive)
    assert host(hub).find_cache(["cargo-1"], "other") is None


def test_the_newest_of_a_prefix_wins_and_an_exact_key_before_it(hub: Hub, archive: Path) -> None:
    for key in ("cargo-1", "cargo-2"):
        assert host(hub).save_cache(key, "v", archive)
    newest, exact = (host(hub).find_cache(keys, "v") for keys in (["cargo-9", "cargo-"], ["cargo-1"]))
    assert (newest and newest.key, exact and exact.key) == ("cargo-2", "cargo-1")


def test_an_artifact_name_is_taken_once_in_a_run(hub: Hub, archive: Path) -> None:
    one = host(hub)
    one.save_artifact("made", archive, overwrite=False, retention_days=None)
    with pytest.raises(ArtifactExistsError):
        one.save_artifact("made", archive, overwrite=False, retention_days=None)
    again = one.save_artifact("made", archive, overwrite=True, retention_days=1)
    assert [item.id for item in one.artifacts()] == [again.id]
    assert host(hub, number=2).artifacts() == []


def test_a_jobs_token_has_its_permissions_and_ends_with_the_job(hub: Hub) -> None:
    job = JobRecord(id=7, key="a", name="a", status="in_progress", created_at="2026-11-22T00:00:00Z")
    one = host(hub)
    one.job_changed(job)
    token = one.token_for(job, {"contents": "read", "actions": "none"})
    client = hub.client(token)
    assert client("GET", f"{hub.path}/branches").status_code == 200
    assert client("GET", f"{hub.path}/actions/runs").status_code == 403
    assert client("POST", f"{hub.path}/git/refs", {"ref": "refs/heads/x", "sha": "0"}).status_code == 403
    assert client("GET", f"{hub.path}/branches").headers["X-RateLimit-Limit"] == "1000"
    one.job_changed(replace(job, status="completed", conclusion="success"))
    assert client("GET", f"{hub.path}/branches").status_code == 401
