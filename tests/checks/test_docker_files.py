import pytest

from tasks.domain.finding import Weight
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


BY_ACTION = """\
- uses: actions/checkout@v6
- uses: docker/build-push-action@v7
  with: {context: ., file: d/Dockerfile}
"""
ELSEWHERE = {
    "d/Dockerfile": "FROM debian\nCOPY data/a.json data/b /x/\n",
    "data/a.json": "",
    "data/b/c/d.json": "",
    ".dockerignore": "target/\n/data/ \n",
}


@pytest.mark.parametrize(
    ("builder", "weight"),
    [
        ({CI: job(BY_ACTION)}, Weight.BLOCKER),
        ({CI: job("- uses: actions/checkout@v6\n- run: docker build -f d/Dockerfile .")}, Weight.BLOCKER),
        (
            {"compose.yml": 'services: {a: {ports: ["1:1"], build: {context: ., dockerfile: d/Dockerfile}}}'},
            Weight.WARNING,
        ),
        ({"x.sh": '#!/bin/sh\ncd "$ROOT"\ndocker build -t "$X" -f d/Dockerfile .\n'}, Weight.WARNING),
        ({"README.md": "# x\n```sh\ndocker build -t x -f d/Dockerfile .\n```\n"}, Weight.WARNING),
    ],
)
def test_what_any_builder_leaves_out_is_one_finding_for_each_line(
    builder: dict[str, str], weight: Weight
) -> None:
    (found,) = ask("docker-copies-are-there", {**ELSEWHERE, **builder})
    assert [(one.file, one.line) for one in found.evidence[:2]] == [("d/Dockerfile", 2), (".dockerignore", 2)]
    assert (found.weight, found.subject) == (weight, ".dockerignore: /data/")


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ({}, BY_ACTION.replace("context: ., ", "")),  # docker clones the repository
        ({}, BY_ACTION.replace("context: .", "context: d")),
        ({}, BY_ACTION.replace("context: .", "target: base, context: .")),
        ({"d/Dockerfile.dockerignore": "target\n"}, BY_ACTION),
        ({".containerignore": "target\n"}, BY_ACTION),
        ({".dockerignore": "data\n!data/a.json\n!**/d.json\n"}, BY_ACTION),
        ({".dockerignore": "data/*\n!data/a.json\n!data/b\n"}, BY_ACTION),
        ({".dockerignore": "# data\n*.json\nb\nDATA\n"}, BY_ACTION),
        ({}, "- run: rm .dockerignore\n" + BY_ACTION),
        ({"d/Dockerfile": "FROM a AS unused\nCOPY data /\nFROM b\nRUN x\n"}, BY_ACTION),
        ({"d/Dockerfile": "FROM a\nCOPY --from=b data /\nCOPY $X/data dat? /\n"}, BY_ACTION),
    ],
)
def test_what_is_let_in_or_not_certain_is_no_finding(files: dict[str, str], steps: str) -> None:
    assert ask("docker-copies-are-there", {**ELSEWHERE, **files, CI: job(steps)}) == []


@pytest.mark.parametrize(
    "rule", ["**/a.json", "data/**", "d*/a.*", "**", "*", "./data/../data/a.json", "!x\ndata"]
)
def test_a_pattern_is_read_as_docker_does(rule: str) -> None:
    files = {**ELSEWHERE, "d/Dockerfile": "FROM a\nCOPY data/a.json /\n", ".dockerignore": f"{rule}\n"}
    assert len(ask("docker-copies-are-there", {**files, CI: job(BY_ACTION)})) == 1


def test_what_a_build_leaves_in_a_directory_that_is_left_out_does_not_come_into_the_image() -> None:
    files = {"Dockerfile": "FROM a\nCOPY target/release/app /\n", ".dockerignore": "target\n"}
    (found,) = ask("docker-copies-are-there", files)
    assert found.weight is Weight.WARNING
    assert ask("docker-copies-are-there", {**files, ".dockerignore": "target\n!target/*/app\n"}) == []
