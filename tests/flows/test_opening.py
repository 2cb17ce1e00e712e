from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flows import running
from flows.asked import Asked
from flows.opening import Unwritten, placed, session_of, since_the_last_end
from flows.worlds import AwsKeys, LeftLoopback, Place
from tasks.domain.journal import Entry
from tasks.domain.mistake import Mistaken
from tasks.domain.phase import Phase
from tasks.domain.settings import WorldKind

MANIFEST = '[package]\nname = "app"\nversion = "0.2.0"\nedition = "2021"\n'


def git(path: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", *identity, *arguments], cwd=path, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "app"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch", "main")
    git(path, "remote", "add", "origin", "git@github.com:acme/app.git")
    (path / "Cargo.toml").write_text(MANIFEST)
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "Begin")
    return path


def environment(state: Path) -> dict[str, str]:
    return {"ACTIVATION_STATE_DIR": str(state), "PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "http://10.0.0.1:8080", "http://127.0.0.1.example.com", "http://[::2]"]
)
def test_a_rehearsal_refuses_every_address_beyond_this_machine(url: str, tmp_path: Path) -> None:
    with pytest.raises(LeftLoopback):
        Place(kind=WorldKind.EMBEDDED, key="main", repository=tmp_path, api_url=url)
    with pytest.raises(LeftLoopback):
        Place(kind=WorldKind.EMBEDDED, key="main", repository=tmp_path, aws=AwsKeys(endpoint_url=url))


def test_a_rehearsal_refuses_the_default_aws(tmp_path: Path) -> None:
    with pytest.raises(LeftLoopback):
        Place(kind=WorldKind.EMBEDDED, key="main", repository=tmp_path, aws=AwsKeys())


def test_credentials_are_never_shown(tmp_path: Path) -> None:
    place = Place(
        kind=WorldKind.LIVE,
        key="live",
        repository=tmp_path,
        token="a-secret",
        aws=AwsKeys(secret_access_key="another-secret"),
    )
    assert "secret" not in repr(place).replace("secret_access_key", "")


@pytest.mark.processes
def test_what_is_no_repository_and_what_is_misspelt_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "activation.toml").write_text('[aws]\nregoin = "x"\n')
    with pytest.raises(Mistaken) as caught:
        placed(Asked(command="activate", repository=tmp_path), environment(tmp_path))
    assert [mistake.message for mistake in caught.value.mistakes] == [
        "unknown key aws.regoin",
        "is no git repository",
    ]


@pytest.mark.processes
def test_a_repository_without_a_commit_is_told_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(Mistaken, match="has no commit yet"):
        placed(Asked(command="activate", repository=tmp_path), environment(tmp_path))


@pytest.mark.processes
def test_a_live_run_without_a_token_is_told_so(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(Mistaken, match="no GitHub token"):
        placed(Asked(command="activate", repository=repository, live=True), environment(tmp_path))


@pytest.mark.processes
def test_an_offline_session_is_discovered_from_the_commit_and_writes_no_journal(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "Cargo.toml").write_text(MANIFEST.replace("0.2.0", "0.3.0"))
    asked = Asked(command="preflight", repository=repository, offline=True)
    session = session_of(asked, environment(tmp_path / "state"), lambda _: None)
    assert session.settings.full_name == "acme/app"
    assert session.settings.tag == "v0.2.0"
    assert list(session.steps) == [Phase.PREFLIGHT]
    assert isinstance(session.journal, Unwritten)
    assert not session.files.journal.exists()


def test_a_run_that_only_looks_cannot_act() -> None:
    with pytest.raises(AssertionError, match="only looks"):
        Unwritten().intend("bucket", "create", "s3://x")


def test_effects_of_an_interrupted_run_are_named_until_a_run_came_to_its_end() -> None:
    def entry(number: int, kind: str, topic: str = "") -> Entry:
        return Entry(
            number=number, at="", kind=kind, id=str(number), fields={"topic": topic} if topic else {}
        )

    interrupted = [entry(1, "note", "start"), entry(2, "intent")]
    assert [one.number for one in since_the_last_end(interrupted)] == [2]
    assert since_the_last_end([*interrupted, entry(3, "note", "end")]) == ()


def test_a_mistake_is_told_before_a_prefect_server_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "activation.toml"
    config.write_text('[aws]\nregion = "nowhere"\n')
    begun: list[object] = []
    monkeypatch.setattr("flows.prefect_client.begin", lambda *_, **__: begun.append(1))
    state = {"ACTIVATION_STATE_DIR": str(tmp_path / "state")}
    with pytest.raises(Mistaken, match=r"aws\.region"):
        running.activate(Asked(command="activate", config=config, quiet=True), state)
    assert begun == []
