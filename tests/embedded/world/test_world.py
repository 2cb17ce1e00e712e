"""What a command asks of a running world: rehearsals that are left as they were, secrets, remedies."""

import io
import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from deployments.embedded import __main__ as commands
from deployments.embedded import client
from deployments.embedded.connection import Connection
from deployments.embedded.processes import WORLD_MARKER

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def state_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("worlds")
    yield made
    client.stop(made)


@pytest.fixture(scope="module")
def connection(state_of_module: Path) -> Connection:
    return client.connect(state_of_module)


def git(path: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", path, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def remote_heads(url: str) -> dict[str, str]:
    listed = subprocess.run(["git", "ls-remote", url], capture_output=True, text=True, check=True).stdout
    return {ref: sha for sha, ref in (line.split("\t") for line in listed.splitlines())}


def test_the_remote_of_the_sample_has_only_its_beginning(connection: Connection) -> None:
    rehearsal = client.rehearse_sample(connection)
    heads = remote_heads(rehearsal.remote_url)
    assert heads["refs/heads/main"] == git(rehearsal.path, "rev-parse", "origin/main")
    assert git(rehearsal.path, "rev-list", "--count", "origin/main..main") == "5"


def test_somebodys_repository_is_rehearsed_and_its_remote_stays_as_it_was_left(
    connection: Connection, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    subprocess.run(["git", "init", "-q", "-b", "trunk", theirs], check=True)
    git(theirs, "config", "user.name", "Somebody")
    git(theirs, "config", "user.email", "some@body.example")
    git(theirs, "remote", "add", "origin", "git@github.com:somebody/thing.git")
    git(theirs, "commit", "-q", "--allow-empty", "-m", "first")
    first = git(theirs, "rev-parse", "HEAD")
    git(theirs, "update-ref", "refs/remotes/origin/trunk", first)
    git(theirs, "commit", "-q", "--allow-empty", "-m", "second")

    rehearsal = client.rehearse(connection, theirs)
    assert (rehearsal.owner, rehearsal.name, rehearsal.branch) == ("somebody", "thing", "trunk")
    assert remote_heads(rehearsal.remote_url)["refs/heads/trunk"] == first
    assert git(rehearsal.path, "rev-parse", "origin/trunk") == first

    git(theirs, "commit", "-q", "--allow-empty", "-m", "third")
    again = client.rehearse(connection, theirs)
    assert again == rehearsal
    assert git(again.path, "rev-parse", "HEAD") == git(theirs, "rev-parse", "HEAD")
    assert remote_heads(again.remote_url)["refs/heads/trunk"] == first


def begun(path: Path, origin: str, message: str = "first") -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)
    git(path, "config", "user.name", "Somebody")
    git(path, "config", "user.email", "some@body.example")
    git(path, "remote", "add", "origin", origin)
    git(path, "commit", "-q", "--allow-empty", "-m", message)
    return path


def test_another_repository_of_a_name_that_the_world_knows_is_refused_with_what_helps(
    connection: Connection, tmp_path: Path
) -> None:
    (tmp_path / "else").mkdir()
    origin = "git@github.com:somebody/twice.git"
    one = begun(tmp_path / "twice", origin)
    git(one, "update-ref", "refs/remotes/origin/main", git(one, "rev-parse", "HEAD"))
    git(one, "commit", "-q", "--allow-empty", "-m", "more")
    two = begun(tmp_path / "else" / "twice", origin, "of its own")
    clone = client.rehearse(connection, one).path
    head = git(clone, "rev-parse", "HEAD")
    with pytest.raises(client.Refused, match="is another repository than the somebody/twice") as refused:
        client.rehearse(connection, two)
    assert "no commit in common" in str(refused.value)
    assert git(clone, "rev-parse", "HEAD") == head  # what is rehearsed already is left alone
    subprocess.run(["sh", "-c", str(refused.value).split("`")[1]], check=True)
    assert client.rehearse(connection, two).name == "twice-2"
    git(one, "commit", "-q", "--allow-empty", "-m", "second")
    assert client.rehearse(connection, one).name == "twice"


def test_a_copy_of_the_sample_with_a_history_of_its_own_is_another_repository(
    connection: Connection, tmp_path: Path
) -> None:
    client.rehearse_sample(connection)
    made = client.rehearse(connection, begun(tmp_path / "copy", "https://github.com/acme/moonphase.git"))
    assert (made.owner, made.name) == ("local", "moonphase")
    assert "acme/moonphase is the bundled sample here: this is rehearsed as local/moonphase" in made.notes
    sample = client.rehearse_sample(connection).path
    git(tmp_path, "clone", "-q", str(sample), "clone")
    git(tmp_path / "clone", "remote", "set-url", "origin", "https://github.com/acme/moonphase.git")
    assert client.rehearse(connection, tmp_path / "clone").owner == "acme"


def test_a_directory_that_cannot_be_rehearsed_is_told_why(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(client.WorldError, match="is not a git repository"):
        client.rehearse(connection, tmp_path)


def test_a_secret_is_set_by_hand_and_its_value_is_not_shown(
    connection: Connection,
    state_of_module: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client.rehearse_sample(connection)
    monkeypatch.setattr("sys.stdin", io.StringIO("very hidden\n"))
    assert commands.main(["secret", "SIGNING_KEY", "--state", str(state_of_module)]) == 0
    shown = capsys.readouterr().out
    assert shown == "SIGNING_KEY is set in acme/moonphase\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))
    wrong = ["secret", "X", "--repository", "no/where", "--state", str(state_of_module)]
    assert commands.main(wrong) == 1
    assert "there is no repository no/where" in capsys.readouterr().err


def test_a_secret_gets_a_random_value_when_asked_and_none_without_a_value(
    connection: Connection,
    state_of_module: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.rehearse_sample(connection)
    asked = ["secret", "RANDOM_KEY", "--state", str(state_of_module)]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert commands.main(asked) == 2
    assert "was given no value" in capsys.readouterr().out
    assert commands.main([*asked, "--random", "--environment", "staging"]) == 0
    assert "set in staging of acme/moonphase to a new random value" in capsys.readouterr().out


def test_a_variable_and_an_environment_are_made_by_hand(
    connection: Connection,
    state_of_module: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.rehearse_sample(connection)
    state = ["--state", str(state_of_module)]
    monkeypatch.setattr("sys.stdin", io.StringIO("moon.example\n"))
    assert commands.main(["variable", "HOST", *state]) == 0
    assert capsys.readouterr().out == "HOST is set in acme/moonphase\n"
    kept = asked(connection, "/repos/acme/moonphase/actions/variables/HOST")
    assert kept["value"] == "moon.example"
    assert commands.main(["variable", "HOST", *state]) == 2
    assert "was given no value" in capsys.readouterr().out
    assert commands.main(["environment", "canary", *state]) == 0
    assert capsys.readouterr().out == "acme/moonphase has the environment canary\n"
    assert asked(connection, "/repos/acme/moonphase/environments/canary")["name"] == "canary"


def test_the_log_of_a_job_is_printed_and_stands_on_its_page_until_there_is_none(
    connection: Connection, state_of_module: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    theirs = tmp_path / "loud"
    subprocess.run(["git", "init", "-q", "-b", "main", theirs], check=True)
    git(theirs, "config", "user.name", "Somebody")
    git(theirs, "config", "user.email", "some@body.example")
    git(theirs, "commit", "-q", "--allow-empty", "-m", "first")
    (theirs / ".github/workflows").mkdir(parents=True)
    (theirs / ".github/workflows/ci.yml").write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo loud; exit 3\n"
    )
    git(theirs, "add", "--all")
    git(theirs, "commit", "-q", "-m", "second")
    rehearsal = client.rehearse(connection, theirs)
    name = f"{rehearsal.owner}/{rehearsal.name}"
    url = rehearsal.remote_url.replace("://", f"://x-access-token:{connection.github_token}@")
    git(rehearsal.path, "push", "-q", url, "main")
    job = ended_job(connection, name)
    assert commands.main(["log", str(job["id"]), "--state", str(state_of_module)]) == 0
    assert "loud" in capsys.readouterr().out
    for page in (job["html_url"], job["html_url"].rpartition("/job/")[0]):
        with urllib.request.urlopen(page) as shown:
            assert shown.status == 200
            assert b"exit" in shown.read()
    again = ["rerun", str(job["run_id"]), "--repository", name, "--state", str(state_of_module)]
    assert commands.main(again) == 0
    assert ended_job(connection, name, attempt=2)["run_attempt"] == 2
    assert commands.main(["log", "1", "--state", str(state_of_module)]) == 1
    assert "no log of a job 1" in capsys.readouterr().err


def test_the_embedded_aws_is_asked_by_hand_and_no_other(
    connection: Connection,
    state_of_module: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")
    asked = ["aws", "--state", str(state_of_module), "sts", "get-caller-identity"]
    assert commands.main(asked) == 0
    assert json.loads(capsys.readouterr().out)["Account"] == connection.aws_account


def ended_job(connection: Connection, name: str, attempt: int = 1) -> Any:
    """Wait for the only job of a repository's only run to end."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runs = asked(connection, f"/repos/{name}/actions/runs")["workflow_runs"]
        if runs and (runs[0]["run_attempt"], runs[0]["status"]) == (attempt, "completed"):
            (job,) = asked(connection, f"/repos/{name}/actions/runs/{runs[0]['id']}/jobs")["jobs"]
            return job
        time.sleep(0.05)
    raise AssertionError("the run did not end")


def asked(connection: Connection, path: str) -> Any:
    request = urllib.request.Request(
        connection.github_api_url + path, headers={"Authorization": f"Bearer {connection.github_token}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_only_who_has_the_token_is_served(connection: Connection) -> None:
    with pytest.raises(client.WorldError, match="control token"):
        client.status(replace(connection, control_token="guessed"))


def test_the_plain_world_has_nothing_to_remedy(connection: Connection) -> None:
    with pytest.raises(client.WorldError, match="no scenario"):
        client.ask(connection, "remedy")


def test_what_a_killed_world_left_is_said_by_status(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = client.world_directory(state)
    directory.mkdir(parents=True)
    (directory / "memory.json").write_text(json.dumps({"world_id": f"left-{os.getpid()}", "scopes": []}))
    environment = {"PATH": os.environ["PATH"], WORLD_MARKER: f"left-{os.getpid()}"}
    with subprocess.Popen(["sleep", "60"], env=environment, start_new_session=True) as left:
        try:
            end = time.monotonic() + 10
            while WORLD_MARKER not in psutil.Process(left.pid).environ():  # empty for a moment after exec
                assert time.monotonic() < end
            assert commands.main(["status", "--state", str(state)]) == 0
            assert "main: was killed and left 1 process" in capsys.readouterr().out
            assert client.stop(state) == ["main"]
            assert left.wait(5) is not None
        finally:
            left.kill()
