import json

import pytest

from flows import preflight
from tasks.checks import load
from tasks.domain.area import AREAS, area_of


def test_every_check_is_listed_in_an_area_with_its_phase_and_weight(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert preflight.main(["--list"]) == 0
    shown = capsys.readouterr().out.splitlines()
    heads = [line.rpartition(" (")[0] for line in shown if line and not line.startswith(" ")][:-1]
    assert heads == list(AREAS)
    listed = {line.split()[0]: line.split()[1:3] for line in shown if line.startswith("  ")}
    assert listed == {one.id: [one.phase.value, one.weight.value] for one in load()}


def test_the_list_as_json_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight.main(["--list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["check"] for one in document["checks"]] == [one.id for one in load()]
    assert {one["area"] for one in document["checks"]} <= set(AREAS)
    assert area_of("no-such-subject") == "other"
