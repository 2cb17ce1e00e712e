import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "image-tag-is-no-branch"
BOTH = "{push: {tags: ['v*']}, workflow_dispatch: }"
PUSH = "- run: docker push ghcr.io/acme/app:${GITHUB_REF_NAME}"
ACTION = """\
- uses: docker/build-push-action@v6
  with:
    push: true
    tags: 'acme/app:${{ github.ref_name }}'"""


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (PUSH, 6),
        (PUSH.replace("push", "buildx build --push . -t"), 6),
        (
            PUSH.replace("ghcr.io/acme/app:${GITHUB_REF_NAME}", "$I")
            + "\n  env: {I: 'a/b:${{ github.ref_name }}'}",
            6,
        ),
        (ACTION, 9),
    ],
)
def test_an_image_tagged_like_the_ref_is_a_note_when_a_person_may_start_it_on_a_branch(
    step: str, line: int
) -> None:
    (found,) = ask(CHECK, {CI: job(step, on=BOTH)})
    assert (places([found]), found.weight) == ([(CI, line)], "note")
    assert "workflow_dispatch on a branch" in found.message


@pytest.mark.parametrize("cut", ["${GITHUB_REF#refs/tags/}", "${GITHUB_REF#refs/tags/v}", "$GITHUB_REF"])
def test_a_tag_cut_out_of_the_ref_has_a_slash_on_a_branch_which_docker_refuses(cut: str) -> None:
    (found,) = ask(CHECK, {CI: job(PUSH.replace("${GITHUB_REF_NAME}", cut), on=BOTH)})
    assert found.weight == "warning"
    assert "`refs/heads/main`" in found.message


def test_an_image_for_tags_only_under_a_guard_or_of_branches_is_fine() -> None:
    for text in (
        job(PUSH, on="{push: {tags: ['v*']}}"),
        job(PUSH, on="{push: {tags: ['v*'], branches: [main]}}"),
        job(PUSH + "\n  if: github.ref_type == 'tag'", on=BOTH),
        job("- run: '[[ $GITHUB_REF == refs/tags/* ]]'\n" + PUSH, on=BOTH),
        job(PUSH.replace("docker push", "docker build -t"), on=BOTH),
        job(PUSH.replace("${GITHUB_REF_NAME}", "${GITHUB_SHA}"), on=BOTH),
        job(PUSH.replace("${GITHUB_REF_NAME}", "${GITHUB_REF_NAME//\\//-}"), on=BOTH),
        job(ACTION.replace("push: true", "push: false"), on=BOTH),
        job(ACTION.replace("github.ref_name", "inputs.tag || github.ref_name"), on=BOTH),
    ):
        assert ask(CHECK, {CI: text}) == []
