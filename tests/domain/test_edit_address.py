import subprocess
from itertools import permutations
from pathlib import Path

import pytest

from tasks.domain.edit_address import located
from tasks.domain.edit_command import Edit, commands
from tasks.domain.source import Source, Sources

TEXT = """\
name: CI
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: cargo build --bin moonctI
      - run: cargo test
  deploy:
    needs: buidl
    runs-on: ubuntu-latest
    steps:
      - run: cargo test
"""


def expression(line: int, found: str, put: str, text: str = TEXT, times: int = 1) -> str | None:
    return located(Source(path="ci.yml", text=text), line, found, put, times=times)


def test_words_that_stand_only_once_are_looked_for_as_they_are() -> None:
    assert expression(7, "moonctI", "moonctl") == "s/moonctI/moonctl/"
    assert expression(10, "buidl", "build") == "s/buidl/build/"


def test_words_that_stand_more_often_have_words_beside_them() -> None:
    assert expression(7, "cargo", "cross") == r"s/run: cargo build/run: cross build/"


def test_a_line_like_others_is_the_first_behind_one_that_is_alone() -> None:
    assert expression(13, "cargo test", "cargo check") == (
        r"/^  deploy:$/,/^      - run: cargo \(check\|test\)/s/cargo test/cargo check/"
    )
    assert expression(5, "runs-on:", "needs: lint\n    runs-on:") == (
        r"/^  build:$/,/^    \(needs:\|runs-on:\)/s/runs-on:/needs: lint\n    runs-on:/"
    )
    assert (
        expression(1, "name:", "env:\n  A: b\nname:") == r"0,/^\(env:\|name:\)/s/name:/env:\n  A: b\nname:/"
    )


@pytest.mark.parametrize(
    ("line", "found", "put", "text"),
    [
        (2, "a", "b", "a\na\n"),  # nothing above tells the two apart
        (2, "c", "d", "x: 1\n\tc\n\tc\n"),
        (2, "gone", "b", TEXT),
        (2, "a: 1", "b: 1", "k:\r\na: 1\r\na: 1\r\n"),
    ],
)
def test_a_place_that_is_not_certain_keeps_its_number(line: int, found: str, put: str, text: str) -> None:
    assert expression(line, found, put, text) is None


def test_a_credential_is_shown_in_no_command() -> None:
    key = "AKIA" + "Q3EGRIT5XVBN7LMK"
    text = f"id: {key}\nname: x\nname: x\n"
    assert key not in str(expression(2, "x", "y", text))


@pytest.mark.processes
def test_the_edits_of_one_file_can_be_made_in_any_order_and_each_only_once(tmp_path: Path) -> None:
    edits = [
        Edit(
            file="ci.yml", line=5, found="runs-on:", put="permissions:\n      contents: write\n    runs-on:"
        ),
        Edit(file="ci.yml", line=5, found="runs-on:", put="needs: lint\n    runs-on:"),
        Edit(file="ci.yml", line=7, found="moonctI", put="moonctl"),
        Edit(file="ci.yml", line=10, found="needs: buidl", put="needs: [buidl, x]"),
        Edit(file="ci.yml", line=13, found="cargo test", put="cargo test --workspace"),
    ]
    texts = Sources(files={"ci.yml": Source(path="ci.yml", text=TEXT)})
    place = tmp_path / "ci.yml"
    typed = [command for one in edits for command in commands([one], texts)]
    seen = set()
    for order in list(permutations(typed))[::7]:
        place.write_text(TEXT)
        for command in order:
            subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
        seen.add(place.read_text())
        for command in typed[1:]:
            again = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False)
            assert (again.returncode, place.read_text() in seen) == (1, True)
    assert len(seen) == 2  # what both stand above one line may come in either order
    assert all(
        one.count("--workspace") == one.count("permissions:") == one.count("lint") == 1 for one in seen
    )
