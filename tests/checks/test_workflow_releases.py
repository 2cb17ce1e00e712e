import pytest

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


@pytest.mark.parametrize(
    ("on", "condition", "told", "weight"),
    [
        (
            "{push: {tags: ['v*']}, workflow_dispatch: }",
            "startsWith(github.ref, 'refs/tags/') || github.event_name == 'workflow_dispatch'",
            "workflow_dispatch on a branch",
            "warning",
        ),
        ("{push: {branches: [main]}}", "github.event_name == 'push'", "push of main", "blocker"),
        ("[push, pull_request]", "github.event_name != 'pull_request'", "push of a branch", "warning"),
    ],
)
def test_a_guard_that_lets_a_run_without_a_tag_in_is_none(
    on: str, condition: str, told: str, weight: str
) -> None:
    (found,) = ask("release-has-tag", {CI: job(f'{RELEASE}\n  if: "{condition}"', on=on)})
    assert (places([found]), found.weight) == ([(CI, 6)], weight)
    assert f"started by {told} there is no tag" in found.message


@pytest.mark.parametrize(
    "condition",
    [
        "startsWith(github.ref, 'refs/tags/') && github.event_name == 'workflow_dispatch'",
        "github.event_name == 'workflow_dispatch' && inputs.tag",
        "github.event_name == 'push'",
        "success() && github.event_name == 'workflow_dispatch' && env.TAG",
    ],
)
def test_a_guard_that_may_keep_runs_without_a_tag_out_is_fine(condition: str) -> None:
    on = "{push: {tags: ['v*']}, workflow_dispatch: }"
    assert ask("release-has-tag", {CI: job(f'{RELEASE}\n  if: "{condition}"', on=on)}) == []


BOTH = "{push: {tags: ['v*']}, workflow_dispatch: }"
BRANCH_TAG = "release-tag-is-no-branch"
NAMED = RELEASE + "\n  with: {tag_name: '${{ github.ref_name }}'}"
BY_GH = '- run: gh release create "$GITHUB_REF_NAME" dist/*'


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (NAMED, 7),
        (BY_GH, 6),
        (BY_GH.replace("$GITHUB_REF_NAME", "${{ github.ref_name }}"), 6),
        (BY_GH.replace("$GITHUB_REF_NAME", "$TAG") + "\n  env: {TAG: '${{ github.ref_name }}'}", 6),
    ],
)
def test_a_release_named_like_the_ref_makes_a_tag_called_main_when_a_person_starts_it(
    step: str, line: int
) -> None:
    (found,) = ask(BRANCH_TAG, {CI: job(step, on=BOTH)})
    assert (places([found]), found.weight) == ([(CI, line)], "warning")
    assert "workflow_dispatch on a branch" in found.message


def test_a_release_for_tags_only_under_a_guard_or_of_another_name_is_fine() -> None:
    for text in (
        job(NAMED, on=ON_TAG),
        job(NAMED + "\n  if: github.ref_type == 'tag'", on=BOTH),
        job(NAMED.replace("tag_name", "draft: true, tag_name"), on=BOTH),
        job(NAMED.replace("github.ref_name", "inputs.tag || github.ref_name"), on=BOTH),
        job(BY_GH.replace("dist/*", "--verify-tag"), on=BOTH),
        job("- run: '[[ $GITHUB_REF == refs/tags/* ]]'\n" + BY_GH, on=BOTH),
    ):
        assert ask(BRANCH_TAG, {CI: text}) == []


@pytest.mark.parametrize(
    "run",
    [
        'VERSION="${GITHUB_REF#refs/tags/v}"; gh release create "v$VERSION" x',
        'VERSION="${GITHUB_REF#refs/tags/v}"\n    gh release create "v$VERSION" x',
        'gh release create "v${GITHUB_REF#refs/tags/v}" x',
    ],
)
def test_a_tag_cut_out_of_the_ref_is_shown_as_it_is_on_main(run: str) -> None:
    (found,) = ask(BRANCH_TAG, {CI: job(f"- run: |\n    {run}", on=BOTH)})
    assert "`vrefs/heads/main`" in found.message


def test_a_tag_that_an_earlier_step_hands_on_is_followed() -> None:
    for way, read in (("OUTPUT", "${{ steps.v.outputs.tag }}"), ("ENV", "${{ env.tag }}")):
        first = f'- id: v\n  run: echo "tag=${{GITHUB_REF/refs\\/tags\\//}}" >> $GITHUB_{way}'
        text = job(f"{first}\n{RELEASE}\n  with: {{tag_name: '{read}'}}", on=BOTH)
        (found,) = ask(BRANCH_TAG, {CI: text})
        assert places([found]) == [(CI, 9)]
        assert "`refs/heads/main`" in found.message


def test_an_upload_to_a_release_that_no_branch_has_is_told() -> None:
    (found,) = ask(BRANCH_TAG, {CI: job(BY_GH.replace("create", "upload"), on=BOTH)})
    assert "looks for a release `main`" in found.message
    both = f"{BY_GH}\n{BY_GH.replace('create', 'upload')}"
    (found,) = ask(BRANCH_TAG, {CI: job(both, on=BOTH)})
    assert "makes a release" in found.message


def test_a_tag_that_a_script_compares_before_is_fine() -> None:
    for look in ('test "$V" = 1', 'echo "$V" | grep -q ^1', '[[ "$V" =~ ^1 ]]'):
        run = f'- run: |\n    V="${{GITHUB_REF#refs/tags/v}}"\n    {look}\n    gh release create "v$V" x'
        assert ask(BRANCH_TAG, {CI: job(run, on=BOTH)}) == []


def test_an_action_that_takes_only_refs_of_tags_is_told_unless_it_has_one() -> None:
    action = "- uses: taiki-e/upload-rust-binary-action@v1"
    (found,) = ask("release-has-tag", {CI: job(action, on=BOTH)})
    assert "without `ref`" in found.message
    for given in ("ref: refs/tags/v1", "dry-run: true", "dry-run: '${{ inputs.dry }}'"):
        assert ask("release-has-tag", {CI: job(f"{action}\n  with: {{{given}}}", on=BOTH)}) == []


def test_an_upload_to_a_draft_that_the_same_workflow_makes_is_fine() -> None:
    draft = BY_GH.replace("dist/*", "--draft")
    upload = BY_GH.replace("create", "upload")
    assert ask(BRANCH_TAG, {CI: job(f"{draft}\n{upload}", on=BOTH)}) == []
    other = draft.replace("$GITHUB_REF_NAME", "v1")
    assert len(ask(BRANCH_TAG, {CI: job(f"{other}\n{upload}", on=BOTH)})) == 1
