"""The stand-ins that talk to the world's own servers, against a small server of the test's."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deployments.embedded.runner.interface import OidcEndpoint
from tests.embedded.runner.bench import Bench

pytestmark = pytest.mark.processes

ASSUMED = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><R>
<Credentials><AccessKeyId>ASIAKEYOFTHEROLE</AccessKeyId><SecretAccessKey>secret-of-the-role</SecretAccessKey>
<SessionToken>session-of-the-role</SessionToken></Credentials></R></AssumeRoleWithWebIdentityResponse>"""
DENIED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>AccessDenied</Code>
<Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>"""


class World:
    """A server that plays the issuer, the token service and the releases, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.denied = False
        self.releases: list[dict[str, Any]] = []
        world = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                world.asked.append((self.command, self.path, body))
                status, content = world.reply(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            # The names are the base class's.
            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def reply(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if path.startswith("/token"):
            return 200, json.dumps({"value": "the-identity-token"}).encode()
        if path == "/" and method == "POST":
            return (403, DENIED.encode()) if self.denied else (200, ASSUMED.encode())
        if path.startswith("/upload"):
            return 201, b"{}"
        if method == "GET":
            return 200, json.dumps(self.releases).encode()
        release = {"id": 5, "html_url": "h", "upload_url": f"{self.url}/upload{{?name}}", "assets": []}
        release = {**release, **json.loads(body)}
        self.releases[:] = [release]
        return 201 if method == "POST" else 200, json.dumps(release).encode()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    thread = threading.Thread(target=world.server.serve_forever, daemon=True)
    thread.start()
    yield world
    world.server.shutdown()
    world.server.server_close()
    thread.join()


CONFIGURE = """
on: push
permissions: {id-token: write}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with: {aws-region: us-west-2, role-to-assume: "arn:aws:iam::123456789012:role/deploy"}
      - run: test "$AWS_REGION $AWS_ACCESS_KEY_ID" = "us-west-2 ASIAKEYOFTHEROLE"
      - run: echo "$AWS_SECRET_ACCESS_KEY"
"""


def test_an_identity_token_becomes_credentials_that_no_log_shows(bench: Bench, world: World) -> None:
    bench.host.oidc = OidcEndpoint(url=f"{world.url}/token?run=7", token="bearer-of-the-job")
    result = bench.run(CONFIGURE, environment={"AWS_ENDPOINT_URL": world.url})
    log = bench.log(result.jobs[0])
    assert result.conclusion == "success", log
    assert "secret-of-the-role" not in log
    assert world.asked[0][1] == "/token?run=7&audience=sts.amazonaws.com"
    assert b"WebIdentityToken=the-identity-token" in world.asked[1][2]


def test_a_role_that_does_not_trust_the_job_fails_in_awss_words(bench: Bench, world: World) -> None:
    world.denied = True
    bench.host.oidc = OidcEndpoint(url=f"{world.url}/token?run=7", token="bearer-of-the-job")
    result = bench.run(CONFIGURE, environment={"AWS_ENDPOINT_URL": world.url})
    assert result.conclusion == "failure"
    message = "Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    assert result.jobs[0].annotations[0].message == message


def test_a_release_is_a_draft_until_its_assets_are_there(bench: Bench, world: World) -> None:
    text = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir dist; echo 1 > dist/a; echo 2 > dist/b
      - id: r
        uses: softprops/action-gh-release@v2
        with: {files: "dist/*", fail_on_unmatched_files: true}
      - run: test "${{ steps.r.outputs.id }}" = 5
"""
    result = bench.run(text, ref="refs/tags/v1", api_url=world.url)
    assert result.conclusion == "success", bench.log(result.jobs[0])
    assert [(method, path.partition("?")[0]) for method, path, _ in world.asked] == [
        ("GET", "/repos/acme/thing/releases"),
        ("POST", "/repos/acme/thing/releases"),
        ("POST", "/upload"),
        ("POST", "/upload"),
        ("PATCH", "/repos/acme/thing/releases/5"),
    ]
    assert json.loads(world.asked[1][2])["draft"] is True
    assert json.loads(world.asked[-1][2]) == {"draft": False}


def test_a_pattern_without_files_fails_before_anything_is_made(bench: Bench, world: World) -> None:
    text = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{uses: softprops/action-gh-release@v2, with: {files: "none/*", fail_on_unmatched_files: true}}]
"""
    result = bench.run(text, ref="refs/tags/v1", api_url=world.url)
    assert result.conclusion == "failure"
    assert world.asked == []
