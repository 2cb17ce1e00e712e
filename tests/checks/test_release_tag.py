from dataclasses import replace
from pathlib import Path

from tasks.domain.forge import ForgeRelease, ForgeTag
from tasks.domain.git_state import GitState
from tasks.domain.settings import Origin, Settings, WorldKind
from tests.checks.testing import answers, ask, places

HERE, THERE = "a" * 40, "b" * 40
SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path(),
    owner="acme",
    name="moon",
    branch="main",
    commit=HERE,
    state_directory=Path(),
)
DRAFT = ForgeRelease(
    id=1,
    tag="v1",
    name="One",
    draft=True,
    prerelease=False,
    immutable=False,
    target=HERE,
    url="http://x/1",
    created_at=None,
)


def test_a_tag_at_another_commit_blocks_the_release() -> None:
    (found,) = ask("tag-is-free", {}, SETTINGS, ForgeTag(name="v1", commit=THERE))
    assert (found.subject, found.weight, found.phase) == ("v1", "blocker", "release")


def test_a_tag_that_is_free_or_at_the_commit_is_fine() -> None:
    for commit in (None, HERE):
        (found,) = answers("tag-is-free", {}, SETTINGS, ForgeTag(name="v1", commit=commit))
        assert found.verdict == "holds"


def test_without_a_plan_or_a_commit_nothing_is_said() -> None:
    assert answers("tag-is-free", {}, SETTINGS, ForgeTag(name=None)) == []
    no_commit = replace(SETTINGS, commit=None)
    assert answers("tag-is-free", {}, no_commit, ForgeTag(name="v1", commit=THERE)) == []


def test_a_draft_that_is_left_over_is_named() -> None:
    (found,) = ask("release-name-is-free", {}, ForgeTag(name="v1", releases=(DRAFT,)))
    assert (found.subject, found.evidence[0].url) == ("v1", "http://x/1")


def test_the_release_of_a_tag_that_is_there_is_fine() -> None:
    assert ask("release-name-is-free", {}, ForgeTag(name="v1", commit=HERE, releases=(DRAFT,))) == []
    assert answers("release-name-is-free", {}, ForgeTag(name=None)) == []


WRITTEN = {"release.tag": Origin(source="file", file="activation.toml", line=3)}
CLONE = GitState(commit=HERE, branch="main", origin=None, tags=("v0", "v1"))


def test_a_planned_tag_that_the_clone_has_at_another_commit_is_told_without_github() -> None:
    settings = replace(SETTINGS, tag="v1", origins=WRITTEN)
    (found,) = ask("tag-is-free", {}, settings, CLONE)
    assert (places([found]), found.weight) == ([("activation.toml", 3)], "warning")
    free = ForgeTag(name="v1", commit=None)  # GitHub itself knows
    assert ask("tag-is-free", {}, settings, CLONE, free) == []


def test_a_tag_that_is_here_or_not_yet_or_only_follows_the_version_is_not_accused() -> None:
    settings = replace(SETTINGS, tag="v1", origins=WRITTEN)
    assert ask("tag-is-free", {}, settings, replace(CLONE, tags_here=frozenset({"v1"}))) == []
    assert ask("tag-is-free", {}, replace(settings, tag="v2"), CLONE) == []
    discovered = {"release.tag": Origin(source="discovered", file="Cargo.toml", line=3)}
    assert ask("tag-is-free", {}, replace(settings, origins=discovered), CLONE) == []
