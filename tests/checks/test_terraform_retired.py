from __future__ import annotations

from tests.checks.testing import ask, places

CHECK = "terraform-provider-is-kept"
FILE = 'data "template_file" "tasks" {\n  template = file("./task.json.tpl")\n}\n'


def test_a_template_of_the_archived_provider_is_told() -> None:
    (found,) = ask(CHECK, {"tf/ecs.tf": FILE})
    assert places([found]) == [("tf/ecs.tf", 1)]
    assert found.remedy is not None
    assert "templatefile(" in found.remedy.summary


def test_the_function_and_data_of_tests_are_not() -> None:
    function = 'locals {\n  template_file = templatefile("./task.json.tpl", {})\n}\n'
    assert ask(CHECK, {"tf/ecs.tf": function}) == []
    assert ask(CHECK, {"tests/fixtures/ecs.tf": FILE}) == []
