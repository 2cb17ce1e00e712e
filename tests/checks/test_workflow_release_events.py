import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "release-event-is-one"
PUSH = "- uses: docker/build-push-action@v6\n  with: {push: true}"


@pytest.mark.parametrize("on", ["release", "[release]", "{release: , push: {branches: [main]}}"])
def test_a_workflow_that_publishes_at_every_event_of_a_release_is_a_note(on: str) -> None:
    (found,) = ask(CHECK, {CI: job(PUSH, on=on)})
    assert (places([found]), found.weight) == ([(CI, 6)], "note")
    assert "two or three times" in found.message


def test_what_a_registry_takes_only_once_is_a_warning() -> None:
    (found,) = ask(CHECK, {CI: job("- run: cargo publish", on="release")})
    assert (found.weight, "refused" in found.message) == ("warning", True)
    assert [one.weight for one in ask(CHECK, {CI: job("- run: cargo publish || true", on="release")})] == [
        "note"
    ]


def test_a_workflow_that_names_or_asks_for_the_event_or_publishes_nothing_is_fine() -> None:
    for text in (
        job(PUSH, on="{release: {types: [published]}}"),
        job(PUSH, on="release", extra="if: github.event.action == 'published'"),
        job(PUSH, on="[push, release]", extra="if: github.event_name == 'push'"),
        job("- run: cargo test", on="release"),
        job("- run: cargo publish --dry-run", on="release"),
        job(PUSH, on="push"),
    ):
        assert ask(CHECK, {CI: text}) == []
