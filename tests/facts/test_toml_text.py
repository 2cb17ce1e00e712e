import tomllib

import pytest

from tasks.facts.toml_text import loads


def test_an_inline_table_may_go_over_lines_as_cargo_reads_it() -> None:
    text = 'a = {\n  version = "1", # why, {\n  features = [\n    "x",\n    "},",\n  ],\n}\n'
    text += 'b = [{\n  c = "#"\n}]\n'
    assert loads(text) == {"a": {"version": "1", "features": ["x", "},"]}, "b": [{"c": "#"}]}


def test_what_is_wrong_is_told_with_its_place_as_it_is_written() -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="line 4"):
        loads("[a]\nb = { c = 1 }\n# x\nd = \n")


@pytest.mark.parametrize("text", ["a = {", "a = { b = 1,, }", "a = { b = 1 c = 2 }", "a = }", "a = {\n,\n}"])
def test_what_is_no_table_stays_an_error(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        loads(text)
