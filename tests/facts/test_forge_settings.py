"""What GitHub says of plans, rules, caches and actions, read from the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from deployments.embedded.github import EmbeddedGitHub
from deployments.embedded.github.records.actions import Cache
from deployments.embedded.github.records.repositories import Repository
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.forge import ForgeActions, ForgeRepository, ForgeRules, ForgeSecrets, ForgeToken
from tasks.domain.forge_access import ForgeAccess, Sight
from tasks.domain.forge_cache import ForgeCache, ForgeCaches
from tasks.domain.forge_deployable import ForgeDeployable
from tasks.domain.forge_plan import ForgePlan
from tasks.domain.forge_runner import ForgeRunners
from tasks.domain.forge_used_action import ForgeUsedActions, Found
from tasks.domain.settings import Settings, WorldKind
from tasks.facts.forge import add_forge, add_used_actions
from tasks.systems.github import GitHub
from tasks.systems.github.repository import hours_until
from tests.checks.testing import CI, job, snapshot

T = TypeVar("T")
pytestmark = pytest.mark.processes


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedGitHub]:
    github = EmbeddedGitHub(tmp_path, world_id="test-settings")
    github.start()
    github.add_user("dev", plan="pro")
    github.add_user("acme", kind="Organization", plan="team")
    github.add_repository("acme", "moon")
    github.add_repository("dev", "own")
    yield github
    github.stop()


def hub(embedded: EmbeddedGitHub, owner: str, name: str, *scopes: str, **more: object) -> GitHub:
    token = embedded.add_token(kind="classic", login="dev", scopes=["repo", *scopes], **more)  # type: ignore[arg-type]
    return GitHub(api_url=embedded.api_url, token=token, owner=owner, name=name)


def look(github: GitHub, tag: str | None = None) -> Snapshot:
    settings = Settings(
        world=WorldKind.EMBEDDED,
        repository_path=Path("x"),
        owner=github.owner,
        name=github.name,
        branch="main",
        state_directory=Path("s"),
        tag=tag,
    )
    return add_forge(Snapshot().with_facts(settings), github, "main")


def fact(seen: Snapshot, kind: type[T]) -> T:
    found = seen.get(kind)
    assert isinstance(found, kind), found
    return found


def moon(embedded: EmbeddedGitHub) -> Repository:
    found = embedded.repository("acme", "moon")
    assert found is not None
    return found


def write(github: GitHub, path: str) -> None:
    github.caches._api.write(
        "PUT", f"/repos/{github.full_name}/contents/{path}", {"message": "a", "content": "YQ=="}
    )


@pytest.mark.parametrize(
    ("owner", "name", "scopes", "plan"),
    [
        ("acme", "moon", [], None),
        ("acme", "moon", ["admin:org"], "team"),
        ("dev", "own", [], None),
        ("dev", "own", ["user"], "pro"),
    ],
)
def test_the_plan_is_known_to_tokens_that_are_told(
    embedded: EmbeddedGitHub, owner: str, name: str, scopes: list[str], plan: str | None
) -> None:
    seen = look(hub(embedded, owner, name, *scopes))
    assert fact(seen, ForgePlan) == ForgePlan(owner=owner, name=plan)


def test_the_token_of_an_organisation_with_single_sign_on_is_told_where_to_sign_in(
    embedded: EmbeddedGitHub,
) -> None:
    embedded.add_user("guarded", kind="Organization", saml=True)
    embedded.add_repository("guarded", "walled")
    access = fact(look(hub(embedded, "guarded", "walled")), ForgeAccess)
    assert access.sight is Sight.SIGN_IN
    assert access.url is not None
    assert "/orgs/guarded/sso?authorization_request=" in access.url
    inside = look(hub(embedded, "guarded", "walled", sso=["guarded"]))
    assert fact(inside, ForgeAccess).sight is Sight.SEEN


def test_a_repository_that_is_not_there_is_a_fact_and_not_only_a_failure(embedded: EmbeddedGitHub) -> None:
    seen = look(hub(embedded, "acme", "sun"))
    assert fact(seen, ForgeAccess).sight is Sight.NOT_FOUND
    assert isinstance(seen.get(ForgeRepository), Unseen)


def test_the_hours_that_a_token_has_left_are_counted_by_github_s_clock(embedded: EmbeddedGitHub) -> None:
    end = datetime.now(UTC) + timedelta(hours=30)
    token = fact(look(hub(embedded, "acme", "moon", expires=end)), ForgeToken)
    assert token.hours_left is not None
    assert 29 < token.hours_left < 31
    assert fact(look(hub(embedded, "acme", "moon")), ForgeToken).hours_left is None
    now = "Sun, 22 Nov 2026 12:00:00 GMT"
    assert hours_until("2026-11-22 07:00:00 -0700", now) == 2
    assert hours_until("some day", now) is None


def cache(number: int, repository: Repository, gigabytes: float) -> Cache:
    return Cache(
        id=number,
        repository_id=repository.id,
        ref="refs/heads/main",
        key=f"cargo-{number}",
        version="v",
        size=int(gigabytes * 1024**3),
        created_at=datetime.now(UTC),
        last_accessed_at=datetime.now(UTC),
    )


def test_caches_are_summed_and_named_only_when_they_take_much(embedded: EmbeddedGitHub) -> None:
    github, store = hub(embedded, "acme", "moon"), embedded.forge.store.caches
    store.put(cache(1, moon(embedded), 2))
    assert github.caches.all() == ForgeCaches(size=2 * 1024**3, count=1)
    store.put(cache(2, moon(embedded), 9))
    largest = [
        ForgeCache(key=f"cargo-{n}", ref="refs/heads/main", size=gb * 1024**3) for n, gb in ((2, 9), (1, 2))
    ]
    assert github.caches.all() == ForgeCaches(size=11 * 1024**3, count=2, largest=tuple(largest), limit_gb=10)


def test_the_limit_of_caches_is_unknown_to_who_does_not_administer(embedded: EmbeddedGitHub) -> None:
    embedded.change_repository(moon(embedded), roles={"dev": "write"})
    embedded.forge.store.caches.put(cache(1, moon(embedded), 12))
    assert hub(embedded, "acme", "moon").caches.all().limit_gb is None


def test_rules_say_for_what_they_are_and_who_may_break_them(embedded: EmbeddedGitHub) -> None:
    repository, creation = moon(embedded), [{"type": "creation"}]
    embedded.add_ruleset(repository, "main", rules=[{"type": "pull_request"}], bypass=["dev"])
    embedded.add_ruleset(repository, "tags", target="tag", include=["refs/tags/v*"], rules=creation)
    embedded.add_ruleset(repository, "other", target="tag", include=["refs/tags/w*"], rules=creation)
    limit = [{"type": "max_file_size", "parameters": {"max_file_size": 5}}]
    embedded.add_ruleset(repository, "files", target="push", include=["~ALL"], rules=limit)
    rules = fact(look(hub(embedded, "acme", "moon"), tag="v1.0.0"), ForgeRules)
    assert [(one.type, one.waived) for one in rules.rules] == [("pull_request", True)]
    assert [(one.type, one.bypass) for one in rules.on_tag] == [("creation", "never")]
    assert [one.parameters for one in rules.on_files] == [{"max_file_size": 5}]


def test_the_protection_of_a_branch_is_read_by_who_may_see_it(embedded: EmbeddedGitHub) -> None:
    github = hub(embedded, "acme", "moon")
    write(github, "a")
    body = {
        "required_status_checks": {"strict": False, "contexts": ["build"]},
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "enforce_admins": True,
        "restrictions": None,
    }
    github.caches._api.write("PUT", "/repos/acme/moon/branches/main/protection", body)
    protection = fact(look(github), ForgeRules).protection
    assert protection is not None
    assert (protection.reviews, protection.admins, protection.checks) == (True, True, (("build", None),))
    embedded.change_repository(moon(embedded), roles={"dev": "write"})
    unseen = fact(look(github), ForgeRules)
    assert (unseen.protected, unseen.protection) == (True, None)


def test_branches_and_tags_that_may_deploy_are_read_where_an_environment_limits_them(
    embedded: EmbeddedGitHub,
) -> None:
    github = hub(embedded, "acme", "moon")
    write(github, "a")
    path = "/repos/acme/moon/environments"
    for name, protected in (("staging", False), ("production", True)):
        policy = {"protected_branches": protected, "custom_branch_policies": not protected}
        github.caches._api.write("PUT", f"{path}/{name}", {"deployment_branch_policy": policy})
    github.caches._api.write("PUT", f"{path}/open", {})
    github.caches._api.write(
        "POST", f"{path}/staging/deployment-branch-policies", {"name": "v*", "type": "tag"}
    )
    deployable = fact(look(github), ForgeDeployable)
    staging, production = deployable.rule("Staging"), deployable.rule("production")
    assert staging is not None
    assert production is not None
    assert [staging.admits(ref) for ref in ("refs/tags/v1", "refs/heads/main", "refs/heads/v1")] == [
        True,
        False,
        False,
    ]
    assert production.admits("refs/heads/main"), "no branch is protected, so every ref may deploy"
    assert deployable.rule("open") is None


def test_push_protection_is_told_to_administrators_only(embedded: EmbeddedGitHub) -> None:
    embedded.change_repository(moon(embedded), push_protection=True)
    github = hub(embedded, "acme", "moon")
    assert fact(look(github), ForgeRepository).push_protection is True
    embedded.change_repository(moon(embedded), roles={"dev": "write"})
    assert fact(look(github), ForgeRepository).push_protection is None


def test_whether_workflows_may_open_pull_requests_is_read(embedded: EmbeddedGitHub) -> None:
    github = hub(embedded, "acme", "moon")
    assert fact(look(github), ForgeActions).makes_requests is False
    embedded.change_repository(moon(embedded), can_approve_pull_requests=True)
    assert fact(look(github), ForgeActions).makes_requests is True


USING = job(
    """
    - uses: acme/tool@main
    - uses: acme/tool/sub@main
    - uses: acme/tool@v9
    - uses: acme/nowhere@v1
    - uses: acme/tool/empty@main
    - uses: ./here
    - uses: docker://alpine:3
    """
)


def test_each_action_is_looked_for_with_its_ref_and_path(embedded: EmbeddedGitHub) -> None:
    embedded.add_repository("acme", "tool")
    tool = hub(embedded, "acme", "tool")
    for path in ("action.yml", "sub/action.yaml", "empty/README.md"):
        write(tool, path)
    seen = add_used_actions(snapshot({CI: USING}), hub(embedded, "acme", "moon"))
    assert fact(seen, ForgeUsedActions).found == {
        "acme/tool@main": Found.THERE,
        "acme/tool/sub@main": Found.THERE,
        "acme/tool@v9": Found.NO_REF,
        "acme/nowhere@v1": Found.NO_REPOSITORY,
        "acme/tool/empty@main": Found.NO_ACTION,
    }


def test_actions_are_not_looked_for_with_the_last_requests_of_an_hour(embedded: EmbeddedGitHub) -> None:
    github = hub(embedded, "acme", "moon")
    token = fact(look(github), ForgeToken)
    poor = snapshot({CI: USING}, replace(token, rate_remaining=100))
    unseen = add_used_actions(poor, github).get(ForgeUsedActions)
    assert isinstance(unseen, Unseen)
    assert "100 requests" in unseen.reason


def test_a_server_that_stumbles_leaves_an_action_unknown(embedded: EmbeddedGitHub) -> None:
    embedded.faults.add("status", method="GET", path="/repos/acme/tool.*", code=403)
    seen = add_used_actions(snapshot({CI: job("- uses: acme/tool@v1")}), hub(embedded, "acme", "moon"))
    assert fact(seen, ForgeUsedActions).found == {"acme/tool@v1": Found.UNKNOWN}


def test_what_an_organisation_shares_counts_as_set(embedded: EmbeddedGitHub) -> None:
    acme = embedded.add_user("acme")
    embedded.share_secret(acme, "COMMON", "x")
    embedded.share_variable(acme, "PLACE", "x")
    secrets = fact(look(hub(embedded, "acme", "moon")), ForgeSecrets)
    assert (set(secrets.repository), set(secrets.variables)) == ({"COMMON"}, {"PLACE"})
    assert secrets.shared_seen
    own = fact(look(hub(embedded, "dev", "own")), ForgeSecrets)
    assert (own.repository, own.variables) == (frozenset(), frozenset())


def test_a_private_repository_without_rules_in_its_plan_has_none_and_is_on_the_free_one(
    embedded: EmbeddedGitHub,
) -> None:
    embedded.add_user("poor", kind="Organization")
    embedded.add_repository("poor", "closed", private=True)
    seen = look(hub(embedded, "poor", "closed"), tag="v1")
    rules = fact(seen, ForgeRules)
    assert (rules.in_plan, rules.rules, rules.protected, rules.tag) == (False, (), False, "v1")
    assert fact(seen, ForgePlan) == ForgePlan(owner="poor", name="free")
    open_one = look(hub(embedded, "acme", "moon"))
    assert fact(open_one, ForgeRules).in_plan
    assert fact(open_one, ForgePlan).name is None


def test_the_runner_that_runs_jobs_here_is_listed_and_those_of_an_organisation_may_be_unseen(
    embedded: EmbeddedGitHub,
) -> None:
    own = look(hub(embedded, "dev", "own")).get(ForgeRunners)
    assert isinstance(own, ForgeRunners)
    assert own.shared_seen
    assert [one.takes(["self-hosted", "Linux"]) for one in own.runners] == [True]
    assert not own.runners[0].takes(["self-hosted", "gpu"])
    shared = hub(embedded, "acme", "moon").runners.all("Organization")
    assert (len(shared.runners), shared.shared_seen) == (1, False)
