from tests.checks.testing import CI, ask, job, places

RELEASE = "- uses: softprops/action-gh-release@v2"
TELL = """\
- id: is
  run: if [[ $GITHUB_REF =~ ^refs/tags/ ]]; then echo release=1 >> $GITHUB_OUTPUT; fi"""
ON_TAG = "{push: {tags: ['v*']}}"


def test_a_release_in_a_workflow_that_no_tag_starts_has_no_tag() -> None:
    (found,) = ask("release-has-tag", {CI: job(RELEASE, on="{push: {branches: [main]}}")})
    assert (places([found]), found.weight) == ([(CI, 6)], "blocker")


def test_a_release_that_a_person_can_also_start_is_a_warning() -> None:
    text = job(RELEASE, on="{push: {tags: ['v*']}, workflow_dispatch: }")
    (found,) = ask("release-has-tag", {CI: text})
    assert found.weight == "warning"


def test_a_release_with_a_tag_or_a_guard_or_for_tags_only_is_fine() -> None:
    for text in (
        job(RELEASE, on=ON_TAG),
        job(f"{RELEASE}\n  with: {{tag_name: v1}}", on="workflow_dispatch"),
        job(f"{RELEASE}\n  with: {{draft: true}}", on="workflow_dispatch"),
        job(f"{RELEASE}\n  if: startsWith(github.ref, 'refs/tags/')"),
        job(RELEASE, extra="if: github.ref_type == 'tag'"),
        job(RELEASE, on="release"),
        job(f"{TELL}\n{RELEASE}\n  if: steps.is.outputs.release", on="{push: {branches: [main]}}"),
    ):
        assert ask("release-has-tag", {CI: text}) == []


def test_a_condition_that_looks_at_something_else_is_no_guard() -> None:
    tell = TELL.replace("$GITHUB_REF =~ ^refs/tags/", "$CARGO_HOME =~ x")
    text = job(f"{tell}\n{RELEASE}\n  if: steps.is.outputs.release", on="{push: {branches: [main]}}")
    assert places(ask("release-has-tag", {CI: text})) == [(CI, 8)]
