from dataclasses import replace
from pathlib import Path

from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.forge import (
    ForgeActions,
    ForgeRepository,
    ForgeToken,
    ForgeWorkflow,
    ForgeWorkflows,
    TokenKind,
)
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tests.checks.testing import CI, ask, job, places

SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("x"),
    owner="o",
    name="n",
    branch="main",
    state_directory=Path("s"),
    commit="c1",
)
REPOSITORY = ForgeRepository(
    id=1,
    full_name="o/n",
    private=True,
    default_branch="main",
    permissions=frozenset({"pull", "push"}),
    archived=False,
    url="https://github.invalid/o/n",
)
TOKEN = ForgeToken(kind=TokenKind.CLASSIC, login="me", scopes=frozenset({"repo"}))
ACTIONS = ForgeActions(enabled=True, allowed="all", default_permissions="read")
FILES = {CI: job("- uses: actions/checkout@v4")}


def one(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def test_a_token_of_no_known_kind_is_unknown() -> None:
    odd = replace(TOKEN, kind=TokenKind.UNKNOWN)
    assert one(ask("token-kind-known", {}, odd)).verdict is Verdict.UNKNOWN
    assert ask("token-kind-known", {}, TOKEN) == []


def test_a_token_without_the_scope_blocks_the_push() -> None:
    weak = replace(TOKEN, scopes=frozenset({"public_repo"}))
    assert one(ask("token-scopes-suffice", {}, weak, REPOSITORY)).blocks
    assert ask("token-scopes-suffice", {}, weak, replace(REPOSITORY, private=False)) == []


def test_a_token_whose_scopes_github_does_not_state_is_not_accused() -> None:
    assert ask("token-scopes-suffice", {}, replace(TOKEN, scopes=None), REPOSITORY) == []


def test_a_repository_that_may_only_be_read_or_is_archived_blocks() -> None:
    readable = replace(REPOSITORY, permissions=frozenset({"pull"}))
    assert one(ask("repository-writable", {}, readable, TOKEN)).blocks
    assert (
        "archived" in one(ask("repository-writable", {}, replace(REPOSITORY, archived=True), TOKEN)).message
    )
    assert ask("repository-writable", {}, REPOSITORY, TOKEN) == []


def test_actions_that_are_switched_off_block_a_repository_with_workflows() -> None:
    off = replace(ACTIONS, enabled=False)
    assert one(ask("actions-enabled", FILES, off, REPOSITORY)).blocks
    assert ask("actions-enabled", {"README.md": "x"}, off, REPOSITORY) == []
    assert ask("actions-enabled", FILES, ACTIONS, REPOSITORY) == []


def test_actions_of_others_are_named_where_only_own_ones_are_allowed() -> None:
    local = replace(ACTIONS, allowed="local_only")
    assert places(ask("actions-allowed", FILES, local, REPOSITORY)) == [(CI, 6)]
    own = {CI: job("- uses: o/tool@v1\n- uses: ./here")}
    assert ask("actions-allowed", own, local, REPOSITORY) == []


def test_a_selection_of_actions_that_cannot_be_seen_accuses_nobody() -> None:
    found = one(ask("actions-allowed", FILES, replace(ACTIONS, allowed="selected"), REPOSITORY))
    assert (found.verdict, found.weight) == (Verdict.UNKNOWN, Weight.NOTE)


def known(state: str) -> ForgeWorkflows:
    return ForgeWorkflows(workflows=(ForgeWorkflow(id=1, path=CI, name="CI", state=state),))


def test_a_workflow_that_is_switched_off_is_a_warning_and_blocks_its_own_phase() -> None:
    off = known("disabled_manually")
    assert one(ask("workflows-enabled", FILES, off, SETTINGS, REPOSITORY)).weight is Weight.WARNING
    releasing = replace(SETTINGS, release_workflow="ci.yml")
    found = one(ask("workflows-enabled", FILES, off, releasing, REPOSITORY))
    assert found.blocks
    assert found.phase is Phase.RELEASE


def test_active_workflows_and_those_not_pushed_yet_are_fine() -> None:
    assert ask("workflows-enabled", FILES, known("active"), SETTINGS, REPOSITORY) == []
    assert ask("workflows-enabled", FILES, ForgeWorkflows(workflows=()), SETTINGS, REPOSITORY) == []
