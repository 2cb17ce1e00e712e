"""The descriptor of a world: for its user only, and showing nothing that opens a door."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.embedded import connection
from deployments.embedded.connection import Connection


@pytest.fixture
def made(tmp_path: Path) -> Connection:
    return Connection(
        directory=tmp_path,
        scenario=None,
        world_id="abc",
        pid=1,
        created=2.0,
        control_url="http://127.0.0.1:1/_embedded",
        control_token="hidden-control",
        github_api_url="http://127.0.0.1:1",
        github_blob_url="http://127.0.0.1:2",
        git_url="http://127.0.0.1:1",
        github_login="engineer",
        github_token="hidden-github",
        aws_endpoint="http://127.0.0.1:3",
        aws_region="us-west-2",
        aws_account="123456789012",
        aws_access_key_id="AKIA",
        aws_secret_access_key="hidden-aws",
    )


def test_what_is_written_is_read_and_only_the_user_can(made: Connection, tmp_path: Path) -> None:
    made.write()
    assert connection.read(tmp_path) == made
    assert stat.S_IMODE((tmp_path / connection.FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [connection.FILE]


def test_a_connection_shows_no_secret(made: Connection) -> None:
    assert "hidden" not in repr(made)


def test_a_file_of_another_version_is_no_world(made: Connection, tmp_path: Path) -> None:
    assert connection.read(tmp_path) is None
    (tmp_path / connection.FILE).write_text('{"pid": 1}')
    assert connection.read(tmp_path) is None
    (tmp_path / connection.FILE).write_text("{")
    assert connection.read(tmp_path) is None


def test_a_clone_address_is_owner_and_name_behind_gits(made: Connection) -> None:
    assert replace(made, git_url="http://h").clone_url("acme", "moon") == "http://h/acme/moon.git"
