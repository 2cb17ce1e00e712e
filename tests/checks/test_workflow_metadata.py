import pytest

from tests.checks.testing import CI, ask, job, places

META = "- id: meta\n  uses: docker/metadata-action@v6\n  with: {images: a/b}\n"
BUILD = "- uses: docker/build-push-action@v7\n  with: {push: true, tags: 'a/b:1'}\n"


@pytest.mark.parametrize("steps", [META + BUILD, META.replace("id: meta", "name: Names") + BUILD])
def test_names_of_images_that_nobody_takes_are_told(steps: str) -> None:
    (found,) = ask("image-names-are-taken", {CI: job(steps)})
    assert (places([found]), found.weight) == ([(CI, 7)], "note")


def test_names_that_an_expression_a_variable_or_a_bake_file_takes_are_fine() -> None:
    for after in (
        BUILD.replace("a/b:1", "${{ steps.meta.outputs.tags }}"),
        "- run: echo '${{ toJSON(steps) }}'",
        '- run: docker push "$(head -1 <<<"$DOCKER_METADATA_OUTPUT_TAGS")"',
        "- uses: docker/bake-action@v6",
        "- uses: ./.github/actions/push",
    ):
        assert ask("image-names-are-taken", {CI: job(META + after)}) == []
    outputs = "outputs: {tags: '${{ steps.meta.outputs.tags }}'}"
    assert ask("image-names-are-taken", {CI: job(META, extra=outputs)}) == []


def test_the_same_in_many_workflows_is_one_finding() -> None:
    files = {CI: job(META + BUILD), ".github/workflows/other.yml": job(META + BUILD)}
    (found,) = ask("image-names-are-taken", files)
    assert len(found.evidence) == 2
