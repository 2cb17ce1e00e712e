"""Finding and starting the user's own Prefect server; a small stand-in answers where Prefect's would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tasks.systems import prefect_server
from tasks.systems.prefect_server import NotServing, Starting

pytestmark = pytest.mark.processes
STAND_IN = """
import http.server, json, os, pathlib, sys
place = pathlib.Path(sys.argv[2])
with (place / "starts").open("a") as starts:
    starts.write("started\\n")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if (place / "busy").exists() else 200)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
address = f"http://127.0.0.1:{server.server_address[1]}"
about = {"api_url": f"{address}/api", "ui_url": address, "auth": "a:b", "pid": os.getpid()}
new = place / "new"
new.write_text(json.dumps(about))
new.replace(place / "server.json")
server.serve_forever()
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "deployments").mkdir()
    (tmp_path / "deployments" / "__init__.py").touch()
    (tmp_path / "deployments" / "prefect_server.py").write_text(STAND_IN)
    monkeypatch.chdir(tmp_path)  # `python -m` looks there first
    return tmp_path


@pytest.fixture
def place(root: Path) -> Iterator[Path]:
    directory = root / "prefect"
    yield directory
    prefect_server.stop(directory)


def starts(place: Path) -> int:
    return len((place / "starts").read_text().splitlines())


def test_a_server_that_is_too_busy_to_answer_is_waited_for_and_not_doubled(root: Path, place: Path) -> None:
    first = Starting(place, root).ready(60)
    (place / "busy").touch()
    assert prefect_server.find(place) is None
    second = Starting(place, root)
    assert (place / "server.json").exists()
    (place / "busy").unlink()
    assert second.ready(60) == first
    assert starts(place) == 1


def test_a_server_that_ends_while_it_is_waited_for_is_started_again(root: Path, place: Path) -> None:
    first = Starting(place, root).ready(60)
    (place / "busy").touch()
    second = Starting(place, root)
    assert first.pid is not None
    process = psutil.Process(first.pid)
    process.kill()
    process.wait(10)
    (place / "busy").unlink()
    assert second.ready(60).pid != first.pid
    assert starts(place) == 2


def test_a_server_that_lives_and_never_answers_is_named(root: Path, place: Path) -> None:
    first = Starting(place, root).ready(60)
    (place / "busy").touch()
    with pytest.raises(NotServing, match=f"process {first.pid} .* flows.deactivate"):
        Starting(place, root).ready(0.5)
    assert starts(place) == 1
