"""The whole `preflight --offline`, every check of it, over repositories that are not as one expects."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flows import parts
from flows.cargo_parts import cargo_parts
from flows.one_check import AGREE
from tasks.systems.state import repository_state
from tasks.systems.workshop import Workshop
from tests.flows.test_odd_repositories import CI, FILES, HERE, ONLY, git, look, repository, told, write

pytestmark = pytest.mark.processes
LIMIT = 60.0  # CPU seconds of this process
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HUGE = "on: push\njobs:\n" + "".join(
    f"  j{n}:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 9\n    steps:\n      - run: echo {'x' * 400}\n"
    for n in range(11_000)
)


@pytest.fixture(autouse=True)
def no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what compiles: what cargo reads of the workspace stays."""
    whole = cargo_parts

    def read_only(world: Any) -> Iterator[Any]:
        return (one for one in whole(world) if one.name == "cargo-metadata")

    monkeypatch.setattr(parts, "cargo_parts", read_only)


def sound(report: Any) -> None:
    """Nothing says of itself that it failed."""
    wrong = [one["message"] for one in report["findings"] if "bug" in one["message"]]
    assert wrong == []


@pytest.mark.parametrize(
    ("more", "also"),
    [
        pytest.param({".github/workflows/bomb.yml": BOMB}, "workflow-parses", id="a YAML bomb"),
        pytest.param({".github/workflows/huge.yml": HUGE}, None, id="a workflow of 5 MB"),
        pytest.param({f"data/{n % 50}/{n}.txt": "" for n in range(5_000)}, None, id="many files"),
        pytest.param(
            {"a.md": "x[" * 500_000, "a.sh": f"#!/bin/sh\necho {'a' * 400_000}\n", "a.json": "[" * 50_000},
            None,
            id="lines without end",
        ),
        pytest.param(
            {
                ".github/workflows/bytes.yml": b"on: push\nname: \xff\xfe\n",
                "a.tf": b"\xff",
                "a.sh": b"\xff\x00",
            },
            "workflow-parses",
            id="bytes that are no text",
        ),
        pytest.param(
            {".github/workflows/ci.yaml/inner.txt": "no workflow"}, None, id="a directory named ci.yaml"
        ),
    ],
)
def test_every_check_answers_within_the_limit_and_the_others_find_what_is_wrong(
    more: Mapping[str, str | bytes], also: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app", {**FILES, **more})
    started = time.process_time()
    code, report = look(path, capsys)
    assert time.process_time() - started < LIMIT
    assert code == 3
    sound(report)
    assert HERE in told(report)
    assert also is None or also in {one["check"] for one in report["findings"]}


def test_line_ends_of_windows_say_what_others_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crlf = {name: str(text).replace("\n", "\r\n") for name, text in FILES.items()}
    answers = [
        told(look(repository(tmp_path / name, files), capsys)[1])
        for name, files in (("a", FILES), ("b", crlf))
    ]
    assert answers[0] == answers[1]
    assert HERE in answers[0]


def test_a_pipe_a_circle_of_links_and_a_file_that_nobody_may_write_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    os.mkfifo(path / "pipe.md")
    (path / "sub").mkdir()
    os.mkfifo(path / "sub" / "Cargo.toml")
    (path / "circle").symlink_to(".")
    (path / "itself.sh").symlink_to("itself.sh")
    for one in (path / CI, path / "Cargo.toml"):
        one.chmod(0o444)
    code, report = look(path, capsys)
    assert code == 3
    sound(report)
    assert HERE in told(report)


def test_a_detached_head_is_looked_at_as_any_commit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    git(path, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(path, "checkout", "--quiet", "--detach", "HEAD~1")
    code, report = look(path, capsys)
    assert code == 3
    assert HERE in told(report)


def damaged(path: Path, revision: str, content: bytes | None = None) -> None:
    """Take an object away, or put something else in its place."""

    said = subprocess.run(
        ["git", "rev-parse", revision], cwd=path, check=True, capture_output=True, text=True
    )
    id_ = said.stdout.strip()
    place = path / ".git" / "objects" / id_[:2] / id_[2:]
    place.chmod(0o644)
    if content is None:
        place.unlink()
    else:
        place.write_bytes(content)


@pytest.mark.parametrize(
    ("revision", "content"), [("HEAD:src/main.rs", None), ("HEAD:src", None), ("HEAD:src/main.rs", b"x")]
)
def test_a_damaged_clone_is_told_with_its_remedy(
    revision: str, content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    damaged(path, revision, content)
    code, report = look(path, capsys)
    assert code == 3
    assert HERE in told(report)
    (metadata,) = [one for one in report["findings"] if one["check"] == "cargo-metadata"]
    assert (metadata["verdict"], metadata["blocks"]) == ("unknown", False)
    assert "the clone lacks parts of its history" in metadata["message"]
    assert metadata["remedy"]["commands"][0].endswith("fetch --refetch origin")


def test_of_half_a_clone_cargo_is_told_of_once_and_nothing_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "cargo_parts", cargo_parts)
    path = repository(tmp_path / "app")
    damaged(path, "HEAD:src/main.rs")
    _, report = look(path, capsys)
    (found,) = [one for one in report["findings"] if "the clone lacks parts" in one["message"]]
    assert found["check"] == "cargo-metadata"
    assert {"cargo-build", "cargo-fmt", "cargo-test"} <= {one["check"] for one in found["likewise"]}
    assert "cargo-build" not in {one["check"] for one in report["findings"]}


@pytest.mark.parametrize("broken", [False, True])
def test_what_any_rust_can_tell_is_told_where_the_one_that_is_asked_for_is_not_here(
    broken: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "cargo_parts", cargo_parts)
    pinned = {"rust-toolchain.toml": '[toolchain]\nchannel = "1.85.99"\n'}
    fault = {"src/other.rs": "fn a( {\n"} if broken else {}
    main = "mod other;\nfn main() {}\n" if broken else "fn main() {}\n"
    path = repository(tmp_path / "app", {**FILES, **pinned, **fault, "src/main.rs": main})
    _, report = look(path, capsys)
    found = {one["check"]: one for one in report["findings"]}
    assert found["cargo-build"]["verdict"] == "unknown"
    assert not {"cargo-metadata", "rust-module-committed"} & set(found)
    assert ("rust-syntax" in found) == broken
    if broken:
        assert (found["rust-syntax"]["verdict"], found["rust-syntax"]["subject"]) == (
            "broken",
            "src/other.rs",
        )


def test_old_history_that_is_missing_stops_nothing_offline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    write(path, {"README.md": "one\n"})
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "One")
    write(path, {"README.md": "two\n"})
    git(path, "commit", "--quiet", "--all", "--message", "Two")
    damaged(path, "HEAD~1:README.md")
    code, report = look(path, capsys)
    assert code == 3
    sound(report)
    assert HERE in told(report)
    assert ONLY in {one["check"] for one in report["findings"]}


def test_a_repository_of_another_user_is_told_with_the_command_that_lets_git_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository(tmp_path / "app")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    code, report = look(path, capsys)
    assert code == 2
    assert f"git config --global --add safe.directory {path}" in report["mistakes"][0]["message"]


def test_a_failing_file_is_said_to_be_committed_or_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = str(FILES[CI]).replace("push", "pull_request")
    path = repository(tmp_path / "app", {**FILES, SECOND: wrong})
    write(path, {SECOND: f"# mine\n{wrong}", THIRD: wrong})
    for more in ((), ("--only", ONLY)):
        _, report = look(path, capsys, *more)
        said = {
            (one["check"], one["evidence"][0]["file"]): one["evidence"][0]["committed"]
            for one in report["findings"]
            if one["check"] in (ONLY, AGREE)
        }
        assert said == {(ONLY, CI): True, (ONLY, SECOND): True, (AGREE, THIRD): False}


GOOD = {**FILES, CI: str(FILES[CI]).replace("other", "app")}
SECOND, THIRD = ".github/workflows/second.yml", ".github/workflows/third.yml"


@pytest.mark.parametrize("more", [(), ("--only", ONLY)])
def test_what_is_broken_in_the_work_tree_alone_warns_and_would_block_once_committed(
    more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app", GOOD)
    write(path, {SECOND: str(FILES[CI])})
    code, report = look(path, capsys, *more)
    (found,) = [one for one in report["findings"] if one["check"] == AGREE]
    assert (code, found["weight"], found["subject"]) == (0, "warning", f"{ONLY}: second.yml: other")
    assert f"in the work tree and not in the commit ({SECOND} makes the difference)" in found["message"]
    assert "once committed, it would block the first-run" in found["message"]
    (place,) = found["evidence"]
    assert (place["file"], place["line"], place["committed"]) == (SECOND, 8, False)
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "Second")
    code, report = look(path, capsys, *more)
    assert code == 3
    assert (ONLY, "broken", SECOND, 8) in told(report)


@pytest.mark.parametrize("more", [(), ("--only", ONLY)])
def test_what_is_put_right_and_not_committed_still_blocks_and_says_so(
    more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    write(path, {CI: str(GOOD[CI])})
    code, report = look(path, capsys, *more)
    (found,) = [one for one in report["findings"] if one["check"] in (ONLY, AGREE)]
    assert (code, found["check"], found["weight"]) == (3, ONLY, "blocker")
    assert found["message"].endswith(f"; fixed in the work tree ({CI}), not committed")
    git(path, "config", "user.name", "a")
    git(path, "config", "user.email", "a@b.example")
    for command in found["remedy"]["commands"]:
        subprocess.run(["sh", "-c", command], cwd=path, check=True, capture_output=True)
    assert look(path, capsys, *more)[0] == 0


def test_a_run_beside_another_one_touches_nothing_of_it_and_says_the_same(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    git(path, "remote", "add", "origin", "https://github.com/acme/app.git")
    _, alone = look(path, capsys)
    other = Workshop(repository_state(state, "offline", "acme", "app").workshops)
    for name in ("audit", "checkout", "schema", "shell", "syntax"):
        (other.directory / name).mkdir(exist_ok=True)
        (other.directory / name / "of-the-other").touch()
    before = sorted(other.directory.rglob("*"))
    assert any(one.name == "Cargo.toml" for one in before)  # the lone run has worked in there
    _, beside = look(path, capsys)
    assert sorted(other.directory.rglob("*")) == before
    other.leave()
    assert told(beside) == told(alone)
    assert HERE in told(beside)
