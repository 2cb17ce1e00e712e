"""The whole command in each world, as a person types it: what it puts right, whom it asks, what it writes."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from deployments.embedded import client
from deployments.embedded.aws import EmbeddedAws
from deployments.embedded.github import EmbeddedGitHub
from tests.checks.test_secrets import github_token
from tests.flows.test_odd_repositories import CI, FILES, git, repository
from tests.guard import is_loopback
from tests.reports.test_renderers import Page

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[2]
EXECUTABLE = "workflow-script-executable"
WRONG: Mapping[str, str | bytes] = {
    **FILES,
    CI: f"{FILES[CI]!s}      - run: ./tools/check.sh\n",
    "tools/check.sh": "#!/bin/sh\n",
    "src/main.rs": "fn main( ) { }\n",
    "activation.toml": '[aws]\nregion = "us-west-2"\nartifact_bucket = "own-moon-artifacts"\n\n'
    "[budget]\ndaily_usd = 5\n",
}
HEAR = """\
import os, sys
heard = os.open(os.environ["HEARD_HOSTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)
def hear(event, arguments):
    host = None
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        host = arguments[1][0] if isinstance(arguments[1], tuple) and arguments[1] else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    if host is not None:
        os.write(heard, f"{os.getpid()} {host if isinstance(host, str) else os.fsdecode(host)}\\n".encode())
sys.addaudithook(hear)
"""
ALONE = """\
import fcntl, os, socket, struct, sys
with socket.socket() as any_:  # the loopback of a new network is down at first
    fcntl.ioctl(any_, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def moon(tmp_path: Path) -> Path:
    path = repository(tmp_path / "moon", WRONG)
    git(path, "remote", "add", "origin", "https://github.com/own/moon.git")
    return path


@pytest.fixture
def rehearsed(state: Path) -> Iterator[Path]:
    yield state
    client.stop(state)


def typed(
    *arguments: str, environment: Mapping[str, str] | None = None, before: tuple[str, ...] = ()
) -> tuple[int, Any]:
    """Run the command as a person does; return its exit code and its JSON."""
    command = [*(before or (sys.executable,)), "-m", "flows.preflight", *arguments, "--json", "--quiet"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr
    return done.returncode, json.loads(done.stdout)


def put_right(path: Path, report: Any) -> None:
    """The user's own directory has what --fix does, nothing of it is committed, and the report says so."""
    notes = "\n".join(report["notes"])
    assert f"put right {EXECUTABLE} of tools/check.sh: `git update-index" in notes
    assert "put right cargo-fmt: `cargo fmt --all`" in notes
    assert (path / "tools/check.sh").stat().st_mode & 0o111
    assert (path / "src/main.rs").read_text() == "fn main() {}\n"
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=path, capture_output=True, text=True, check=True
    )
    assert sorted(status.stdout.splitlines()) == [" M src/main.rs", "M  tools/check.sh"]
    (left,) = [one for one in report["findings"] if one["check"] == EXECUTABLE]
    assert left["message"].endswith("; fixed in the work tree (tools/check.sh), not committed")


def test_a_rehearsal_puts_right_what_it_can_in_the_directory_and_not_in_its_clone(
    moon: Path, rehearsed: Path
) -> None:
    code, report = typed(str(moon), "--fix")
    assert (code, report["world"]) == (3, "embedded")
    put_right(moon, report)
    (clone,) = rehearsed.glob("worlds/*/clones/own/moon")
    assert (clone / "src/main.rs").read_text() == WRONG["src/main.rs"]


def test_live_puts_right_what_it_can_and_asks_only_the_addresses_it_is_given(
    moon: Path, state: Path, tmp_path: Path
) -> None:
    github = EmbeddedGitHub(tmp_path / "github", world_id="test-whole")
    github.start()
    aws = EmbeddedAws(tmp_path / "aws", world_id="test-whole", issuer_url=None)
    aws.start()
    try:
        github.add_user("own", plan="pro")
        github.add_repository("own", "moon")
        token = github.add_token(kind="classic", login="own", scopes=["repo", "workflow"])
        key = aws.credentials
        given = {
            "GITHUB_API_URL": github.api_url,
            "GITHUB_TOKEN": token,
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        }
        code, report = typed(str(moon), "--live", "--fix", environment={**given, **listening(tmp_path)})
        asked = {call.operation for call in aws.journal.calls()}
    finally:
        aws.stop()
        github.stop()
    assert (code, report["world"]) == (3, "live")
    put_right(moon, report)
    assert "GetCallerIdentity" in asked
    assert beyond(tmp_path) == []
    assert state.is_dir()


def listening(directory: Path) -> dict[str, str]:
    """Return the environment in which every Python process writes down whom it asks."""
    (directory / "hook").mkdir()
    (directory / "hook" / "sitecustomize.py").write_text(HEAR)
    return {"PYTHONPATH": str(directory / "hook"), "HEARD_HOSTS": str(directory / "heard")}


def beyond(directory: Path) -> list[str]:
    """Return whom else than this machine somebody asked."""
    heard = [line.split(" ", 1) for line in (directory / "heard").read_text().splitlines()]
    assert len({pid for pid, host in heard if is_loopback(host)}) >= 1  # the hook does hear
    return sorted({host for _, host in heard if not is_loopback(host)})


def _may_be_alone() -> bool:
    try:
        return subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def answers(code: int, report: Any) -> tuple[int, list[tuple[str, str, str]]]:
    """Return what a run says, without times and places of its own."""
    return code, sorted((one["check"], one["subject"], one["verdict"]) for one in report["findings"])


def test_a_whole_rehearsal_reaches_loopback_only_and_says_the_same_where_there_is_no_network(
    moon: Path, rehearsed: Path, tmp_path: Path
) -> None:
    code, report = typed(str(moon), environment=listening(tmp_path))
    assert (code, report["world"]) == (3, "embedded")
    steps = {step["step"] for phase in report["phases"] for step in phase["steps"]}
    assert {"aws", "github"} <= steps  # both were asked
    assert beyond(tmp_path) == []
    if not _may_be_alone():
        return  # this system lets nobody make a network of his own
    client.stop(rehearsed)
    (tmp_path / "alone.py").write_text(ALONE)
    alone = typed(str(moon), before=("unshare", "-rn", sys.executable, str(tmp_path / "alone.py")))
    assert answers(*alone) == answers(code, report)


def test_the_page_of_a_whole_run_shows_no_secret_and_asks_for_nothing(tmp_path: Path, state: Path) -> None:
    token, odd = github_token(), "sk<live>&'\"token"
    files = {
        **WRONG,
        "run.sh": f"#!/bin/sh\ncurl -H 'Authorization: Bearer {token}' https://api.github.com/user\n",
        ".github/workflows/odd.yml": str(FILES[CI]).replace(
            "--bin other", "--bin '<script>alert(1)</script>'"
        ),
    }
    path = repository(tmp_path / "moon", files)
    place = tmp_path / "page.html"
    code, report = typed(
        str(path),
        "--offline",
        "--report",
        str(place),
        environment={"SOME_PASSWORD": odd, "GITHUB_TOKEN": token},
    )
    assert code == 3
    text = place.read_text(encoding="utf-8")
    read = Page()
    read.feed(text)
    assert (read.open, read.asked) == ([], [])
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(read.tags)
    assert "url(" not in text
    assert "@import" not in text
    for one in report["findings"]:
        assert one["remedy"] is None or one["remedy"]["summary"] in read.text, one
    assert "GitHub token: ghp_..." in read.text
    for secret in (token, odd):
        plain = secret.encode()
        forms = (secret, base64.b64encode(plain).decode().rstrip("="), plain.hex(), quote(secret, safe=""))
        for form in forms:
            assert form not in text
            assert form not in json.dumps(report)
    assert state.is_dir()
