import pytest

from tasks.domain.located import Map, Text, scalars
from tasks.domain.source import source
from tasks.facts.yaml_file import YamlFile, read_yaml


def read(text: str | bytes) -> YamlFile:
    return read_yaml(source("a.yml", text.encode() if isinstance(text, str) else text))


def root(text: str | bytes) -> Map:
    found = read(text).root
    assert isinstance(found, Map)
    return found


def test_on_yes_and_no_stay_texts_as_github_reads_them() -> None:
    made = root("on: yes\noff: no\n")
    assert made == {"on": "yes", "off": "no"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("null", None),
        ("", None),
        ("12", 12),
        ("0o17", 15),
        ("0x1f", 31),
        ("0777", 777),
        ("1.5", 1.5),
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: object) -> None:
    assert root(f"a: {written}\n")["a"] == value


def test_a_number_remembers_how_it_was_written() -> None:
    made = root("version: 1.10\nlist: [1.20, b]\n")
    assert made.text("version") == "1.10"
    assert made.texts("list") == ("1.20", "b")


def test_every_key_and_text_knows_its_line() -> None:
    made = root("a: x\n\nb:\n  - y\n  - z: w\n")
    assert (made.line_of("b"), made["b"].places, made["b"][1]["z"].line) == (3, [4, 5], 5)
    assert [(one.where, one.text.line) for one in scalars(made)] == [("a", 1), ("b[0]", 4), ("b[1].z", 5)]


def test_lines_of_a_literal_block_are_lines_of_the_file_also_with_carriage_returns() -> None:
    text = root("run: |\r\n  one\r\n  two\r\n")["run"]
    assert isinstance(text, Text)
    assert (text, text.first_line, text.line_at(text.index("two"))) == ("one\ntwo\n", 2, 3)


def test_a_folded_text_says_only_where_it_begins() -> None:
    text = root("run: >\n  one\n  two\n")["run"]
    assert text.line_at(5) == 1


def test_a_repeated_key_is_told_with_its_line() -> None:
    assert [(key, key.line) for key in read("a: 1\nb: 2\na: 3\n").repeated] == [("a", 3)]


def test_a_syntax_error_is_an_answer_with_its_line() -> None:
    problem = read("a: 1\nb: 'x' y\nc: 2\n").problem
    assert problem is not None
    assert problem.line == 2


def test_an_error_found_only_at_the_end_names_what_was_opened() -> None:
    problem = read("a: 1\nb: [1,\nc: 2\n").problem
    assert problem is not None
    assert problem.line == 2


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    problem = read("\n".join(lines)).problem
    assert problem is not None
    assert "aliases expand" in problem.message


def test_an_anchor_that_contains_itself_is_refused() -> None:
    assert read("a: &a [*a]\n").problem is not None


def test_an_alias_is_its_anchor_once_more() -> None:
    assert root("a: &x {k: v}\nb: *x\n")["b"] == {"k": "v"}


def test_what_is_not_utf_8_is_said_to_be_so() -> None:
    problem = read(b"a: \xff\xfe\n").problem
    assert problem is not None
    assert problem.message == "the file is not UTF-8"


def test_control_characters_are_a_problem_with_a_line_and_no_crash() -> None:
    problem = read("a: 1\nb: \x01\n").problem
    assert problem is not None
    assert problem.line in (2, None)


def test_deep_nesting_ends_in_an_answer() -> None:
    assert read("[" * 5000).problem is not None


def test_a_line_that_falls_out_of_its_block_is_named_and_not_the_one_where_it_is_noticed() -> None:
    problem = read("run: |\n  cat <<EOF\n[CI] a text\n\nmore: text\n").problem
    assert problem is not None
    assert problem.line == 3
    closed = read("a: b\nc: 'd\ne: f\n").problem
    assert closed is not None
    assert closed.line == 2
