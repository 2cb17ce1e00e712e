import pytest

from tests.checks.testing import CI, ask, job, places

FILE = (
    "FROM rust:1 AS build\nCOPY Cargo.toml Cargo.lock ./\nCOPY crates \\\n  crates\n"
    "FROM debian\nCOPY --from=build /x /x\n"
)
FILES = {"Dockerfile": FILE, "Cargo.toml": "", "Cargo.lock": "", "crates/a/Cargo.toml": ""}


@pytest.mark.parametrize(
    ("old", "new", "line"), [("Cargo.lock ", "Cargo.olck ", 2), ("COPY crates", "COPY craets", 3)]
)
def test_a_slip_in_what_is_copied_is_named(old: str, new: str, line: int) -> None:
    found = ask("docker-copies-are-there", {**FILES, "Dockerfile": FILE.replace(old, new)})
    assert places(found) == [("Dockerfile", line)]


def test_what_the_context_leaves_out_is_named_with_the_line_that_does() -> None:
    (found,) = ask("docker-copies-are-there", {**FILES, ".dockerignore": "# x\ntarget\ncrates\n"})
    assert [(one.file, one.line) for one in found.evidence] == [("Dockerfile", 3), (".dockerignore", 3)]


@pytest.mark.parametrize("ignored", ["*\n!crates\n!Cargo.*\n", "crates/a/target\n", "crate\n", "/target\n"])
def test_what_is_let_in_again_or_is_another_path_is_in_the_context(ignored: str) -> None:
    assert ask("docker-copies-are-there", {**FILES, ".dockerignore": ignored}) == []


@pytest.mark.parametrize("path", ["target/release/app", "$BINARY", "*.toml", "https://example.com/x", "."])
def test_what_may_be_built_or_is_computed_is_left_alone(path: str) -> None:
    text = f"{FILE}COPY {path} /y\n"
    assert ask("docker-copies-are-there", {**FILES, "Dockerfile": text}) == []


def test_a_stage_with_a_slip_in_its_name_is_named() -> None:
    text = FILE.replace("--from=build", "--from=bulid")
    assert places(ask("docker-stage-exists", {"a/Dockerfile.ci": text})) == [("a/Dockerfile.ci", 6)]


@pytest.mark.parametrize("stage", ["build", "BUILD", "0", "$STAGE", "nginx:1", "busybox"])
def test_a_stage_above_a_number_and_another_image_are_fine(stage: str) -> None:
    text = FILE.replace("--from=build", f"--from={stage}")
    assert ask("docker-stage-exists", {"Dockerfile": text}) == []


def test_a_file_that_a_workflow_makes_under_a_like_name_is_no_slip() -> None:
    files = {"Dockerfile": "FROM x\nADD .image.json /\n", "image.json": "{}"}
    assert len(ask("docker-copies-are-there", files)) == 1
    assert ask("docker-copies-are-there", {**files, CI: job("- run: echo x > .image.json")}) == []
