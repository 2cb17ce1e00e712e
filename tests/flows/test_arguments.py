import json
from pathlib import Path
from typing import Any

import pytest

from deployments.embedded.scenarios import SCENARIOS
from flows import activate, arguments, asked, deactivate, preflight
from flows.asked import Asked
from tasks.domain.phase import Phase


def read(*argv: Any, command: Any = activate) -> Any:
    return arguments.read(command.parser(), command.NAME, argv)


def told(*argv: Any, command: Any = activate) -> Any:
    return [str(mistake) for mistake in read(*argv, command=command)[1]]


def test_every_mistake_is_named_at_once() -> None:
    assert told(
        "--unti", "release", "--only", "relase", "--approve", "xyz", "--scenario", "broken-biuld"
    ) == [
        "argument --unti: is not known; expected --until",
        "argument release: is no directory; expected a repository",
        "argument --scenario broken-biuld: is not known; expected broken-build",
        "argument --approve xyz: is no digest; expected 12 hex digits",
        "argument --only relase: is not known; expected release",
    ]


@pytest.mark.parametrize(
    ("argv", "mistake"),
    [
        (("--live", "--scenario", "red-tests"), "does not go with --live"),
        (("--until", "release", "--only", "release"), "does not go with --until"),
        (("--yes", "--approve", "0123456789ab"), "does not go with --approve"),
        (("--live",), "needs REPO"),
        (("--report",), "expected one argument"),
    ],
)
def test_words_that_do_not_go_together_are_told(argv: Any, mistake: Any) -> None:
    assert any(mistake in one for one in told(*argv))


@pytest.mark.parametrize(("command", "name"), [(activate, "activate"), (preflight, "preflight")])
def test_live_without_a_repository_says_what_to_type(command: Any, name: str) -> None:
    (mistake,) = told("--live", command=command)
    assert mistake.endswith(f"expected the path of a repository, as in `python -m flows.{name} . --live`")


def test_good_arguments_are_read_into_values(tmp_path: Path) -> None:
    asked, mistakes = read(str(tmp_path), "--until", "first-run", "--json", "--report", "r.html")
    assert mistakes == []
    assert (asked.repository, asked.until, asked.json) == (tmp_path, Phase.FIRST_RUN, True)


def test_a_scenario_is_about_the_sample_alone(tmp_path: Path) -> None:
    assert any("bundled sample" in one for one in told(str(tmp_path), "--scenario", "red-tests"))


def test_abbreviations_are_mistakes() -> None:
    assert told("--jso") == ["argument --jso: is not known; expected --json"]


@pytest.mark.parametrize("command", [activate, preflight, deactivate])
def test_a_mistake_ends_with_exit_code_2_and_json_alone_on_stdout(
    command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--nope", "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["exit"] == 2
    assert "--nope" in err


def test_the_scenarios_are_those_of_the_embedded_world() -> None:
    assert set(asked.SCENARIOS) == set(SCENARIOS)


@pytest.mark.parametrize(
    ("repository", "scenario", "said"), [("/x", "red-tests", "bundled sample"), ("", "nope", "not known")]
)
def test_the_parameters_of_a_flow_are_held_to_the_same_rules(
    repository: str, scenario: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Asked.of_parameters(
            "activate", repository, live=False, until=None, only=None, approve=None, scenario=scenario
        )
