"""Workflow files are YAML 1.2, as GitHub reads them."""

import pytest

from deployments.embedded.runner.document import DocumentError, load


def test_words_that_older_yaml_takes_for_something_else_stay_words() -> None:
    text = "on: push\nyes: no\na: off\nb: 1:30\nc: 2026-01-02\nd: 0o17\ne: 010\nf: true\ng: ~\nh: 1e3\ni: '1'"
    assert load(text) == {
        "on": "push",
        "yes": "no",
        "a": "off",
        "b": "1:30",
        "c": "2026-01-02",
        "d": 15,
        "e": 10,
        "f": True,
        "g": None,
        "h": 1000.0,
        "i": "1",
    }


def test_anchors_are_read_and_python_objects_are_not() -> None:
    assert load("a: &x {k: 1}\nb: *x") == {"a": {"k": 1}, "b": {"k": 1}}
    with pytest.raises(DocumentError):
        load("a: !!python/object/apply:os.system [true]")


def test_a_broken_file_tells_the_line() -> None:
    with pytest.raises(DocumentError, match="line 2"):
        load("a: 1\n b: [\n")
