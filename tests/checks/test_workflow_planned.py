import dataclasses
from pathlib import Path

from tasks.domain.git_state import GitState
from tasks.domain.settings import Settings, WorldKind
from tests.checks.testing import ask, job, places

RELEASE = ".github/workflows/release.yml"
GIT = GitState(commit="c", branch="main", origin=None)


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
    (found,) = ask("planned-tag-starts-release", {RELEASE: text}, settings("v1.0.0"), GIT)
    assert places([found]) == [(RELEASE, 3)]


def test_a_tag_that_is_let_in_and_one_that_is_not_planned_are_no_mistake() -> None:
    text = job("- run: true", on="\n  push:\n    tags: ['v*', '!v0*']")
    assert ask("planned-tag-starts-release", {RELEASE: text}, settings("v1.0.0"), GIT) == []
    assert ask("planned-tag-starts-release", {RELEASE: text}, settings(None), GIT) == []
    assert len(ask("planned-tag-starts-release", {RELEASE: text}, settings("v0.1.0"), GIT)) == 1


def test_a_filter_that_is_a_regular_expression_may_start_at_no_version() -> None:
    text = job("- run: true", on="\n  push:\n    tags: ['v\\d+\\.\\d+\\.\\d+']")
    files = {RELEASE: text, **RUNBOOK}
    (found,) = ask("planned-tag-starts-release", files, settings(None), GIT)
    assert (places([found]), found.weight) == ([(RELEASE, 3)], "note")
    assert "GitHub documents no `\\d` in them" in found.message
    (planned,) = ask("planned-tag-starts-release", {RELEASE: text}, settings("v0.3.0"), GIT)
    assert planned.weight == "warning"


def test_a_filter_with_an_escaped_dot_or_with_another_one_beside_it_is_no_mistake() -> None:
    for tags in ("['v[0-9]+\\.[0-9]+']", "['v\\d+', 'v*']"):
        text = job("- run: true", on=f"\n  push:\n    tags: {tags}")
        assert ask("planned-tag-starts-release", {RELEASE: text}, settings(None), GIT) == []


def test_a_push_without_patterns_is_started_by_every_tag() -> None:
    assert ask("planned-tag-starts-release", {RELEASE: job("- run: true")}, settings("v1"), GIT) == []


RUNBOOK = {"docs/RUNBOOK.md": "# Release\n\nThen `git tag v0.1.0 && git push origin v0.1.0`.\n"}


def test_a_tag_that_a_document_tells_to_make_and_that_starts_nothing_is_named_at_the_pattern() -> None:
    text = job("- run: true", on="\n  push:\n    tags: ['release-*']")
    (found,) = ask("planned-tag-starts-release", {RELEASE: text, **RUNBOOK}, settings("release-0.1.0"), GIT)
    assert [(one.file, one.line) for one in found.evidence] == [(RELEASE, 3), ("docs/RUNBOOK.md", 3)]


def test_a_documents_tag_is_an_example_where_tags_that_are_there_start_the_workflow() -> None:
    text = job("- run: true", on="\n  push:\n    tags: ['app-v*']")
    git = dataclasses.replace(GIT, tags=("v0.0.1", "app-v0.1.0"))
    files = {RELEASE: text, **RUNBOOK}
    assert ask("planned-tag-starts-release", files, settings("app-v0.2.0"), git) == []


def test_a_documents_tag_may_start_another_workflow() -> None:
    files = {
        RELEASE: job("- run: true", on="\n  push:\n    tags: ['release-*']"),
        ".github/workflows/other.yml": job("- run: true", on="\n  push:\n    tags: ['v*']"),
        **RUNBOOK,
    }
    assert ask("planned-tag-starts-release", files, settings("release-1.0.0"), GIT) == []
