import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import ask

DOCKERFILE = """\
FROM rust:1.90 AS builder
RUN apt-get update && apt-get install -y curl
RUN cargo build --release
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=builder /build/target/release/app /usr/local/bin/
ENTRYPOINT ["app"]
"""
COMPOSE = """\
services:
  app:
    build: .
    ports: ["8080:8080"]
    healthcheck:
      test: {test}
      interval: 5s
  worker:
    image: postgres:17
    depends_on:
      app:
        condition: service_healthy
"""
CURL = '["CMD", "curl", "-f", "http://localhost:8080/health"]'
WGET = '["CMD-SHELL", "wget -qO- http://localhost:8080/health || exit 1"]'


def files(test: str = CURL, dockerfile: str = DOCKERFILE) -> dict[str, str]:
    return {"compose.yml": COMPOSE.format(test=test), "Dockerfile": dockerfile}


@pytest.mark.parametrize(
    "test",
    [
        CURL,
        WGET,
        "curl -f http://localhost:8080/health",
        '["CMD", "/bin/sh", "-c", "curl -f localhost:8080"]',
    ],
)
def test_a_health_check_with_a_program_that_the_image_has_not_is_told_with_who_waits_for_it(
    test: str,
) -> None:
    (found,) = ask("health-program-installed", files(test))
    assert [(one.file, one.line) for one in found.evidence] == [("compose.yml", 6), ("Dockerfile", 4)]
    assert found.weight is Weight.WARNING
    assert found.message.endswith("it never gets healthy, and what waits for that is not started")


BASES = ("debian:13-slim", "ubuntu:24.04", "gcr.io/distroless/cc-debian12", "scratch", "alpine:3.22")


@pytest.mark.parametrize("base", BASES)
def test_base_images_without_curl(base: str) -> None:
    made = DOCKERFILE.replace("debian:bookworm-slim", base)
    made = "\n".join(one for one in made.split("\n") if "ca-certificates" not in one)
    assert len(ask("health-program-installed", files(CURL, made))) == 1
    assert len(ask("health-program-installed", files(WGET, made))) == (0 if "alpine" in base else 1)


@pytest.mark.parametrize(
    "made",
    [
        DOCKERFILE.replace("install -y ca-certificates", "install -y ca-certificates curl"),
        DOCKERFILE.replace("install -y ca-certificates", "install -y ca-certificates awscli"),
        DOCKERFILE.replace("install -y ca-certificates", "install -y $PACKAGES"),
        DOCKERFILE.replace("debian:bookworm-slim", "python:3.13-slim"),
        DOCKERFILE.replace("debian:bookworm-slim", "gcr.io/distroless/cc:debug") + "# wget\n",
        DOCKERFILE.replace("debian:bookworm-slim", "builder"),
        DOCKERFILE + "COPY setup.sh /\nRUN /setup.sh\n",
        DOCKERFILE + "COPY --from=builder /usr/bin /usr/bin\n",
        DOCKERFILE + "COPY --from=builder /usr/bin/curl /usr/bin/\n",
        DOCKERFILE + "COPY --from=builder /root / \n",
    ],
)
def test_an_image_that_has_the_program_or_may_have_it_is_fine(made: str) -> None:
    assert ask("health-program-installed", files(CURL, made)) == []


@pytest.mark.parametrize(
    "test",
    [
        '["CMD", "app", "health"]',
        '["CMD-SHELL", "curl -f localhost || wget -q localhost"]',
        '["CMD-SHELL", "command -v curl && curl -f localhost || true"]',
        '["NONE"]',
        '["CMD", "pg_isready"]',
    ],
)
def test_a_health_check_that_can_do_without_is_fine(test: str) -> None:
    assert ask("health-program-installed", files(test)) == []
    off = {**files(), "compose.yml": COMPOSE.format(test=f"{CURL}\n      disable: true")}
    assert ask("health-program-installed", off) == []


@pytest.mark.parametrize(
    "said", ["CMD curl -f http://localhost/ || exit 1", 'CMD ["curl", "-f", "http://x"]']
)
def test_the_health_check_of_an_image_itself_needs_its_program_too(said: str) -> None:
    made = f"{DOCKERFILE}HEALTHCHECK --interval=5s {said}\n"
    (found,) = ask("health-program-installed", {"Dockerfile": made})
    assert [(one.file, one.line) for one in found.evidence] == [("Dockerfile", 8), ("Dockerfile", 4)]
    fine = made.replace("ca-certificates", "ca-certificates curl")
    assert ask("health-program-installed", {"Dockerfile": fine}) == []
