import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "docker-image-of-its-platform"
FILE = "FROM rust AS build\nRUN cargo build\nFROM --platform=$BUILDPLATFORM alpine\nCOPY --from=build /a /a\n"
PUSH = "- uses: docker/build-push-action@v6\n  with: {context: ., platforms: 'linux/amd64,linux/arm64'}"
LINE = "docker build --platform=linux/{} -f Dockerfile .\n"


def test_an_image_for_two_platforms_that_ends_on_the_builders_base_is_told() -> None:
    (found,) = ask(CHECK, {CI: job(PUSH), "Dockerfile": FILE})
    assert [(one.file, one.line) for one in found.evidence] == [("Dockerfile", 3), (CI, 7)]


def test_a_script_that_builds_for_one_platform_after_the_other_counts_too() -> None:
    script = LINE.format("amd64") + LINE.format("arm64")
    assert places(ask(CHECK, {"release.sh": script, "Dockerfile": FILE})) == [("Dockerfile", 3)]
    assert ask(CHECK, {"release.sh": LINE.format("amd64"), "Dockerfile": FILE}) == []


@pytest.mark.parametrize(
    "file",
    [
        FILE.replace("--platform=$BUILDPLATFORM ", "").replace("rust", "--platform=$BUILDPLATFORM rust"),
        FILE.replace("alpine", "scratch"),
        FILE.replace("$BUILDPLATFORM", "$TARGETPLATFORM"),
    ],
)
def test_a_base_of_the_platform_itself_or_none_is_fine(file: str) -> None:
    assert ask(CHECK, {CI: job(PUSH), "Dockerfile": file}) == []


def test_one_platform_is_fine() -> None:
    assert ask(CHECK, {CI: job(PUSH.replace(",linux/arm64", "")), "Dockerfile": FILE}) == []
