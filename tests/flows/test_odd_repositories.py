"""`preflight --offline` over repositories that are not as one expects: an answer each time, never a crash."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flows import preflight

pytestmark = pytest.mark.processes

CI = ".github/workflows/ci.yml"
FILES: Mapping[str, str | bytes] = {
    "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": 'version = 3\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n',
    "src/main.rs": "fn main() {}\n",
    CI: "on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 9\n    steps:\n"
    "      - uses: actions/checkout@v5\n      - run: cargo build --locked --bin other\n",
}
ONLY = "workflow-target-exists"


def git(path: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *arguments], cwd=path, check=True, capture_output=True)


def write(path: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def repository(path: Path, files: Mapping[str, str | bytes] = FILES) -> Path:
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch", "main")
    write(path, files)
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    return path


def look(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    code = preflight.main([str(path), "--offline", "--json", "--quiet", *more])
    return code, json.loads(capsys.readouterr().out)


def told(report: Any) -> list[tuple[str, str, str | None, int | None]]:
    return [
        (one["check"], one["verdict"], place["file"], place["line"])
        for one in report["findings"]
        for place in one["evidence"][:1]
    ]


HERE = (ONLY, "broken", CI, 8)


def test_two_looks_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository(tmp_path / "app")
    once, again = (look(path, capsys, "--only", ONLY)[1] for _ in range(2))
    for report in (once, again):
        assert report["static_seconds"] > 0
        for one in report["findings"]:
            one["seconds"] = 0
    assert once["findings"] == again["findings"]
    assert told(once) == [HERE]


def test_a_shallow_clone_a_worktree_and_no_remote_make_no_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    git(path, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(tmp_path, "clone", "--quiet", "--depth", "1", path.as_uri(), "shallow")
    git(path, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    for place in (path, tmp_path / "shallow", tmp_path / "linked"):
        code, report = look(place, capsys, "--only", ONLY)
        assert (code, told(report)) == (3, [HERE]), place


def test_a_submodule_is_not_walked_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = repository(tmp_path / "inner", {"Cargo.toml": "this is no manifest"})
    path = repository(tmp_path / "app")
    git(path, "submodule", "--quiet", "add", inner.as_uri(), "vendored")
    git(path, "commit", "--quiet", "--message", "Add a submodule")
    assert told(look(path, capsys, "--only", ONLY)[1]) == [HERE]
    assert look(path, capsys, "--only", "cargo-manifest-parses")[0] == 0


@pytest.mark.parametrize("check", ["workflow-parses", "terraform-parses", "cargo-manifest-parses"])
def test_a_repository_without_anything_has_nothing_wrong(
    check: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app", {"README.md": "# Nothing\n"})
    code, report = look(path, capsys, "--only", check)
    assert (code, report["findings"]) == (0, [])


def test_a_check_that_found_nothing_to_judge_says_that_it_was_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app", {"README.md": "# Nothing\n"})
    notes = look(path, capsys, "--only", "terraform-parses", "--all")[1]["notes"]
    assert "terraform-parses was asked and had nothing to judge here" in notes
    assert not look(repository(tmp_path / "whole"), capsys, "--only", ONLY, "--all")[1]["notes"]


def test_a_repository_without_a_manifest_is_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = look(repository(tmp_path / "app", {"README.md": "# Nothing\n"}), capsys)
    stopping = [one["check"] for one in report["findings"] if one["weight"] == "blocker"]
    assert (code, stopping) == (3, ["cargo-workspace-there"])


def test_line_ends_of_windows_keep_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: str(text).replace("\n", "\r\n") for name, text in FILES.items()}
    assert told(look(repository(tmp_path / "app", files), capsys, "--only", ONLY)[1]) == [HERE]


def test_files_that_are_no_text_are_told_and_the_others_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = {
        ".github/workflows/bytes.yml": b"on: push\nname: \xff\xfe\n",
        "notes.md": b"\x00\xff",
        "a.tf": b"\xff",
    }
    path = repository(tmp_path / "app", {**FILES, **odd})
    _, report = look(path, capsys, "--only", "workflow-parses")
    assert [one["subject"] for one in report["findings"]] == [".github/workflows/bytes.yml"]
    assert told(look(path, capsys, "--only", ONLY)[1]) == [HERE]


def test_names_with_blanks_line_ends_and_other_scripts_are_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("with blank.md", "two\nlines.md", "\u6708\u76f8.md", "-begins.md", 'quo"te.md', "\x1b[31mred.md")
    path = repository(tmp_path / "app", {**FILES, **dict.fromkeys(names, "[x](nowhere/at/all.md)\n")})
    _, report = look(path, capsys, "--only", "documented-link-leads")
    assert {place["file"] for one in report["findings"] for place in one["evidence"]} == set(names)
    preflight.main([str(path), "--offline", "--quiet", "--only", "documented-link-leads"])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "two\nlines" not in shown


def test_bytes_of_a_name_that_are_no_text_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    odd = os.fsencode(path) + b"/odd-\xff.md"
    with open(odd, "wb") as file:  # noqa: PTH123 - a name that pathlib would have to decode
        file.write(b"[x](nowhere/at/all.md)\n")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "Odd")
    assert told(look(path, capsys, "--only", ONLY)[1]) == [HERE]
    code, _ = look(path, capsys, "--only", "documented-link-leads")
    assert code == 0


def test_links_that_lead_in_circles_and_out_are_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository(tmp_path / "app")
    (path / "circle").symlink_to(".")
    (path / "itself").symlink_to("itself")
    (path / ".github/workflows/out.yml").symlink_to("/etc/hostname")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "Links")
    code, report = look(path, capsys, "--only", ONLY)
    assert (code, told(report)) == (3, [HERE])


def test_a_huge_file_a_bomb_and_many_files_take_bounded_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    huge = "on: push\njobs:\n" + "".join(
        f"  j{n}:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo {'x' * 400}\n"
        for n in range(11_000)
    )
    assert len(huge) > 5_000_000
    many = {f"data/{n % 50}/{n}.txt": "" for n in range(5_000)}
    files = {**FILES, **many, ".github/workflows/bomb.yml": bomb, ".github/workflows/huge.yml": huge}
    path = repository(tmp_path / "app", files)
    started = time.process_time()
    _, report = look(path, capsys, "--only", "workflow-parses")
    assert time.process_time() - started < 60
    assert [one["subject"] for one in report["findings"]] == [".github/workflows/bomb.yml"]


def test_what_is_no_repository_or_has_no_commit_is_one_clear_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing, bare, empty = (tmp_path / name for name in ("nothing", "bare", "empty"))
    for path in (nothing, bare, empty):
        path.mkdir()
    git(bare, "init", "--quiet", "--bare")
    git(empty, "init", "--quiet")
    for path, says in ((nothing, "no git repository"), (bare, "bare"), (empty, "no commit")):
        code, report = look(path, capsys)
        assert code == 2, path
        assert [says in one["message"] for one in report["mistakes"]] == [True], report


def test_an_unknown_check_suggests_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = look(repository(tmp_path / "app"), capsys, "--only", "workflow-target-exist")
    assert code == 2
    assert ONLY in report["mistakes"][0]["message"]


def test_a_waiver_counts_and_one_that_ended_or_waives_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def waive(check: str, expires: str) -> str:
        return (
            f'[[waive]]\ncheck = "{check}"\nsubject = "*"\nreason = "r"\nowner = "o"\nexpires = "{expires}"\n'
        )

    settings = (
        waive(ONLY, "2999-01-01") + waive("jobs-fit-the-plan", "2001-01-01") + waive("no-such", "2999-01-01")
    )
    files = {
        name: text for name, text in FILES.items() if not name.startswith("Cargo") and name != "src/main.rs"
    }
    path = repository(tmp_path / "app", {**files, "activation.toml": settings})
    _, report = look(path, capsys)
    notes = "\n".join(report["notes"])
    assert "activation.toml:8: the waiver of jobs-fit-the-plan for * ended on 2001-01-01" in notes
    assert "activation.toml:14: the waiver of no-such for * waives nothing, as it names a check" in notes
    whole = repository(tmp_path / "whole", {**FILES, "activation.toml": settings})
    code, report = look(whole, capsys, "--only", ONLY)
    assert code == 0
    assert [one["waived"]["owner"] for one in report["findings"]] == ["o"]
