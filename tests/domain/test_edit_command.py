import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.domain.answers import merged
from tasks.domain.check import broken
from tasks.domain.critical_path import causes
from tasks.domain.edit_command import commands, corrected, opened, preceded, respelled, suggested
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase

CI = ".github/workflows/ci.yml"


def at(line: int, text: str, file: str = CI) -> Evidence:
    return Evidence(file=file, line=line, excerpt=text)


def test_the_command_names_the_line_and_the_words() -> None:
    edits = corrected("moonctI", "moonctl", at(37, "run: cargo build --bin moonctI"))
    assert commands(edits) == (f"sed -i '37s/moonctI/moonctl/w /dev/stdout' {CI} | grep .",)


def test_places_in_one_file_are_one_command_and_each_file_has_its_own() -> None:
    edits = corrected("ab-c", "abc", at(9, "ab-c"), at(3, "x ab-c"), at(1, "'ab-c'", "my docs/a.md"))
    assert commands(edits) == (
        f"sed -i -e '3s/ab-c/abc/w /dev/stdout' -e '9s/ab-c/abc/w /dev/stdout' {CI} | grep .",
        "sed -i '1s/ab-c/abc/w /dev/stdout' 'my docs/a.md' | grep .",
    )


def test_a_place_that_cannot_be_edited_leaves_no_command_for_any() -> None:
    assert corrected("abc", "abd", at(1, "abc"), at(2, "abc abc")) == ()
    assert corrected("abc", "abd", at(1, "abc"), Evidence(file=CI)) == ()
    assert corrected("abc", "abd", at(1, "abc" + " " * 200)) == ()
    assert corrected("abc", "abd", Evidence(source="git", file=CI, line=1, excerpt="abc")) == ()
    assert corrected("a\tbc", "abd", at(1, "a\tbc")) == ()


def test_a_word_that_stands_twice_is_told_apart_by_what_is_before_it_or_replaced_throughout() -> None:
    line = at(1, "cargo test -p moon --bin moon")
    assert corrected("moon", "noon", line) == ()
    (one,) = corrected("moon", "noon", line, after=("--bin ", "--example "))
    assert (one.found, one.put) == ("--bin moon", "--bin noon")
    (both,) = corrected("moon", "noon", line, often=True)
    assert both.expression == "1s/moon/noon/g"


def test_a_word_that_another_only_goes_on_from_is_a_name_of_its_own() -> None:
    assert respelled("moon", {"moond", "lunar"}, at(1, "moon")) == ()
    assert respelled("rust_hash", {"{rust_hash}"}, at(1, "rust_hash")) == ()  # that is no name
    for written, meant in (("moondd", "moond"), ("releases", "release"), ("mooond", "moond")):
        (one,) = respelled(written, {meant, "lunar"}, at(1, f"x {written}"))
        assert one.meant == meant


def test_what_a_message_asks_is_an_edit_where_the_words_are_much_alike() -> None:
    place = at(7, "types: [open]")
    (one,) = suggested("pull_request has no activity 'open'; did you mean 'opened'?", place)
    assert one.expression == "7s/open/opened/"
    told = "the event pull_request has no 'tags-ignore'; did you mean 'paths-ignore'?"
    assert suggested(told, at(7, "tags-ignore: x")) == ()


def test_what_runs_before_a_call_stands_before_it_only_where_the_line_is_that_call() -> None:
    (one,) = preceded(at(3, "- run: cargo build --target x"), "cargo", "rustup target add x")
    assert one.expression == "3s/cargo/rustup target add x \\&\\& cargo/"
    for line in ("FLAG=1 cargo build", "if cargo build; then", "cargo +nightly build", "run: ls && cargo b"):
        assert preceded(at(3, line), "cargo", "rustup target add x") == (), line


