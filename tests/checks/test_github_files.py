from dataclasses import replace

import pytest

from tasks.domain.credential import Credential, PastCredentials
from tasks.domain.git_state import GitState
from tasks.domain.unpushed import MB, LargeFile, UnpushedFiles
from tasks.domain.work_tree import LocalCommit, WorkTree
from tests.checks.test_github_repository import REPOSITORY, one
from tests.checks.testing import ask

STATE = GitState(commit="c1", branch="main", origin=None, upstream="c0", ahead=1, behind=0)
WORK = WorkTree(state=STATE, unpushed=(LocalCommit(id="c1", title="x"),), fetched=True)
STOPPING = replace(REPOSITORY, push_protection=True)


def large(megabytes: float) -> UnpushedFiles:
    return UnpushedFiles(large=(LargeFile(path="data.bin", size=int(megabytes * MB)),))


def test_a_file_that_github_refuses_stops_the_push_and_a_large_one_is_a_warning() -> None:
    refused, warned = (
        one(ask("pushed-files-small", {}, large(101))),
        one(ask("pushed-files-small", {}, large(60))),
    )
    assert (refused.blocks, refused.evidence[0].file) == (True, "data.bin")
    assert (warned.weight, "warns above 50 MB" in warned.message) == ("warning", True)


def test_a_push_without_large_files_and_one_of_just_the_limit_is_not_refused() -> None:
    assert ask("pushed-files-small", {}, UnpushedFiles()) == []
    assert not one(ask("pushed-files-small", {}, large(100))).blocks


def leaked(kind: str = "GitHub token", commit: str = "c1", *, sure: bool = True) -> PastCredentials:
    found = Credential(kind=kind, path="a.env", line=3, shown="ghp_", sure=sure, commit=commit)
    return PastCredentials(found=(found,), commits=1)


def test_a_credential_in_an_unpushed_commit_is_stopped_by_push_protection() -> None:
    found = one(ask("push-protection-passed", {}, leaked(), WORK, STOPPING))
    assert (found.blocks, found.evidence[0].file) == (True, "a.env")
    never = WorkTree(state=replace(STATE, upstream=None))
    assert one(ask("push-protection-passed", {}, leaked(commit="c7"), never, STOPPING)).blocks


@pytest.mark.parametrize(
    ("fetched", "command"),
    [(True, "git rebase --interactive origin/main"), (False, "git rebase --interactive --root")],
)
def test_a_branch_that_the_remote_lacks_is_taken_apart_from_where_it_began(
    fetched: bool, command: str
) -> None:
    state = replace(STATE, upstream=None, branch="feature", default_branch="main")
    found = one(
        ask("push-protection-passed", {}, leaked(), replace(WORK, state=state, fetched=fetched), STOPPING)
    )
    assert found.remedy is not None
    assert found.remedy.commands == (command,)


def test_push_protection_stops_neither_what_is_pushed_nor_what_it_does_not_know() -> None:
    for past in (leaked(commit="c7"), leaked("private key"), leaked(sure=False), PastCredentials()):
        assert ask("push-protection-passed", {}, past, WORK, STOPPING) == []
    for other in (REPOSITORY, replace(REPOSITORY, push_protection=False)):
        assert ask("push-protection-passed", {}, leaked(), WORK, other) == []
