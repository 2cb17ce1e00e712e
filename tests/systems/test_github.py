from __future__ import annotations

import base64
import logging
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox

from deployments.embedded.github import EmbeddedGitHub
from tasks.domain.forge import ForgeEnvironments, TokenKind
from tasks.systems.github import (
    Denied,
    GitHub,
    GithubFailure,
    NotFound,
    Rejected,
    Throttled,
    Unreachable,
    clone_url,
)
from tasks.systems.github.environments import seal
from tasks.systems.github.errors import failure
from tasks.systems.github.repository import token_kind

pytestmark = pytest.mark.processes


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedGitHub]:
    github = EmbeddedGitHub(tmp_path, world_id="test-adapter")
    github.start()
    github.add_user("acme")
    github.add_repository("acme", "moon")
    yield github
    github.stop()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def github(embedded: EmbeddedGitHub, waits: list[float]) -> GitHub:
    token = embedded.add_token(kind="classic", login="acme", scopes=["repo", "workflow"])
    return GitHub(api_url=embedded.api_url, token=token, owner="acme", name="moon", sleep=waits.append)


def asked(embedded: EmbeddedGitHub, method: str, path: str, **details: object) -> None:
    embedded.faults.add("status", method=method, path=path, **details)


def test_a_read_is_repeated_after_a_502(embedded: EmbeddedGitHub, github: GitHub) -> None:
    asked(embedded, "GET", "/repos/acme/moon", code=502, count=2)
    assert github.repository.facts().default_branch == "main"


def test_a_read_that_never_gets_an_answer_is_retryable(embedded: EmbeddedGitHub, github: GitHub) -> None:
    asked(embedded, "GET", "/repos/acme/moon", code=502)
    with pytest.raises(Unreachable) as failed:
        github.repository.facts()
    assert failed.value.retryable


def test_a_write_is_sent_once_also_after_a_502(embedded: EmbeddedGitHub, github: GitHub) -> None:
    asked(embedded, "PUT", ".*/environments/staging", code=502, count=1)
    with pytest.raises(Unreachable):
        github.environments.create("staging")
    assert github.environments.all().names == frozenset()


def test_a_write_whose_answer_was_lost_is_not_sent_again_and_shows_when_looked_at(
    embedded: EmbeddedGitHub, github: GitHub
) -> None:
    embedded.faults.add("lost-answer", method="PUT", path=".*/environments/staging", count=1)
    with pytest.raises(Unreachable):
        github.environments.create("staging")
    assert github.environments.all().names == {"staging"}


@pytest.mark.parametrize("retry_after", [None, 1])
def test_a_throttled_write_waits_and_is_sent_again(
    embedded: EmbeddedGitHub, github: GitHub, waits: list[float], retry_after: int | None
) -> None:
    asked(embedded, "PUT", ".*/environments/staging", code=429, count=1, retry_after=retry_after)
    github.environments.create("staging")
    assert len(waits) == 1
    assert github.environments.all().names == {"staging"}


def test_reviewers_that_the_plan_lacks_leave_the_environment_without(embedded: EmbeddedGitHub) -> None:
    embedded.add_repository("acme", "closed", private=True)
    token = embedded.add_token(kind="classic", login="acme", scopes=["repo"])
    closed = GitHub(api_url=embedded.api_url, token=token, owner="acme", name="closed")
    opened = GitHub(api_url=embedded.api_url, token=token, owner="acme", name="moon")
    for github in (closed, opened):
        github.environments.create("live", reviewed=True)
    assert [github.environments.all().environments[0].reviewers for github in (closed, opened)] == [
        (),
        ("acme",),
    ]


def test_a_denial_is_not_repeated(embedded: EmbeddedGitHub, github: GitHub) -> None:
    asked(embedded, "PUT", ".*/environments/staging", code=403)
    with pytest.raises(Denied) as failed:
        github.environments.create("staging")
    assert not failed.value.retryable


def test_a_read_that_is_denied_is_denied_at_once(embedded: EmbeddedGitHub, github: GitHub) -> None:
    asked(embedded, "GET", "/repos/acme/moon", code=403)
    with pytest.raises(Denied):
        github.repository.facts()


def test_a_write_into_what_the_token_may_not_see_is_a_denial(embedded: EmbeddedGitHub) -> None:
    stranger = embedded.add_token(kind="classic", login="stranger", scopes=[])
    embedded.add_repository("acme", "secret", private=True)
    github = GitHub(api_url=embedded.api_url, token=stranger, owner="acme", name="secret")
    with pytest.raises(NotFound):
        github.repository.facts()
    with pytest.raises(Denied):
        github.releases.draft("v1", "main", "v1")


def test_a_server_that_is_gone_is_unreachable_and_says_where(tmp_path: Path) -> None:
    gone = EmbeddedGitHub(tmp_path / "gone", world_id="test-gone")
    gone.start()
    url = gone.api_url
    gone.stop()
    with pytest.raises(Unreachable, match=url):
        GitHub(api_url=url, token="ghp_x", owner="acme", name="moon").repository.facts()


