from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tasks.domain.health import ServiceAnswer, ServiceState
from tasks.domain.settings import Environment
from tasks.steps.health import service_state
from tasks.systems.http import Http, HttpFailure


@pytest.fixture
def server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/moved"):
                self.send_response(302)
                self.send_header("Location", "/version")
                self.end_headers()
                return
            body = {"/version": b'{"version": "v0.1.0", "artifact_sha256": "ab"}', "/healthz": b"ok"}.get(
                self.path
            )
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"nothing here")

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()
    thread.join()


def test_an_answer_is_data_whatever_its_status(server: str) -> None:
    answer = Http().get(f"{server}/missing", timeout=5)
    assert (answer.status, answer.text) == (404, "nothing here")
    with pytest.raises(HttpFailure, match="answered 404"):
        answer.checked()


def test_a_redirect_is_followed_or_shown_as_asked(server: str) -> None:
    assert Http().get(f"{server}/moved", timeout=5).status == 200
    assert Http().get(f"{server}/moved", timeout=5, follow=False).headers["location"] == "/version"


def test_nobody_listening_is_a_failure_that_says_where_without_the_query() -> None:
    closed = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    closed.server_close()
    url = f"http://127.0.0.1:{closed.server_port}/log"
    with pytest.raises(HttpFailure, match=f"{url} does not answer") as failed:
        Http().get(f"{url}?signature=secret", timeout=2)
    assert "secret" not in str(failed.value)


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Http().get(f"{server}/healthz", timeout=5).text == "ok"


def test_a_service_states_its_own_health_version_and_sum(server: str) -> None:
    state = service_state(Http(), f"{server}/", Environment(name="staging"))
    assert (state.healthy, state.version, state.sha256) == (True, "0.1.0", "ab")
    assert state.problem("0.1.0") is None
    assert state.problem("0.2.0") == state.version_answer


def test_no_answer_is_not_healthy_and_says_why() -> None:
    none = ServiceAnswer(url="http://127.0.0.1:1/healthz", status=None, text="does not answer")
    state = ServiceState(health=none, version_answer=none)
    assert (state.healthy, state.version, state.problem("0.1.0")) == (False, None, none)


@pytest.mark.parametrize(
    ("text", "version"), [("0.1.0\n", "0.1.0"), ('"x"', None), ("[]", None), ("<html>" * 20, None)]
)
def test_a_version_is_read_from_json_or_a_plain_word_and_never_invented(
    text: str, version: str | None
) -> None:
    answer = ServiceAnswer(url="u", status=200, text=text)
    assert ServiceState(health=answer, version_answer=answer).version == version