@pytest.mark.processes
@pytest.mark.parametrize(
    ("line", "written", "meant", "becomes"),
    [
        ("run: tests -p tes", "tes", "test", "run: tests -p test"),
        ("cp target/release/a.b[0] dist/", "a.b[0]", "a&b\\1", "cp target/release/a&b\\1 dist/"),
        ("echo '$HOME/*^x'", "$HOME/*^x", "it's", "echo 'it's'"),
        ("a/b|c", "a/b|c", "d/e|f", "d/e|f"),
        ("  needs: [buidl, x-buidl]", "buidl", "build", "  needs: [build, x-buidl]"),
        ("über: grün", "grün", "grau", "über: grau"),
    ],
)
def test_the_command_as_a_shell_runs_it_changes_this_word_of_this_line(
    tmp_path: Path, line: str, written: str, meant: str, becomes: str
) -> None:
    if shutil.which("sed") is None:
        pytest.skip("there is no sed here")
    place = tmp_path / "-a 'file'.yml"
    place.write_text(f"{line}\n{line}\r\n{line}", encoding="utf-8", newline="")
    (command,) = commands(corrected(written, meant, at(2, line.strip(), place.name)))
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert place.read_bytes().decode() == f"{line}\n{becomes}\r\n{line}"


def test_a_place_is_opened_at_its_line_from_where_the_person_is() -> None:
    assert opened(at(37, "x")) == f'"${{EDITOR:-vi}}" +37 {CI}'
    assert opened(Evidence(file="a b"), "../r/") == "\"${EDITOR:-vi}\" '../r/a b'"
    assert opened(Evidence(source="aws")) is None


def test_places_that_are_told_together_are_put_right_together_beyond_what_is_shown() -> None:
    many = [at(number, "abcd") for number in range(1, 20)]
    (one,) = merged(broken("x", "no", place, edits=corrected("abcd", "abce", place)) for place in many)
    assert (len(one.evidence), len(one.edits)) == (10, 19)
    (other,) = merged([broken("x", "no", many[0], edits=one.edits), broken("x", "no", many[1])])
    assert other.edits == ()


def test_findings_whose_commands_are_for_their_own_lines_have_one_cause_with_the_commands_of_all() -> None:
    found = [
        Finding(
            check="c",
            phase=Phase.RELEASE,
            subject=command,
            verdict=Verdict.BROKEN,
            weight=Weight.BLOCKER,
            message="m",
            remedy=Remedy(summary="Write `a` for `b`", commands=(command,), in_place=True),
        )
        for command in ("sed -i 1s/b/a/ x", "sed -i 1s/b/a/ y")
    ]
    (cause,) = causes(found)
    assert cause.remedy is not None
    opening = [
        replace(found[0], subject=str(n), remedy=Remedy(summary="x", commands=(command,), in_place=True))
        for n in range(5)
        if (command := opened(at(n, "x"))) is not None
    ]
    (several,) = causes(opening)
    remedy = Remedy(summary="else", commands=("sed -i 1s/b/a/ y",), in_place=True)
    assert [len(one.findings) for one in causes([*found, replace(found[1], check="d", remedy=remedy)])] == [3]
    assert several.remedy is not None
    assert len(several.remedy.commands) == 3
    assert cause.remedy.commands == ("sed -i 1s/b/a/ x", "sed -i 1s/b/a/ y")


@pytest.mark.processes
def test_an_edit_whose_line_has_moved_fails_and_one_that_is_made_is_shown(tmp_path: Path) -> None:
    place = tmp_path / "a.yml"
    place.write_text("- x: abcd\n- y: 1\n")
    (command,) = commands(corrected("abcd", "abce", at(1, "- x: abcd", place.name)))
    ended = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False, stdout=subprocess.PIPE)
    assert (ended.returncode, ended.stdout) == (0, b"- x: abce\n")
    place.write_text("- w: 0\n- x: abcd\n- y: 1\n")
    ended = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False, stdout=subprocess.PIPE)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert place.read_text() == "- w: 0\n- x: abcd\n- y: 1\n"
