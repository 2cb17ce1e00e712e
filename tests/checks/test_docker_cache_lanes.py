import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job

BUILD = """\
- uses: docker/build-push-action@v6
  with:
    context: .
    platforms: ${{{{ matrix.platform }}}}
    push: true
    cache-from: type=gha{scope}
    cache-to: type=gha{scope},mode=max
"""
PLATFORMS = "strategy: {matrix: {platform: [linux/amd64, linux/arm64]}}"


def workflow(scope: str = "", extra: str = PLATFORMS) -> dict[str, str]:
    return {CI: job(BUILD.format(scope=scope), extra=extra)}


def test_lanes_that_replace_the_cache_of_each_other_are_a_note() -> None:
    (found,) = ask("docker-cache-per-image", workflow())
    assert [(one.file, one.line, found.weight) for one in found.evidence] == [(CI, 13, Weight.NOTE)]
    runners = "strategy: {matrix: {on: [ubuntu-24.04, ubuntu-24.04-arm]}}"
    by_runner = workflow(extra=runners)[CI].replace("runs-on: ubuntu-latest", "runs-on: ${{ matrix.on }}")
    by_runner = by_runner.replace("          platforms: ${{ matrix.platform }}\n", "")
    assert "platforms" not in by_runner
    assert len(ask("docker-cache-per-image", {CI: by_runner})) == 1


def test_arguments_that_only_a_run_can_tell_do_not_hide_that_the_platforms_differ() -> None:
    text = workflow()[CI] + "          build-args: RUST=${{ steps.rust.outputs.version }}\n"
    assert len(ask("docker-cache-per-image", {CI: text})) == 1


@pytest.mark.parametrize(
    "files",
    [
        workflow(",scope=${{ matrix.platform }}"),
        workflow(extra="strategy: {matrix: {platform: [linux/amd64]}}"),
        workflow(extra="strategy: {matrix: {platform: '${{ fromJSON(inputs.all) }}'}}"),
        workflow(extra="strategy: {matrix: {platform: [linux/amd64], retry: [1, 2]}}"),
        {CI: workflow()[CI].replace("cache-from: type=gha", "cache-from: type=registry,ref=x")},
        {CI: workflow()[CI].replace("type=gha", "type=registry,ref=x")},
        {
            CI: workflow()[CI].replace(
                "      - uses", "      - if: matrix.platform == 'linux/amd64'\n        uses"
            )
        },
    ],
)
def test_lanes_with_a_cache_of_their_own_or_of_one_image_are_fine(files: dict[str, str]) -> None:
    assert ask("docker-cache-per-image", files) == []
