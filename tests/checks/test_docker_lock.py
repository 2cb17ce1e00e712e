import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, job, places

FILE = (
    "FROM rust:1 AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build --locked --release\n"
    "FROM debian\nCOPY --from=build /src/x /x\n"
)
BUILDER = "- uses: actions/checkout@v6\n- uses: docker/build-push-action@v6\n  with: {context: .}"


def repo(file: str = FILE, ignored: str = "target\n*.lock\n", **more: str) -> dict[str, str]:
    base = {"Cargo.toml": CRATE, "Cargo.lock": "version = 4\n", "src/main.rs": "", "src/x": ""}
    return {**base, "Dockerfile": file, ".dockerignore": ignored, **more}


def test_a_lock_file_that_the_context_leaves_out_is_told() -> None:
    (found,) = ask("docker-lock-let-in", repo())
    assert [(one.file, one.line) for one in found.evidence] == [("Dockerfile", 4), (".dockerignore", 2)]
    assert found.weight is Weight.WARNING


def test_it_blocks_when_a_step_builds_the_image() -> None:
    (found,) = ask("docker-lock-let-in", repo(**{CI: job(BUILDER)}))
    assert (places([found]), found.blocks) == ([("Dockerfile", 4)], True)


@pytest.mark.parametrize("ignored", ["target\n", "*.lock\n!Cargo.lock\n", "web/*.lock\n"])
def test_a_lock_file_that_is_let_in_is_fine(ignored: str) -> None:
    assert ask("docker-lock-let-in", repo(ignored=ignored)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--locked ", ""),
        ("cargo build --locked", "cargo install --locked just && cargo build"),
        ("RUN cargo", "RUN cargo generate-lockfile\nRUN cargo"),
        ("RUN cargo", "RUN git clone https://e/x /y\nRUN cargo"),
        ("RUN cargo", "RUN cd sub && cargo"),
        ("COPY . .\n", "COPY src src\n"),
        ("COPY . .\n", "COPY . .\nCOPY --from=planner /lock .\n"),
    ],
)
def test_what_needs_none_or_may_have_one_from_elsewhere_is_fine(old: str, new: str) -> None:
    assert ask("docker-lock-let-in", repo(FILE.replace(old, new))) == []
