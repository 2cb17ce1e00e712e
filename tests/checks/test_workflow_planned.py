from pathlib import Path

from tasks.domain.settings import Settings, WorldKind
from tests.checks.testing import ask, job, places

RELEASE = ".github/workflows/release.yml"


def settings(tag: str | None) -> Settings:
    return Settings(
        world=WorldKind.OFFLINE,
        repository_path=Path(),
        owner="acme",
        name="app",
        branch="main",
        state_directory=Path(),
        tag=tag,
        release_workflow="release.yml",
    )


def test_a_tag_that_no_pattern_lets_in_is_named_at_the_pattern() -> None:
    text = job("- run: true", on="\n  push:\n    tags: ['release-*']")
    (found,) = ask("planned-tag-starts-release", {RELEASE: text}, settings("v1.0.0"))
    assert places([found]) == [(RELEASE, 3)]


def test_a_tag_that_is_let_in_and_one_that_is_not_planned_are_no_mistake() -> None:
    text = job("- run: true", on="\n  push:\n    tags: ['v*', '!v0*']")
    assert ask("planned-tag-starts-release", {RELEASE: text}, settings("v1.0.0")) == []
    assert ask("planned-tag-starts-release", {RELEASE: text}, settings(None)) == []
    assert len(ask("planned-tag-starts-release", {RELEASE: text}, settings("v0.1.0"))) == 1


def test_a_push_without_patterns_is_started_by_every_tag() -> None:
    assert ask("planned-tag-starts-release", {RELEASE: job("- run: true")}, settings("v1")) == []
