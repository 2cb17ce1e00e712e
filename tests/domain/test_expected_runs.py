from __future__ import annotations

import pytest

from tasks.domain.evidence import Evidence
from tasks.domain.expected_runs import expected_runs
from tasks.domain.forge import ForgeSecrets
from tasks.domain.git_state import remote_name
from tasks.domain.secret_need import SecretNeed, secret_needs
from tasks.domain.source import source
from tasks.domain.workflow import Workflows
from tasks.facts.workflows import read_workflows


def workflows(**files: str) -> Workflows:
    jobs = "\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: 'true'}]\n"
    return read_workflows(
        source(f".github/workflows/{name}.yml", (text if "jobs:" in text else text + jobs).encode())
        for name, text in files.items()
    )


def test_a_push_starts_what_lets_the_branch_in_and_says_why_the_rest_is_not_started() -> None:
    given = workflows(
        ci="on: push",
        docs="on: {push: {paths: ['docs/**']}}",
        release="on: {push: {tags: ['v*']}}",
        deploy="on: workflow_dispatch",
    )
    found = expected_runs(given, branch="main")
    assert found.certain == (".github/workflows/ci.yml",)
    assert found.possible == (".github/workflows/docs.yml",)
    assert "filters only by tags" in found.not_started[".github/workflows/release.yml"]


@pytest.mark.parametrize(("changed", "certain"), [(["docs/a.md"], 1), (["src/a.rs"], 0)])
def test_known_changes_decide_a_path_filter(changed: list[str], certain: int) -> None:
    found = expected_runs(workflows(docs="on: {push: {paths: ['docs/**']}}"), branch="main", changed=changed)
    assert (len(found.certain), found.possible) == (certain, ())


def test_a_tag_starts_what_lets_the_tag_in() -> None:
    found = expected_runs(
        workflows(ci="on: {push: {branches: [main]}}", release="on: {push: {tags: ['v*']}}"), tag="v1"
    )
    assert found.certain == (".github/workflows/release.yml",)


def test_a_commit_that_says_skip_ci_starts_nothing() -> None:
    assert expected_runs(workflows(ci="on: push"), branch="main", message="Docs [skip ci]").certain == ()


def reading(expression: str, job: str = "") -> tuple[SecretNeed, ...]:
    text = (
        f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n{job}    steps:\n"
        f"      - run: 'true'\n        env:\n          X: ${{{{ {expression} }}}}\n"
    )
    return secret_needs(workflows(ci=text))


def test_a_secret_that_is_read_is_needed_where_it_is_read() -> None:
    (need,) = reading("secrets.Key")
    assert (need.name, need.evidence, need.optional) == (
        "KEY",
        Evidence(file=".github/workflows/ci.yml", line=8, excerpt="X: ${{ secrets.Key }}"),
        False,
    )


@pytest.mark.parametrize("expression", ["secrets.KEY || 'none'", "secrets.KEY != ''"])
def test_a_secret_that_may_be_missing_is_optional(expression: str) -> None:
    assert [need.optional for need in reading(expression)] == [True]


def test_the_token_github_makes_is_no_need() -> None:
    assert reading("secrets.GITHUB_TOKEN") == ()


def test_a_secret_of_another_environment_does_not_meet_the_need() -> None:
    (need,) = reading("secrets.KEY", job="    environment: staging\n")
    assert not need.met(ForgeSecrets(repository=frozenset(), environments={"production": frozenset({"KEY"})}))
    assert need.met(ForgeSecrets(repository=frozenset(), environments={"staging": frozenset({"KEY"})}))
    assert need.met(ForgeSecrets(repository=frozenset({"KEY"})))


def test_a_computed_environment_may_have_the_secret_anywhere() -> None:
    (need,) = reading("secrets.KEY", job="    environment: ${{ inputs.where }}\n")
    assert need.met(ForgeSecrets(repository=frozenset(), environments={"production": frozenset({"KEY"})}))
    assert not need.met(ForgeSecrets(repository=frozenset()))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/moon.git", "github.com acme moon"),
        ("https://user:pass@github.com/acme/moon", "github.com acme moon"),
        ("git@github.com:acme/moon.git", "github.com acme moon"),
        ("ssh://git@github.com:22/acme/moon.rs.git", "github.com acme moon.rs"),
        ("/srv/git/moon.git", None),
        (None, None),
    ],
)
def test_a_remotes_address_names_host_owner_and_repository(url: str | None, name: str | None) -> None:
    found = remote_name(url)
    assert (f"{found.host} {found.owner} {found.name}" if found else None) == name
