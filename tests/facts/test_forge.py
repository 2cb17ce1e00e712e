from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.embedded.github import EmbeddedGitHub
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.forge import ForgeBranch, ForgeRepository, ForgeSecrets, ForgeTag, ForgeToken, TokenKind
from tasks.domain.settings import Settings, WorldKind
from tasks.facts.forge import KINDS, add_forge
from tasks.systems.github import GitHub


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedGitHub]:
    github = EmbeddedGitHub(tmp_path, world_id="test-facts")
    github.start()
    github.add_user("acme")
    github.add_repository("acme", "moon")
    yield github
    github.stop()


def look(embedded: EmbeddedGitHub, token: str, name: str = "moon") -> Snapshot:
    github = GitHub(api_url=embedded.api_url, token=token, owner="acme", name=name)
    return add_forge(Snapshot(), github, "main")


@pytest.mark.processes
def test_every_kind_is_seen_with_a_good_token(embedded: EmbeddedGitHub) -> None:
    repository = embedded.repository("acme", "moon")
    assert repository
    embedded.set_secret(repository, "KEY", "x")
    embedded.set_secret(repository, "DEPLOY_KEY", "x", environment="staging")
    snapshot = look(embedded, embedded.add_token(kind="classic", login="acme", scopes=["repo", "workflow"]))
    unseen = {kind.__name__: fact for kind in KINDS if isinstance(fact := snapshot.get(kind), Unseen)}
    assert unseen == {}
    token, secrets, branch = (snapshot.get(kind) for kind in (ForgeToken, ForgeSecrets, ForgeBranch))
    assert isinstance(token, ForgeToken)
    assert (token.kind, token.login, token.may("workflow"), token.may("admin:org")) == (
        TokenKind.CLASSIC,
        "acme",
        True,
        False,
    )
    assert isinstance(secrets, ForgeSecrets)
    assert secrets.has("key")
    assert secrets.has("DEPLOY_KEY", "Staging")
    assert not secrets.has("DEPLOY_KEY")
    assert isinstance(branch, ForgeBranch)
    assert branch.commit is None


@pytest.mark.processes
def test_a_fine_grained_token_states_no_scopes_and_nobody_knows_what_it_may(embedded: EmbeddedGitHub) -> None:
    value = embedded.add_token(
        kind="fine-grained", login="acme", permissions={"contents": "write", "metadata": "read"}
    )
    token = look(embedded, value).get(ForgeToken)
    assert isinstance(token, ForgeToken)
    assert (token.kind, token.scopes, token.may("workflow")) == (TokenKind.FINE_GRAINED, None, None)


@pytest.mark.processes
def test_a_bad_token_is_one_reason_for_every_kind(embedded: EmbeddedGitHub) -> None:
    snapshot = look(embedded, "ghp_" + "0" * 36)
    reasons = {fact.reason for kind in KINDS if isinstance(fact := snapshot.get(kind), Unseen)}
    assert len(reasons) == 1
    assert "401" in reasons.pop()


@pytest.mark.processes
def test_a_repository_that_is_not_there_leaves_the_token_seen(embedded: EmbeddedGitHub) -> None:
    snapshot = look(embedded, embedded.add_token(kind="classic", login="acme", scopes=["repo"]), name="sun")
    assert isinstance(snapshot.get(ForgeToken), ForgeToken)
    repository = snapshot.get(ForgeRepository)
    assert isinstance(repository, Unseen)
    assert "404" in repository.reason


@pytest.mark.processes
def test_the_tag_that_is_planned_is_looked_for(embedded: EmbeddedGitHub, tmp_path: Path) -> None:
    token = embedded.add_token(kind="classic", login="acme", scopes=["repo"])
    github = GitHub(api_url=embedded.api_url, token=token, owner="acme", name="moon")
    settings = Settings(
        world=WorldKind.EMBEDDED,
        repository_path=tmp_path,
        owner="acme",
        name="moon",
        branch="main",
        state_directory=tmp_path,
        tag="v1",
    )
    planned = add_forge(Snapshot().with_facts(settings), github, "main").get(ForgeTag)
    assert planned == ForgeTag(name="v1")
    assert add_forge(Snapshot(), github, "main").get(ForgeTag) == ForgeTag(name=None)
