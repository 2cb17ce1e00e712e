from __future__ import annotations

import pytest

from tests.checks.testing import ask

CHECK = "documented-service-reached"
COMPOSE = """\
services:
  postgres:
    image: postgres:16-alpine
    restart: always

  app:
    ports: ['80:80']
"""
TEXT = "# Work\n\nTake `docker compose up postgres -d` for the database, then `cargo run`.\n"
FILES = {
    "docker-compose.yml": COMPOSE,
    "CONTRIBUTING.md": TEXT,
    "README.md": "Set `DATABASE_URL=postgres://app:app@localhost:5432/app`.\n",
}


def test_a_database_that_compose_keeps_to_itself_is_not_reached_by_cargo() -> None:
    (found,) = ask(CHECK, FILES)
    assert [(one.file, one.line) for one in found.evidence] == [
        ("CONTRIBUTING.md", 3),
        ("docker-compose.yml", 2),
        ("README.md", 1),
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"docker-compose.yml": COMPOSE.replace("    restart: always", "    ports: ['5432:5432']")},
        {"docker-compose.yml": COMPOSE.replace("    restart: always", "    network_mode: host")},
        {"docker-compose.override.yml": "services: {}\n"},
        {"CONTRIBUTING.md": TEXT.replace(", then `cargo run`", "")},
        {"CONTRIBUTING.md": TEXT.replace("postgres -d", "-d")},
        {"CONTRIBUTING.md": TEXT.replace("postgres -d", "postgres app -d")},
        {"README.md": "Set `DATABASE_URL=postgres://app:app@postgres:5432/app`.\n"},
    ],
)
def test_what_is_published_or_not_asked_is_not_told(files: dict[str, str]) -> None:
    assert ask(CHECK, {**FILES, **files}) == []
