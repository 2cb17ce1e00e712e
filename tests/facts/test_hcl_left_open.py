import pytest

from tasks.facts.hcl_left_open import left_open


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('variable "a" {\n  type = string\n\nvariable "b" {\n}\n', 1),
        ('resource "a" "b" {\n  tags = {\n    x = 1\n}\n\noutput "c" {\n}\n', 1),
        ('resource "a" "b" {\n  list = [1, 2\n}\n', 3),
        ('terraform {\n  required_version = ">= 1.9\n}\n', 2),
        ('locals {\n  a = "${var.b"\n}\n', 2),
        ("locals {\n}\n}\n", 3),
    ],
)
def test_the_line_of_what_is_not_closed_is_found(text: str, line: int) -> None:
    found = left_open(text)
    assert found is not None
    assert found[0] == line


@pytest.mark.parametrize(
    "text",
    [
        'locals {\n  a = "}{" # "\n  b = 1 // {\n  /* {\n "\n */\n}\n',
        'locals {\n  a = <<-EOT\n    { " (\n  EOT\n}\n',
        'locals {\n  a = "x ${join(",", [for k in var.b : "${k}\\""])} $${y"\n}\n',
        'resource "a" "b" {\n  x = {\n    y = [\n      "z",\n    ]\n  }\n}\n\nresource "c" "d" {\n}\n',
    ],
)
def test_in_a_text_in_which_everything_is_closed_nothing_is_found(text: str) -> None:
    assert left_open(text) is None