def test_a_release_with_its_asset_makes_the_round_trip(embedded: EmbeddedGitHub, github: GitHub) -> None:
    github.runs._api.write(
        "PUT", "/repos/acme/moon/contents/a", {"message": "a", "content": "YQ==", "branch": "main"}
    )
    commit = github.repository.branch_commit("main")
    assert commit
    draft = github.releases.draft("v1", commit, "v1")
    assert [release.draft for release in github.releases.of_tag("v1")] == [True]
    content = bytes(range(256))
    github.releases.upload(draft, "all bytes.bin", content)
    github.releases.publish(draft.id)
    (release,) = github.releases.of_tag("v1")
    assert not release.draft
    (asset,) = release.assets
    assert github.releases.download(asset) == content


def test_a_secret_reaches_github_sealed_and_is_read_by_name_only(
    embedded: EmbeddedGitHub, github: GitHub
) -> None:
    github.secrets.put("KEY", "s3cr3t-value")
    repository = embedded.repository("acme", "moon")
    assert repository
    (kept,) = embedded.forge.store.secrets.all()
    assert embedded.forge.vault.open(kept.sealed) == "s3cr3t-value"
    assert github.secrets.names(ForgeEnvironments(environments=())).repository == {"KEY"}


def test_an_organisation_that_the_token_may_not_look_at_is_not_called_empty(
    embedded: EmbeddedGitHub, github: GitHub
) -> None:
    github.secrets.put("KEY", "s3cr3t-value")
    assert github.secrets.names().shared_seen
    asked(embedded, "GET", "/repos/acme/moon/actions/organization-secrets", code=403, count=1)
    seen = github.secrets.names()
    assert (seen.repository, seen.shared_seen) == (frozenset({"KEY"}), False)


def test_a_sealed_value_opens_with_the_owners_key_only() -> None:
    key = PrivateKey.generate()
    sealed = seal(base64.b64encode(bytes(key.public_key)).decode(), "häßlich\n")
    assert SealedBox(key).decrypt(base64.b64decode(sealed)).decode() == "häßlich\n"


def test_one_adapter_serves_many_threads(github: GitHub) -> None:
    failures: list[Exception] = []

    def read() -> None:
        try:
            for _ in range(5):
                github.repository.facts()
        except GithubFailure as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_token_is_in_no_message_and_no_log(
    embedded: EmbeddedGitHub, caplog: pytest.LogCaptureFixture
) -> None:
    token = embedded.add_token(kind="classic", login="acme", scopes=["repo"])
    github = GitHub(api_url=embedded.api_url, token=token, owner="acme", name="moon")
    asked(embedded, "GET", ".*/actions/.*", code=500)
    with caplog.at_level(logging.DEBUG), pytest.raises(Unreachable) as failed:
        github.repository.workflows()
    said = f"{failed.value!r} {failed.value} {github!r} {github.runs._api!r} {caplog.text}"
    assert token not in said


def test_a_failure_survives_pickling_with_its_status() -> None:
    made = failure("GET", "/x", 429, {"retry-after": "7"}, '{"message": "slow down"}')
    again = pickle.loads(pickle.dumps(made))
    assert isinstance(again, Throttled)
    assert (str(again), again.status, again.retry_after) == (str(made), 429, 7.0)


@pytest.mark.parametrize(
    ("status", "verb", "headers", "body", "kind"),
    [
        (404, "GET", {}, '{"message": "Not Found"}', NotFound),
        (404, "POST", {}, '{"message": "Not Found"}', Denied),
        (
            422,
            "POST",
            {},
            '{"message": "Validation Failed", "errors": [{"code": "already_exists"}]}',
            Rejected,
        ),
        (403, "GET", {"x-ratelimit-remaining": "0"}, '{"message": "API rate limit exceeded"}', Throttled),
        (403, "POST", {}, '{"message": "You have exceeded a secondary rate limit."}', Throttled),
        (403, "GET", {"x-ratelimit-remaining": "11"}, '{"message": "Resource not accessible"}', Denied),
        (503, "GET", {}, "<html>", Unreachable),
    ],
)
def test_a_status_is_sorted_by_what_can_be_done_about_it(
    status: int, verb: str, headers: dict[str, str], body: str, kind: type[GithubFailure]
) -> None:
    assert type(failure(verb, "/x", status, headers, body)) is kind


def test_tokens_are_told_by_how_they_begin() -> None:
    tokens = ("ghp_x", "gho_x", "ghs_x", "github_pat_x", "0123456789abcdef0123456789abcdef01234567", "hello")
    assert [token_kind(token) for token in tokens] == [
        TokenKind.CLASSIC,
        TokenKind.OAUTH,
        TokenKind.APP,
        TokenKind.FINE_GRAINED,
        TokenKind.CLASSIC,
        TokenKind.UNKNOWN,
    ]


def test_git_finds_the_repository_beside_the_api() -> None:
    assert clone_url("https://api.github.com", "a", "b") == "https://github.com/a/b.git"
    assert clone_url("https://ghe.example/api/v3", "a", "b") == "https://ghe.example/a/b.git"
    assert clone_url("http://127.0.0.1:81", "a", "b") == "http://127.0.0.1:81/a/b.git"


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert github.repository.facts().default_branch == "main"
