import pytest

from tests.checks.testing import CI, ask, job, places

LOADED = "- {uses: docker/build-push-action@v6, with: {load: true, tags: 'acme/app:1'}}"


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ("- run: docker build -t acme/app:1 .\n- run: docker push acme/ap:1", 7),
        ("- run: docker build -t acme/app .\n- run: docker push acme/app:v1", 7),
        ("- run: docker build -t app .\n- run: docker tag ap acme/app\n- run: docker push acme/app", 7),
        ("- run: docker build -t app .\n- run: docker tag app acme/app:1\n- run: docker push acme/app:2", 8),
        (f"{LOADED}\n- run: docker push acme/app:2", 7),
    ],
)
def test_a_push_of_an_image_that_the_job_does_not_have_is_named(steps: str, line: int) -> None:
    (found,) = ask("docker-pushed-image-tagged", {CI: job(steps)})
    assert (places([found]), found.blocks) == ([(CI, line)], True)


@pytest.mark.parametrize(
    "steps",
    [
        "- run: docker build -t acme/app:1 .\n- run: docker push acme/app:1",
        "- run: docker build -t acme/app:latest .\n- run: docker push docker.io/acme/app",
        "- run: docker build -t acme/app:$V .\n- run: docker push acme/app:1",
        "- run: docker build -t acme/app:1 .\n- run: docker push acme/app:$V",
        "- run: docker build -t a .\n- run: docker pull b\n- run: docker push b",
        "- run: docker build -t a .\n- run: make images\n- run: docker push b",
        "- run: docker build -t a .\n- run: docker compose build\n- run: docker push b",
        "- run: docker push b",
        "- run: docker build -t a .\n- uses: some/builds@v1\n- run: docker push b",
        "- run: docker build -t a .\n- run: docker push --all-tags b",
    ],
)
def test_a_push_of_what_is_there_or_may_be_is_fine(steps: str) -> None:
    assert ask("docker-pushed-image-tagged", {CI: job(steps)}) == []
