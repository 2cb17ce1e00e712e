import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job

STEPS = """\
- uses: docker/login-action@v3
  with: {registry: ghcr.io, username: me, password: x}
- uses: docker/build-push-action@v6
  with: {push: true, tags: 'ghcr.io/acme/tide:latest'}
"""
COMPOSE = """\
services:
  tide:
    image: acme/tide
    ports: ["80:80"]
"""
README = "# Tide\n\n```sh\ndocker run --rm -p 80:80 acme/tide:latest serve\n```\n"


def files(**more: str) -> dict[str, str]:
    return {CI: job(STEPS), "compose.yml": COMPOSE, "README.md": README, **more}


def test_an_own_image_that_is_pulled_from_where_no_workflow_pushes_it_is_a_note() -> None:
    (found,) = ask("pulled-image-pushed", files())
    assert [(one.file, one.line) for one in found.evidence] == [("compose.yml", 3), ("README.md", 4)]
    assert found.weight is Weight.NOTE
    assert "ghcr.io/acme/tide only" in found.message


def test_the_name_of_the_repository_is_known_by_its_address() -> None:
    steps = STEPS.replace("ghcr.io/acme/tide", "ghcr.io/${{ github.repository }}")
    said = "# See https://github.com/acme/tide and ghcr.io/acme/tide\n"
    assert len(ask("pulled-image-pushed", {**files(), CI: job(steps), "docs/run.md": said})) == 1
    assert ask("pulled-image-pushed", {**files(), CI: job(steps)}) == []


HUB = "- uses: docker/login-action@v3\n  with: {username: me, password: x}\n"


@pytest.mark.parametrize(
    "case",
    [
        {**files(), CI: job(STEPS + HUB)},
        {**files(), CI: job(STEPS + "- run: docker login -u me --password-stdin\n")},
        {**files(), CI: job(STEPS + "- run: docker push docker.io/acme/tide\n")},
        {**files(), CI: job(STEPS.replace("ghcr.io/acme/tide", "ghcr.io/acme/other"))},
        {**files(), CI: job("- run: docker pull ghcr.io/acme/tide\n")},
        {CI: job(STEPS), "compose.yml": COMPOSE.replace("acme/tide", "ghcr.io/acme/tide")},
        {CI: job(STEPS), "compose.yml": COMPOSE + "    build: .\n"},
        {CI: job(STEPS), "README.md": README.replace("acme/tide", "ghcr.io/acme/tide")},
        {CI: job(STEPS), "README.md": README.replace("```sh\n", "```sh\ndocker build -t acme/tide .\n")},
        {**files(), "docs/hub.md": "On https://hub.docker.com/r/acme/tide\n"},
    ],
)
def test_an_image_that_may_be_there_too_or_is_built_here_is_fine(case: dict[str, str]) -> None:
    assert ask("pulled-image-pushed", case) == []
