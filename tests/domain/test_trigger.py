"""What happens in a repository starts the workflows that GitHub would start."""

from typing import Any

import pytest

from tasks.domain.glob import GlobError, matches, selected
from tasks.domain.trigger import Happening, dispatch_inputs, resolve_inputs, starts

MAIN, TAG = "refs/heads/main", "refs/tags/v1.2.0"


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("main", "main", True),
        ("main", "main2", False),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("feature/*", "feature/x", True),
        ("feature/*", "feature/x/y", False),
        ("feature/**", "feature/x/y", True),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1", True),
        ("v[12].[0-9]+.[0-9]+", "v3.10.1", False),
        ("v2*", "v2.9", True),
        ("*.jsx?", "page.js", True),
        ("*.jsx?", "page.jsx", True),
        ("*.jsx?", "a/page.jsx", False),
        ("**.js", "src/js/app.js", True),
        ("**/docs/**", "docs/hello.md", True),
        ("**/docs/**", "dir/docs/my-file.txt", True),
        ("**/README.md", "README.md", True),
        ("**/*src/**", "a/src/app.js", True),
        ("**/*src/**", "my-src/code/js/app.js", True),
        ("**/*-post.md", "path/long-post.md", True),
        ("**/migrate-*.sql", "dir/sept/migrate-v1.sql", True),
        ("docs/**/*.md", "docs/README.md", True),
        ("docs/**/*.md", "docs/a/b/c.md", True),
        ("docs/*", "docs/a/b", False),
        ("a.b", "aXb", False),
        ("[CB]at", "Bat", True),
        ("[1-2]00", "200", True),
    ],
)
def test_patterns_match_as_documented(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_the_last_pattern_that_matches_decides() -> None:
    assert selected(["releases/**", "!releases/**-alpha"], "releases/10")
    assert not selected(["releases/**", "!releases/**-alpha"], "releases/10-alpha")
    assert selected(["!a", "a"], "a")


@pytest.mark.parametrize("pattern", ["+a", "?a", "[a"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(GlobError):
        matches(pattern, "a")


@pytest.mark.parametrize(
    ("on", "ref", "changed", "expected"),
    [
        ("push", MAIN, None, True),
        (["pull_request", "push"], MAIN, None, True),
        ({"push": None}, TAG, None, True),
        ("workflow_dispatch", MAIN, None, False),
        ({"push": {"branches": ["main"]}}, MAIN, None, True),
        ({"push": {"branches": "main"}}, MAIN, None, True),
        ({"push": {"branches": ["main"]}}, "refs/heads/dev", None, False),
        ({"push": {"branches": ["main"]}}, TAG, None, False),
        ({"push": {"tags": ["v*"]}}, TAG, None, True),
        ({"push": {"tags": ["v*"]}}, MAIN, None, False),
        ({"push": {"tags": ["v*"], "branches": ["main"]}}, MAIN, None, True),
        ({"push": {"tags-ignore": ["v*"]}}, TAG, None, False),
        ({"push": {"branches-ignore": ["dev"]}}, MAIN, None, True),
        ({"push": {"branches-ignore": ["ma*"]}}, MAIN, None, False),
        ({"push": {"paths": ["src/**"]}}, MAIN, ["src/a.rs"], True),
        ({"push": {"paths": ["src/**"]}}, MAIN, ["docs/a.md"], False),
        ({"push": {"paths": ["src/**"]}}, MAIN, None, True),
        ({"push": {"paths": ["src/**"]}}, TAG, ["docs/a.md"], True),
        ({"push": {"paths": ["**", "!docs/**"]}}, MAIN, ["docs/a.md"], False),
        ({"push": {"paths-ignore": ["docs/**"]}}, MAIN, ["docs/a.md", "docs/b.md"], False),
        ({"push": {"paths-ignore": ["docs/**"]}}, MAIN, ["docs/a.md", "src/b.rs"], True),
    ],
)
def test_a_push_starts_what_its_filters_let_in(
    on: Any, ref: str, changed: list[str] | None, expected: bool
) -> None:
    answer = starts(on, Happening(event="push", ref=ref, changed=changed))
    assert answer.starts is expected
    assert answer.reason


def test_a_deleted_ref_and_a_skip_word_start_nothing() -> None:
    assert not starts("push", Happening(event="push", ref=MAIN, deleted=True)).starts
    assert not starts("push", Happening(event="push", ref=MAIN, message="typo [skip ci]")).starts


@pytest.mark.parametrize(
    ("on", "activity", "expected"),
    [
        ({"release": {"types": ["published"]}}, "published", True),
        ({"release": {"types": ["published"]}}, "created", False),
        ({"release": None}, "created", True),
        ("release", "edited", True),
    ],
)
def test_activity_types_narrow_an_event(on: Any, activity: str, expected: bool) -> None:
    assert starts(on, Happening(event="release", ref=TAG, activity=activity)).starts is expected


def test_a_pull_request_is_judged_by_its_base_and_default_types() -> None:
    on = {"pull_request": {"branches": ["main"]}}
    assert starts(on, Happening(event="pull_request", base="main", activity="opened")).starts
    assert not starts(on, Happening(event="pull_request", base="dev", activity="opened")).starts
    assert not starts(on, Happening(event="pull_request", base="main", activity="labeled")).starts


DEPLOY = {
    "workflow_dispatch": {
        "inputs": {
            "environment": {"type": "choice", "options": ["staging", "production"], "required": True},
            "size": {"type": "number", "default": 3},
            "dry": {"type": "boolean"},
            "note": None,
        }
    }
}


def test_a_dispatch_gets_defaults_and_types() -> None:
    inputs = resolve_inputs(dispatch_inputs(DEPLOY) or (), {"environment": "staging", "dry": "true"})
    assert inputs.mistakes == ()
    assert inputs.values == {"environment": "staging", "size": 3, "dry": True, "note": ""}


def test_every_mistake_of_a_dispatch_is_named_at_once() -> None:
    inputs = resolve_inputs(dispatch_inputs(DEPLOY) or (), {"dry": "maybe", "other": "1"})
    assert len(inputs.mistakes) == 3
    assert "Required input 'environment' not provided" in inputs.mistakes
    assert any("Unexpected inputs provided" in mistake for mistake in inputs.mistakes)


def test_a_choice_outside_its_options_is_refused() -> None:
    inputs = resolve_inputs(dispatch_inputs(DEPLOY) or (), {"environment": "moon"})
    assert "not in the list of allowed values" in inputs.mistakes[0]


def test_a_workflow_without_dispatch_cannot_be_dispatched() -> None:
    assert dispatch_inputs({"push": None}) is None
    assert dispatch_inputs("workflow_dispatch") == ()
